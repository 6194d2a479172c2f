"""Where on a line each step and command goes, so that what ran at once is seen at once. Pure arithmetic."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from provision.recording.journal import CommandRecord, StepRecord
from provision.util.durations import duration

_FOLDED = 0.03
"""The share of the line that a stretch without any step may take: scenarios run then, possibly for hours."""
_NARROWEST = 0.25
"""Percent: what would be narrower is drawn this wide, and commands so short and close to each other become one bar."""


@dataclass(frozen=True)
class Bar:
    """Something that took time: place and width in percent of the line, and what it says when pointed at."""

    left: float
    width: float
    title: str
    kind: str
    shade: int = 0


@dataclass(frozen=True)
class Tick:
    """A mark on the axis, at a place in percent."""

    left: float
    label: str


@dataclass(frozen=True)
class Scale:
    """Maps seconds since the epoch to percent. `pieces` are (start, stop, left, width)."""

    pieces: tuple[tuple[float, float, float, float], ...]
    folded: tuple[Bar, ...]
    busy: float
    """Seconds with a step; pieces with and without one take turns."""

    def place(self, moment: float) -> float:
        """The place of a moment; what is outside of all pieces goes to the nearest end."""
        for start, stop, left, width in self.pieces:
            if moment <= stop:
                return left + width * max(0.0, moment - start) / ((stop - start) or 1)
        return 100.0

    def bar(self, start: float, stop: float, title: str, kind: str, shade: int = 0) -> Bar:
        """The bar of something that ran from `start` to `stop`."""
        left = min(self.place(start), 100 - _NARROWEST)
        return Bar(round(left, 2), round(max(self.place(stop) - left, _NARROWEST), 2), title, kind, shade)

    def ticks(self) -> list[Tick]:
        """Marks at round numbers of seconds since the first step, where there is room."""
        if not self.pieces:
            return []
        zero = self.pieces[0][0]
        every = _round(self.busy / 7)
        ticks: list[Tick] = []
        for start, stop, _, _ in self.pieces[::2]:
            number = -int(-(start - zero) // every)
            while zero + number * every <= stop:
                place = self.place(zero + number * every)
                if place <= 92 and (not ticks or place - ticks[-1].left >= 7):
                    ticks.append(Tick(round(place, 2), duration(number * every) if number else "0"))
                number += 1
        return ticks


def scale(steps: Sequence[StepRecord], end: float) -> Scale:
    """A scale on which steps have room. `end` stands in for the end of a step that has none."""
    busy = _merged((step.start, step.stop or max(end, step.start)) for step in steps)
    total = sum(stop - start for start, stop in busy) or 1.0
    gaps = [after[0] - before[1] for before, after in pairwise(busy)]
    shares = [min(gap, total * _FOLDED) for gap in gaps]
    unit = 100 / (total + sum(shares))
    pieces, folded, left = [], [], 0.0
    for position, (start, stop) in enumerate(busy):
        pieces.append((start, stop, left, (stop - start) * unit))
        left += (stop - start) * unit
        if position < len(gaps):
            if shares[position] < gaps[position]:
                text = f"no step for {duration(gaps[position])}: scenarios, or waiting; not to scale"
                folded.append(Bar(round(left, 2), round(shares[position] * unit, 2), text, "folded"))
            pieces.append((stop, busy[position + 1][0], left, shares[position] * unit))
            left += shares[position] * unit
    return Scale(tuple(pieces), tuple(folded), sum(stop - start for start, stop in busy))


def bars(commands: Iterable[CommandRecord], on: Scale, shades: dict[str, int]) -> list[list[Bar]]:
    """The bars of one machine's commands, in as many rows as ran at once. `shades` are numbers by step."""
    rows: list[list[list[CommandRecord]]] = []
    for command in sorted(commands, key=lambda each: each.start):
        near = next((row[-1] for row in rows if _near(row[-1], command, on)), None)
        free = next((row for row in rows if max(each.stop for each in row[-1]) <= command.start), None)
        if near is not None:
            near.append(command)
        elif free is not None:
            free.append([command])
        else:
            rows.append([[command]])
    return [[_bar(group, on, shades) for group in row] for row in rows]


def _near(group: Sequence[CommandRecord], command: CommandRecord, on: Scale) -> bool:
    """Whether a command is too short to be seen, and of a kind with the group right before it."""
    last = group[-1]
    alike = last.step == command.step and (last.rc == 0) == (command.rc == 0)
    place = on.place(command.start)
    return alike and place - on.place(last.stop) < _NARROWEST and on.place(command.stop) - place < _NARROWEST


def _bar(group: Sequence[CommandRecord], on: Scale, shades: dict[str, int]) -> Bar:
    first, stop = group[0], max(each.stop for each in group)
    many = f"{len(group)} commands, " if len(group) > 1 else ""
    answer = "" if first.rc == 0 else "\nno answer" if first.rc is None else f"\nexit status {first.rc}"
    title = f"{first.step}\n{_short(first.command)}\n{many}{duration(stop - first.start)}{answer}"
    return on.bar(first.start, stop, title, "ok" if first.rc == 0 else "not", shades.get(first.step, 0))


def _short(command: str, length: int = 300) -> str:
    return command if len(command) <= length else command[: length - 1] + "…"


def _merged(spans: Iterable[tuple[float, float]]) -> list[tuple[float, float]]:
    merged: list[tuple[float, float]] = []
    for start, stop in sorted(spans):
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(stop, merged[-1][1]))
        else:
            merged.append((start, stop))
    return merged


def _round(seconds: float) -> float:
    steps = (0.1, 0.2, 0.5, 1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 1200, 1800, 3600)
    return next((step for step in steps if step >= seconds), 7200.0)
