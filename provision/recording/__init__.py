"""What happens, as it happens, without secrets: the source of the console, the log and the report."""
