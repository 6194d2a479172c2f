"""One page of a change: what is new there and wrong, by what it has to agree with.

A page in the original language is compared with itself before the change. A translation is compared with the revision
of its original that it follows, and what differed from the one that it followed before the change does not count.
"""

from __future__ import annotations

import re
import time
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import PurePosixPath

from documentation.checks.removals import Replaced
from documentation.findings.rules import Finding, Needs, Weight
from documentation.pages import markdown, source
from documentation.pages.block import Page
from documentation.programs.programs import Programs
from documentation.reports import all_rules, report
from documentation.reports.ignoring import Waived
from documentation.reports.translation import of_translation
from documentation.review.changes import Change, How, Range
from documentation.review.following import Following
from documentation.site.addresses import CONTENT, ORIGINAL
from documentation.site.place import Place, Site, placed
from documentation.translations import behind
from documentation.translations.fitting import Followed

UNREADABLE = "It has nothing that can be read."
_LINES = re.compile(r"\blines? \d+(?:(?:, | and |-)\d+)*")


@dataclass(frozen=True)
class Judged:
    """What was found on one page. `against` is the page that it was compared with: itself before, or its original."""

    change: Change
    language: str
    against: str
    findings: tuple[Finding, ...]
    waived: tuple[Waived, ...]
    limits: tuple[str, ...]
    seconds: float


class Judge:
    """Judges pages of one change: `before` and `after` are the site's two revisions."""

    def __init__(self, between: Range, before: Site, after: Site, programs: Programs | None) -> None:
        self._before, self._after, self._programs = before, after, programs
        self._following = Following(between, before, after)

    def judged(self, change: Change) -> Judged:
        """All that is new on one page and wrong."""
        started = time.monotonic()
        new = _page(self._after, change.new)
        old = _page(self._before, change.old)
        against, found, waived, limits = change.path, [*self._removed(change)], list[Waived](), list[str]()
        if new:
            against, made = self._compared(change, old, new)
            found += [*made.differences, *made.own]
            waived += made.waived
            limits += made.limits
        elif change.new:
            limits.append(UNREADABLE)
        read = new or old
        language = read.language if read else _language(change.path, "")
        ordered = sorted(found, key=lambda each: (-each.weight, each.line, each.check))
        return Judged(
            change, language, against, tuple(ordered), tuple(waived), tuple(limits), time.monotonic() - started
        )  # fmt: skip

    def _removed(self, change: Change) -> Iterable[Finding]:
        """What the change took away that other pages use."""
        if change.how is How.ADDED or not self._before.addresses.of(change.old):
            return ()
        replaced = Replaced(self._before, self._after, change.old, change.new)
        return [finding for each in all_rules.rules() if each.needs is Needs.CHANGE for finding in each(replaced)]

    def _compared(self, change: Change, old: Page | None, new: Page) -> tuple[str, report.Report]:
        path = _original(change.new)
        followed = self._following.now(new, change.new, path) if path and _page(self._after, path) else None
        if followed:
            return path, self._translation(change, old, new, followed)
        place = placed(self._after, change.new)
        if old:
            places = (placed(self._before, change.old), place)
            made = report.of_drift(old, new, self._programs, places)
            return change.new, replace(made, differences=_unseen(made, place))
        return change.new, report.of_page(new, self._programs, place)

    def _translation(self, change: Change, old: Page | None, new: Page, followed: Followed) -> report.Report:
        """A translation against the revision that it follows: what the change brought, and what it took back."""
        path, before = _original(change.new), _original(change.old)
        places = placed(self._after, path), placed(self._after, change.new)
        now = of_translation(followed, new, self._programs, places, before=old)
        then = self._following.then(old, change.old, before, path) if old else None
        if not (old and then):
            return replace(now, differences=tuple(_standing(now.differences, ())))
        there = placed(self._before, before), placed(self._before, change.old)
        was = of_translation(then, old, self._programs, there)
        differences = _standing(now.differences, was.differences)
        return replace(
            now,
            differences=tuple(fresh(differences, was.differences, change.lines)),
            own=tuple(fresh(now.own, (*was.own, *was.known), change.lines)),
        )


def _unseen(made: report.Report, place: Place | None) -> tuple[Finding, ...]:
    """Differences that a reader of the change does not see at once: without remarks, which its lines show themselves.

    On a site it is known who links to an anchor that changed: another rule reports that.
    """
    known = frozenset({"anchor"}) if place else frozenset()
    found = (each for each in made.differences if each.check not in known)
    return tuple(each for each in found if each.weight > Weight.REMARK or each.improves)


def _standing(now: Iterable[Finding], before: Iterable[Finding]) -> Iterable[Finding]:
    """The differences; that a translation is behind is a remark, and known by how far, where it is as far as before."""
    known = {each.what for each in before if each.check == behind.NAME}
    for each in now:
        if each.check != behind.NAME:
            yield each
        elif each.what not in known:
            yield replace(each, weight=Weight.REMARK, about=each.what)


def fresh(now: Iterable[Finding], before: Iterable[Finding], changed: Iterable[int]) -> Iterable[Finding]:
    """What was not found before. Of what is found more often than before, that on changed lines is new."""
    now, lines = tuple(now), frozenset(changed)
    counts, known = _counts(now), _counts(before)
    for each in now:
        name = _identity(each)
        if name not in known or (counts[name] > known[name] and lines & {each.line, *each.lines}):
            yield each


def _counts(findings: Iterable[Finding]) -> Counter[tuple[str, str]]:
    counts: Counter[tuple[str, str]] = Counter()
    for each in findings:
        counts[_identity(each)] += 1 + len(each.lines)
    return counts


def _identity(finding: Finding) -> tuple[str, str]:
    """What a finding has in common with itself before the change: not the lines that it names."""
    check, what = finding.identity
    return check, _LINES.sub("line", what)


def _page(site: Site, path: str) -> Page | None:
    """A page of a site; none where there is none, or nothing in it that can be read."""
    text = site.tree.text(path) if path else None
    if text is None:
        return None
    page = replace(markdown.parse(text, PurePosixPath(path).name, _language(path, text)), release=site.release)
    return page if page.blocks or page.title else None  # a list of other pages may be no more than its front matter


def _language(path: str, text: str) -> str:
    return source.language_of(PurePosixPath(path), text)


def _original(path: str) -> str:
    """The path of the English page that a translation is of; empty for what is not a translation."""
    parts = path.split("/")
    if len(parts) < 3 or parts[0] != CONTENT or parts[1] == ORIGINAL:
        return ""
    return "/".join((CONTENT, ORIGINAL, *parts[2:]))
