"""A unified diff of all corrections that rules are sure of, for `git apply` in the folder that the path begins in."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from difflib import unified_diff

from documentation.findings.edits import applied
from documentation.findings.rules import Edit, Finding
from documentation.pages.block import Page


def of(page: Page, findings: Iterable[Finding], path: str) -> str:
    """The diff; empty where nothing is sure."""
    edits = [edit for each in findings for edit in _edits(each)]
    old, new = _lines(page.source), _lines(applied(page.source, edits))
    return "".join(map(_ended, unified_diff(old, new, f"a/{path}", f"b/{path}")))


def _edits(finding: Finding) -> Iterator[Edit]:
    yield from finding.edits
    for each in finding.follows:
        yield from each.edits


def _lines(text: str) -> list[str]:
    """Lines as git has them, which only a line feed ends."""
    lines = [f"{line}\n" for line in text.split("\n")]
    return lines[:-1] if text.endswith("\n") else [*lines[:-1], *([lines[-1][:-1]] if text else [])]


def _ended(line: str) -> str:
    return line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n"
