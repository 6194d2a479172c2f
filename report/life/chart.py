"""A cluster's life from all that is known of it: bands by machine, changes, and what is not known. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from provision.config.topology import Role
from provision.recording.journal import CommandRecord, StepRecord
from report.life import balancer, containers, etcd, nodes, records, samples
from report.life.drawn import CLUSTER, Band, Bar, Change, levels, listed, thinned
from report.life.gaps import gaps
from report.life.machines import Held
from report.life.states import Interval, Point, intervals
from report.records import Record, Records
from report.results import Result

_BARS = 2500  # of one band: with more, those that are not distinct on a screen are one
_PIXELS = 2000  # of the widest screen that the whole life is drawn for
_BALANCER = Role.LOAD_BALANCER.value
_CHANGES = 4000  # in the list: as many take half a megabyte


@dataclass(frozen=True)
class Life:
    """From `begin` to `end`, in seconds since the epoch. `machines` are (name, role), the whole cluster first."""

    cluster: str
    begin: float
    end: float
    machines: Sequence[tuple[str, str]]
    bands: Sequence[Band]
    changes: Sequence[Change]
    left_out: int
    gaps: Sequence[str]

    def of(self, machine: str) -> list[Band]:
        """The bands of a machine, or of the whole cluster."""
        return [band for band in self.bands if band.machine == machine]


@dataclass(frozen=True)
class _Own:
    """What a run has recorded of one cluster."""

    described: Record
    steps: Sequence[StepRecord]
    commands: Sequence[CommandRecord]
    tests: Sequence[Result]
    phases: Sequence[Record]
    faults: Sequence[Record]

    @property
    def span(self) -> tuple[float, float] | None:
        """When something was first done with it, and last; None where nothing was."""
        spans = [(each.start, each.stop or each.start) for each in self.steps]
        spans += [(each.start, each.start + each.seconds) for each in self.tests]
        return (min(start for start, _ in spans), max(stop for _, stop in spans)) if spans else None


def _own(cluster: str, found: Records, tests: Sequence[Result]) -> _Own:
    return _Own(
        next((each for each in found.run.get("clusters") or [] if each.get("id") == cluster), {}),
        [each for each in found.steps if each.cluster == cluster],
        [each for each in found.commands if each.cluster == cluster and each.step],
        [each for each in tests if each.cluster == cluster and each.start],
        found.phases,
        [each for each in found.faults if each.get("cluster") == cluster],
    )


def life(cluster: str, found: Records, tests: Sequence[Result], held: Sequence[Held]) -> Life | None:
    """The life of a cluster; None where the run did nothing but test it, and read nothing."""
    own = _own(cluster, found, tests)
    if own.span is None or not (own.steps or held):
        return None
    begin, end = own.span
    recorded = _recorded(own, end)
    states = intervals(_points(held, own), begin, end)
    changes = [change for some in recorded.values() for _, changes in some for change in changes]
    changes += [*_changes(states), *_events(held, begin, end)]
    shown = listed(changes, _CHANGES)
    bands = [*_of_records(own, recorded, end - begin), *_of_states(states)]
    machines = _machines(own.described, bands)
    return Life(
        cluster, begin, max(end, begin + 1), machines, bands, shown, len(changes) - len(shown),
        list(gaps(held, [name for name, _ in machines if name])),
    )  # fmt: skip


def _recorded(own: _Own, end: float) -> dict[tuple[str, str], list[tuple[Bar, list[Change]]]]:
    """(machine or the whole cluster, name of a band) → bars, each with its changes."""
    return {
        (CLUSTER, "steps"): list(records.steps(own.steps, end)), (CLUSTER, "faults"): list(records.faults(own.faults)),
        (CLUSTER, "tests"): list(records.tests(own.tests, own.phases)), **records.api(own.described, own.faults),
    }  # fmt: skip


def _of_records(
    own: _Own, recorded: Mapping[tuple[str, str], Sequence[tuple[Bar, list[Change]]]], length: float
) -> Iterator[Band]:
    for machine, bars in records.commands(own.commands).items():
        yield Band(machine, "commands of steps", levels(bars))
    for of, some in recorded.items():
        if some:
            yield Band(*of, _levels(of, [bar for bar, _ in some], length))


def _points(held: Sequence[Held], own: _Own) -> Iterator[Point]:
    """What logs have, then what was sampled."""
    for each in held:
        started = list(containers.points(each))
        yield from started
        yield from etcd.points(each)
        yield from etcd.ended(started)
        yield from balancer.points(each)
    yield from nodes.points(held)
    yield from samples.points(own.faults, _carriers(held, own.described))


def _carriers(held: Iterable[Held], described: Record) -> list[str]:
    """The machines of the balancer, as far as they are known."""
    read = [each.machine for each in held if "haproxy" in each.sections]
    return read or [str(each.get("name")) for each in described.get("machines") or [] if each.get("role") == _BALANCER]


def _changes(states: Iterable[Interval]) -> Iterator[Change]:
    for each in states:
        if not each.already:
            how = f"{each.state} ({each.why})" if each.why else each.state
            yield Change(each.since, each.row.machine, each.row.name, how, "bad" if each.tone == "bad" else "")


def _events(held: Sequence[Held], begin: float, end: float) -> Iterator[Change]:
    for each in nodes.events(held):
        if begin <= each.at <= end:
            yield Change(each.at, each.node, "Event of the node", each.reason)


def _levels(of: tuple[str, str], bars: Sequence[Bar], length: float) -> Sequence[Sequence[Bar]]:
    """Steps that overlap are below each other; gaps of the API are drawn over what was answered."""
    found = [bars] if "API" in of[1] else levels(bars)
    return [thinned(each, length / _PIXELS) if len(each) > _BARS else each for each in found]


def _of_states(states: Iterable[Interval]) -> list[Band]:
    rows: dict[tuple[str, str], list[Bar]] = {}
    for each in states:
        title = f"{each.row.name}: {each.state}{f', {each.why}' if each.why else ''}"
        rows.setdefault(each.row, []).append(Bar(each.since, each.until, each.tone, title))
    return [Band(*row, [rows[row]]) for row in sorted(rows, key=_rank)]


def _rank(row: tuple[str, str]) -> tuple[int, str]:
    """Static pods first, in their order; then what they are to others."""
    known = (*containers.PROGRAMS, etcd.NAME)
    return (known.index(row[1]) if row[1] in known else len(known) + (row[1] == nodes.NAME)), row[1]


def _machines(described: Record, bands: Iterable[Band]) -> list[tuple[str, str]]:
    """The whole cluster, its machines as described, and whatever else something is known of."""
    known = {str(each.get("name")): str(each.get("role") or "") for each in described.get("machines") or []}
    others = sorted({band.machine for band in bands} - {CLUSTER, *known})
    return [(CLUSTER, ""), *known.items(), *((name, "") for name in others)]
