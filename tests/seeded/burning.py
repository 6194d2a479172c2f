"""Clusters that burn: what the check names first, and how long it takes for everything."""

from __future__ import annotations

import time
import tomllib
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from pydantic import TypeAdapter

from checks.facts import bundle
from checks.findings import Finding, Severity
from checks.judging import judged
from provision.cluster import Cluster
from provision.util.concurrency import together
from provision.util.errors import Problem
from provision.util.local import run
from tests.seeded import FOLDER, helpers, planting, rounds

LIMIT = 30
"""Seconds in which a check has to end, whatever does not answer."""

_SCRIPT = 180  # seconds for what is planted on one machine


@dataclass(frozen=True)
class Fire:
    """One burning cluster. `expects` are findings of which one has to stand first, naming all of `machines`."""

    name: str
    what: str
    expects: tuple[str, ...] = ()
    machines: tuple[str, ...] = ()
    on: tuple[str, ...] = ()
    plant: str = ""
    heal: str = ""
    frozen: tuple[str, ...] = ()


@dataclass(frozen=True)
class Burnt:
    """What the check found of one: the first finding, and whether that is the right one."""

    fire: Fire
    first: Finding | None
    survives: str
    seconds: float

    @property
    def right(self) -> bool:
        """Whether the first finding names the culprit."""
        first = self.first
        return bool(first and first.id in self.fire.expects and set(self.fire.machines) <= set(first.machines))

    @property
    def line(self) -> str:
        """A row of a table: name, right, seconds, what stands first, and what the cluster survives."""
        shown = f"{self.first.id} {self.first.what}" if self.first else "nothing"
        verdict = "yes" if self.right else "no"
        return f"| {self.fire.name} | {verdict} | {self.seconds:.1f} | {shown} | {self.survives} |"


@cache
def fires() -> tuple[Fire, ...]:
    """Every burning cluster, in the order of the file."""
    return _listed("burning.toml")


@cache
def more() -> tuple[Fire, ...]:
    """Those beside the ten, for clusters that have what they need."""
    return _listed("more_burning.toml")


@cache
def unusual() -> tuple[Fire, ...]:
    """What is healthy, and unlike the documented cluster."""
    return _listed("unusual.toml")


def _listed(file: str) -> tuple[Fire, ...]:
    return tuple(TypeAdapter(list[Fire]).validate_python(tomllib.loads((FOLDER / file).read_text())["fire"]))


def unalarmed(cluster: Cluster, folder: Path) -> list[Finding]:
    """What a check finds at or above warning where all of these are on one cluster; they are taken away again."""
    planting.settled(cluster)
    with ExitStack() as stack:
        for each in unusual():
            stack.enter_context(_burning(cluster, each))
        facts = rounds.facts_of(cluster)
        bundle.save(facts, folder / "unusual.json")
    planting.settled(cluster)
    return list(judged(facts).at_least(Severity.WARNING))


def burnt(cluster: Cluster, chosen: Iterable[Fire], folder: Path) -> Iterator[Burnt]:
    """Light each fire, check, and put it out; facts are kept in the folder. Raises Problem where one stays."""
    for fire in chosen:
        planting.settled(cluster)
        with _burning(cluster, fire):
            began = time.monotonic()
            facts = rounds.facts_of(cluster)
            report = judged(facts)
            seconds = time.monotonic() - began
            bundle.save(facts, folder / f"{fire.name}.json")
            yield Burnt(fire, report.findings[0] if report.findings else None, report.survives, seconds)
    planting.settled(cluster)


@contextmanager
def _burning(cluster: Cluster, fire: Fire) -> Iterator[None]:
    try:
        together(lambda name: _script(cluster, name, fire.plant), fire.on)
        _freeze(cluster, "pause", fire.frozen)
        yield
    finally:
        _freeze(cluster, "unpause", fire.frozen)
        together(lambda name: _script(cluster, name, fire.heal), fire.on)


def _script(cluster: Cluster, machine: str, script: str) -> None:
    text = f"{helpers()}\n{script}"
    cluster.machines[machine].succeed(planting.RUN, stdin=text.encode(), timeout=_SCRIPT)


def _freeze(cluster: Cluster, how: str, machines: Sequence[str]) -> None:
    """Stop all processes of containers, or let them go on; one that is already as wanted is left."""
    for name in machines:
        cluster.machines[name].close()
        with suppress(Problem):
            run(["podman", how, f"kubeadm-ha-{cluster.state.id}-{name}"])
