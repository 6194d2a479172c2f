"""Everything that is settled before virtual machines are made: how they run, and what from."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from dataclasses import asdict, replace

from provision import artifacts
from provision.artifacts.box import Box
from provision.artifacts.catalog import Release
from provision.artifacts.engines import Engine
from provision.artifacts.home import Home
from provision.config.choices import slug
from provision.config.cluster_state import ClusterState, Unreadable
from provision.config.options import LIBVIRT, LOCAL, VAGRANT
from provision.config.settings import Settings
from provision.config.topology import ClusterId
from provision.errors import HostLacks
from provision.node.host_workarounds import EMULATION, WORKAROUNDS
from provision.providers.inventory.install import Supplies
from provision.providers.vagrant import requirements
from provision.providers.vagrant.order import BOOT, Virtual
from provision.providers.vagrant.provider import VirtualMachines
from provision.providers.vagrant.virtualization import Trial, any_kernel, try_kvm
from provision.recording.journal import Journal


def virtual_machines(
    settings: Settings, home: Home, engine: Callable[[], Engine], cluster: ClusterId, release: Release,
    journal: Journal,
) -> tuple[ClusterState, VirtualMachines]:  # fmt: skip
    """What is remembered of a cluster of virtual machines, and what makes them. Raises HostLacks.

    `engine` is asked only where the box, or what its machines are given, is made here; `journal` is the artifacts'.
    """
    requirements.check(settings, len(cluster.machines))
    virtual = Virtual(settings.hypervisor, settings.vagrant_box, cpus=int(settings.cpus), memory=int(settings.memory))
    box, supplies, substitutions = None, None, tuple[str, ...]()
    if virtual.box == LOCAL:
        made = artifacts.boxed(release, engine(), home, journal)
        box, substitutions = made.box, made.substitutions
        place = f"{BOOT}/{slug(box.name)}"
        virtual = replace(virtual, box=box.name, kernel=f"{place}.vmlinuz", initrd=f"{place}.initrd")
    else:
        supplies = _supplies(settings, release, engine, home, journal)
    virtual = replace(virtual, driver=driver(settings, box))
    state = ClusterState(
        str(cluster), str(release.version), os.getpid(), time.time(), provider=VAGRANT,
        virtual=asdict(virtual), online=settings.online == "yes", network=settings.network,
        workarounds=workarounds(virtual.driver), substitutions=list(substitutions), own_dns=owns_dns(settings),
    )  # fmt: skip
    return state, VirtualMachines(virtual, home, box, supplies, reuse=settings.reuse == "machines")


def remembered(state: ClusterState, home: Home) -> VirtualMachines:
    """What gave a remembered cluster its machines; raises Unreadable where another version wrote how."""
    try:
        return VirtualMachines(Virtual(**state.virtual), home)
    except TypeError as error:
        raise Unreadable(state.id, str(error), fix="the version that made it") from None


def workarounds(driver: str) -> dict[str, str]:
    """What a way to run makes necessary: name → reason."""
    return {each.name: each.reason for each in WORKAROUNDS if each.name == EMULATION and driver == "qemu"}


def owns_dns(settings: Settings) -> bool:
    """Whether the machines ask the load balancer for names; else they know the endpoint from /etc/hosts."""
    return settings.vagrant_box == LOCAL and settings.online == "no"


def driver(settings: Settings, box: Box | None = None) -> str:
    """libvirt's driver: what really runs a guest here; raises HostLacks where only emulation would, and may not."""
    if settings.hypervisor != LIBVIRT:
        return "kvm"
    trial = try_kvm(box.kernel if box else any_kernel())
    if trial.ran:
        return "kvm"
    if settings.emulation == "yes":
        return "qemu"
    raise not_without_emulation(trial)


def not_without_emulation(trial: Trial) -> HostLacks:
    """The error of a host whose virtualization runs no guest."""
    return HostLacks(
        "this host's virtualization runs no guest", answer=trial.reason,
        fix="a host with KVM, or --ha-emulation yes: ten times slower, for a machine or two",
    )  # fmt: skip


def _supplies(
    settings: Settings, release: Release, engine: Callable[[], Engine], home: Home, journal: Journal
) -> Supplies:
    if settings.online == "yes":
        return Supplies(release.version, "")
    programs, images = artifacts.carried(release, engine(), home, journal)
    return Supplies(release.version, images.pause, programs, images.archives)
