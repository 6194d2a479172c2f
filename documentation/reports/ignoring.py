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


def kept(page: Page, findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """The findings that no comment with a reason is about."""
    return tuple(each for each in findings if not _comment(page, each))


def waived(page: Page, findings: Iterable[Finding]) -> tuple[Waived, ...]:
    """The others, with their reasons."""
    pairs = ((each, _comment(page, each)) for each in findings)
    return tuple(Waived(each, comment.reason) for each, comment in pairs if comment)


def unclear(page: Page) -> list[str]:
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
