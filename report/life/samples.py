"""States that were read once a second while faults were tried, as the records of faults have them. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from report.life import balancer, etcd, nodes
from report.life.containers import PROGRAMS
from report.life.states import DOWN, GONE, RUNS, UNSEEN, UP, Point, Row
from report.reading import mapping, mappings, number, text
from report.records import Record

_A_MOMENT = 0.001  # seconds: before a process that has taken another's place between two samples


def points(faults: Iterable[Record], carriers: Iterable[str]) -> Iterator[Point]:
    """The states inside of a cluster; `carriers` are the machines of the balancer: records do not name a single one."""
    first = next(iter(carriers), "")
    for fault in faults:
        injected = number(mapping(fault, "times"), "wall")
        if injected is not None:
            yield from _of(mappings(fault, "inside"), injected, first)


def _of(inside: Iterable[Mapping[str, object]], injected: float, carrier: str) -> Iterator[Point]:
    before: dict[Row, str] = {}
    ends: dict[Row, float] = {}
    for each in inside:
        since, until, state = number(each, "since"), number(each, "until"), text(each, "state")
        if since is None or until is None or not state:
            continue
        row, at = _row(text(each, "what"), text(each, "where"), carrier), injected + since
        if state.startswith("process") and before.get(row, "").startswith("process"):
            yield Point(row, at - _A_MOMENT, GONE, exact=False)
        yield Point(row, at, _state(row, state), exact=False, already=row not in before)
        before[row], ends[row] = state, injected + until
    yield from (Point(row, end, UNSEEN, exact=False) for row, end in ends.items())


def _row(what: str, where: str, carrier: str) -> Row:
    if what == "balancer's server":
        server, _, by = where.partition(" by ")
        return Row(server, balancer.name(by or carrier))
    return Row(where, etcd.NAME if what == etcd.NAME else nodes.NAME if what == nodes.NAME else what)


def _state(row: Row, state: str) -> str:
    if row.name in PROGRAMS:
        return RUNS if state.startswith("process") else GONE if state == "none" else state
    if balancer.is_about(row):
        return UP if state.startswith(("UP", "no check")) else DOWN if state.startswith("DOWN") else state
    return state
