"""How everything of this project reads its arguments, and answers those that are wrong: in lines that can be typed."""

from __future__ import annotations

import argparse
import difflib
from collections.abc import Iterable, Sequence
from typing import Any, NoReturn

WRONG = 2
"""The exit status of what was typed wrongly."""

_SETTINGS = " [--ha-NAME VALUE ...]"


class Parser(argparse.ArgumentParser):
    """Knows no abbreviations, and answers a slip in three lines: what is typed, what is wrong, where there is more.

    An option that is cut short must not become another one, least of all of a verb that removes.
    """

    def __init__(self, **named: Any) -> None:
        super().__init__(**named, allow_abbrev=False)

    def parse_known_args(self, args: Any = None, namespace: Any = None) -> Any:
        """As argparse's, but that what is unknown is refused here: by the verb that it was typed behind."""
        parsed, unknown = super().parse_known_args(args, namespace)
        if unknown:
            self.error(self._unknown(unknown[0]))
        return parsed, []

    def error(self, message: str) -> NoReturn:
        """End with the usage, the message, and how to see more."""
        usage = self.format_usage().replace(_SETTINGS, "")
        self.exit(WRONG, f"{usage}{self.prog}: {message}\nTry: {self.prog} --help\n")

    def _unknown(self, argument: str) -> str:
        if not argument.startswith("-"):
            return f"'{argument}' is one argument too many"
        option = argument.split("=")[0]
        return f"there is no option {option}{did_you_mean(option, self._option_string_actions)}"

    def _check_value(self, action: argparse.Action, value: Any) -> None:
        if action.choices is not None and value not in action.choices:
            known = [str(each) for each in action.choices]
            hint = did_you_mean(str(value), known) or f": it is one of {', '.join(known)}"
            raise argparse.ArgumentError(None, f"unknown '{value}'{hint}")


def did_you_mean(word: str, words: Iterable[str]) -> str:
    """`; did you mean WORD?` where there is one that is close to a word; else nothing."""
    near = difflib.get_close_matches(word, list(words), 1)
    return f"; did you mean {near[0]}?" if near else ""


def listed(title: str, lines: Sequence[tuple[str, str]], width: int) -> str:
    """A part of a help text: a title, and below it each name with what it does, `width` being that of the names."""
    return "\n".join([f"{title}:", *(f"  {name:{width}}  {text}" for name, text in lines)])
