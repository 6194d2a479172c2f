"""Where a cluster's machines come from, and everything that is settled before one of them is touched."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from provision import artifacts
from provision.artifacts.catalog import Release
from provision.artifacts.engines import Engine
from provision.artifacts.home import Home
from provision.config.cluster_state import ClusterState
from provision.config.facts import Facts
from provision.config.inventory.model import Inventory
from provision.config.options import INVENTORY
from provision.config.settings import Settings
from provision.config.topology import ClusterId, Role
from provision.config.versions import Version, Wanted
from provision.errors import BadInput
from provision.machines.machine import Machine
from provision.node import host_workarounds
from provision.node.files import container_files
from provision.providers.container import requirements
from provision.providers.container.containers import Containers
from provision.providers.inventory import in_use
from provision.providers.inventory.facts import Survey
from provision.providers.inventory.install import Supplies
from provision.providers.inventory.provider import Machines, looking_at
from provision.providers.protocol import Provider
from provision.recording.journal import Journal


@dataclass(frozen=True)
class Host:
    """What this host has to make clusters with. `journal` makes one by name."""

    settings: Settings
    home: Home
    engine: Engine
    journal: Callable[[str], Journal]


def containers(
    host: Host, cluster: ClusterId, release: Release, reasons: dict[str, str], others: int,
    beside: Mapping[str, Release],
) -> tuple[ClusterState, Provider]:  # fmt: skip
    """Containers of this host, artifacts made where they are missing; with those of the releases `beside` the first.

    `reasons` are the host's workarounds, `others` how many machines there are already. Raises HostLacks.
    """
    requirements.check(host.settings, len(cluster.machines), others)
    files, journal = container_files(reasons), host.journal("artifacts")
    made = artifacts.provide(release, host.engine, files, host.home, journal, tuple(beside.values()))
    programs = {
        name: {"version": str(each.version), "folder": str(made.programs[each.version])}
        for name, each in beside.items()
    }
    state = ClusterState(
        str(cluster), str(made.release.version), os.getpid(), time.time(), engine=host.engine.name,
        online=host.settings.online == "yes", network=host.settings.network, workarounds=reasons,
        substitutions=list(made.substitutions),
        beside=programs,
    )  # fmt: skip
    return state, Containers(host.engine, host.home.root, made.image, str(made.store))


def own_machines(
    host: Callable[[], Host], settings: Settings, cluster: ClusterId, release: Callable[[], Release], journal: Journal,
    folder: Path,
) -> tuple[ClusterState, Provider]:  # fmt: skip
    """Somebody's own machines, which are looked at, and refused where they are not ready or in use.

    `host` and `release` are asked only where this host gives the machines what they need; `folder` is the cluster's.
    """
    inventory = _inventory(settings)
    prepared, told = inventory.prepare == "none", settings.in_use == "reset"
    with looking_at(inventory, journal) as machines:
        found = in_use.surveys(inventory, machines)
    in_use.check(inventory, found, prepared=prepared, told=told)
    version = _common_version(found) if prepared else release().version
    needed = reasons(found, version, swap=prepared)
    supplies = None if prepared else _supplies(inventory, host, release(), needed)
    state = ClusterState(
        str(cluster), str(version), os.getpid(), time.time(), provider=INVENTORY, inventory=dict(inventory.said),
        online=settings.online == "yes", network=settings.network, workarounds=needed,
        endpoint_address=_endpoint_address(found), own_dns=False,
    )  # fmt: skip
    return state, Machines(inventory, journal, found, supplies, folder=folder, reset=told)


def existing(settings: Settings, cluster: ClusterId, machines: Mapping[str, Machine]) -> ClusterState:
    """Somebody's own cluster, which is only looked at; raises BadInput where it is not what was said."""
    inventory = _inventory(settings)
    found = in_use.surveys(inventory, machines)
    if strangers := [each.machine.name for each in found if not each.is_root]:
        raise BadInput(f"sudo asks for a password, or is refused, on {', '.join(strangers)}")
    versions = sorted(version_of(each) for each in found if each.machine.role is Role.CONTROL_PLANE)
    version = versions[-1]
    if not Wanted.parse(cluster.version).accepts(version):
        said = ", ".join(dict.fromkeys(map(str, versions)))
        raise BadInput(f"{cluster} has kubeadm {said}", fix="leave the version out")
    return ClusterState(
        str(cluster), str(version), os.getpid(), time.time(), provider=INVENTORY, inventory=dict(inventory.said),
        workarounds=reasons(found, version, swap=True), endpoint_address=_endpoint_address(found),
    )  # fmt: skip


def version_there(settings: Settings, journal: Journal) -> str:
    """The minor release of somebody's cluster, or the pre-release, as its first control plane's kubelet has it."""
    inventory = _inventory(settings)
    with looking_at(inventory, journal) as machines:
        first = next(machine for machine in machines.values() if machine.role is Role.CONTROL_PLANE)
        version = _parsed(first, "kubelet --version", first.succeed("kubelet --version").rpartition(" ")[2].strip())
    return str(version)[1:] if version.pre else version.series


def _inventory(settings: Settings) -> Inventory:
    assert settings.machines
    return settings.machines


def reasons(found: Sequence[Survey], version: Version, *, swap: bool) -> dict[str, str]:
    """The workarounds that any of the machines makes necessary; its preparation ends swapping."""
    nodes = [each.host_facts for each in found if each.machine.role is not Role.LOAD_BALANCER]
    kubernetes = Facts(version)
    needed = {each.name: each.because(facts) for facts in nodes for each in host_workarounds.needed(facts, kubernetes)}
    return {name: reason for name, reason in needed.items() if swap or name != "swap"}


def _common_version(found: Collection[Survey]) -> Version:
    versions = {each.machine.name: version_of(each) for each in found if each.machine.role is not Role.LOAD_BALANCER}
    if len(set(versions.values())) > 1:
        answer = "\n".join(f"{name}: {version}" for name, version in versions.items())
        raise BadInput("the machines have different releases of kubeadm", answer=answer)
    return next(iter(versions.values()))


def version_of(found: Survey) -> Version:
    """The release of a machine's kubeadm; raises BadInput where it has none."""
    return _parsed(found.machine, "kubeadm version -o short", found.version)


def _parsed(machine: Machine, command: str, text: str) -> Version:
    try:
        return Version.parse(text)
    except BadInput:
        what = f"on {machine.name}: `{command}` answers with no exact version of Kubernetes"
        raise BadInput(what, answer=text or "(nothing: is it installed?)", machine=machine.name) from None


def _endpoint_address(found: Sequence[Survey]) -> str:
    """The load balancer's address, as the first control plane sees it."""
    balancer = [each.machine.address for each in found if each.machine.role is Role.LOAD_BALANCER]
    first = next(each for each in found if each.machine.role is Role.CONTROL_PLANE)
    return (balancer or sorted(first.endpoint) or [""])[0]


def _supplies(inventory: Inventory, host: Callable[[], Host], release: Release, reasons: Collection[str]) -> Supplies:
    if inventory.prepare == "packages":
        return Supplies(release.version, Facts(release.version).pause, workarounds=reasons)
    ours = host()
    programs, images = artifacts.carried(release, ours.engine, ours.home, ours.journal("artifacts"))
    return Supplies(release.version, images.pause, programs, images.archives, reasons)
