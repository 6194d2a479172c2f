"""A report on a terminal: what the cluster survives, then findings, worst first, then what was checked."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Iterator, Mapping
from typing import TextIO

from checks.comparing import Comparison
from checks.findings import Finding, Report, Severity
from checks.outputs.summary import (
    Group,
    checked,
    counted,
    evidence,
    groups,
    headline,
    moment,
    number,
    ranges,
    some,
    together,
)
from provision.util.characters import block, visible

WIDTH = 100
"""Columns where the terminal does not say how many it has; beyond, lines are hard to read."""

_INDENT = 10  # columns: the longest severity and two
_EVIDENCE = 6  # lines a rule: more of them push the next finding off the screen; JSON and HTML have all
_SHOWN = 4  # findings a rule: as many as a usual cluster has control planes, and one
_GROUPS = 6  # reasons for what is undecided: the rest is rare, and in the other outputs

_COLOURS = {Severity.CRITICAL: "1;31", Severity.WARNING: "1;33", Severity.NOTICE: "36"}
_BOLD, _SOFT = "1", "2"


def wants_colour(stream: TextIO, environment: Mapping[str, str]) -> bool:
    """Only a terminal gets colours, and none where NO_COLOR is set (https://no-color.org) or the terminal is dumb."""
    return stream.isatty() and not environment.get("NO_COLOR") and environment.get("TERM") != "dumb"


def rendered(
    report: Report, *, width: int = WIDTH, colour: bool = False, comparison: Comparison | None = None, remark: str = ""
) -> str:
    """Everything; `remark` is a last line, such as why too little could be checked."""
    pen = _Pen(min(width, WIDTH), colour)
    parts = [
        pen.wrapped(visible(report.survives), code=_BOLD),
        *(_findings(each, pen) for each in together(report.at_least(Severity.NOTICE))),
        *_accepted([each for each in report.findings if each.accepted], pen),
        *_compared(comparison, pen),
        *_undecided(report, pen),
        "\n".join(_end(report, pen, remark)),
    ]
    return "\n\n".join(parts) + "\n"


def short(report: Report, fail_on: Severity = Severity.WARNING, *, colour: bool = False) -> str:
    """The first sentence, a line for each finding at or above a severity, and the counts."""
    pen = _Pen(0, colour)
    found = [_first_line(each, pen) for each in report.at_least(fail_on)]
    return "\n".join([visible(report.survives), *found, counted(report)]) + "\n"


class _Pen:
    """A width, and whether colours are written."""

    def __init__(self, width: int, colour: bool) -> None:
        self.width = max(width, 40)
        self._colour = colour

    def painted(self, text: str, code: str) -> str:
        return f"\x1b[{code}m{text}\x1b[0m" if self._colour else text

    def wrapped(self, text: str, first: str = "", rest: str = "", code: str = "") -> str:
        """Text in lines of the width. Words are never cut: paths and ids are copied from here."""
        lines = textwrap.wrap(
            text, self.width, initial_indent=first, subsequent_indent=rest, break_long_words=False,
            break_on_hyphens=False,
        )  # fmt: skip
        return "\n".join(self.painted(each, code) if code else each for each in lines or [first])

    def labelled(self, label: str, text: str) -> str:
        """A labelled text below a finding's first line."""
        start = f"{'':{_INDENT}}{label:<12}"
        return self.wrapped(text, start, " " * len(start)).replace(start, self.painted(start, _SOFT), 1)

    def as_it_is(self, label: str, lines: Iterable[str]) -> Iterator[str]:
        """Labelled lines that are not wrapped: what is copied to a shell has to stay in one piece."""
        for each in lines:
            yield self.painted(f"{'':{_INDENT}}{label:<12}", _SOFT) + each
            label = ""


def _first_line(finding: Finding, pen: _Pen) -> str:
    word = f"{finding.severity.value.upper():<{_INDENT}}"
    return f"{pen.painted(word, _COLOURS[finding.severity])}{finding.id}  {headline(finding)}"


def _findings(findings: list[Finding], pen: _Pen) -> str:
    """What one rule found: each sentence, then why, what to do, and the evidence."""
    first, shown, more = findings[0], findings[:_SHOWN], findings[_SHOWN:]
    word = f"{first.severity.value.upper():<{_INDENT}}"
    start, rest = f"{word}{first.id}  ", " " * (_INDENT + len(first.id) + 2)
    lines = [pen.wrapped(headline(each), rest if place else start, rest) for place, each in enumerate(shown)]
    if more:
        lines.append(pen.wrapped(f"and {len(more)} more: {some(_machines(more))}", rest, rest))
    lines[0] = lines[0].replace(word, pen.painted(word, _COLOURS[first.severity]), 1)
    return "\n".join([*lines, *_below(shown, pen)])


def _machines(findings: Iterable[Finding]) -> list[str]:
    return list(dict.fromkeys(machine for each in findings for machine in each.machines or (each.subject,)))


def _below(findings: list[Finding], pen: _Pen) -> Iterator[str]:
    yield pen.labelled("why", visible(findings[0].why))
    yield from pen.as_it_is("do", dict.fromkeys(line for each in findings for line in block(each.fix)))
    yield from pen.as_it_is("page", [visible(findings[0].page)])
    yield from pen.as_it_is("evidence", evidence(findings, max(_EVIDENCE // len(findings), 1)))


def _accepted(findings: list[Finding], pen: _Pen) -> Iterator[str]:
    if findings:
        lines = [pen.painted("ACCEPTED", _BOLD)]
        for each in findings:
            lines.append(pen.wrapped(f"{each.severity.value:<8}{each.id}  {headline(each)}", "  ", " " * _INDENT))
            lines.append(pen.labelled("because", visible(each.accepted)))
        yield "\n".join(lines)


def _compared(comparison: Comparison | None, pen: _Pen) -> Iterator[str]:
    if comparison:
        changed = {"new": comparison.new, "gone": comparison.gone, "not judged": comparison.unjudged}
        how_many = ", ".join(f"{len(findings)} {word}" for word, findings in changed.items())
        lines = [f"Since {moment(comparison.since)}: {how_many}, {len(comparison.still)} still there."]
        for word, findings in changed.items():
            lines += [pen.wrapped(f"{word:<12}{each.id}  {headline(each)}", "  ", " " * 14) for each in findings]
        yield "\n".join(lines)


def _undecided(report: Report, pen: _Pen) -> Iterator[str]:
    found = groups(report.undecided)
    if found:
        yield "\n".join(
            [
                pen.painted(f"UNDECIDED  {len(report.undecided)} of {number(len(report.verdicts), 'check')}", _BOLD),
                *(line for each in found[:_GROUPS] for line in _group(each, pen)),
                *_rest(found[_GROUPS:]),
            ]
        )


def _group(group: Group, pen: _Pen) -> Iterator[str]:
    yield pen.wrapped(visible(group.reason), f"  {group.count:>5}   ", " " * _INDENT)
    if group.needs:
        yield pen.labelled("decided by", visible(group.needs))
    yield pen.wrapped(f"{ranges(group.ids)}; {some(group.subjects)}", " " * _INDENT, " " * _INDENT, _SOFT)


def _rest(left: list[Group]) -> Iterator[str]:
    if left:
        count = sum(each.count for each in left)
        yield f"  {count:>5}   for {number(len(left), 'other reason')}, in the other outputs"


def _end(report: Report, pen: _Pen, remark: str) -> Iterator[str]:
    yield from (pen.wrapped(f"Note: {visible(each)}", rest="      ") for each in report.notes)
    yield pen.painted(counted(report), _BOLD)
    yield pen.wrapped(checked(report))
    if remark:
        yield pen.wrapped(remark)
