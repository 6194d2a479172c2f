"""What the engine is called for, and the removal of what a cluster has there."""

from __future__ import annotations

import shlex
from collections.abc import Sequence

from provision.artifacts.engines import Engine
from provision.util import local
from provision.util.concurrency import together
from provision.util.errors import CommandFailed

_ENGINE_TIMEOUT = 600  # seconds: seven machines at once, with engines that copy a gigabyte for each


def run(engine: Engine, *arguments: str) -> str:
    """What an engine prints, as root; raises CommandFailed."""
    return local.run([engine.name, *arguments], root=True, timeout=_ENGINE_TIMEOUT).stdout


def do(command: list[str]) -> None:
    """Run a command that may fail, as where there is nothing to remove."""
    local.run(command, root=True, check=False, timeout=_ENGINE_TIMEOUT)


def prefix(cluster: str) -> str:
    """How the names of a cluster's machines begin, and that of its network. Pure."""
    return f"kubeadm-ha-{cluster}"


class Removal:
    """Removes the machines and networks that have the `labels` of a cluster."""

    def __init__(self, engine: Engine, cluster: str, labels: Sequence[str]) -> None:
        self._engine = engine
        self._cluster = cluster
        self._filters = tuple(f"--filter=label={label}" for label in labels)

    def run(self) -> None:
        """Raises CommandFailed with what is left, and the command that removes it."""
        together(lambda name: do(self._engine.remove(name)), self._containers())
        # A machine that an interrupted `create` is still starting needs its network, and appears no more without it.
        self._remove_networks()
        if left := self._containers():
            do(self._engine.remove(*left))
            self._remove_networks()
        if left := self._containers():
            raise CommandFailed(
                f"{len(left)} machines of {self._cluster} could not be removed",
                fix=f"sudo {self._engine.name} rm -f {' '.join(left)}",
            )
        if networks := self._networks():
            raise CommandFailed(
                f"the network of {self._cluster} could not be removed",
                fix=shlex.join(["sudo", *self._engine.network_remove(*networks)]),
            )

    def _containers(self) -> list[str]:
        return run(self._engine, "ps", "-aq", *self._filters).split()

    def _networks(self) -> list[str]:
        return run(self._engine, "network", "ls", "--format", "{{.Name}}", *self._filters).split()

    def _remove_networks(self) -> None:
        for name in self._networks():
            found = local.run(self._engine.bridge(name), root=True, check=False)
            if found.ok and (passage := self._engine.passage(found.stdout.strip(), opened=False)):
                do(passage)
            do(self._engine.network_remove(name))
