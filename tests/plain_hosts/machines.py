"""Plain hosts as containers of podman: what is started, started again, and removed."""

from __future__ import annotations

import json
from collections.abc import Sequence
from ipaddress import IPv4Network
from pathlib import Path

from provision.providers import subnets
from provision.util import local
from provision.util.concurrency import NotYet, together, wait_until
from tests.plain_hosts.layout import BASTION, PlainHost

LABEL = "kubeadm-ha-plain"
MIRROR, ARCHIVES = "/srv/mirror", "/srv/images"
"""Where machines find the mirror's files and the archives of images, as if they had come on a disk."""

_BOOT = 90  # seconds until systemd has started everything, on a busy host
_TIMEOUT = 900  # seconds: seven machines that unpack packages and images at once

_CGROUP_1 = not Path("/sys/fs/cgroup/cgroup.controllers").exists()
_FLAGS = (
    "--privileged", "--systemd=always", "--cgroupns=private", "--pids-limit=-1", "--tmpfs=/tmp", "--tmpfs=/run",
    "--no-hosts", "--dns=none", "--ulimit=nofile=20000:20000", "--ulimit=nproc=30000:30000",
    "--volume=/var/lib/containerd", "--volume=/var/lib/kubelet", "--volume=/var/lib/etcd",
    *(("--runtime=runc",) if _CGROUP_1 else ()),
)  # fmt: skip

# With cgroup v1 podman lays the host's whole hierarchy over the machine's own part of it.
_HIERARCHY = "/sys/fs/cgroup/systemd"
_INIT = f"umount {_HIERARCHY}/release_agent {_HIERARCHY}; exec /sbin/init" if _CGROUP_1 else "exec /sbin/init"


class Machines:
    """The machines of one name on this host."""

    def __init__(self, name: str) -> None:
        self._name = f"{LABEL}-{name}"
        self._label = f"{LABEL}={name}"

    def network(self) -> IPv4Network:
        """Make a network that leads nowhere, in which this host is the first."""
        network = IPv4Network(subnets.choose("198.18.0.0/15", self._name, subnets.taken()))
        _podman("network", "create", "--internal", "--disable-dns", f"--label={self._label}", f"--subnet={network}",
                self._name)  # fmt: skip
        return network

    def start(self, hosts: Sequence[PlainHost], image: str, mirror: Path, archives: Path) -> None:
        """Start the machines; each sees the two folders."""
        together(lambda host: self._start(host, image, mirror, archives), hosts)
        self._join(hosts)
        together(self._wait, [host.name for host in hosts])

    def _start(self, host: PlainHost, image: str, mirror: Path, archives: Path) -> None:
        """Its hardware address stays when it is started anew, as a machine's does: its neighbours know it."""
        _podman(
            "run", "--detach", f"--name={self._name}-{host.name}", f"--hostname={host.name}", f"--label={self._label}",
            f"--network={self._name}", f"--ip={host.address}", f"--mac-address=02:00:{host.address.packed.hex(':')}",
            f"--volume={mirror}:{MIRROR}:ro",
            f"--volume={archives}:{ARCHIVES}:ro", *_FLAGS, image, "sh", "-c", _INIT,
        )  # fmt: skip

    def _join(self, hosts: Sequence[PlainHost]) -> None:
        """Give this host its address in the network: podman's internal ones leave it out."""
        found = json.loads(_podman("network", "inspect", self._name))
        address = f"{IPv4Network(f'{hosts[0].address}/24', strict=False)[1]}/24"
        local.run(["ip", "address", "replace", address, "dev", found[0]["network_interface"]], root=True)

    def _wait(self, name: str) -> None:
        def booted() -> NotYet | None:
            command = ["podman", "exec", f"{self._name}-{name}", "systemctl", "is-system-running"]
            state = local.run(command, root=True, check=False).stdout.strip()
            return None if state in ("running", "degraded") else NotYet(f"systemd says {state or 'nothing'}")

        wait_until(booted, _BOOT, f"{name} has started", every=0.2)

    def run(self, host: PlainHost, script: str) -> str:
        """Run lines as root at a machine's console; the first that fails ends them. Raises CommandFailed."""
        return _podman("exec", f"{self._name}-{host.name}", "bash", "-euo", "pipefail", "-c", script)

    def reboot(self) -> list[str]:
        """Start all machines but the bastion anew, as after a power cut; answers with their names."""
        names = [name for name in self._names() if name != f"{self._name}-{BASTION}"]
        _podman("restart", "-t", "0", *names)
        found = [name.removeprefix(f"{self._name}-") for name in names]
        together(self._wait, found)
        return found

    def remove(self) -> None:
        """Remove machines and network; fine where there are none."""
        if names := self._names():
            _podman("rm", "-f", "-v", "-t", "0", *names)
        local.run(["podman", "network", "rm", "-f", self._name], root=True, check=False)

    def _names(self) -> list[str]:
        return _podman("ps", "-a", f"--filter=label={self._label}", "--format={{.Names}}").split()


def _podman(*arguments: str) -> str:
    return local.run(["podman", *arguments], root=True, timeout=_TIMEOUT).stdout
