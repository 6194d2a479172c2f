"""Traffic on a cluster: all clients at once, from before a fault until after it is healed.

with Traffic.on(cluster, folder) as traffic:
    traffic.mark(INJECTED)
    …
    traffic.mark(HEALED)
    run = traffic.finish()
"""

from __future__ import annotations

import random
import secrets
import sys
import time
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

from provision.cluster import Cluster
from provision.machines.machine import Machine
from provision.util.errors import TimedOut
from resilience.histories import files
from resilience.histories.records import Outcome
from resilience.traffic import credentials, members, place
from resilience.traffic.clients import Client, Pace, Running, at_a_pace
from resilience.traffic.delays import Delay, Delays
from resilience.traffic.in_pod import LOG_IN
from resilience.traffic.recorder import Mark, Recorder
from resilience.traffic.transport import CONNECT, REQUEST
from resilience.traffic.validity import void
from resilience.traffic.watchers import Watcher
from resilience.traffic.ways import KEYS, Ways

INJECTED, HEALED = "fault injected", "fault healed"
"""Marks that mean something: operations are counted until the first one of the former."""

EVERY = 0.35
"""Seconds between a client's turns, of one to two operations: seven clients make some 30 operations a second, of which
20 are the least, and leave most of two processors to the cluster. With 0.4, and fifty processes that waited for these
two processors, they were 24."""

_CAUGHT_UP = 10.0  # seconds for watches to have sent the last event: as long as one is waited for
_FINAL = 60.0  # seconds until an ordinary read is answered once a cluster is healed


@dataclass(frozen=True)
class Finished:
    """A run that has ended. `void` is why it says nothing; empty where it does."""

    history: Path
    marks: Sequence[Mark]
    delay: Delay
    void: Sequence[str]

    def at(self, what: str) -> float | None:
        """When a mark was first set, by the history's clock."""
        return next((each.at for each in self.marks if each.what == what), None)


class Traffic:
    """What runs; made by `on`."""

    def __init__(
        self, cluster: Cluster, recorder: Recorder, clients: Sequence[Client], watchers: Sequence[Watcher], last: Client
    ) -> None:
        self._cluster, self._recorder, self._last = cluster, recorder, last
        self._clients, self._watchers = clients, watchers
        self._marks: list[Mark] = []
        self._finished: Finished | None = None
        self._delays = Delays(lambda late: recorder.note("late", seconds=late.seconds, at=late.at))
        begin = time.monotonic()
        share = EVERY / max(1, len(clients))  # turns are spread, so that clients do not wait for each other
        paces = [Pace(EVERY, begin + share * number) for number in range(len(clients))]
        self._measuring = Running("delays", self._delays.work)
        self._watching = [Running(each.name, each.work) for each in watchers]
        self._working = [Running(each.name, at_a_pace(each, p)) for each, p in zip(clients, paces, strict=True)]

    @classmethod
    @contextmanager
    def on(
        cls, cluster: Cluster, folder: Path, *, seed: int = 0, worker: Machine | None = None, out: TextIO | None = None
    ) -> Iterator[Traffic]:
        """Traffic on a cluster while inside, recorded in a folder. Whatever ends it, threads, pod and namespace go.

        The client in a pod runs on `worker`, by default the last one; there is none where the cluster has no worker.
        What could not be removed is printed as a command to type, on `out` or standard error.
        """
        folder.mkdir(parents=True, exist_ok=True)
        namespace = f"kubeadm-ha-traffic-{secrets.token_hex(4)}"
        machine = worker or (cluster.workers[-1] if cluster.workers else None)
        context = credentials.context(cluster)
        try:
            uid = place.make(cluster, namespace, machine)
            with Recorder(folder, namespace, cluster.journal.redact) as recorder:
                ways = Ways(cluster, recorder, context, random.Random(seed))
                traffic = cls(cluster, recorder, ways.clients(machine, uid), ways.watchers(), ways.last())
                try:
                    yield traffic
                finally:
                    traffic._stop()
        finally:
            if left := place.remove(cluster, namespace):
                print(f"the namespace {namespace} is left behind\nTry: {left}", file=out or sys.stderr)

    def mark(self, what: str) -> Mark:
        """Record that something is done to the cluster, now."""
        mark = self._recorder.mark(what)
        self._marks.append(mark)
        return mark

    def finish(self, gone: Collection[str] = ()) -> Finished:
        """End the clients, read everything once more, and have every member's hash. The cluster has to be healed.

        `gone` are the names of machines that do not come back, whose members are left out.

        Raises TimedOut where it does not answer, and what a client's thread raised: that is a defect of the harness.
        """
        if self._finished is None:
            self._end(self._working)
            revision = self._read_all()
            self._caught_up()
            self._end_watches()
            for member in members.hashes(self._cluster, revision, gone):
                self._recorder.member(member)
            self._stop()
            self._finished = self._judged()
        return self._finished

    def _judged(self) -> Finished:
        injected = next((each.at for each in self._marks if each.what == INJECTED), None)
        names = [each.name for each in self._clients]
        history, delay = self._recorder.history, self._delays.worst
        why = void(files.read(history), names, delay, injected)
        return Finished(history, tuple(self._marks), delay, tuple(why))

    def _read_all(self) -> int:
        """Ordinary reads of each object and of all; the revision of the latter."""
        deadline = time.monotonic() + _FINAL * self._cluster.patience
        for key in KEYS:
            while (answer := self._last.get(key)).outcome is not Outcome.OK:
                _expect_time(deadline, answer.error)
        while (answer := self._last.list()).outcome is not Outcome.OK:
            _expect_time(deadline, answer.error)
        return answer.revision

    def _caught_up(self) -> None:
        """Wait until each watch has sent what was acknowledged; one that does not is the checker's to judge."""
        deadline = time.monotonic() + _CAUGHT_UP
        while time.monotonic() < deadline:
            if all(each.revision >= self._recorder.acknowledged for each in self._watchers):
                return
            time.sleep(0.05)

    def _end_watches(self) -> None:
        for each in self._watching:
            each.stop()
        for watcher in self._watchers:
            watcher.interrupt()
        self._end(self._watching)

    def _end(self, running: Sequence[Running]) -> None:
        """Have threads end; raises what one of them raised."""
        for each in running:
            each.stop()
        late = self._joined(running)
        if failure := next((each.failure for each in running if each.failure), None):
            raise failure
        if late:
            raise TimedOut(f"these clients did not end: {', '.join(late)}")

    def _stop(self) -> None:
        """End every thread, whatever it waits for: a request that is interrupted is unknown."""
        every = [*self._working, *self._watching, self._measuring]
        for each in every:
            each.stop()
        for client in self._clients:
            client.interrupt()
        for watcher in self._watchers:
            watcher.interrupt()
        self._joined(every)
        self._last.transport.close()

    def _joined(self, running: Sequence[Running]) -> list[str]:
        """The names of the threads that have not ended when two requests, which a turn has at most, surely have."""
        deadline = time.monotonic() + 2 * (CONNECT + REQUEST) + LOG_IN
        return [each.name for each in running if not each.join(deadline)]


def _expect_time(deadline: float, why: str) -> None:
    if time.monotonic() > deadline:
        raise TimedOut("the cluster did not answer the reads at the end", answer=why)
    time.sleep(0.2)
