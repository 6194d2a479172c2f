"""One cluster as the report shows it: its procedure with what each step ran, and its machines over time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

from provision.procedure.step import link
from provision.recording.journal import CommandRecord, StepRecord
from report.records import Record, Records
from report.timeline import Bar, Scale, Tick, bars, scale

_LINES, _LETTERS = 40, 4000


@dataclass(frozen=True)
class Ran:
    """A command of a step; `times` in a row on one machine, taking `seconds` together. `answer` where it failed."""

    machine: str
    command: str
    times: int
    seconds: float
    rc: int | None
    answer: str


@dataclass(frozen=True)
class Shown:
    """A step. `outcome` is done, failed, interrupted or unfinished, `after` seconds since the cluster's first step."""

    number: int
    name: str
    section: str
    link: str
    correction: str
    outcome: str
    after: float
    seconds: float
    error: str
    bar: Bar
    commands: tuple[Ran, ...]


@dataclass(frozen=True)
class Track:
    """A machine over time: rows of bars, one below the other where commands overlap."""

    machine: str
    role: str
    address: str
    seconds: float
    rows: list[list[Bar]]


@dataclass(frozen=True)
class Procedure:
    """Everything that happened to a cluster before and after its scenarios."""

    steps: tuple[Shown, ...]
    machines: tuple[Track, ...]
    ticks: list[Tick]
    folded: tuple[Bar, ...]
    seconds: float

    @property
    def broken(self) -> list[Shown]:
        """The steps that failed."""
        return [step for step in self.steps if step.outcome == "failed"]


def procedure(cluster: str, described: Record, records: Records, end: float) -> Procedure:
    """The procedure of a cluster. `end` is the last moment of the run."""
    steps = [step for step in records.steps if step.cluster == cluster]
    commands = [each for each in records.commands if each.cluster == cluster and each.step]
    on = scale(steps, end)
    shown = tuple(_shown(n, step, steps, commands, on, end) for n, step in enumerate(steps, start=1))
    shades = {step.name: number % 2 for number, step in enumerate(steps)}
    return Procedure(shown, tuple(_machines(described, commands, on, shades)), on.ticks(), on.folded, on.busy)


def _shown(
    number: int, step: StepRecord, steps: Sequence[StepRecord], commands: Sequence[CommandRecord], on: Scale, end: float
) -> Shown:
    stop = step.stop or max(end, step.start)
    ended = "interrupted" if step.interrupted else "failed" if step.error else "done"
    outcome = "unfinished" if step.stop is None else ended
    own = [each for each in commands if each.step == step.name and step.start <= each.start <= stop]
    return Shown(
        number=number,
        name=step.name,
        section=step.section,
        link=link(step.section) if step.section else "",
        correction=step.correction,
        outcome=outcome,
        after=step.start - steps[0].start,
        seconds=stop - step.start,
        error="" if step.interrupted else step.error,
        bar=on.bar(step.start, stop, step.name, outcome, (number - 1) % 2),
        commands=tuple(_ran(own, outcome != "done")),
    )


def _ran(commands: Sequence[CommandRecord], with_answers: bool) -> list[Ran]:
    """Commands by machine; the same command repeated again and again becomes one entry with its last answer."""
    ordered = sorted(commands, key=lambda each: (each.machine, each.start))
    ran = []
    for (machine, command), same in groupby(ordered, key=lambda each: (each.machine, each.command)):
        group = list(same)
        last = group[-1]
        answer = _tail("\n".join(filter(None, (last.stdout.strip(), last.stderr.strip())))) if with_answers else ""
        seconds = sum(each.stop - each.start for each in group)
        ran.append(Ran(machine, command, len(group), seconds, last.rc, answer if last.rc != 0 else ""))
    return ran


def _machines(described: Record, commands: Sequence[CommandRecord], on: Scale, shades: dict[str, int]) -> list[Track]:
    """The machines as described, then whatever else commands ran on."""
    known = {str(each.get("name")): each for each in described.get("machines") or []}
    names = [*known, *sorted({each.machine for each in commands} - set(known))]
    return [
        Track(
            machine=name,
            role=str(known.get(name, {}).get("role", "")),
            address=str(known.get(name, {}).get("address", "")),
            seconds=sum(each.stop - each.start for each in commands if each.machine == name),
            rows=bars((each for each in commands if each.machine == name), on, shades),
        )
        for name in names
    ]


def _tail(text: str) -> str:
    lines = text.splitlines()
    kept = "\n".join(lines[-_LINES:])[-_LETTERS:]
    return kept if len(kept) == len(text) else "…\n" + kept
