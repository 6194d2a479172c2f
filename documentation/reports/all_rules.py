"""All rules there are, found in the modules of their rooms, and applied to a page."""

from __future__ import annotations

import importlib
import pkgutil
from functools import cache

from documentation import checks, drift, translations
from documentation.findings.rules import Finding, Needs, Rule
from documentation.pages.block import Page
from documentation.programs.kubeadm import Kubeadm


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


def check(page: Page, kubeadm: Kubeadm | None) -> list[Finding]:
    """All findings of one page, by line. Without a kubeadm, what only it can decide is not checked."""
    found = [finding for each in rules() if each.needs is Needs.PAGE for finding in each(page)]
    if kubeadm:
        found += [finding for each in rules() if each.needs is Needs.KUBEADM for finding in each(page, kubeadm)]
    return sorted(found, key=lambda finding: (finding.line, -finding.weight, finding.check))
