"""Files whose statements have blocks in braces, as nginx's and keepalived's. Pure; no text makes any of it raise."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

_DEEPEST = 50
"""Blocks within blocks that are followed; no configuration that works has as many."""


@dataclass
class Statement:
    """The words of a statement, and the statements in its block. `open` says that it has one."""

    words: list[str]
    block: list[Statement] = field(default_factory=list)
    open: bool = False

    @property
    def name(self) -> str:
        """Its first word."""
        return self.words[0] if self.words else ""

    def every(self, name: str) -> Iterator[Statement]:
        """The statements of a name in its block, at any depth."""
        for each in self.block:
            if each.name == name:
                yield each
            yield from each.every(name)

    def own(self, name: str) -> Iterator[Statement]:
        """The statements of a name in its block itself."""
        return (each for each in self.block if each.name == name)

    def value(self, name: str) -> str:
        """The first word behind the last statement of a name; empty where there is none."""
        found = [each.words[1] for each in self.own(name) if len(each.words) > 1]
        return found[-1] if found else ""


def statements(tokens: list[str], end: str) -> Statement:
    """A file as one statement, from words, braces and the `end` of statements.

    A brace that is missing ends with the file, and one too many is passed over.
    """
    root = Statement([], open=True)
    path, words = [root], list[str]()
    for token in tokens:
        if token == "{":
            opened = Statement(words, open=True)
            if not words and path[-1].block and not path[-1].block[-1].open and end == "\n":
                opened = path[-1].block[-1]  # the brace is on a line of its own
                opened.open = True
            else:
                path[-1].block.append(opened)
            if len(path) < _DEEPEST:
                path.append(opened)
            words = []
        elif token in ("}", end):
            path[-1].block += [Statement(words)] if words else []
            words = []
            if token == "}" and len(path) > 1:
                path.pop()
        else:
            words.append(token)
    path[-1].block += [Statement(words)] if words else []
    return root
