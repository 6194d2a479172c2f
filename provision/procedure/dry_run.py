"""Steps and commands as they would run, on machines that do not exist: they are noted instead."""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from string import ascii_lowercase

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

_WIDTH = 120
"""Columns of a plan: a command of a thousand characters is read in lines."""

_COMMAND = 13
"""The column at which commands begin, behind who runs them."""


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
    """The procedure in lines: every step, and below it every command on every machine.

    Steps that run at the same time have one number, and a letter each.
    """
    order = list(cluster.machines)
    for number, entry in enumerate(procedure, 1):
        for letter, step in zip(ascii_lowercase, entry.steps, strict=False):
            alongside = isinstance(entry, Alongside)
            name = f"{number}{letter}. {step.name}  (alongside)" if alongside else f"{number}. {step.name}"
            yield wrapped(f"  {name}" + (f"  [{step.section}]" if step.section else ""), 4)
            if step.correction:
                yield wrapped(f"       (the page, corrected: {step.correction})", 8)
            noted = commands(cluster.journal, partial(step.action, cluster))
            for machine, command in sorted(noted, key=lambda line: order.index(line[0])):
                yield line(machine, command)


def line(machine: str, command: str) -> str:
    """A command, and who runs it, as part of a plan."""
    return wrapped(f"       {machine:5} {command}".replace("\n", f"\n{' ' * _COMMAND}"), _COMMAND)


def wrapped(text: str, indent: int) -> str:
    """A text whose lines are broken at spaces where they are too long; what is broken off is two more columns in."""
    return "\n".join(
        textwrap.fill(
            line, _WIDTH, subsequent_indent=" " * (indent + 2), expand_tabs=False, replace_whitespace=False,
            break_long_words=False, break_on_hyphens=False,
        )
        for line in text.split("\n")
    )  # fmt: skip
