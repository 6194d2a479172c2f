"""Virtual machines by name, as the hypervisor itself knows them: what is left when nothing else remembers."""

from __future__ import annotations

import re
import shutil

from provision import host
from provision.errors import CommandFailed
from provision.options import LIBVIRT
from provision.vagrant.order import prefix

VIRSH = ["virsh", "-q", "-c", "qemu:///system"]
"""The beginning of a command line for libvirt, with nothing but the answer."""

_OURS = re.compile(re.escape(prefix("")[:-1]) + r"(?P<cluster>[a-z0-9.-]+)_(?P<machine>[a-z0-9]+)")


class Leftovers:
    """Finds and removes what bears our names. Empty where the hypervisor is not there or does not answer."""

    def __init__(self, hypervisor: str) -> None:
        self._libvirt = hypervisor == LIBVIRT

    def clusters(self) -> set[str]:
        """The ids of all clusters of which a virtual machine exists."""
        return {match["cluster"] for name in self._machines() if (match := _OURS.fullmatch(name))}

    def remove(self, cluster: str) -> None:
        """Remove a cluster's machines, their disks, and its networks. Raises CommandFailed with what stays."""
        for name in self._machines():
            if name.startswith(prefix(cluster)):
                self._remove_machine(name)
        if self._libvirt:
            for name in self._ask("net-list", "--all", "--name"):
                if name == prefix(cluster).rstrip("_") or name.startswith(prefix(cluster)):
                    self._try("net-destroy", name)
                    self._try("net-undefine", name)
        if left := [name for name in self._machines() if name.startswith(prefix(cluster))]:
            raise CommandFailed(
                f"{len(left)} virtual machines of {cluster} could not be removed",
                remedy=f"virsh undefine --remove-all-storage {left[0]}, and so on",
            )

    def _machines(self) -> list[str]:
        if self._libvirt:
            return self._ask("list", "--all", "--name")
        if not shutil.which("VBoxManage"):
            return []
        listed = host.run(["VBoxManage", "list", "vms"], check=False).stdout
        return re.findall(r'^"([^"]+)"', listed, re.M)

    def _remove_machine(self, name: str) -> None:
        if self._libvirt:
            self._try("destroy", name)
            self._try("undefine", "--remove-all-storage", "--snapshots-metadata", "--nvram", name)
            return
        host.run(["VBoxManage", "controlvm", name, "poweroff"], check=False)
        host.run(["VBoxManage", "unregistervm", name, "--delete"], check=False)

    def _ask(self, *arguments: str) -> list[str]:
        if not shutil.which("virsh"):
            return []
        return host.run([*VIRSH, *arguments], check=False, timeout=60).stdout.split()

    def _try(self, *arguments: str) -> None:
        host.run([*VIRSH, *arguments], check=False, timeout=120)
