"""What keeps a command from being run on a machine that is only read."""

from __future__ import annotations


class Refused(Exception):
    """The command is not known to only read; the text is a sentence that says what of it, and why."""
