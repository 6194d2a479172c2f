"""A machine whose cluster is checked as it is: nothing on it may change."""

from __future__ import annotations

from provision.machines.machine import Machine
from provision.readonly.gate import why_not
from provision.util.errors import Problem
from provision.util.result import Result


class WouldChange(Problem):
    """The command is not known to only read, so it was not run."""


class ReadOnlyMachine(Machine):
    """Runs on a machine what passes the gate, and refuses everything else before it is run."""

    def __init__(self, machine: Machine) -> None:
        super().__init__(machine.spec, machine.address, machine.user)
        self._machine = machine

    def run(
        self, command: str, *, timeout: float = 60, stdin: bytes = b"", secret: bool = False, agent: bool = False
    ) -> Result:
        reason = "an agent would be forwarded to it" if agent else why_not(command)
        if reason:
            what = f"on {self.name}: `{command}` was not run, since this machine is only read"
            raise WouldChange(what, answer=reason, machine=self.name)
        return self._machine.run(command, timeout=timeout, stdin=stdin, secret=secret)

    def close(self) -> None:
        self._machine.close()
