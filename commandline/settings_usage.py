"""`python -m commandline.settings_usage USE`: help of a use, with all settings; runs in the harness's environment."""

from __future__ import annotations

import sys

from commandline import usage
from provision.cli.parser import add_settings


def main(name: str) -> None:
    """Print it."""
    parser = usage.parser(name)
    add_settings(parser)
    parser.print_help()


if __name__ == "__main__":
    main(*sys.argv[1:])
