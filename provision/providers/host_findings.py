"""What every way of making machines needs from this host: one small check each."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterable, Iterator
from pathlib import Path

from provision.artifacts import catalog
from provision.config.settings import Settings
from provision.node import host_workarounds
from provision.providers import subnets
from provision.providers.finding import Finding, findings
from provision.util.errors import HostLacks
from provision.util.home import Home

DISK = 8 * 1024**3
"""Bytes that cold artifacts and one cluster need."""

_CORES = 2
"""What kubeadm asks of a control plane (its preflight check NumCPU)."""

_PATIENCE = 20  # seconds; the first command of a container engine starts its daemon


@findings("room for machines")
def room(settings: Settings) -> Iterator[Finding]:
    """What every machine shares: processors, and addresses that are free."""
    cores = os.cpu_count() or 1
    yield Finding(cores >= _CORES, f"processors: {cores} here, {_CORES} needed", "a host with more of them")
    yield from _addresses(settings)


@findings("addresses")
def _addresses(settings: Settings) -> Iterator[Finding]:
    try:
        free = subnets.choose(settings.addresses, "", subnets.taken(settings.family), settings.family)
        yield Finding(True, f"addresses: {free} of {settings.addresses} is free")
    except HostLacks as lack:
        yield Finding(False, f"{lack.what} ({lack.answer})" if lack.answer else lack.what, lack.fix)


def making(settings: Settings) -> Iterator[Finding]:
    """What making artifacts takes."""
    yield from _administrator()
    yield from _engine(settings)
    yield program("mmdebstrap", "mmdebstrap", "makes root file systems")
    yield from _keyring()
    yield from _go(settings)
    yield from _disk()


def refuse(found: Iterable[Finding], what: str) -> None:
    """Raise HostLacks, saying `what`, with everything that was found missing, if anything was."""
    lacking = [finding for finding in found if not finding.ok]
    if lacking:
        answer = "\n".join(f"{finding.what}{finding.fix and ': ' + finding.fix}" for finding in lacking)
        raise HostLacks(what, answer=answer, fix="./run doctor --fix")


@findings("root, or sudo without a password")
def _administrator() -> Iterator[Finding]:
    what, missing = "root, or sudo without a password", shutil.which("sudo") is None
    ok = os.geteuid() == 0 or (not missing and _answers(["sudo", "-n", "true"]))
    remark = " (sudo is not installed)" if missing and not ok else ""
    yield Finding(ok, what + remark, "run as root, or give this user NOPASSWD in /etc/sudoers.d")


@findings("container engine")
def _engine(settings: Settings) -> Iterator[Finding]:
    engines = ("podman", "docker") if settings.engine == "auto" else (settings.engine,)
    found = next((engine for engine in engines if shutil.which(engine)), None)
    if found == "docker" and settings.engine == "auto" and not _answers(["docker", "info"]):
        found = None  # the client alone makes no machines
    packages = ("podman", "netavark", "iptables") if "podman" in engines else ("docker.io",)
    yield Finding(bool(found), f"container engine ({found or ' or '.join(engines)})", packages=packages)
    if found != "docker" and host_workarounds.cgroup_version() == 1:
        yield program("runc", "runc", "crun refuses hybrid cgroups")


@findings("Debian's archive keys")
def _keyring() -> Iterator[Finding]:
    keyring = Path("/usr/share/keyrings/debian-archive-keyring.gpg")
    yield Finding(keyring.exists(), "Debian's archive keys", packages=("debian-archive-keyring",))


@findings("go")
def _go(settings: Settings) -> Iterator[Finding]:
    if settings.source:
        yield program("go", "golang-go", "builds the source tree that is chosen")
    elif settings.artifacts == "modules" or (settings.artifacts == "auto" and not catalog.official_reachable()):
        yield program("go", "golang-go", "builds Kubernetes where no release can be downloaded")


def program(name: str, package: str, why: str) -> Finding:
    """Whether a program is in the path, the Debian package that brings it, and what for."""
    return Finding(shutil.which(name) is not None, f"{name}: {why}", packages=(package,))


def _answers(command: list[str]) -> bool:
    """Whether a command succeeds. One that hangs, as a client does whose daemon is stuck, does not."""
    try:
        return subprocess.run(command, capture_output=True, check=False, timeout=_PATIENCE).returncode == 0
    except (OSError, subprocess.TimeoutExpired):
        return False


def available_memory() -> int:
    """Bytes that new processes can have without swapping."""
    lines = Path("/proc/meminfo").read_text().splitlines()
    return next(int(line.split()[1]) * 1024 for line in lines if line.startswith("MemAvailable:"))


@findings("disk")
def _disk() -> Iterator[Finding]:
    folder = Home.default().root
    existing = next(path for path in (folder, *folder.parents) if path.exists())
    free = shutil.disk_usage(existing).free
    needed = DISK if not (folder / "artifacts").exists() else DISK // 4
    what = f"disk: {free / 1024**3:.0f} GiB free under {existing}, {needed / 1024**3:.0f} needed"
    yield Finding(free >= needed, what, "free some, or set HA_HOME to a folder on a larger disk")
