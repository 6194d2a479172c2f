"""A block as its reader would type it: placeholders filled in, comments obeyed, nothing left open. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping

from doccheck.drift.words import RUN, SKIP, Words
from doccheck.pages.block import Block, Kind

_OPEN = re.compile(r"(?<![\w${/])<?([A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+)>?(?![\w}=])")
_ANGLED = re.compile(r"<([A-Za-z][\w-]*)>")


def obeyed(block: Block, words: Words, *, external: bool) -> str:
    """The block without the lines that its comments have a reader of this topology leave out.

    A comment that asks to skip a line is about clusters with external etcd, and so is one that asks to run it.
    """
    lines = block.text.splitlines()
    dropped = set()
    for comment in block.comments:
        asks = words.polarity(comment.text)
        if (asks == SKIP and external) or (asks == RUN and not external):
            dropped.add(_target(lines, comment.line - block.line))
    return "\n".join(line for number, line in enumerate(lines) if number not in dropped)


def filled(text: str, values: Mapping[str, str]) -> str:
    """The text with a value for each name: of a variable that it sets, a placeholder, or an example as it is."""
    for name, value in values.items():
        assignment = re.compile(rf"^(\s*(?:export )?{re.escape(name)}=)(\"[^\"]*\"|\S*)", re.M)
        if assignment.search(text):
            text = assignment.sub(lambda match, value=value: _assigned(match, value), text)  # type: ignore[misc]
        else:
            text = re.sub(rf"<?(?<![\w.]){re.escape(name)}(?![\w.])>?", lambda _, value=value: value, text)  # type: ignore[misc]
    return text


def left_open(text: str, kind: Kind) -> list[str]:
    """The placeholders that nobody has filled in; what has any is not run."""
    code = "\n".join(line.partition(" # ")[0] for line in text.splitlines())
    angled = _ANGLED.findall(code) if kind is Kind.COMMAND else []
    return list(dict.fromkeys([*_OPEN.findall(code), *angled]))


def _assigned(match: re.Match[str], value: str) -> str:
    quote = '"' if match[2].startswith('"') or " " in value else ""
    return f"{match[1]}{quote}{value}{quote}"


def _target(lines: list[str], number: int) -> int:
    """The line that a comment is about: its own, or the next one that is none."""
    if not lines[number].lstrip().startswith("#"):
        return number
    below = range(number + 1, len(lines))
    return next((index for index in below if not lines[index].lstrip().startswith("#")), number)
