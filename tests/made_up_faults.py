"""Faults, traffic and a clock that are made up: what is done, undone and recorded, without any machine."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from provision.providers.provider import Power
from provision.util.concurrency import NotYet
from provision.util.errors import Problem
from resilience.faults.bounds import Bound
from resilience.faults.control import Control
from resilience.faults.fault import Fault, Proof
from resilience.faults.running import Runner
from resilience.faults.scene import Scene, Step
from resilience.histories.files import HISTORY, Writer
from resilience.histories.records import Answered, Invoked, Kind, Loss, Outcome, Record
from resilience.inside.intervals import Interval
from resilience.traffic.delays import Delay
from resilience.traffic.recorder import Mark
from resilience.traffic.traffic import Finished
from tests.stand_ins import fake_cluster

SOON = Bound(5, "made up, for a test of the harness itself", "this file")
CLUSTER = fake_cluster(name="stacked-uploaded-1.37-faults")


def calm(gaps: Mapping[str, float] | None = None, wrong: tuple[str, ...] = ()) -> Callable[[Fault], Control]:
    """The control of any fault: the longest gap of each way, and why it says nothing."""
    return lambda fault: Control(gaps or {}, wrong)


class Clock:
    """Time passes by sleeping."""

    def __init__(self) -> None:
        self.now = 1000.0

    def sleep(self, seconds: float) -> None:
        self.now += seconds

    def monotonic(self) -> float:
        return self.now


class Steps:
    """Steps that note what was done; `fails` names what fails how often, and with what."""

    def __init__(self, **fails: list[BaseException]) -> None:
        self.done: list[str] = []
        self._fails = fails

    def step(self, name: str) -> Step:
        return _Noted(self, name)

    def do(self, name: str) -> str:
        if failures := self._fails.get(name):
            raise failures.pop(0)
        self.done.append(name)
        return name


class _Noted:
    def __init__(self, steps: Steps, name: str) -> None:
        self._steps, self._name = steps, name

    def do(self, scene: Scene) -> str:
        return self._steps.do(self._name)

    def by_hand(self, scene: Scene) -> str:
        return f"type {self._name}"


class Board:
    """Nothing is switched here."""

    def switch(self, machines: Sequence[str], power: Power) -> None:
        raise AssertionError

    def by_hand(self, machines: Sequence[str], power: Power) -> str:
        return ""


class FakeTraffic:
    """A client by each of two ways, which gets an object every half second while the clock goes on."""

    def __init__(self, clock: Clock, silent: float = 0.0, extra: Sequence[Record] = (), void: tuple[str, ...] = ()):
        self.clock, self.silent, self.extra, self.void = clock, silent, extra, void
        self.finishing: Problem | None = None

    @contextmanager
    def on(self, cluster: Any, folder: Path, *, seed: int = 0) -> Iterator[Any]:
        folder.mkdir(parents=True)
        self.folder, self.begun, self.injected = folder, self.clock.now, 0.0
        try:
            yield self
        finally:
            self._write()

    def mark(self, what: str) -> Mark:
        if what == "fault injected":
            self.injected = self.clock.now
        return Mark(what, self.clock.now)

    def finish(self, gone: Sequence[str] = ()) -> Finished:
        self.gone = list(gone)
        if self.finishing:
            raise self.finishing
        return Finished(self.folder / HISTORY, (), Delay(), self.void)

    def _write(self) -> None:
        with Writer(self.folder / HISTORY) as writer:
            number, at = 1000, self.begun
            while at < self.clock.now:
                quiet = self.injected and self.injected <= at < self.injected + self.silent
                for client in ("api/cp1", "balancer-new/1"):
                    number += 1
                    writer.write(Invoked(number, client, Kind.GET, at, "a"))
                    if quiet and client != "api/cp1":
                        writer.write(Answered(number, Outcome.FAILED, at + 0.1, loss=Loss.TIMEOUT))
                    else:
                        writer.write(Answered(number, Outcome.OK, at + 0.1))
                at += 0.5
            for record in self.extra:
                writer.write(record)


def made(steps: Steps, seen: str | NotYet = "seen it", **changes: Any) -> Fault:
    fault = Fault(
        "made-up-fault", "nothing", "nowhere", lambda scene: scene.cluster.control_planes[-1:],
        lambda _: [steps.step("do"), steps.step("do-more")], Proof("it is there", lambda *_: seen, within=1), SOON,
        "all", lambda _: [steps.step("undo"), steps.step("undo-more")], SOON, ("https://example.org",),
        prepare=lambda _: [steps.step("prepare")], restore=lambda _: [steps.step("restore")],
    )  # fmt: skip
    return replace(fault, **changes)


class Inside:
    """What was seen inside of the cluster, and logged: as given."""

    def __init__(self, *found: Interval, gaps: Sequence[str] = ()) -> None:
        self.found, self.gaps = list(found), list(gaps)

    @contextmanager
    def on(self, cluster: Any) -> Iterator[Inside]:
        yield self

    def intervals(self, until: float) -> list[Interval]:
        return self.found

    def logs(self, folder: Path, since: float, until: float) -> dict[str, str]:
        folder.mkdir()
        (folder / "cp1.log").write_text(f"from {since} to {until}")
        return {"cp1": "cp1.log"}


def runner(
    clock: Clock, folder: Path, traffic: FakeTraffic, healthy: Callable[..., None] = lambda *_: None,
    inside: Inside | None = None,
) -> Runner:  # fmt: skip
    on = (inside or Inside()).on
    return Runner(CLUSTER, Board(), folder, traffic=traffic.on, healthy=healthy, sleep=clock.sleep, inside=on)


ALL_DONE = ["prepare", "do", "do-more", "undo", "undo-more", "restore"]
