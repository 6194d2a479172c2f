"""What took the place of what as releases went by, as newer.toml has it."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

_REPEATED = re.compile(r"(?<!\S)(\S+)(?:\s+\1)+(?!\S)")


@dataclass(frozen=True)
class Succession:
    """What newer.toml has: pairs of words, the second one newer, and parts of flags by which a program checks less."""

    pairs: tuple[tuple[str, str], ...]
    loosening: tuple[str, ...]


@cache
def succession() -> Succession:
    """The file, read once."""
    read = tomllib.loads(files("documentation.drift").joinpath("newer.toml").read_text("utf-8"))
    return Succession(tuple((one, other) for one, other in read["succeeded"]), tuple(read["loosening"]))


def loosens(flag: str) -> bool:
    """Whether a program checks less with this flag."""
    return any(part in flag for part in succession().loosening)


def given_up(text: str, page: str) -> bool:
    """Whether a text has what something newer took the place of, and that a page has nowhere any more."""
    return any(word(one).search(text) and not word(one).search(page) for one, _ in succession().pairs)


def has_former_name(text: str, page: str) -> bool:
    """Whether a text has what something newer took the place of, and the page does not know the newer name yet."""
    return any(
        word(one).search(text) and (other in one or not word(other).search(page)) for one, other in succession().pairs
    )


def succeeded(old: str, new: str) -> tuple[str, bool]:
    """The old text with what took things' places in the new one, and whether there was any."""
    found = False
    for one, other in succession().pairs:
        was, now = word(one), word(other)
        if was.search(old) and was.search(new) and now.search(new) and not now.search(old):
            found = True  # both names are there for a while
        elif was.search(old) and not was.search(new) and now.search(new):
            old, found = _REPEATED.sub(r"\1", was.sub(other, old)), True
    return old, found


@cache
def word(text: str) -> re.Pattern[str]:
    """What finds a text where no longer word has it; a dash at a word's end takes a label or a taint away."""
    return re.compile(rf"(?<![\w-]){re.escape(text)}(?!\w|-[\w-])", re.A)
