"""What commands that were killed left behind, and what it took to run them again, as a table of Markdown. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from resilience.faults.fault import Fault
from resilience.faults.means.moments import LEFT
from resilience.figures.line import Line
from resilience.figures.table import plain, verdicts

_HEAD = "| fault | left behind | what the second run took | verdicts |\n| --- | --- | --- | --- |\n"


def table(lines: Sequence[Line], faults: Sequence[Fault]) -> str:
    """A row for each fault, with what was noted in the newest run of it; one that was not tried has a row, too."""
    return _HEAD + "".join(_row(fault, [each for each in lines if each.fault == fault.name]) for fault in faults)


def _row(fault: Fault, lines: Sequence[Line]) -> str:
    notes = max(lines, key=lambda each: each.date).notes if lines else ()
    left = [each.removeprefix(LEFT) for each in notes if each.startswith(LEFT)]
    rest = [each for each in notes if not each.startswith(LEFT)]
    return f"| {fault.name} | {_cell(left)} | {_cell(rest)} | {verdicts(lines)} |\n"


def _cell(notes: Sequence[str]) -> str:
    return plain("; ".join(" ".join(each.split()) for each in notes)).replace("|", "/")
