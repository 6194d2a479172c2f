"""Names written wrongly: programs that are almost what the page calls them elsewhere, flags with one dash."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from difflib import SequenceMatcher

from documentation.findings.edits import line_of, replaced
from documentation.findings.rules import Found, Weight, rule
from documentation.pages.block import Kind, Page
from documentation.pages.shell import simple_commands

# Names that are not words of a language: `server` and `token` begin commands, too, and sentences have `serve`, `taken`.
_PROGRAM = re.compile(r"(?:kube|etcd|cri|docker|pod|ssh|open)[a-z0-9-]*|[a-z]+ctl|[a-z]+[0-9-][a-z0-9-]*")
_EITHER = ("etcd ", "kube-log-runner ")  # programs that take long flags with one dash, too, as Go's own package does
_ENDING = 2  # letters at the end in which two terms of one stem may differ: `controller` and `control`
_LETTERS = 5  # fewer are too often one letter away from a word
_LATIN = re.compile(r"(?<![A-Za-z0-9/_.-])[a-z][a-z0-9-]{4,}(?![A-Za-z0-9_/.-])")
_LONG = re.compile(r"(?<![\w-])--([a-z][a-z0-9]*(?:-[a-z0-9]+)+)")
_ONE_DASH = re.compile(r"(?<![\w-])-([a-z][a-z0-9]*(?:-[a-z0-9]+)+)")
# A term in katakana, which are written without blanks: one that is written into itself is easily missed.
_TERM = re.compile(r"[\u30a0-\u30ff]{8,}")
_OFTEN, _ALIKE = 4, 0.85


@rule("spelling", Weight.REMARK)
def almost_a_programs_name(page: Page) -> Iterator[Found]:
    """A word that is one letter away from a program's name, and stands once."""
    names = {each.command.program for each in simple_commands(page)}
    names |= {mention.split()[0] for block in page.blocks for mention in block.mentions if mention.strip()}
    names = {name for name in names if len(name) >= _LETTERS and _PROGRAM.fullmatch(name)}
    counts = Counter(word for block in page.blocks for word in _LATIN.findall(block.text))
    for block in page.blocks:
        if block.kind in (Kind.OUTPUT, Kind.FILES):
            continue
        for word in dict.fromkeys(_LATIN.findall(block.text)):
            meant = next((name for name in names if is_slip(word, name) and not _numbered(word, name)), "")
            if meant and word not in names and counts[word] == 1 < counts[meant]:
                edits = replaced(page, block, word, meant)
                what = f"`{word}` looks like `{meant}`"
                yield Found(line_of(page, block, word), block.id, what, f"write {meant}", edits=edits)


@rule("spelling", Weight.REMARK)
def almost_a_usual_term(page: Page) -> Iterator[Found]:
    """A long term in katakana that is almost one that the page has often."""
    counts = Counter(term for block in page.blocks for term in _TERM.findall(block.text))
    usual = [term for term, count in counts.items() if count >= _OFTEN]
    for block in page.blocks:
        for term in _TERM.findall(block.text):
            alike = (
                name for name in usual if _differ(term, name) and SequenceMatcher(None, term, name).ratio() >= _ALIKE
            )
            meant = next(alike, "") if counts[term] == 1 else ""
            if meant:
                what = f"`{term}` looks like `{meant}`"
                yield Found(
                    line_of(page, block, term),
                    block.id,
                    what,
                    f"write {meant}",
                    edits=replaced(page, block, term, meant),
                )


@rule("dash", Weight.MISLEADS)
def one_dash_for_two(page: Page) -> Iterator[Found]:
    """A long flag with one dash, which the page has with two elsewhere."""
    known = {flag for block in page.blocks for flag in _LONG.findall(block.text)}
    for block in page.blocks:
        for text in (block.text,) if block.kind.code else block.mentions:
            for flag in _ONE_DASH.findall(text) if not text.startswith(_EITHER) else ():
                if flag in known:
                    what = f"`-{flag}` has one dash: to a program that is a row of single letters"
                    edits = replaced(page, block, f"-{flag}", f"--{flag}")
                    yield Found(line_of(page, block, f"-{flag}"), block.id, what, f"write `--{flag}`", edits=edits)


def _numbered(word: str, name: str) -> bool:
    """Whether only numbers differ: `node-1` and `node-2` are two names."""
    return word.rstrip("-0123456789") == name.rstrip("-0123456789")


def _differ(term: str, name: str) -> bool:
    """Whether neither is a part of the other, and more differs than marks that may be left out."""
    one, other = (re.sub("[・ー]", "", each) for each in (term, name))
    least = min(len(one), len(other)) - _ENDING
    return one not in other and other not in one and one[:least] != other[:least]


def is_slip(word: str, name: str) -> bool:
    """Whether one letter too few, too many, wrong, or two in the wrong order make the one word the other."""
    if word == name or abs(len(word) - len(name)) > 1 or word[0] != name[0]:
        return False
    start = next((at for at, (one, other) in enumerate(zip(word, name, strict=False)) if one != other), len(word))
    rest, meant = word[start:], name[start:]
    if rest[1:] == meant or rest == meant[1:]:  # one too many, or too few; a plural is not a slip
        return not word.endswith("s") and not name.endswith("s")
    return rest[1:] == meant[1:] or (rest[:2] == meant[:2][::-1] and rest[2:] == meant[2:])
