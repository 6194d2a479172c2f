"""Where machines come from, and how to use one."""
