"""Virtual machines by name, as the hypervisor itself knows them: what is left when nothing else remembers."""

from __future__ import annotations

import re
import shlex
import shutil
from collections.abc import Collection, Iterator
from pathlib import Path

from provision.config.options import LIBVIRT
from provision.providers.vagrant.order import of_home, old_prefix, prefix
from provision.util import local
from provision.util.errors import CommandFailed

VIRSH = ["virsh", "-q", "-c", "qemu:///system"]
"""The beginning of a command line for libvirt, with nothing but the answer."""

_CLUSTER = r"(?P<cluster>[a-z0-9.-]+)"
_OLD = re.compile(re.escape(old_prefix("")[:-1]) + _CLUSTER + r"_[a-z0-9]+")


class Leftovers:
    """Finds and removes what bears the names of one `home` folder, among everybody's on this host.

    Empty where the hypervisor is not there or does not answer. `remembered` are the clusters that have an order of an
    older version in this home: its names do not say whose they are.
    """

    def __init__(self, hypervisor: str, home: Path, remembered: Collection[str] = ()) -> None:
        self._libvirt = hypervisor == LIBVIRT
        self._home = home
        self._remembered = remembered

    def clusters(self) -> set[str]:
        """The ids of all clusters of which a virtual machine, a disk or a network exists."""
        ours = re.compile(re.escape(of_home(self._home)) + _CLUSTER + r"(_.*)?")
        named = [*self._machines(), *self._networks(), *(volume for _, volume in self._disks())]
        return {match["cluster"] for name in named if (match := ours.fullmatch(name))}

    def strangers(self) -> list[str]:
        """The machines that an older version made, and that nothing in this home remembers."""
        ours = tuple(old_prefix(cluster) for cluster in self._remembered)
        return [name for name in self._machines() if _OLD.fullmatch(name) and not name.startswith(ours)]

    def remove(self, cluster: str) -> None:
        """Remove a cluster's machines, their disks, and its networks. Raises CommandFailed with what stays."""
        ours = self._prefixes(cluster)
        for name in self._machines():
            if name.startswith(ours):
                self._remove_machine(name)
        for name in self._networks():
            if f"{name}_".startswith(ours):  # the cluster's own has the prefix alone for its name
                self._try("net-destroy", name)
                self._try("net-undefine", name)
        for pool, volume in self._disks():
            if volume.startswith(ours):
                self._try("vol-delete", "--pool", pool, volume)
        if left := [name for name in self._machines() if name.startswith(ours)]:
            raise CommandFailed(
                f"{len(left)} virtual machines of {cluster} could not be removed", fix=self._by_hand(left[0])
            )

    def _prefixes(self, cluster: str) -> tuple[str, ...]:
        return (prefix(cluster, self._home), *([old_prefix(cluster)] if cluster in self._remembered else []))

    def _machines(self) -> list[str]:
        if self._libvirt:
            return self._ask("list", "--all", "--name")
        if not shutil.which("VBoxManage"):
            return []
        listed = local.run(["VBoxManage", "list", "vms"], check=False, timeout=60).stdout
        return re.findall(r'^"([^"]+)"', listed, re.M)

    def _networks(self) -> list[str]:
        return self._ask("net-list", "--all", "--name") if self._libvirt else []

    def _disks(self) -> Iterator[tuple[str, str]]:
        """Pool and name of every disk: one is made before its machine, and stays where that never came to be."""
        return volumes() if self._libvirt else iter(())

    def _remove_machine(self, name: str) -> None:
        if self._libvirt:
            self._try("destroy", name)
            self._try("undefine", "--remove-all-storage", "--snapshots-metadata", "--nvram", name)
            return
        local.run(["VBoxManage", "controlvm", name, "poweroff"], check=False, timeout=120)
        local.run(["VBoxManage", "unregistervm", name, "--delete"], check=False, timeout=120)

    def _by_hand(self, name: str) -> str:
        removal = [*VIRSH, "undefine", "--remove-all-storage"] if self._libvirt else ["VBoxManage", "unregistervm"]
        return f"{shlex.join([*removal, name])}, and so on"

    def _ask(self, *arguments: str) -> list[str]:
        return ask(*arguments)

    def _try(self, *arguments: str) -> None:
        local.run([*VIRSH, *arguments], check=False, timeout=120)


def ask(*arguments: str) -> list[str]:
    """The lines that virsh answers with; none where it is not there or does not answer."""
    if not shutil.which("virsh"):
        return []
    return local.run([*VIRSH, *arguments], check=False, timeout=60).stdout.splitlines()


def volumes() -> Iterator[tuple[str, str]]:
    """Pool and name of every volume that libvirt has."""
    for pool in filter(None, map(str.strip, ask("pool-list", "--name"))):
        yield from ((pool, line.split()[0]) for line in ask("vol-list", pool) if line.strip())
