"""Blocks that only one of two pages has, and blocks that stand elsewhere: what is told of them, and what it weighs."""

from __future__ import annotations

import re
from dataclasses import replace

from doccheck.drift import commands
from doccheck.drift.finding import Finding, Weight
from doccheck.pages import shell
from doccheck.pages.block import Block, Kind

_SHOWN = 72  # letters of a block that are shown
_FEW = 4  # missing paragraphs of a section that are told one by one


def missing(block: Block, near: int) -> Finding:
    """What only the old page says; `near` is the line of the new one that comes before it."""
    if block.step:
        what = f"step {block.steps[-1]} of line {block.line} is missing: {_shown(block)}"
        return Finding(
            Weight.MISLEADS, "missing", near, block.id, what, f"add it near line {near}, or say where it went"
        )
    weight = Weight.MISLEADS if block.kind.code or block.kind.admonition else Weight.REMARK
    what = f"{a(block.kind)} of line {block.line} is missing: {_shown(block)}"
    return Finding(weight, "missing", near, block.id, what, f"add it near line {near}, or say why it went")


def joined(old: Block, new: Block) -> Finding:
    """A step whose words another block has taken in."""
    what = f"step {old.steps[-1]} of line {old.line} is part of this one now: {_shown(old)}"
    return Finding(Weight.REMARK, "moved", new.line, new.id, what)


def extra(block: Block, *, revised: bool) -> Finding:
    """What the new page says and the old one does not: `revised` where it is a later edition, and no translation."""
    typed = shell.parse(block.text).commands if block.kind is Kind.COMMAND else ()
    weight = commands.added(typed, revised=revised) if block.kind.code else Weight.REMARK
    what = f"{a(block.kind)} that the other page does not have: {_shown(block)}"
    mend = "see that it belongs here" if revised else "remove it, or bring it to the other page"
    return Finding(weight, "extra", block.line, block.id, what, mend)


def gathered(findings: list[Finding]) -> list[Finding]:
    """Paragraphs of one section that are missing become one finding: a rewritten section is one thing to look at."""
    gathered: list[Finding] = []
    groups: dict[str, list[Finding]] = {}
    for finding in findings:
        paragraph = finding.check == "missing" and finding.weight is Weight.REMARK and "/prose-" in finding.block
        groups.setdefault(finding.block.split("/")[0] if paragraph else "", []).append(finding)
    for section, group in groups.items():
        if not section or len(group) < _FEW:
            gathered += group
            continue
        lines = ", ".join(re.findall(r"line (\d+)", each.what)[0] for each in group)
        what = f"{len(group)} paragraphs of this section are missing (lines {lines})"
        gathered.append(replace(group[0], what=what, mend="translate the section again"))
    return gathered


def moved(old: Block, new: Block) -> Finding:
    """The same block in another place."""
    name = f"step {old.steps[-1]}" if old.step else a(old.kind)
    what = f"{name} moved here from {old.id} (line {old.line}): {_shown(new)}"
    weight = Weight.MISLEADS if new.kind.code or old.step else Weight.REMARK
    return Finding(weight, "moved", new.line, new.id, what, "see that what it needs is still before it")


def _shown(block: Block) -> str:
    text = " ".join(block.bare.split())
    return f"`{text[:_SHOWN]}{'…' if len(text) > _SHOWN else ''}`"


def a(kind: Kind) -> str:
    """A kind with its article."""
    return {Kind.OUTPUT: "an output", Kind.PROSE: "a paragraph", Kind.CONFIG: "a configuration"}.get(kind, f"a {kind}")
