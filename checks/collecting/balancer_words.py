"""Words of balancers' files: quotes, comments, times, addresses with ports. Pure; no text makes any of it raise."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

_SECONDS = {"us": 1e-6, "ms": 1e-3, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0, "w": 604800.0}
_TIME = re.compile(r"(\d{1,15})(us|ms|s|m|h|d|w)?")
_VARIABLE = re.compile(r"\$(?:\{(\w+)(?:-([^{}]*))?[^{}]*\}|(\w+))")
_LONGEST = 100_000
"""Characters of a line that are read: a longer one was not written by a person."""


def words(line: str, comments: str = "#", separators: str = "") -> list[str]:
    """The words of a line, without quotes and without what follows a comment's mark; each separator is a word.

    A quote that is not closed ends with the line.
    """
    found: list[str] = []
    word, quote, begun, at = "", "", False, 0
    line = line[:_LONGEST]
    while at < len(line):
        letter = line[at]
        if letter == "\\" and quote != "'" and at + 1 < len(line):
            word, begun, at = word + line[at + 1], True, at + 1
        elif quote:
            quote, word = ("", word) if letter == quote else (quote, word + letter)
        elif letter in "\"'":
            quote, begun = letter, True
        elif letter in comments and (not begun or comments == "#"):
            break
        elif letter.isspace() or letter in separators:
            found += [word] if begun else []
            found += [letter] if letter in separators else []
            word, begun = "", False
        else:
            word, begun = word + letter, True
        at += 1
    return found + ([word] if begun else [])


def seconds(text: str, unit: str) -> float | None:
    """A time, as `35s`, `1h30m` or a number of `unit`; None where it is none. So is 0, which sets no limit."""
    parts = _TIME.findall(text)
    if not parts or "".join(number + each for number, each in parts) != text.replace(" ", ""):
        return None
    return sum(int(number) * _SECONDS[each or unit] for number, each in parts) or None


def expanded(text: str, environment: Mapping[str, str]) -> str:
    """A text with its variables; one that is not known stays as it is written, unless it has a default."""

    def value(match: re.Match[str]) -> str:
        return environment.get(match[1] or match[3], match[2] if match[2] is not None else match[0])

    return _VARIABLE.sub(value, text)


def host_and_port(text: str) -> tuple[str, int | None]:
    """The host, empty for every address, and the port of `host:port`, `[::1]:port`, `*:port`, `:port`, `:::port`."""
    text = re.sub(r"^(?:ipv4|ipv6|tcp4?|tcp6|udp)@", "", text)
    bracketed = re.fullmatch(r"\[([^\]]*)\](?::(\S*))?", text)
    if bracketed:
        host, port = bracketed[1], bracketed[2] or ""
    else:
        host, _, port = text.rpartition(":") if ":" in text else (text, "", "")
    host = "" if host in ("*", "0.0.0.0", "::") else host
    return host, number(port)


def number(text: str) -> int | None:
    """A port; None where the text is none."""
    return int(text) if re.fullmatch(r"[0-9]{1,5}", text) else None


def ports(text: str) -> range:
    """The ports of `6443` or `6443-6445`; none where the text is neither."""
    first, _, last = text.partition("-")
    begin, end = number(first), number(last or first)
    return range(begin, end + 1) if begin is not None and end is not None else range(0)


def unique(texts: Iterable[str]) -> tuple[str, ...]:
    """Each once, in their order."""
    return tuple(dict.fromkeys(texts))
