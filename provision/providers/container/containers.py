"""Machines as containers: systemd, sshd and containerd in each, on a network of the cluster's own."""

from __future__ import annotations

import secrets
import shlex
from pathlib import Path

from provision.artifacts.engines import HOME_LABEL, LABEL, Engine
from provision.config.login import Login
from provision.config.topology import MachineSpec, Role
from provision.errors import CommandFailed
from provision.machines import keys
from provision.machines.machine import Machine
from provision.machines.ssh import SshMachine
from provision.node.files import GATEWAY_VARIABLE
from provision.providers.container.inside import InsideMachine
from provision.providers.container.stores import clone_store
from provision.providers.protocol import Order
from provision.recording.journal import Journal
from provision.util import local
from provision.util.concurrency import NotYet, together, wait_until

_BOOT_TIMEOUT = 90
_ENGINE_TIMEOUT = 600  # seconds: seven machines at once, with engines that copy a gigabyte for each
_RESOLVER = "resolv.conf"
_STORE_PATHS = ("containerd", "kubelet", "etcd")


class Containers:
    """The provider `container`. `image` and `store` are artifacts; both are empty where machines are only removed.

    Containers and networks of another `home` are not ours: they are neither found nor removed.
    """

    def __init__(self, engine: Engine, home: Path, image: str = "", store: str = "") -> None:
        self._engine = engine
        self._home = home
        self._image = image
        self._store = store

    def create(self, order: Order, journal: Journal) -> dict[str, Machine]:
        keys.write_keys(order.folder / "ssh", order.addresses)
        # sshd trusts no list of keys that belongs to somebody else than root and the user who logs in.
        local.run(["chown", "0:0", str(order.folder / "ssh" / keys.AUTHORIZED_KEYS)], root=True)
        # Not --dns: docker would put its own resolver in front, at an address that pods cannot reach.
        resolver = order.folder / _RESOLVER
        resolver.write_text(f"nameserver {order.addresses[_load_balancer(order).name]}\n")
        resolver.chmod(0o644)
        # podman forgets no address of a container that was killed while it started, but under the network's name.
        name, labels = f"{_prefix(str(order.id))}_{secrets.token_hex(3)}", self._labels(str(order.id))
        local.run(self._engine.network_create(name, str(order.network), labels, online=order.online), root=True)
        machines = self._machines(order, journal)

        together(lambda spec: self._start(order, spec, name), order.specs)
        self._join_network(order, name)
        together(_wait_until_up, machines.values())
        return dict(machines)

    def attach(self, order: Order, journal: Journal) -> dict[str, Machine]:
        return dict(self._machines(order, journal))

    def serves_again(self, _order: Order) -> bool:
        return False

    def inside(self, order: Order, _journal: Journal) -> dict[str, Machine]:
        return {
            spec.name: InsideMachine(
                spec, order.addresses[spec.name], self._engine, _container(order, spec.name), self._home
            )
            for spec in order.specs
        }

    def entry(self, order: Order) -> str:
        return f"sudo {self._engine.name} exec -it {_container(order, order.first)} bash"

    def remove(self, cluster: str) -> None:
        together(lambda name: self._do(self._engine.remove(name)), self._containers(cluster))
        # A machine that an interrupted `create` is still starting needs its network, and appears no more without it.
        self._remove_network(cluster)
        if left := self._containers(cluster):
            self._do(self._engine.remove(*left))
            self._remove_network(cluster)
        if left := self._containers(cluster):
            raise CommandFailed(
                f"{len(left)} machines of {cluster} could not be removed",
                fix=f"sudo {self._engine.name} rm -f {' '.join(left)}",
            )
        if networks := self._networks(cluster):
            raise CommandFailed(
                f"the network of {cluster} could not be removed",
                fix=shlex.join(["sudo", *self._engine.network_remove(*networks)]),
            )

    def existing(self) -> set[str]:
        show = ("--filter", f"label={HOME_LABEL}={self._home}", "--format")
        machines = self._run("ps", "-a", *show, self._engine.label_format()).split()
        networks = self._run("network", "ls", *show, "{{.Name}}").split()
        return set(machines) | {name.removeprefix(_prefix("")).partition("_")[0] for name in networks}

    def _containers(self, cluster: str) -> list[str]:
        return self._run("ps", "-aq", *(f"--filter=label={label}" for label in self._labels(cluster))).split()

    def _networks(self, cluster: str) -> list[str]:
        ours = (f"--filter=label={label}" for label in self._labels(cluster))
        return self._run("network", "ls", "--format", "{{.Name}}", *ours).split()

    def _labels(self, cluster: str) -> tuple[str, ...]:
        return (f"{LABEL}={cluster}", f"{HOME_LABEL}={self._home}")

    def _start(self, order: Order, spec: MachineSpec, network: str) -> None:
        disks = order.folder / "disks" / spec.name
        volumes = []
        if spec.role is not Role.LOAD_BALANCER:
            clone_store(self._store, disks / "containerd")
            volumes = [f"--volume={disks / path}:/var/lib/{path}" for path in _STORE_PATHS]
            local.run(["mkdir", "-p", *(str(disks / path) for path in _STORE_PATHS[1:])], root=True)
        gateway = order.addresses[_load_balancer(order).name]
        route = () if order.online or spec.role is Role.LOAD_BALANCER else (f"--env={GATEWAY_VARIABLE}={gateway}",)
        ssh = order.folder / "ssh"
        self._run(
            # The names first: an error shows the beginning of the command.
            "run", "--detach", f"--name={_container(order, spec.name)}", f"--hostname={spec.name}",
            *self._engine.machine_flags, *self._engine.limits(), *route, *volumes,
            *(f"--label={label}" for label in self._labels(str(order.id))),
            f"--network={network}", f"--ip={order.addresses[spec.name]}",
            f"--volume={order.folder / _RESOLVER}:/etc/resolv.conf:ro",
            f"--volume={ssh / f'{spec.name}.host_key'}:/etc/ssh/ssh_host_ed25519_key:ro",
            f"--volume={ssh / keys.AUTHORIZED_KEYS}:/etc/ssh/authorized_keys/ubuntu:ro",
            # A person who copies files from machine to machine has answered ssh's question about each of them.
            f"--volume={ssh / keys.KNOWN_HOSTS}:/etc/ssh/ssh_known_hosts:ro", self._image,
            *self._engine.first_process,
        )  # fmt: skip

    def _remove_network(self, cluster: str) -> None:
        for name in self._networks(cluster):
            found = local.run(self._engine.bridge(name), root=True, check=False)
            if found.ok and (passage := self._engine.passage(found.stdout.strip(), opened=False)):
                self._do(passage)
            self._do(self._engine.network_remove(name))

    def _join_network(self, order: Order, network: str) -> None:
        """Give this host its address in the cluster's network: podman's internal networks leave it out."""
        bridge = local.run(self._engine.bridge(network), root=True).stdout.strip()
        if passage := self._engine.passage(bridge, opened=True):
            self._do(passage)  # where that chain is missing, docker filters nothing
        address = f"{order.host_address}/{order.network.prefixlen}"
        local.run(["ip", "address", "replace", address, "dev", bridge], root=True)

    def _machines(self, order: Order, journal: Journal) -> dict[str, SshMachine]:
        ssh = order.folder / "ssh"
        login = Login("ubuntu", ssh / keys.LOGIN_KEY, ssh / keys.KNOWN_HOSTS, source=order.host_address)
        return {spec.name: SshMachine(spec, order.addresses[spec.name], login, journal) for spec in order.specs}

    def _run(self, *arguments: str) -> str:
        return local.run([self._engine.name, *arguments], root=True, timeout=_ENGINE_TIMEOUT).stdout

    @staticmethod
    def _do(command: list[str]) -> None:
        """Whatever comes of it, as where there is nothing to remove."""
        local.run(command, root=True, check=False, timeout=_ENGINE_TIMEOUT)


def _wait_until_up(machine: SshMachine) -> None:
    machine.wait_until_reachable(_BOOT_TIMEOUT)
    wait_until(lambda: _still_starting(machine), _BOOT_TIMEOUT, f"{machine.name} has started", every=0.1)


def _still_starting(machine: Machine) -> NotYet | None:
    """Asked again and again: `--wait` misses the end of a slow start now and then, and waits for ever."""
    state = machine.run("systemctl is-system-running").stdout.strip()
    return None if state in ("running", "degraded") else NotYet(f"systemd says {state or 'nothing'}")


def _container(order: Order, machine: str) -> str:
    return f"{_prefix(str(order.id))}-{machine}"


def _prefix(cluster: str) -> str:
    return f"kubeadm-ha-{cluster}"


def _load_balancer(order: Order) -> MachineSpec:
    return next(spec for spec in order.specs if spec.role is Role.LOAD_BALANCER)
