"""What comments of a page have ignored, taken out of what was found on it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from documentation.findings.rules import Finding, Needs
from documentation.pages.block import Ignored, Page
from documentation.reports import all_rules
from documentation.translations import behind
from documentation.translations.behind import Part


@dataclass(frozen=True)
class Waived:
    """A finding that a comment on its page has ignored, with the comment's reason."""

    finding: Finding
    reason: str


def parted(page: Page, findings: Iterable[Finding]) -> tuple[list[Finding], list[Waived]]:
    """The findings that no comment with a reason is about, and the others. Each is of one line: not yet grouped."""
    kept: list[Finding] = []
    waived: list[Waived] = []
    for each in findings:
        if comment := _comment(page, each.check, (each.line, *each.lines)):
            waived.append(Waived(each, comment.reason))
        else:
            kept.append(each)
    return kept, waived


def parted_parts(page: Page, parts: Iterable[Part]) -> tuple[list[Part], list[Part]]:
    """What a translation lacks, without what comments have ignored, and that."""
    parts = list(parts)
    ignored = [each for each in parts if _comment(page, behind.NAME, (each.line,))]
    return [each for each in parts if each not in ignored], ignored


def limits(page: Page, waived: Iterable[Waived]) -> list[str]:
    """Sentences of what comments have ignored, and of those that count for nothing."""
    names = ", ".join(f"line {each.finding.line} `{each.finding.check}` ({each.reason})" for each in waived)
    return [*([f"Ignored, as comments on the page have it: {names}."] if names else []), *_unclear(page)]


def _unclear(page: Page) -> list[str]:
    """A sentence for each comment that counts for nothing."""
    known = all_rules.names(*Needs)
    found = [
        f"Line {each.line} ignores `{each.rule}` without a reason: it counts."
        for each in page.ignored
        if not each.reason
    ]
    return found + [
        f"Line {each.line} ignores `{each.rule}`: no rule has this name."
        for each in page.ignored
        if each.rule not in known
    ]


def _comment(page: Page, rule: str, lines: Sequence[int]) -> Ignored | None:
    """The comment that is about a rule, and about all these lines."""
    about = (each for each in page.ignored if each.reason and each.rule == rule)
    return next((each for each in about if all(each.first <= line <= each.last for line in lines)), None)
