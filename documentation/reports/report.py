"""Findings for people and for machines: text for a terminal, Markdown for an issue, an exit status for CI."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from documentation.drift import equivalent, improvements
from documentation.drift.another_page import one_page_for_another
from documentation.drift.compare import Comparison
from documentation.drift.improvements import Judged
from documentation.findings.causes import Check, attributed
from documentation.findings.grouping import grouped
from documentation.findings.rules import Finding, Weight
from documentation.pages.block import Page
from documentation.programs.programs import Programs
from documentation.reports import all_rules, ignoring, shown
from documentation.reports.cells import cell
from documentation.reports.ignoring import Waived
from documentation.site.place import Place
from documentation.translations import outdated

MARKS = {Weight.BREAKS: "breaks", Weight.MISLEADS: "misleads", Weight.REMARK: "remark"}


@dataclass(frozen=True)
class Report:
    """What was found on a page. `known` are findings that the page which it was compared with has, too.

    `limits` say what could not be checked, and why; `lines` are the page's; `waived` is what comments of the page have
    ignored.
    """

    title: str
    differences: tuple[Finding, ...]
    own: tuple[Finding, ...]
    known: tuple[Finding, ...]
    limits: tuple[str, ...]
    lines: tuple[str, ...] = ()
    waived: tuple[Waived, ...] = ()

    @property
    def findings(self) -> tuple[Finding, ...]:
        """All findings, causes with what follows from them."""
        return (*self.differences, *self.own, *self.known)

    @property
    def status(self) -> int:
        """1 where something new breaks or misleads, else 0."""
        return int(any(finding.weight > Weight.REMARK for finding in (*self.differences, *self.own)))

    def text(self, *, everything: bool = False) -> str:
        """Lines for a terminal; `everything` lists what follows from causes, too."""
        lines = [self.title]
        for heading, findings in self._parts():
            lines += ["", f"{heading}: {_counted(findings)}"]
            for each in findings:
                lines.append(f"  {MARKS[each.weight]:8} line {each.line}  {each.what}  [{each.check}, {each.block}]")
                lines += [f"           {line}" for line in shown.below(each, self.lines, everything=everything)]
        return "\n".join([*lines, *("", *self.limits)[: len(self.limits) + bool(self.limits)]]) + "\n"

    def markdown(self) -> str:
        """The same, fit to paste into an issue."""
        lines = [f"### {self.title}"]
        for heading, findings in self._parts():
            lines += ["", f"**{heading}**: {_counted(findings)}", ""]
            if findings:
                lines += ["| | line | what | suggestion |", "| --- | --- | --- | --- |"]
            for each in findings:
                at = ", ".join(map(str, (each.line, *each.lines)))
                what = cell(each.what) + shown.in_cell(each, self.lines)
                lines.append(f"| {MARKS[each.weight]} | {at} | {what} | {cell(each.fix)} |")
        return "\n".join([*lines, *(f"\n{limit}" for limit in self.limits)]) + "\n"

    def _parts(self) -> list[tuple[str, tuple[Finding, ...]]]:
        named = [("Differences", self.differences), ("Wrong by itself", self.own), ("Wrong on both pages", self.known)]
        return [(heading, findings) for heading, findings in named if findings or heading == "Wrong by itself"]


def of_page(page: Page, programs: Programs | None, place: Place | None = None) -> Report:
    """What is wrong with one page; with its place on its site, also where its links lead."""
    found, waived = ignoring.parted(page, all_rules.found(page, programs, place))
    found = all_rules.causes_first(page, found, programs, place)
    limits = (*_unclear(page, found), *_used(programs), *ignoring.limits(page, waived))
    return Report(
        f"{page.name} ({page.language})", (), tuple(found), (), limits, tuple(page.lines), tuple(waived)
    )  # fmt: skip


def of_drift(
    old: Page, new: Page, programs: Programs | None, places: tuple[Place | None, Place | None] = (None, None)
) -> Report:
    """What a new edition, or a translation, does otherwise; what the old page has wrong, too, is listed apart.

    `places` are those of the old page and of the new one on their sites, where these are known.
    """
    comparison = Comparison.of(old, new)
    with_new_examples = equivalent.with_examples(old, comparison.names)
    before = all_rules.found(with_new_examples, programs, places[0])
    after = all_rules.found(new, programs, places[1])
    judged = Judged.of(comparison, before, after, programs.version if programs else "")
    compared = Compared(
        f"{new.name} ({new.language}) against {old.name} ({old.language})",
        old,
        new,
        (*improvements.differences(comparison, judged), *_outdated(old, new)),
        judged,
        tuple(comparison.silent),
        lambda corrected: [*Comparison.of(old, corrected).findings(), *_outdated(old, corrected)],
    )
    return compared.report(programs, places[1])


def _outdated(old: Page, new: Page) -> Iterable[Finding]:
    return outdated.kept_english(new, old) if old.language != new.language else ()


@dataclass(frozen=True)
class Compared:
    """Two pages that were compared, with what each of them has wrong.

    `silent` are the languages whose words are unknown; `differ` finds the differences again, of a corrected new page.
    """

    title: str
    old: Page
    new: Page
    differences: Sequence[Finding]
    judged: Judged
    silent: Sequence[str]
    differ: Check

    def report(self, programs: Programs | None, place: Place | None) -> Report:
        """The same, cause by cause, and without what comments of the page have ignored; `place` is the new page's."""
        new = self.new
        parts = [ignoring.parted(new, each) for each in (self.differences, self.judged.own, self.judged.known)]
        differences, own, known = (grouped(kept) for kept, _ in parts)
        own = all_rules.causes_first(new, own, programs, place)
        differences, own = self._folded(differences, own)
        waived = tuple(each for _, part in parts for each in part)
        limits = (*_not_judged(self.silent), *_unclear(new, own), *_used(programs), *ignoring.limits(new, waived))
        return Report(
            self.title, tuple(differences), tuple(own), tuple(known), limits, tuple(new.lines), waived
        )  # fmt: skip

    def _folded(self, differences: list[Finding], own: list[Finding]) -> tuple[list[Finding], list[Finding]]:
        """The differences and what the new page has wrong, without what follows from a cause among them."""
        for mistaken in one_page_for_another(self.old, self.new):
            return [replace(mistaken, follows=tuple(differences))], own
        causes = [each for each in own if each.supposed]
        others = [each for each in own if not each.supposed]
        causes, differences = attributed(self.new, causes, differences, self.differ)
        return differences, [*causes, *others]


def _not_judged(languages: Iterable[str]) -> list[str]:
    return [
        f"Not judged, since no words of the language {language} are known: "
        "must, should and may, negations, and what comments ask for."
        for language in languages
    ]


def _used(programs: Programs | None) -> tuple[str, ...]:
    return tuple((programs or Programs()).summary())


def _unclear(page: Page, found: Iterable[Finding]) -> tuple[str, ...]:
    if page.witness:
        return (f"{page.name} is plain text: links, code spans and anchors were not compared.",)
    if any(each.check == "shortcode" for each in found):
        return ()  # which says the same of a line
    return tuple(f"Not read, {each}." for each in page.unclear)


def _counted(findings: tuple[Finding, ...]) -> str:
    counts = {weight: sum(finding.weight is weight for finding in findings) for weight in reversed(Weight)}
    return ", ".join(f"{count} {MARKS[weight]}" for weight, count in counts.items() if count) or "nothing"
