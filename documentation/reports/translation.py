"""A translation in a checkout: what it has wrong by itself, and how far it is behind its original."""

from __future__ import annotations

from documentation.findings.rules import Finding
from documentation.language.words import Words
from documentation.pages.block import Page
from documentation.programs.kubeadm import Kubeadm
from documentation.reports import all_rules
from documentation.reports.report import Report, checked_with, not_judged
from documentation.translations import behind, own
from documentation.translations.fitting import Followed


def of_translation(followed: Followed, new: Page, kubeadm: Kubeadm | None) -> Report:
    """The translation's own faults; all that it lacks of its original's changes is one finding."""
    faults, stale = own.faults(followed, new)
    changed = behind.all_parts(followed, new, stale)
    differences = own.weighed([*faults, *behind.behind(followed, changed)])
    now = followed.newest.page
    silent = [] if Words.of(new.language).known else [new.language]
    before = {finding.identity for finding in all_rules.check(now, kubeadm)}
    found: list[Finding] = all_rules.check(new, kubeadm)
    return Report(
        f"{new.name} ({new.language}) against the original of {followed.named}, which it follows",
        tuple(differences),
        tuple(finding for finding in found if finding.identity not in before),
        tuple(finding for finding in found if finding.identity in before),
        (*not_judged(silent), *checked_with(new, kubeadm)),
    )
