"""Comments inside code: a translation changes them, so that they are kept apart, with the line that each is about."""

from __future__ import annotations

import re

from doccheck.pages import shell
from doccheck.pages.block import Comment, Kind

_YAML = re.compile(r"""(?:^|\s)(?P<comment>\#.*)$""")
_QUOTED = re.compile(r"\"[^\"]*\"|'[^']*'")


def of(kind: Kind, text: str, line: int) -> tuple[Comment, ...]:
    """The comments of a piece of code whose first line is `line` of the page."""
    if kind is Kind.CONFIG:
        found = _in_yaml(text)
    elif kind is Kind.COMMAND:
        script = shell.parse(text)
        found = [*script.comments]
        for start, body in script.documents:
            found += [(start + number, comment) for number, comment in _in_yaml(body)]
    else:
        return ()
    lines = text.splitlines()
    commented = {number for number, comment in found if lines[number].strip() == comment.strip()}
    return tuple(Comment(line + number, comment, _about(lines, number, commented)) for number, comment in sorted(found))


def _about(lines: list[str], number: int, commented: set[int]) -> str:
    if number not in commented:
        return _YAML.sub("", lines[number]).strip()
    below = (index for index in range(number + 1, len(lines)) if index not in commented)
    following = next(below, None)
    return lines[following].strip() if following is not None else ""


def _in_yaml(text: str) -> list[tuple[int, str]]:
    """Comments of YAML: from a # that a blank or nothing stands before, outside quotes."""
    found = []
    for number, line in enumerate(text.splitlines()):
        hidden = _QUOTED.sub(lambda match: "x" * len(match[0]), line)
        match = _YAML.search(hidden)
        if match:
            found.append((number, line[match.start("comment") :]))
    return found
