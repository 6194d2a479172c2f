"""What HAProxy found of its servers, by its own log; and what it says at the end. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from report.life.machines import Held
from report.life.states import CLOSE, DOWN, UP, Point, Row

_SERVER = re.compile(r"\bServer [^/ ]+/(\S+) is (?:going )?(UP|DOWN)\b(?:.*?reason: ([^,]+))?")
_NAME = "balancer"
_ANEW = re.compile(r"New worker .* forked")


def name(machine: str) -> str:
    """The row of what a machine's HAProxy finds of a server; `balancer` where it is not known which machine's."""
    return f"{_NAME}, by {machine}" if machine else _NAME


def is_about(row: Row) -> bool:
    """Whether a row is one of these."""
    return row.name == _NAME or row.name.startswith(f"{_NAME}, by ")


def points(held: Held) -> Iterator[Point]:
    """The states of each server, on the row of the machine that it is.

    HAProxy holds all servers for up when it starts, until a check fails; a server that is down from the start was not
    up for the moment between. Of one that no line is about, what the balancer says at the end was so all along.
    """
    dated = list(held.dated("haproxy"))
    changes = [(at, found) for at, message in dated if (found := _SERVER.search(message))]
    at_the_end = dict(_status(held.sections.get("haproxy status", ())))
    starts = [at for at, message in dated if _ANEW.search(message)]
    for server in dict.fromkeys([*at_the_end, *(found[1] for _, found in changes)]):
        row = Row(server, name(held.machine))
        own = [Point(row, at, found[2], (found[3] or "").strip()) for at, found in changes if found[1] == server]
        fresh = [Point(row, at, UP) for at in starts if not _fails_at_once(at, own)]
        yield from own
        yield from fresh
        if not own and not fresh and server in at_the_end:
            yield Point(row, 0.0, at_the_end[server], exact=False, already=True)


def _fails_at_once(start: float, own: Sequence[Point]) -> bool:
    first = min((each for each in own if each.at >= start - 0.1), key=lambda each: each.at, default=None)
    return first is not None and first.state == DOWN and first.at - start <= CLOSE


def _status(lines: Iterable[str]) -> Iterator[tuple[str, str]]:
    """Servers of `show stat` and their state; `UP 1/2` is in use as UP is."""
    for line in lines:
        backend, server, status = (*line.split(","), "", "", "")[:3]
        if server not in ("FRONTEND", "BACKEND", "svname", "") and not backend.startswith("#"):
            yield server, UP if status.startswith(("UP", "no check")) else DOWN
