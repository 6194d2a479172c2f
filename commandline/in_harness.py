"""`python -m commandline.in_harness help|host USE [SETTING …]`: what needs the harness's environment before a use runs.

`help` shows a use's help with all settings; `host` reads the settings, and has the doctor see to this host.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence

from commandline import usage
from commandline.words import WORDS
from provision.cli import parser as verbs
from provision.util.arguments import Parser


def show_help(name: str) -> int:
    """Print help of a use; returns 0."""
    _parser(name).print_help()
    return 0


def check_host(name: str, settings: Sequence[str]) -> int:
    """Whether this host has what the use's clusters need: the doctor's exit status. A slip is the use's, not its."""
    _parser(name).parse_args(settings)
    return verbs.main(["doctor", "--fix", "--quiet", *(WORDS[name].host or ()), *settings])


def _parser(name: str) -> Parser:
    parser = usage.parser(name)
    verbs.add_settings(parser)
    return parser


if __name__ == "__main__":
    part, use, *given = sys.argv[1:]
    sys.exit(check_host(use, given) if part == "host" else show_help(use))
