"""Findings for people and for machines: text for a terminal, Markdown for an issue, an exit status for CI."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from documentation.drift import equivalent
from documentation.drift.compare import Comparison
from documentation.findings.rules import Finding, Weight
from documentation.pages.block import Page
from documentation.programs.kubeadm import Kubeadm
from documentation.reports import all_rules
from documentation.translations import outdated

MARKS = {Weight.BREAKS: "breaks", Weight.MISLEADS: "misleads", Weight.REMARK: "remark"}


@dataclass(frozen=True)
class Report:
    """What was found on a page. `known` are findings that the page which it was compared with has, too.

    `limits` say what could not be checked, and why.
    """

    title: str
    differences: tuple[Finding, ...]
    own: tuple[Finding, ...]
    known: tuple[Finding, ...]
    limits: tuple[str, ...]

    @property
    def status(self) -> int:
        """1 where something new breaks or misleads, else 0."""
        return int(any(finding.weight > Weight.REMARK for finding in (*self.differences, *self.own)))

    def text(self) -> str:
        """Lines for a terminal."""
        lines = [self.title]
        for heading, findings in self._parts():
            lines += ["", f"{heading}: {_counted(findings)}"]
            for each in findings:
                lines.append(f"  {MARKS[each.weight]:8} line {each.line}  {each.what}  [{each.check}, {each.block}]")
                lines += [f"           Try: {each.fix}"] if each.fix else []
        return "\n".join([*lines, *("", *self.limits)[: len(self.limits) + bool(self.limits)]]) + "\n"

    def markdown(self) -> str:
        """The same, fit to paste into an issue."""
        lines = [f"### {self.title}"]
        for heading, findings in self._parts():
            lines += ["", f"**{heading}**: {_counted(findings)}", ""]
            if findings:
                lines += ["| | line | what | suggestion |", "| --- | --- | --- | --- |"]
            for each in findings:
                lines.append(f"| {MARKS[each.weight]} | {each.line} | {cell(each.what)} | {cell(each.fix)} |")
        return "\n".join([*lines, *(f"\n{limit}" for limit in self.limits)]) + "\n"

    def _parts(self) -> list[tuple[str, tuple[Finding, ...]]]:
        named = [("Differences", self.differences), ("Wrong by itself", self.own), ("Wrong on both pages", self.known)]
        return [(heading, findings) for heading, findings in named if findings or heading == "Wrong by itself"]


def of_page(page: Page, kubeadm: Kubeadm | None) -> Report:
    """What is wrong with one page."""
    found = tuple(all_rules.check(page, kubeadm))
    return Report(f"{page.name} ({page.language})", (), found, (), checked_with(page, kubeadm))


def of_drift(old: Page, new: Page, kubeadm: Kubeadm | None) -> Report:
    """What a new edition, or a translation, does otherwise; what the old page has wrong, too, is listed apart."""
    comparison = Comparison.of(old, new)
    with_new_examples = equivalent.with_examples(old, comparison.names)
    before = {finding.identity for finding in all_rules.check(with_new_examples, kubeadm)}
    found = all_rules.check(new, kubeadm)
    return Report(
        f"{new.name} ({new.language}) against {old.name} ({old.language})",
        (*comparison.findings(), *outdated.kept_english(new, old)),
        tuple(finding for finding in found if finding.identity not in before),
        tuple(finding for finding in found if finding.identity in before),
        (*not_judged(comparison.silent), *checked_with(new, kubeadm)),
    )


def not_judged(languages: Sequence[str]) -> tuple[str, ...]:
    """What sentences were not compared for, in languages whose words are unknown."""
    return tuple(
        f"Not judged, since no words of the language {language} are known: "
        "must, should and may, negations, and what comments ask for."
        for language in languages
    )


def checked_with(page: Page, kubeadm: Kubeadm | None) -> tuple[str, ...]:
    """What of a page could not be read, and which kubeadm its commands were checked with."""
    return (*_unclear(page), *_used(kubeadm))


def _used(kubeadm: Kubeadm | None) -> tuple[str, ...]:
    if kubeadm:
        return (f"Checked with kubeadm {kubeadm.version}.",)
    return ("Without a kubeadm, subcommands, flags, configuration and output were not checked.",)


def _unclear(page: Page) -> tuple[str, ...]:
    if page.witness:
        return (f"{page.name} is plain text: links, code spans and anchors were not compared.",)
    return tuple(f"Not read, {each}." for each in page.unclear)


def _counted(findings: tuple[Finding, ...]) -> str:
    counts = {weight: sum(finding.weight is weight for finding in findings) for weight in reversed(Weight)}
    return ", ".join(f"{count} {MARKS[weight]}" for weight, count in counts.items() if count) or "nothing"


def cell(text: str) -> str:
    """A text as it can stand in a cell of a table."""
    return " ".join(text.split()).replace("|", "\\|")
