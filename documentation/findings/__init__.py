"""What rules find, and what makes a function one."""
