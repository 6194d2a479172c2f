"""A machine that is a container, entered by its engine: for when its systemd or its sshd did not come up."""

from __future__ import annotations

from pathlib import Path

from provision.artifacts.engines import HOME_LABEL, Engine
from provision.config.topology import MachineSpec
from provision.machines.machine import Machine
from provision.util import local
from provision.util.errors import Unreachable
from provision.util.result import Result, last_lines

_LINES = 200  # of what a container that has ended printed: systemd's own words fit


class InsideMachine(Machine):
    """Runs commands as root by the engine's `exec`. `container` is the container's name, `home` the folder it is of."""

    def __init__(self, spec: MachineSpec, address: str, engine: Engine, container: str, home: Path) -> None:
        super().__init__(spec, address, "root")
        self._engine = engine
        self._container = container
        self._home = home

    def run(
        self, command: str, *, timeout: float = 60, stdin: bytes = b"", secret: bool = False, agent: bool = False
    ) -> Result:
        """As every machine does, but without standard input. Raises Unreachable where the container has ended."""
        assert not stdin, "evidence is read, and nothing is fed"
        del secret, agent  # it writes no journal, and logs in nowhere
        name = self._engine.name
        template = f'{{{{.State.Status}}}} {{{{index .Config.Labels "{HOME_LABEL}"}}}}'
        found = self._do(name, "inspect", "--format", template, self._container)
        state, _, home = found.stdout.strip().partition(" ")
        if found.ok and home != str(self._home):
            raise Unreachable(f"the container {self._container} is another home folder's: {home}")
        if state != "running":
            logs = self._do(name, "logs", "--tail", str(_LINES), self._container)
            raise Unreachable(
                f"the container {self._container} does not run: {state or found.stderr.strip()}",
                answer=last_lines(logs.stdout + logs.stderr, _LINES),
            )
        return self._do(name, "exec", self._container, "sh", "-c", command, timeout=timeout)

    def close(self) -> None:
        """There is no connection."""

    @staticmethod
    def _do(*command: str, timeout: float = 30) -> Result:
        return local.run(command, root=True, timeout=timeout, check=False)
