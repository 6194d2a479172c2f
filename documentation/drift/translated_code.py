"""What of code a translation may put into its own words: placeholders, and what a command or program prints."""

from __future__ import annotations

import re
from dataclasses import replace

from documentation.drift import sentences
from documentation.pages.block import Block
from documentation.pages.code import begins_as_code

_PLACEHOLDER = re.compile(r"<[^<>\n=/]+>")
_SITE = re.compile(r"(?:https?://kubernetes\.io)?(?:/[a-z]{2}(?:-[a-z]{2})?)?/docs/")
_PRINTED = re.compile(r"""(?<=\becho )["'][^"'\n]*["']|(?<=\becho -e )["'][^"'\n]*["']""")


def as_original(old: Block, new: Block) -> Block:
    """The translation's block with the original's placeholders and printed words, where both have as many of them."""
    for pattern in (_PLACEHOLDER, _PRINTED):
        theirs, ours = ([match[0] for match in pattern.finditer(block.bare)] for block in (old, new))
        if len(theirs) == len(ours) and theirs != ours:
            new = _with(new, pattern, theirs)
    return new


def prints_the_same(old: Block, new: Block) -> bool:
    """Whether two outputs differ in words alone: their names, numbers, paths and addresses are the same."""
    return _names(old) == _names(new)


def _names(block: Block) -> list[str]:
    """The names in an output, and the commands that it has a reader type, each as a whole."""
    bare = _SITE.sub("/docs/", _PLACEHOLDER.sub("", block.bare))
    return sorted({*sentences.names(bare), *filter(begins_as_code, map(str.strip, bare.splitlines()))})


def _with(block: Block, pattern: re.Pattern[str], words: list[str]) -> Block:
    following = iter(words)
    comments = {comment.line - block.line: comment.text for comment in block.comments}
    lines = []
    for number, line in enumerate(block.text.splitlines()):
        comment = comments.get(number, "")
        lines.append(pattern.sub(lambda _: next(following), line.removesuffix(comment)) + comment)
    return replace(block, text="\n".join(lines))
