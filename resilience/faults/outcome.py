"""What a run of a fault ended with: one record, with everything that a report needs."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any

from resilience.faults.strips import Strip

RECORDS = "faults.jsonl"
"""The file of a run's folder that has a line for each fault."""


class Ended(StrEnum):
    """How a run ended. Nothing but green is: void says nothing, and what was skipped was not tried."""

    GREEN = "green"
    RED = "red"
    VOID = "void"
    SKIPPED = "skipped"


@dataclass(frozen=True)
class Way:
    """What requests met on one way: seconds, and requests by how they were lost.

    A `spared` one may be gone for as long as the fault lasts. `strip` is what the report draws.
    """

    requests: int
    lost: Mapping[str, int]
    longest: float
    served_at_the_end: bool
    limit: float
    control: float
    first_success: float | None = None
    served_again: float | None = None
    idle: float = 0.0
    spared: bool = False
    strip: Strip | None = None


@dataclass
class Times:
    """When it happened: `injected` on the wall clock and on the history's; all others are seconds after it."""

    wall: float = 0.0
    injected: float = 0.0
    in_effect: float | None = None
    undoing: float | None = None
    undone: float | None = None
    healthy: float | None = None
    ended: float | None = None

    @property
    def healing(self) -> float | None:
        """Seconds from when it was undone until the cluster was healthy."""
        return None if self.healthy is None or self.undone is None else self.healthy - self.undone


@dataclass
class Outcome:
    """One run. `red` and `void` are sentences, each a reason; `why` is why it was skipped.

    `writes` counts writes by what clients were answered, and unknown ones by whether they appeared. `left` are commands
    that undo what could not be undone. `notes` are sentences of what a reader should know of what was done. `sound` is
    whether the cluster was healthy in the end. `interrupted` is a run that the user ended, or a defect of the harness:
    its figures say nothing. `began` is on the wall clock. `load` is how many processes of this host
    wanted a processor in the minute before the fault, and `processors` how many it has. `inside` are
    intervals of what changed inside of the cluster, `noticed` who noticed the fault and its end, in seconds after the
    injection, and `inside_gaps` why what is not known of either. `logs` are files by machine.
    """

    fault: str
    cluster: str
    version: str
    topology: str
    what: str
    place: str
    holds: str
    bound: Mapping[str, str | float]
    heals: Mapping[str, str | float]
    links: Sequence[str]
    seed: int = 0
    machines: Sequence[str] = ()
    times: Times = field(default_factory=Times)
    proof: str = ""
    ways: Mapping[str, Way] = field(default_factory=dict)
    writes: Mapping[str, int] = field(default_factory=dict)
    operations: int = 0
    violations: Sequence[str] = ()
    undecided: Sequence[str] = ()
    delay: float = 0.0
    red: list[str] = field(default_factory=list)
    void: list[str] = field(default_factory=list)
    left: list[str] = field(default_factory=list)
    why: str = ""
    sound: bool = False
    interrupted: bool = False
    history: str = ""
    began: float = 0.0
    load: float = 0.0
    processors: int = 0
    notes: list[str] = field(default_factory=list)
    inside: Sequence[Mapping[str, Any]] = ()
    inside_file: str = ""
    inside_gaps: list[str] = field(default_factory=list)
    noticed: Sequence[Mapping[str, Any]] = ()
    logs: Mapping[str, str] = field(default_factory=dict)

    @property
    def ended(self) -> Ended:
        """Red before void: a run that says nothing of its fault may still show that a promise was broken."""
        if self.why:
            return Ended.SKIPPED
        if self.red:
            return Ended.RED
        return Ended.VOID if self.void else Ended.GREEN

    def __str__(self) -> str:
        reasons = [self.why] if self.why else [*self.red, *self.void]
        lines = [f"{self.fault} on {self.cluster}: {self.ended}", *(f"  {each}" for each in reasons)]
        lines += [f"  proof: {self.proof}"] if self.proof else []
        lines += [f"  {each}" for each in self.notes]
        lines += [f"Try: {each}" for each in self.left]
        return "\n".join(lines)

    def write(self, folder: Path) -> None:
        """Append this to the records of a run."""
        line = json.dumps(
            asdict(self) | {"ended": self.ended.value, "healing": self.times.healing}, separators=(",", ":")
        )
        folder.mkdir(parents=True, exist_ok=True)
        with (folder / RECORDS).open("a", encoding="utf-8") as file:
            file.write(line + "\n")
