"""Reads a cluster's inside once a second while a fault is tried: one thread and one connection for each machine."""

from __future__ import annotations

import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from provision.cluster import Cluster
from provision.machines.machine import Machine
from provision.machines.ssh import SshMachine
from provision.util.errors import Problem, Unreachable
from resilience.inside import logs, machines, nodes
from resilience.inside.intervals import Interval, Sample, intervals
from resilience.inside.machines import Wanted
from resilience.traffic import credentials
from resilience.traffic.clients import Running
from resilience.traffic.transport import Direct, Place, Transport

EVERY = 1.0
"""Seconds between two samples. What it costs stands in docs/faults.md."""

_API_PORT = 6443  # where kubeadm has an API server listen
_REQUEST = 2.0  # seconds: an API server that hangs must not hide for long that another one answers
_ENDED = 5.0  # seconds for a thread to end: its connection is closed, or its request has its limit


class _Machine:
    """One machine. It is logged in to again whenever its connection has ended."""

    def __init__(self, machine: SshMachine, wanted: Wanted) -> None:
        self.name, self.samples, self.gaps = machine.name, list[Sample](), dict[str, None]()
        self._machine, self._wanted, self._command = machine, wanted, machines.command(wanted)
        self._process: subprocess.Popen[bytes] | None = None

    def work(self, stopped: threading.Event) -> None:
        while not stopped.is_set():
            with suppress(OSError, Unreachable):
                self._process = self._machine.conversation(self._command)
                if not stopped.is_set():
                    self._converse(self._process, stopped)
            self.interrupt()
            stopped.wait(EVERY)

    def _converse(self, process: subprocess.Popen[bytes], stopped: threading.Event) -> None:
        if process.stdin is None or process.stdout is None:
            return
        with process.stdin as asking, process.stdout as answers:
            while True:
                asking.write(b"\n")
                asking.flush()
                answered = answers.readline()
                if not answered.endswith(b"\n"):  # it has ended; an empty line is an answer, and part of one is none
                    return
                line = answered.decode(errors="replace").strip()
                self.samples.append(Sample(time.monotonic(), machines.read(self.name, line, self._wanted)))
                if machines.lacks_socket(line):
                    self.gaps[f"{self.name}: {machines.NO_SOCKET}"] = None
                if stopped.wait(EVERY):
                    return

    def interrupt(self) -> None:
        """From any thread: end the connection."""
        process = self._process
        if process is not None:
            with suppress(OSError):
                process.kill()
            with suppress(subprocess.TimeoutExpired):
                process.wait(1)


class _Nodes:
    """Nodes' conditions, by the balancer, or by the first API server that answers."""

    name = "nodes"

    def __init__(self, ways: list[Transport]) -> None:
        self._ways, self.samples, self.gaps = ways, list[Sample](), dict[str, None]()

    def work(self, stopped: threading.Event) -> None:
        while not stopped.wait(EVERY):
            states = nodes.current(self._ways)
            if states is not None:
                self.samples.append(Sample(time.monotonic(), states))

    def interrupt(self) -> None:
        """Every request has its limit."""


class Recording:
    """What is read; made by `on`."""

    def __init__(self, cluster: Cluster, sources: list[_Machine | _Nodes], gaps: list[str]) -> None:
        self._cluster, self._sources, self._gaps = cluster, sources, gaps
        self._running: list[Running] = []

    @property
    def gaps(self) -> list[str]:
        """What could not be read, in sentences."""
        return [*self._gaps, *(gap for source in self._sources for gap in source.gaps)]

    def intervals(self, until: float) -> list[Interval]:
        """All that was seen, until an end."""
        return [each for source in self._sources for each in intervals(source.samples, until)]

    def logs(self, folder: Path, since: float, until: float) -> dict[str, str]:
        """Write what each machine logged between two times of the wall clock; the files' names by machine."""
        files, missing = logs.collect(self._cluster, folder, since, until)
        self._gaps += missing
        return {machine: file.name for machine, file in files.items()}

    def begin(self) -> None:
        """Start a thread for each source."""
        self._running = [Running(f"inside {each.name}", each.work) for each in self._sources]

    def end(self) -> None:
        """End them all, whatever they wait for."""
        for running in self._running:
            running.stop()
        for source in self._sources:
            source.interrupt()
        deadline = time.monotonic() + _ENDED
        for running in self._running:
            if running.join(deadline) and running.failure:
                self._gaps.append(f"{running.name}: ended by {running.failure!r}")


@contextmanager
def on(cluster: Cluster) -> Iterator[Recording]:
    """Read a cluster while inside. What cannot be read is a gap with its reason, and no failure."""
    sources, gaps = _machines(cluster)
    try:
        sources.append(_Nodes(_ways(cluster)))
    except Problem as problem:
        gaps.append(f"conditions of nodes: {problem}")
    recording = Recording(cluster, sources, gaps)
    recording.begin()
    try:
        yield recording
    finally:
        recording.end()


def _machines(cluster: Cluster) -> tuple[list[_Machine | _Nodes], list[str]]:
    """Every machine that has static pods, or the balancer; and why which is not read."""
    found: list[_Machine | _Nodes] = []
    gaps: list[str] = []
    for machine in dict.fromkeys((*cluster.control_planes, *cluster.etcd_members, *cluster.carriers)):
        if not isinstance(machine, SshMachine):
            gaps.append(f"{machine.name} is not reached over SSH, so its processes are not known")
            continue
        carries, several = machine in cluster.carriers, len(cluster.carriers) > 1
        found.append(_Machine(machine, Wanted(_programs(cluster, machine), carries, several)))
    return found, gaps


def _programs(cluster: Cluster, machine: Machine) -> frozenset[str]:
    """The static pods that kubeadm has put on a machine."""
    servers = set(machines.PROGRAMS.values()) - {"etcd"} if machine in cluster.control_planes else set()
    return frozenset(servers | ({"etcd"} if machine in cluster.etcd_members else set()))


def _ways(cluster: Cluster) -> list[Transport]:
    context, source, endpoint = credentials.context(cluster), cluster.host_address, cluster.endpoint
    places = [Place(endpoint.address, endpoint.port, endpoint.name, source)]
    places += [Place(each.address, _API_PORT, each.address, source) for each in cluster.control_planes]
    return [Direct(place, context, keep=False, connect=_REQUEST, limit=_REQUEST) for place in places]
