"""What stands below a finding: the text of its line, how to fix it, other lines of the same cause, what follows."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator, Sequence

from documentation.findings.rules import Finding

_WIDTH = 100  # letters of a line that are shown: with what stands before them, they fit into a terminal of 120
_BEFORE = 30  # letters that are shown before the name that a finding is about, where a line is longer


def below(finding: Finding, lines: Sequence[str], *, everything: bool = False) -> Iterator[str]:
    """Lines for a terminal."""
    if text := line_of(finding, lines):
        yield f"| {text}"
    if finding.fix:
        yield f"Try: {finding.fix}"
    if finding.lines:
        yield f"{_also(finding)}."
    if finding.follows and not everything:
        yield f"{_following(finding)} (--all lists what)."
    for each in finding.follows if everything else ():
        yield f"  follows: line {each.line}  {each.what}  [{each.check}, {each.block}]"


def in_cell(finding: Finding, lines: Sequence[str]) -> str:
    """The same behind what a cell of a Markdown table says; the fix has a cell of its own, and so have the lines."""
    parts = []
    if text := line_of(finding, lines):
        parts.append(f"<code>{html.escape(text).replace('|', '&#124;').replace('`', '&#96;')}</code>")
    if finding.follows:
        parts.append(f"{_following(finding)}.")
    return "".join(f"<br>{part}" for part in parts)


def line_of(finding: Finding, lines: Sequence[str]) -> str:
    """The line of a finding, or the part of a long one that has the name that it is about."""
    if not 0 < finding.line <= len(lines):
        return ""
    text = lines[finding.line - 1].strip()
    if len(text) <= _WIDTH:
        return text
    at = next((found for name in re.findall(r"`([^`]+)`", finding.what) if (found := text.find(name)) >= 0), 0)
    start = max(0, min(at - _BEFORE, len(text) - _WIDTH))
    end = start + _WIDTH
    return f"{'…' if start else ''}{text[start:end]}{'…' if end < len(text) else ''}"


def _also(finding: Finding) -> str:
    return f"Also on {'lines' if len(finding.lines) > 1 else 'line'} {', '.join(map(str, finding.lines))}"


def _following(finding: Finding) -> str:
    count = len(finding.follows)
    return f"{count} more {'findings follow' if count > 1 else 'finding follows'} from this"
