"""What comments of a page have ignored, taken out of what was found on it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from documentation.findings.rules import Finding, Needs
from documentation.pages.block import Ignored, Page
from documentation.reports import all_rules


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
        if comment := _comment(page, each):
            waived.append(Waived(each, comment.reason))
        else:
            kept.append(each)
    return kept, waived


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


def _comment(page: Page, finding: Finding) -> Ignored | None:
    return next((each for each in page.ignored if each.reason and _covers(each, finding)), None)


def _covers(comment: Ignored, finding: Finding) -> bool:
    """Whether a comment is about a finding: about its rule, and about all lines that it has."""
    lines = (finding.line, *finding.lines)
    return comment.rule == finding.check and all(comment.first <= line <= comment.last for line in lines)
