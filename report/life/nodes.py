"""When nodes were ready, by their kubelets' log, and by conditions and Events of the API, which know seconds. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from report.life.machines import Held, seconds
from report.life.states import READY, Point, Row

NAME = "node"
NOT_READY, UNKNOWN = "NotReady", "Unknown"

_EVENTS = {"NodeReady": READY, "NodeNotReady": NOT_READY}
_STATUS = {"True": READY, "False": NOT_READY, "Unknown": UNKNOWN}
_OTHERS = re.compile(
    r"Node(?:Has(?:DiskPressure|Insufficient\w+)|NotSchedulable|Schedulable)|Rebooted|(?:Removing|Deleting)Node"
)
"""Reasons of Events that are changes of a node, beside its being ready."""


@dataclass(frozen=True)
class Event:
    """Something that happened to a node, beside its states: an Event's reason."""

    node: str
    at: float
    reason: str


def points(every: Iterable[Held]) -> Iterator[Point]:
    """Since when each node was ready, and since when not."""
    held = list(every)
    for each in held:
        for at, message in each.dated("kubelet"):
            state = READY if "it just became ready" in message else NOT_READY
            yield Point(Row(each.machine, NAME), at, state)
    ahead = {each.machine: each.ahead for each in held}
    for kind, node, word, *times in _objects(held):
        if kind == "event" and word in _EVENTS:
            yield from (Point(Row(node, NAME), at, _EVENTS[word], exact=False) for at in _moments(times[:2]))
        elif kind == "condition" and word == READY and times and times[0] in _STATUS:
            for at in _moments(times[1:2]):  # the node's kubelet writes it, but where that is not heard of
                offset = 0.0 if times[0] == "Unknown" else ahead.get(node, 0.0)
                yield Point(Row(node, NAME), at - offset, _STATUS[times[0]], exact=False)


def events(every: Iterable[Held]) -> Iterator[Event]:
    """What else happened to nodes."""
    for kind, node, word, *times in _objects(every):
        if kind == "event" and _OTHERS.fullmatch(word):
            yield from (Event(node, at, word) for at in sorted(set(_moments(times[:2]))))


def _objects(every: Iterable[Held]) -> list[list[str]]:
    """Events first, then conditions, in the words of the first machine that the API answered on."""
    for each in every:
        lines = [line.split() for line in each.sections.get("api", ())]
        if known := [line for line in lines if len(line) > 3 and line[0] in ("condition", "event")]:
            return sorted(known, key=lambda line: line[0] == "condition")
    return []


def _moments(written: Iterable[str]) -> Iterator[float]:
    """Times that are there: an Event of the newer kind has none of them."""
    for each in written:
        try:
            yield seconds(each)
        except ValueError:
            continue
