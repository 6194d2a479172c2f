"""Steps and commands as they would run, on machines that do not exist: they are noted instead."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

from provision.cluster import Cluster
from provision.config.cluster_state import ClusterState, Endpoint
from provision.config.topology import MachineSpec
from provision.machines.machine import Machine
from provision.procedure.step import Alongside, Procedure
from provision.recording.journal import CommandRecord, Journal, StepRecord
from provision.util.result import Result

_PRINTED = """
  kubeadm join {endpoint} --token <token> --discovery-token-ca-cert-hash sha256:<hash> \\
    --control-plane --certificate-key <certificate key>

  kubeadm join {endpoint} --token <token> --discovery-token-ca-cert-hash sha256:<hash>
"""


class PlannedMachine(Machine):
    """A machine on which commands are only noted, and `kubeadm init` prints what it would."""

    def __init__(
        self, spec: MachineSpec, address: str, endpoint: Endpoint, journal: Journal, user: str = "ubuntu"
    ) -> None:
        super().__init__(spec, address, user)
        self._printed = _PRINTED.format(endpoint=endpoint)
        self._journal = journal

    def run(
        self, command: str, *, timeout: float = 60, stdin: bytes = b"", secret: bool = False, agent: bool = False
    ) -> Result:
        self._journal.command(self.name, command, 0, "", "", 0)
        return Result(0, self._printed if "kubeadm init" in command else "", "")

    def feed(self, command: str, file: Path, *, timeout: float = 120) -> None:
        """The file may not have been made yet."""
        self.run(f"{command} < {file}")

    def host_key(self) -> str:
        return "<host key>"

    def close(self) -> None:
        """There is nothing to let go of."""


def planned(state: ClusterState, journal: Journal) -> Cluster:
    """A cluster as it would be made, on whose machines commands are only noted."""
    users = {host.name: host.user for host in state.your_machines.hosts} if state.your_machines else {}
    machines = {
        spec.name: PlannedMachine(
            spec, state.addresses[spec.name], state.endpoint, journal, users.get(spec.name, "ubuntu")
        )
        for spec in state.specs
    }
    return Cluster(state, machines, journal, dry_run=True)


class _Commands:
    """Notes every command as `machine, command`."""

    def __init__(self) -> None:
        self.lines: list[tuple[str, str]] = []

    def step_started(self, step: StepRecord) -> None: ...

    def step_finished(self, step: StepRecord) -> None: ...

    def command_finished(self, command: CommandRecord) -> None:
        self.lines.append((command.machine, command.command))


def commands(journal: Journal, action: Callable[[], object]) -> list[tuple[str, str]]:
    """What an action runs, as (machine, command). What runs at once is noted in any order."""
    noted = _Commands()
    with journal.heard_by(noted):
        action()
    return noted.lines


def steps(cluster: Cluster, procedure: Procedure) -> Iterator[str]:
    """The procedure in lines: every step, and below it every command on every machine."""
    order = list(cluster.machines)
    for number, entry in enumerate(procedure, 1):
        for step in entry.steps:
            alongside = "  (alongside)" if isinstance(entry, Alongside) else ""
            yield f"  {number}. {step.name}{alongside}" + (f"  [{step.section}]" if step.section else "")
            if step.correction:
                yield f"       (the page, corrected: {step.correction})"
            noted = commands(cluster.journal, partial(step.action, cluster))
            for machine, command in sorted(noted, key=lambda line: order.index(line[0])):
                yield line(machine, command)


def line(machine: str, command: str) -> str:
    """A command, and who runs it, as part of a plan."""
    return f"       {machine:5} {command}".replace("\n", "\n             ")
