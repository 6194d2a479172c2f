"""What a translation has wrong by itself, and not because its original went on.

It is compared with the revision that it follows, and with today's: a fault is what differs from both. Code that any
revision had as it stands is old, and no slip; a part of a page is often translated anew before the rest is.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache

from documentation.drift.compare import Comparison
from documentation.drift.translated_code import VERSION
from documentation.findings.rules import Finding, Weight
from documentation.pages.block import Block, Kind, Page
from documentation.translations import outdated
from documentation.translations.behind import Part
from documentation.translations.fitting import Followed
from documentation.translations.history import Revision

_LINES = re.compile(r"\(?\bline \d+[^)`]*?\)|\blines? \d+(?: of the other page)?")
_WORD = re.compile(r"[\w.-]+")
_BECAME = re.compile(r"(?:became|new in|gone from) `(.+)`$|^`(?=.*`)(.+)` is not on")
_ABOUT_THE_OLD_BLOCK = ("missing",)  # rules that name the block of the other page
_ABOUT_CODE = ("command", "configuration", "text")
_INVERTED = "comment-inverted"
_NOT_ABOUT_CODE = ("missing", "comment", _INVERTED)  # what a translator writes, also beside old code


@dataclass(frozen=True)
class Old:
    """All lines of code that revisions of the original have, each with the newest that has it."""

    lines: dict[str, Revision]
    texts: tuple[str, ...]

    @classmethod
    def of(cls, revisions: Sequence[Revision]) -> Old:
        """The lines of all revisions."""
        lines = {_bare(line): each for each in reversed(revisions) for line in {*each.text.splitlines()}}
        return cls(lines, tuple(map(_bare_text, (each.text for each in revisions))))

    def has(self, block: Block) -> bool:
        """Whether the original has all of a block, in one piece, today or before."""
        return block.kind.code and any(_bare_text(block.bare) in text for text in self.texts)

    def has_lines(self, block: Block) -> bool:
        """Whether the original has each of a block's lines, wherever, today or before."""
        return block.kind.code and all(_bare(line) in self.lines for line in block.bare.splitlines())

    def last(self, block: Block) -> Revision | None:
        """The newest revision that has the block's lines, each of them in that one or a later one."""
        lines = (_bare(line) for line in block.bare.splitlines())
        found = [self.lines[line] for line in lines if line in self.lines]
        return min(found, key=lambda each: each.day, default=None)


def faults(followed: Followed, translation: Page) -> tuple[list[Finding], list[Part]]:
    """The findings that are the translation's own, and the blocks of code that are the original's of before."""
    old = Old.of(followed.all)
    then = Comparison.of(followed.revision.page, translation)
    now = Comparison.of(followed.newest.page, translation) if followed.since else then
    today = {_key(each, now.old) for each in now.findings()}
    blocks = {block.id: block for block in translation.blocks}
    older = _older_places(followed, translation)
    own: list[Finding] = []
    stale: dict[str, Part | None] = {}
    both = [each for each in then.findings() if _key(each, then.old) in today and not _is_of_before(each, older)]
    changed = {each.block for each in both if each.check in _ABOUT_CODE and not _is_loss(each)}
    for each in both:
        block = blocks.get(each.block) if each.check not in _NOT_ABOUT_CODE else None
        if block is None or not _is_outdated(each, block, old, then, now, changed):
            own.append(each)
        elif each.weight > Weight.REMARK:
            stale.setdefault(block.id, _part(block, each.line, old.last(block), now))
    own = [each for each in own if each.check != _INVERTED]
    own += [each for each in now.findings() if each.check == _INVERTED]  # whatever it once was, it breaks the page
    return own, [part for part in stale.values() if part]


def _older_places(followed: Followed, translation: Page) -> dict[int, bool]:
    """The lines of headings and of kept English, each with whether that English is older than what is followed."""
    texts = [each.text for each in followed.all]
    older = {each.line for each in outdated.outdated(translation, followed.revision.page, texts)}
    lines = [each.line for each in (*translation.of_kind(Kind.HEADING), *translation.kept)]
    return {line: line in older for line in lines}


def _is_of_before(finding: Finding, older: dict[int, bool]) -> bool:
    """Whether what is missing is so below English of its section that is older still: that says what was there then."""
    above = max((line for line in older if line <= finding.line), default=0)
    return finding.check in _ABOUT_THE_OLD_BLOCK and older.get(above, False)


def _is_outdated(
    finding: Finding, block: Block, old: Old, then: Comparison, now: Comparison, changed: set[str]
) -> bool:
    """Whether code is the original's of before: all of it, each of its lines, or what is not today's."""
    if old.has(block) or _is_old(finding, block, old) or _is_mixed(finding, block, then, now):
        return True
    return finding.check in _ABOUT_CODE and block.id in changed and old.has_lines(block)


def _is_loss(finding: Finding) -> bool:
    """Whether a finding is that something is not there; that it never was says only the original of that time."""
    return "is missing" in finding.what or "became (nothing)" in finding.what


def _is_old(finding: Finding, block: Block, old: Old) -> bool:
    """Whether the command that was found, or the line that it stands on, is the original's of before."""
    if finding.check != "command" or "is missing" in finding.what:
        return False
    lines = block.text.splitlines()
    at = finding.line - block.line
    line = _bare(lines[at]) if 0 <= at < len(lines) else ""
    named = _BECAME.search(finding.what)
    return line in old.lines or (named is not None and any((named[1] or named[2]) in each for each in old.lines))


def _is_mixed(finding: Finding, block: Block, then: Comparison, now: Comparison) -> bool:
    """Whether code is in part as it was, and in part as it is today: some changes are made in all languages at once."""
    if not block.kind.code or " missing" in finding.what or then is now:
        return False
    before, after = (_words_of_counterpart(block, each) for each in (then, now))
    words = set(_WORD.findall(block.bare))
    return words <= before | after and not words <= before


def _words_of_counterpart(block: Block, comparison: Comparison) -> set[str]:
    theirs = {other: one for one, other in comparison.alignment.counterparts.items()}.get(block.id)
    return {word for each in comparison.old.blocks if each.id == theirs for word in _WORD.findall(each.bare)}


def _part(block: Block, line: int, last: Revision | None, now: Comparison) -> Part | None:
    """A block that is as the original had it; none where today's has it, too, and only its place is another one."""
    if any(each.hash == block.hash for each in now.old.blocks):
        return None
    counterparts = {other: one for one, other in now.alignment.counterparts.items()}
    after = next((each for each in now.old.blocks if each.id == counterparts.get(block.id)), None)
    return Part(line, block.id, block, after, None, Weight.MISLEADS, until=last)


def _key(finding: Finding, other: Page) -> tuple[str, str, str]:
    """What a finding against two revisions has in common: the rule and the block, and what only a rule's words say."""
    if finding.check in _ABOUT_THE_OLD_BLOCK:
        block = next((each for each in other.blocks if each.id == finding.block), None)
        return finding.check, block.hash if block else "", ""
    what = _LINES.sub("", finding.what)
    exact = finding.check in ("mention", "link") or "is missing" in what or "is not on the other page" in what
    return finding.check, finding.block, what if exact else ""


@cache
def _bare(line: str) -> str:
    """A line of code as far as translations leave it: without blanks, quotes of lists, and comments."""
    plain = VERSION.sub("{{version}}", line)
    plain = re.sub(r"\{\{[<%]\s*(.*?)\s*[>%]\}\}", r"{{\1}}", plain)
    return " ".join(re.sub(r"(?:^|\s)#.*", "", plain).split())


def _bare_text(text: str) -> str:
    """The bare lines of a text, without empty ones."""
    return "\n".join(filter(None, map(_bare, text.splitlines()))).join("\n\n")


def weighed(findings: Iterable[Finding]) -> list[Finding]:
    """Findings by their lines."""
    return sorted(findings, key=lambda each: (each.line, -each.weight))
