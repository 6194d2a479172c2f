"""Container engines: the few places where podman and docker differ."""

from __future__ import annotations

import resource
import shutil
from collections.abc import Sequence

from provision.config.addresses import Address
from provision.node import IPV6_SYSCTLS, SYSCTLS
from provision.util.errors import HostLacks

LABEL = "kubeadm-ha.cluster"
HOME_LABEL = "kubeadm-ha.home"
"""The home folder that a container or a network belongs to: its locks and its state are there."""

_COMMON = (
    "--privileged", "--cgroupns=private", "--pids-limit=-1", "--tmpfs=/tmp", "--tmpfs=/run",
    *(f"--sysctl={name}={value}" for name, value in SYSCTLS.items()),
)  # fmt: skip


class Engine:
    """One engine's command lines; running them is left to the provider."""

    def __init__(self, name: str, cgroup_version: int) -> None:
        self.name = name
        self._cgroup_version = cgroup_version

    @property
    def machine_flags(self) -> tuple[str, ...]:
        """Flags that make a container a machine with systemd as its first process."""
        if self.name == "docker":
            return (*_COMMON, "--tmpfs=/run/lock", "--stop-signal=SIGRTMIN+3")
        # crun refuses the hybrid hierarchy; with podman's 2048 pids systemd gives each unit 307 tasks.
        runtime = ("--runtime=runc",) if self._cgroup_version == 1 else ()
        return (*_COMMON, "--systemd=always", *runtime)

    @staticmethod
    def address_flags(addresses: Sequence[Address]) -> tuple[str, ...]:
        """Flags that give a machine its addresses, and with an IPv6 address what a node needs for that."""
        sysctls = IPV6_SYSCTLS if any(each.version == 6 for each in addresses) else {}
        names = {4: "--ip", 6: "--ip6"}
        return (
            *(f"{names[each.version]}={each}" for each in addresses),
            *(f"--sysctl={name}={value}" for name, value in sysctls.items()),
        )

    @property
    def first_process(self) -> tuple[str, ...]:
        """The command that a machine starts with; empty where that is its image's, systemd.

        With cgroup v1, podman lays the host's whole hierarchy of systemd's over the machine's own part of it. Every
        kubelet then finds the pods of all other machines and tries to remove them for ever, in a thread each.
        """
        if self.name == "docker" or self._cgroup_version != 1:
            return ()
        hierarchy = "/sys/fs/cgroup/systemd"
        return ("sh", "-c", f"umount {hierarchy}/release_agent {hierarchy}; exec /sbin/init")

    def limits(self) -> tuple[str, ...]:
        """Flags for enough files and processes for a control plane, but never more than this process may give away."""
        files, processes = (resource.getrlimit(kind)[1] for kind in (resource.RLIMIT_NOFILE, resource.RLIMIT_NPROC))
        wanted = (("nofile", _least(20000, files)), ("nproc", _least(30000, processes)))
        return tuple(f"--ulimit={name}={number}:{number}" for name, number in wanted)

    def remove(self, *containers: str) -> list[str]:
        """Remove containers and their volumes, at once: podman would wait for a container to end, docker kills it."""
        at_once = ("-t", "0") if self.name == "podman" else ()
        return [self.name, "rm", "-f", "-v", *at_once, *containers]

    def network_remove(self, *names: str) -> list[str]:
        """Remove networks. podman's go even where a container is being started on them, which then fails."""
        return [self.name, "network", "rm", *(("-f",) if self.name == "podman" else ()), *names]

    def network_create(self, name: str, subnet: str, labels: Sequence[str], *, online: bool) -> list[str]:
        """Create a network of its own. Without `online` it leads nowhere; the cluster serves names, not the engine.

        `subnet` may list two. podman's `--ipv6` is left out: it would add an IPv4 network where there is none.
        """
        flags = [] if online else ["--internal"]
        flags += ["--disable-dns"] if self.name == "podman" else []
        flags += [f"--label={label}" for label in labels]
        flags += [part for each in subnet.split(",") for part in ("--subnet", each)]
        return [self.name, "network", "create", *flags, name]

    def bridge(self, network: str) -> list[str]:
        """Print the name of a network's bridge on this host."""
        if self.name == "podman":
            return [self.name, "network", "inspect", "--format", "{{.NetworkInterface}}", network]
        return [self.name, "network", "inspect", "--format", "br-{{slice .Id 0 12}}", network]

    def passage(self, bridge: str, *, opened: bool) -> list[str]:
        """Let pods' traffic pass within a network, or no longer; empty where nothing stops it.

        docker drops what has an address of no container where bridged traffic is filtered (br_netfilter). DOCKER-USER
        is its place for other people's rules: https://docs.docker.com/engine/network/packet-filtering-firewalls/
        """
        if self.name == "podman":
            return []
        return ["iptables", "-w", "-I" if opened else "-D", "DOCKER-USER", "-i", bridge, "-o", bridge, "-j", "ACCEPT"]

    def label_format(self) -> str:
        """A Go template that prints a container's value of our label."""
        return f'{{{{index .Labels "{LABEL}"}}}}' if self.name == "podman" else f'{{{{.Label "{LABEL}"}}}}'


def choose(wanted: str, cgroup_version: int) -> Engine:
    """The engine to use: `wanted`, or for `auto` podman, and docker where only that is there. Raises HostLacks."""
    names = ("podman", "docker") if wanted == "auto" else (wanted,)
    for name in names:
        if shutil.which(name):
            return Engine(name, cgroup_version)
    raise HostLacks(f"no container engine: {' or '.join(names)} is not installed", fix="./run doctor --fix")


def _least(enough: int, limit: int) -> int:
    return enough if limit == resource.RLIM_INFINITY else min(enough, limit)
