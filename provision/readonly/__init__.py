"""What only reads: decides by a command's text whether it can change a machine, before the command is run."""
