"""All pages of a change, what was found on each, and the exit status."""

from __future__ import annotations

import datetime
import time
from collections import Counter
from dataclasses import dataclass, field
from typing import Literal

from documentation.findings.rules import Finding, Weight
from documentation.programs.programs import Programs
from documentation.review.changes import How, Range, changes_of, nearest
from documentation.review.judging import UNREADABLE, Judge, Judged
from documentation.review.known import Baseline
from documentation.site.place import Site, site_at

Name = Literal["breaks", "misleads", "remark"]
NAMES: dict[Weight, Name] = {Weight.BREAKS: "breaks", Weight.MISLEADS: "misleads", Weight.REMARK: "remark"}
WEIGHTS = {name: weight for weight, name in NAMES.items()}


@dataclass(frozen=True)
class Noted:
    """One finding. `line` is the page's after the change, `shown` the line of the change that is nearest to it.

    `text` is what stands in the line. `accepted` says why it does not count, and is empty where it does; what
    `improves` a page does not count, either.
    """

    weight: Name
    rule: str
    line: int
    shown: int
    block: str
    what: str
    fix: str = ""
    text: str = ""
    lines: tuple[int, ...] = ()
    improves: bool = False
    accepted: str = ""

    @property
    def counts(self) -> bool:
        """Whether it is a fault, and not accepted."""
        return not (self.improves or self.accepted)


@dataclass(frozen=True)
class ReviewedPage:
    """A page of the change. `old` is its path before, where it had another one or is gone."""

    path: str
    how: How
    language: str
    against: str
    findings: tuple[Noted, ...]
    limits: tuple[str, ...]
    seconds: float
    old: str = ""

    @property
    def counted(self) -> tuple[Noted, ...]:
        """The findings that count, the heaviest first."""
        return tuple(each for each in self.findings if each.counts)


@dataclass(frozen=True)
class Review:
    """A review of all pages between two revisions.

    `unread` are changed files of formats that are not read; `notes` are about all pages; `fail_on` is the weight at
    which the review fails.
    """

    base: str
    head: str
    before: str
    after: str
    pages: tuple[ReviewedPage, ...]
    unread: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    fail_on: Name = "misleads"
    seconds: float = 0.0
    schema: Literal[1] = 1
    counts: dict[Name, int] = field(default_factory=dict)

    @property
    def status(self) -> int:
        """1 where something that counts is at least as heavy as `fail_on`, else 0."""
        return int(any(WEIGHTS[each.weight] >= WEIGHTS[self.fail_on] for page in self.pages for each in page.counted))


def of_change(between: Range, programs: Programs | None, baseline: Baseline, fail_on: Name = "misleads") -> Review:
    """Review all pages that changed."""
    started = time.monotonic()
    before, after = (site_at(between.repository, revision) for revision in (between.before, between.after))
    changes, unread = changes_of(between)
    judge = Judge(between, before, after, programs)
    today = datetime.datetime.now(datetime.UTC).date()
    judged = [judge.judged(each) for each in changes]
    pages = tuple(_reviewed(each, after, baseline, today) for each in judged)
    shared = _shared(pages)
    notes = (*shared, *baseline.over(today), *baseline.unknown())
    counts = {name: sum(each.weight == name for page in pages for each in page.counted) for name in WEIGHTS}
    return Review(
        between.base, between.head, between.before, between.after,
        tuple(_without(each, shared) for each in pages), tuple(unread), notes, fail_on,
        round(time.monotonic() - started, 1), counts=counts,
    )  # fmt: skip


def _reviewed(judged: Judged, site: Site, baseline: Baseline, today: datetime.date) -> ReviewedPage:
    change = judged.change
    lines = (site.tree.text(change.new) or "").splitlines() if change.new else []
    noted = [
        *(_noted(each, judged, lines, baseline.reason(change.path, each, today)) for each in judged.findings),
        *(_noted(each.finding, judged, lines, each.reason) for each in judged.waived),
    ]
    old = change.old if change.how in (How.RENAMED, How.DELETED) else ""
    return ReviewedPage(
        change.path, change.how, judged.language, judged.against, tuple(noted), judged.limits,
        round(judged.seconds, 1), old,
    )  # fmt: skip


def _noted(finding: Finding, judged: Judged, lines: list[str], accepted: str) -> Noted:
    line = max(1, min(finding.line, len(lines) or 1))
    text = lines[line - 1].strip() if lines else ""
    shown = nearest(judged.change.lines, line)
    return Noted(
        NAMES[finding.weight], finding.check, line, shown, finding.block, finding.what, finding.fix, text,
        finding.lines, finding.improves, accepted,
    )  # fmt: skip


def _shared(pages: tuple[ReviewedPage, ...]) -> tuple[str, ...]:
    """What could not be checked on several pages, or on the only one that was read: for all pages once."""
    read = [each for each in pages if each.how is not How.DELETED and UNREADABLE not in each.limits]
    counts = Counter(limit for page in read for limit in page.limits)
    return tuple(limit for limit, count in counts.items() if count > 1 or len(read) == 1)


def _without(page: ReviewedPage, shared: tuple[str, ...]) -> ReviewedPage:
    limits = tuple(each for each in page.limits if each not in shared)
    return ReviewedPage(
        page.path, page.how, page.language, page.against, page.findings, limits, page.seconds, page.old
    )  # fmt: skip
