"""All rules there are, found in the modules of their rooms, and applied to a page."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterable
from functools import cache

from documentation import checks, drift, translations
from documentation.findings.causes import folded
from documentation.findings.grouping import grouped
from documentation.findings.rules import Finding, Needs, Rule
from documentation.pages.block import Page
from documentation.programs.programs import Programs
from documentation.site.place import Place


@cache
def rules() -> tuple[Rule[...], ...]:
    """All rules of all modules: those of one page, then of two, by their modules' names, then as they stand there."""
    modules = [
        each.name
        for room in (checks, drift, translations)
        for each in sorted(pkgutil.walk_packages(room.__path__, f"{room.__name__}."), key=lambda module: module.name)
    ]
    return tuple(
        each
        for name in modules
        for each in vars(importlib.import_module(name)).values()
        if isinstance(each, Rule) and each.find.__module__ == name
    )


def names(*needs: Needs) -> frozenset[str]:
    """The names of all rules that need one of these."""
    return frozenset(each.name for each in rules() if each.needs in needs)


def meaning(name: str) -> str:
    """What a rule finds, for people: a sentence for each function that is this rule; empty for no rule's name."""
    texts = (each.find.__doc__ or "" for each in rules() if each.name == name)
    return " ".join(" ".join(text.split("\n\n")[0].split()) for text in texts)


def check(page: Page, programs: Programs | None, place: Place | None = None) -> list[Finding]:
    """All findings of one page: causes, then all others by line. What programs decide, or the site, needs these."""
    return causes_first(page, found(page, programs, place), programs, place)


def causes_first(
    page: Page, findings: Iterable[Finding], programs: Programs | None, place: Place | None = None
) -> list[Finding]:
    """What was found on a page, cause by cause: it is read again as if each cause were corrected."""
    return folded(page, grouped(findings), lambda corrected: found(corrected, programs, place))


def found(page: Page, programs: Programs | None, place: Place | None = None) -> list[Finding]:
    """What each rule finds of one page, by line, whatever follows from what."""
    judged = [finding for each in rules() if each.needs is Needs.PAGE for finding in each(page)]
    if programs and programs.kubeadm:
        judged += [
            finding for each in rules() if each.needs is Needs.KUBEADM for finding in each(page, programs.kubeadm)
        ]
    if programs:
        judged += [finding for each in rules() if each.needs is Needs.PROGRAMS for finding in each(page, programs)]
    if place:
        judged += [finding for each in rules() if each.needs is Needs.SITE for finding in each(page, place)]
    return sorted(judged, key=lambda finding: (finding.line, -finding.weight, finding.check))
