"""A fault along the time: its own bar, what each way's requests met below it, and what happened inside. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

from report.reading import mapping, mappings, number, numbers, text
from report.records import Record

_ROUND = (0.5, 1, 2, 5, 10, 20, 30, 60, 120, 300, 600, 1200, 1800, 3600)
_TICKS = 8  # at most: on a phone, more labels run into each other
_NARROWEST = 0.3  # percent: what would be narrower cannot be seen

_MOMENTS = (
    ("injected", "injected"), ("in_effect", "in effect"), ("undoing", "undoing begins"), ("undone", "undone"),
    ("healthy", "healthy again"),
)  # fmt: skip
"""Fields of a record's times, and what is written of each."""

_SAME = 0.3
"""Seconds: undoing that is over this soon is one moment with its beginning."""


@dataclass(frozen=True)
class Moment:
    """Something that happened, `at` seconds after the fault was injected. `kind` is how it is drawn."""

    left: float
    at: float
    what: str
    kind: str


@dataclass(frozen=True)
class Stretch:
    """Part of a band, in percent of its width."""

    left: float
    width: float
    kind: str
    title: str
    words: str = ""


@dataclass(frozen=True)
class Band:
    """What requests by one way met: two paths in a picture that is as wide as the timeline has steps, and gaps."""

    name: str
    left: float
    width: float
    steps: int
    answered: str
    lost: str
    gaps: Sequence[Stretch]


@dataclass(frozen=True)
class Inside:
    """Something inside of the cluster, whose states followed each other."""

    name: str
    stretches: Sequence[Stretch]


@dataclass(frozen=True)
class Timeline:
    """All of it on one scale."""

    ticks: Sequence[tuple[float, str]]
    bar: Sequence[Stretch]
    moments: Sequence[Moment]
    bands: Sequence[Band]
    inside: Sequence[Inside]


@dataclass(frozen=True)
class _Scale:
    """Seconds after the injection to percent."""

    begin: float
    end: float

    def place(self, at: float) -> float:
        """In percent; what is outside goes to the nearest end."""
        return round(100 * min(1.0, max(0.0, (at - self.begin) / (self.end - self.begin))), 2)

    def stretch(self, since: float, until: float, kind: str, title: str, words: str = "") -> Stretch:
        """A part of a band, which can be seen."""
        left = min(self.place(since), 100 - _NARROWEST)
        return Stretch(left, round(max(self.place(until) - left, _NARROWEST), 2), kind, title, words)


def timeline(record: Record) -> Timeline | None:
    """The timeline of a fault; None where it was not done, or the record is older than what is drawn."""
    strips = {name: mapping(way, "strip") for name, way in mapping(record, "ways").items() if isinstance(way, dict)}
    strips = {name: strip for name, strip in strips.items() if (number(strip, "every") or 0) > 0}
    if not strips:
        return None
    scale = _scale(record, list(strips.values()))
    return Timeline(
        list(_ticks(scale)), list(_bar(record, scale)), _moments(record, scale),
        [_band(name, strip, scale) for name, strip in strips.items()], _inside(record, scale),
    )  # fmt: skip


def _scale(record: Record, strips: Sequence[Record]) -> _Scale:
    begin = min(number(strip, "begin") or 0.0 for strip in strips)
    ended = number(mapping(record, "times"), "ended")
    return _Scale(begin, max(ended or max(map(_end, strips)), begin + 1.0))


def _end(strip: Record) -> float:
    counted = max(len(numbers(strip, "answered")), len(numbers(strip, "lost")))
    return (number(strip, "begin") or 0.0) + counted * (number(strip, "every") or 0.0)


def _ticks(scale: _Scale) -> Iterator[tuple[float, str]]:
    every = next((each for each in _ROUND if (scale.end - scale.begin) / each <= _TICKS), _ROUND[-1])
    at = -(-scale.begin // every) * every + 0.0  # and no minus before a zero
    while at <= scale.end - every / 3:  # a label further to the right leaves the page
        yield scale.place(at), f"{at:g} s"
        at += every


def _bar(record: Record, scale: _Scale) -> Iterator[Stretch]:
    times = mapping(record, "times")
    undone, healthy = number(times, "undone"), number(times, "healthy")
    until = scale.end if undone is None else undone
    yield scale.stretch(0.0, until, "lasts", f"the fault lasts {until:.1f} s", text(record, "fault"))
    if undone is not None:
        end = scale.end if healthy is None else healthy
        yield scale.stretch(undone, end, "heals", f"{end - undone:.1f} s until the cluster is healthy", "healing")


def _moments(record: Record, scale: _Scale) -> list[Moment]:
    times = mapping(record, "times") | {"injected": 0.0}
    if (number(times, "undone") or 0.0) - (number(times, "undoing") or 0.0) < _SAME:
        times["undoing"] = None
    known = [(at, words, key) for key, words in _MOMENTS if (at := number(times, key)) is not None]
    known += [
        (at, f"noticed by {text(each, 'by')}: {text(each, 'what')}", "noticed")
        for each in mappings(record, "noticed") if (at := number(each, "at")) is not None
    ]  # fmt: skip
    return [Moment(scale.place(at), at, words, kind) for at, words, kind in sorted(known)]


def _band(name: str, strip: Record, scale: _Scale) -> Band:
    answered, lost = numbers(strip, "answered"), numbers(strip, "lost")
    every, begin = number(strip, "every") or 1.0, number(strip, "begin") or 0.0
    steps = max(len(answered), len(lost), 1)
    left = scale.place(begin)
    gaps = [
        scale.stretch(*gap, "gap", f"{name}: no answer for {gap[1] - gap[0]:.1f} s")
        for each in strip.get("gaps") or () if (gap := _pair(each))
    ]  # fmt: skip
    right = 100 * (begin + steps * every - scale.begin) / (scale.end - scale.begin)  # a last step may reach further
    return Band(name, left, round(right - left, 2), steps, _path(answered, 10), _path(lost, 3), gaps)


def _pair(each: object) -> tuple[float, float] | None:
    if isinstance(each, list) and len(each) == 2 and all(isinstance(end, (int, float)) for end in each):
        return float(each[0]), float(each[1])
    return None


def _path(counted: Sequence[float], middle: int) -> str:
    """A stroke over each of the steps that have any, at a height: the shortest path that says so."""
    found, gap = [f"M0 {middle}"], 0
    for some, group in groupby(counted, key=bool):
        length = len(list(group))
        if some:
            found.append(f"m{gap} 0h{length}" if gap else f"h{length}")
        gap = 0 if some else length
    return "".join(found)


def _inside(record: Record, scale: _Scale) -> list[Inside]:
    """States inside of the cluster, below each other by what they are about."""
    found: dict[str, list[Stretch]] = {}
    for each in mappings(record, "inside"):
        since, until, state = number(each, "since"), number(each, "until"), text(each, "state")
        if since is None:
            continue
        end = scale.end if until is None else until
        kind = "good" if each.get("good") is True else "bad"
        name = " ".join(filter(None, (text(each, "what"), text(each, "where"))))
        title = f"{state}, {since:.1f} to {end:.1f} s"
        found.setdefault(name, []).append(scale.stretch(since, end, kind, title, state))
    return [Inside(name, stretches) for name, stretches in found.items()]
