"""What can be wrong with one page by itself: each module is a rule or a few, asked of a page in milliseconds."""

from __future__ import annotations

from doccheck.drift.checks import (
    addresses,
    files,
    gone,
    joins,
    kubeadm,
    lifetime,
    links,
    placeholders,
    scripts,
    spelling,
)
from doccheck.drift.finding import Finding
from doccheck.drift.oracle import Kubeadm
from doccheck.pages.block import Page


def check(page: Page, asked: Kubeadm | None) -> list[Finding]:
    """All findings of one page, by line. Without a kubeadm to ask, what only it can tell is not checked."""
    rules = (addresses, files, gone, joins, links, placeholders, scripts, spelling)
    found = [finding for rule in rules for finding in rule.check(page)]
    if asked:
        found += [*kubeadm.check(page, asked), *lifetime.check(page, asked)]
    return sorted(found, key=lambda finding: (finding.line, -finding.weight, finding.check))
