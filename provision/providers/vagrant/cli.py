"""Vagrant's command line: python-vagrant where it answers questions, the program itself for what takes long."""

from __future__ import annotations

import os
import shutil
from collections.abc import Mapping
from pathlib import Path
from subprocess import CalledProcessError
from typing import Any

from provision.providers.vagrant import trouble
from provision.util import local
from provision.util.errors import HostLacks

CHECKOUT = Path(__file__).resolve().parents[3]
"""Where the Vagrantfile is."""

ORDER_VARIABLE = "HA_VAGRANT_ORDER"
ORDER = "order.yaml"
"""What the Vagrantfile is to make, in the folder of what Vagrant knows."""


class Vagrant:
    """Vagrant for one cluster. `folder` holds what it knows, so that several clusters share one Vagrantfile."""

    def __init__(self, folder: Path, hypervisor: str) -> None:
        self._folder = folder
        self._hypervisor = hypervisor

    def write(self, order: str) -> None:
        """Say what the Vagrantfile is to make."""
        self._folder.mkdir(parents=True, exist_ok=True)
        (self._folder / ORDER).write_text(order)

    def forget(self) -> None:
        """There are no machines any more."""
        (self._folder / ORDER).unlink(missing_ok=True)

    @property
    def knows(self) -> bool:
        """Whether there is an order, and so perhaps machines."""
        return (self._folder / ORDER).exists()

    def up(self, timeout: float) -> None:
        """Make all machines, at once where the hypervisor allows, or start them again; `timeout` in seconds."""
        self._run("make the virtual machines", "up", "--no-provision", "--parallel", timeout=timeout)

    def halt(self) -> None:
        """Switch all machines off."""
        self._run("switch the virtual machines off", "halt")

    def destroy(self) -> None:
        """Remove all machines that this cluster's Vagrant knows of."""
        # Not at once: the plugin's threads load its classes while others look for them.
        self._run("remove the virtual machines", "destroy", "--force", "--no-parallel")

    def ssh_config(self) -> str:
        """How to log in to every machine, as a configuration of OpenSSH's."""
        return self._run("ask how to log in", "ssh-config")

    def save(self, snapshot: str) -> None:
        """Remember every machine as it is now."""
        self._run("take a snapshot", "snapshot", "save", "--force", snapshot)

    def restore(self, snapshot: str) -> None:
        """Make every machine what it was."""
        self._run("go back to a snapshot", "snapshot", "restore", "--no-provision", snapshot)

    def running(self) -> list[str]:
        """The names of the machines that run."""
        import vagrant  # on import it looks for the program, which is not everybody's

        connection: Any = vagrant.Vagrant  # its package has no types
        try:
            states = connection(str(CHECKOUT), env=dict(self._environment())).status()
        except CalledProcessError as error:
            raise trouble.problem("list the virtual machines", str(error.output or error)) from None
        return [state.name for state in states if state.state == "running"]

    def add_box(self, name: str, file: Path) -> None:
        """Make a box known, where it is not."""
        known = self._run("list the boxes", "box", "list")
        if name not in known.split():
            self._run(f"add the box {name}", "box", "add", "--name", name, str(file))

    def boxes(self, prefix: str) -> set[str]:
        """The boxes that the user's Vagrant knows and whose names begin so."""
        return {word for word in self._run("list the boxes", "box", "list").split() if word.startswith(prefix)}

    def remove_box(self, name: str) -> None:
        """Forget a box."""
        self._run(f"remove the box {name}", "box", "remove", "--all", "--force", name)

    def _run(self, doing: str, *arguments: str, timeout: float = 600) -> str:
        if not shutil.which("vagrant"):
            raise HostLacks(f"{doing}: vagrant is not installed on this host", fix="./run doctor --fix")
        line = ["vagrant", "--no-color", *arguments]
        result = local.run(line, cwd=CHECKOUT, env=self._environment(), timeout=timeout, check=False)
        if not result.ok:
            raise trouble.problem(doing, f"{result.stdout}\n{result.stderr}")
        return result.stdout

    def _environment(self) -> Mapping[str, str]:
        return dict(
            os.environ,
            VAGRANT_DOTFILE_PATH=str(self._folder / "machines"),
            VAGRANT_DEFAULT_PROVIDER=self._hypervisor,
            VAGRANT_CHECKPOINT_DISABLE="1",
            **{ORDER_VARIABLE: str(self._folder / ORDER)},
        )
