"""Where machines come from. `provider` says what each does, `table` which there are, `host` what they all work with."""
