"""What a cluster of virtual machines needs from its host: one small check each."""

from __future__ import annotations

import shutil
from collections.abc import Iterator

from provision.config.options import LIBVIRT, LOCAL
from provision.config.settings import Settings
from provision.providers.finding import Finding, findings
from provision.providers.host_findings import available_memory, making, program, refuse, room
from provision.providers.vagrant.virtualization import any_kernel, try_kvm
from provision.util import local

_PATIENCE = 60  # seconds; Vagrant takes ten to say anything on a busy host, and may hang on a plugin

_OVERHEAD = 160 * 1024**2
"""Bytes that a hypervisor needs beside a machine's own memory."""


def all_findings(settings: Settings, machines: int) -> Iterator[Finding]:
    """Every check, in the order in which a person would fix things. `machines` is how many the next cluster has."""
    if settings.vagrant_box == LOCAL or settings.online == "no":
        yield from making(settings)
    yield program("vagrant", "vagrant", "makes the virtual machines")
    yield program("ssh", "openssh-client", "logs in to new machines")
    if settings.hypervisor == LIBVIRT:
        yield from _plugin()
        yield from _libvirt()
        yield from _kvm(settings)
    else:
        yield from _virtualbox()
    if settings.vagrant_box == LOCAL:
        yield program("mke2fs", "e2fsprogs", "makes the box's disk")
    yield from room(settings)
    yield from _memory(settings, machines)


def check(settings: Settings, machines: int) -> None:
    """Raise HostLacks naming everything that is missing for one more cluster, if anything is."""
    refuse(all_findings(settings, machines), "this host lacks what virtual machines need")


@findings("Vagrant's plugin for libvirt")
def _plugin() -> Iterator[Finding]:
    plugins = local.run(["vagrant", "plugin", "list"], check=False, timeout=_PATIENCE).stdout if _vagrant() else ""
    yield Finding("vagrant-libvirt" in plugins, "Vagrant's plugin for libvirt", packages=("vagrant-libvirt",))


def _vagrant() -> bool:
    return shutil.which("vagrant") is not None


@findings("libvirt")
def _libvirt() -> Iterator[Finding]:
    yield program("qemu-img", "qemu-utils", "makes disks")
    yield program("virsh", "libvirt-clients", "finds what is left over")
    command = ["virsh", "-c", "qemu:///system", "version"]
    answers = shutil.which("virsh") and local.run(command, check=False, timeout=_PATIENCE).ok
    yield Finding(
        bool(answers), "libvirt answers", "sudo systemctl start libvirtd, and be in the group libvirt",
        packages=() if shutil.which("libvirtd") else ("libvirt-daemon-system", "qemu-system-x86", "dnsmasq-base"),
    )  # fmt: skip


@findings("whether KVM runs a guest")
def _kvm(settings: Settings) -> Iterator[Finding]:
    trial = try_kvm(any_kernel())
    what = "KVM runs a guest" if trial.ran else f"KVM runs no guest ({trial.reason})"
    allowed = settings.emulation == "yes"
    yield Finding(
        trial.ran or allowed, what + (", so machines are emulated" if allowed and not trial.ran else ""),
        "a host with KVM, or --ha-emulation yes: ten times slower, for a machine or two",
    )  # fmt: skip


@findings("VirtualBox")
def _virtualbox() -> Iterator[Finding]:
    found = shutil.which("VBoxManage") is not None
    yield Finding(found, "VirtualBox", "install VirtualBox, or --ha-hypervisor libvirt")


def memory(settings: Settings, machines: int) -> int:
    """Bytes that so many machines need."""
    return machines * (int(settings.memory) * 1024**2 + _OVERHEAD)


@findings("memory")
def _memory(settings: Settings, machines: int) -> Iterator[Finding]:
    available, needed = available_memory(), memory(settings, machines)
    what = f"memory: {available / 1024**3:.1f} GiB available, {machines} machines need {needed / 1024**3:.1f}"
    yield Finding(available >= needed, what, "a smaller --ha-memory, or fewer machines: --ha-workers 1")
