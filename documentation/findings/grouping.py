"""One finding for one cause: what the same rule reports in the same words of several lines is reported once."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from documentation.findings.rules import Finding


def grouped(findings: Iterable[Finding]) -> list[Finding]:
    """The findings, those of one cause as the heaviest of them, with the lines and edits of all."""
    causes: dict[tuple[object, ...], list[Finding]] = {}
    for each in findings:
        causes.setdefault((*each.identity, each.improves), []).append(each)
    return [_one(group) for group in causes.values()]


def identities(findings: Iterable[Finding]) -> set[tuple[str, str]]:
    """What findings, and those that follow from them, have in common with findings of other editions."""
    return {every.identity for each in findings for every in (each, *each.follows)}


def _one(group: list[Finding]) -> Finding:
    first = max(group, key=lambda each: (each.weight, -each.line))
    if len(group) == 1:
        return first
    lines = {line for each in group for line in (each.line, *each.lines)} - {first.line}
    blocks = dict.fromkeys(block for each in group for block in (each.block, *each.others))
    return replace(
        first,
        lines=tuple(sorted(lines)),
        others=tuple(block for block in blocks if block != first.block),
        edits=tuple(dict.fromkeys(edit for each in group for edit in each.edits)),
        supposed=tuple(dict.fromkeys(edit for each in group for edit in each.supposed)),
        fix=first.fix or next((each.fix for each in group if each.fix), ""),
    )
