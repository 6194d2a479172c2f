"""What of code a translation may put into its own words: placeholders, and what a command or program prints."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from documentation.drift import sentences
from documentation.pages.align import Pair
from documentation.pages.block import Block
from documentation.pages.code import begins_as_code
from documentation.pages.outline import Outline

_PLACEHOLDER = re.compile(r"<[^<>\n=/]+>")
_SITE = re.compile(r"(?:https?://kubernetes\.io)?(?:/[a-z]{2}(?:-[a-z]{2})?)?/docs/")
VERSION = re.compile(r"v?\{\{[<%]\s*(?:param \"(?:full)?version\"|skew \w+)\s*[>%]\}\}")
_EXAMPLE = re.compile(r"(?:^|/)path/to/|://(?:url|host|example)\b|(?:^|/)(?:your|my)-")
_PRINTED = re.compile(r"""(?<=\becho )["'][^"'\n]*["']|(?<=\becho -e )["'][^"'\n]*["']""")


def as_original(old: Block, new: Block) -> Block:
    """The translation's block with the original's placeholders and printed words, where both have as many of them."""
    for pattern in (_PLACEHOLDER, _PRINTED, VERSION):
        theirs, ours = ([match[0] for match in pattern.finditer(block.bare)] for block in (old, new))
        if len(theirs) == len(ours) and theirs != ours:
            new = _with(new, pattern, theirs)
    return _with_paths(old, new)


def prints_the_same(old: Block, new: Block) -> bool:
    """Whether two outputs differ in words alone: their names, numbers, paths and addresses are the same."""
    return _names(old) == _names(new)


def _names(block: Block) -> list[str]:
    """The names in an output, and the commands that it has a reader type, each as a whole."""
    bare = _SITE.sub("/docs/", VERSION.sub("", _PLACEHOLDER.sub("", block.bare)))
    return sorted({*sentences.names(bare), *filter(begins_as_code, map(str.strip, bare.splitlines()))})


def _with_paths(old: Block, new: Block) -> Block:
    """The translation's block with the original's paths that are examples, on lines that have as many words."""
    theirs, ours = old.text.splitlines(), new.text.splitlines()
    if len(theirs) != len(ours) or not any(map(_EXAMPLE.search, old.bare.split())):
        return new
    for number, (one, other) in enumerate(zip(theirs, ours, strict=True)):
        before, after = one.split(), other.split()
        if len(before) == len(after) and one != other:
            words = [a if _EXAMPLE.search(a) else b for a, b in zip(before, after, strict=True)]
            ours[number] = other[: len(other) - len(other.lstrip())] + " ".join(words)
    return replace(new, text="\n".join(ours))


def _with(block: Block, pattern: re.Pattern[str], words: list[str]) -> Block:
    following = iter(words)
    comments = {comment.line - block.line: comment.text for comment in block.comments}
    lines = []
    for number, line in enumerate(block.text.splitlines()):
        comment = comments.get(number, "")
        lines.append(pattern.sub(lambda _: next(following), line.removesuffix(comment)) + comment)
    return replace(block, text="\n".join(lines))


def rejoined(pairs: Sequence[Pair[Outline]]) -> list[Pair[Outline]]:
    """Pairs of blocks, with code that shares no word but its place: what it prints, or a placeholder, is translated."""
    found: list[Pair[Outline]] = []
    gap: list[Pair[Outline]] = []
    for each in [*pairs, (None, None)]:
        if (each[0] is None) != (each[1] is None):
            gap.append(each)
            continue
        found += _joined(gap)
        found += [each] if each[0] else []
        gap = []
    return found


def _joined(gap: list[Pair[Outline]]) -> list[Pair[Outline]]:
    """The blocks between two pairs; one piece of code that is missing, and one of its kind that is new, are a pair."""
    lost, come = ([each for each in (pair[side] for pair in gap) if each and each.kind.code] for side in (0, 1))
    same = [(one, other) for one in lost for other in come if one.hash == other.hash]
    if same:  # a fence that names another language: the code is there
        return [each for each in gap if not any(set(each) & set(both) for both in same)]
    if len(lost) != 1 or len(come) != 1 or (lost[0].kind, lost[0].inline) != (come[0].kind, come[0].inline):
        return gap
    return [(lost[0], come[0]), *(pair for pair in gap if pair[0] != lost[0] and pair[1] != come[0])]
