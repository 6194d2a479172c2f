"""Whether this host's virtualization really runs a guest. Found out by trying: /dev/kvm may exist and run nothing."""

from __future__ import annotations

import platform
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from provision.artifacts.box import Box
from provision.config.options import LIBVIRT
from provision.config.settings import Settings
from provision.util.errors import HostLacks

_TIMEOUT = 20
"""Seconds; a kernel without a disk is up and gives up within two where virtualization works."""


@dataclass(frozen=True)
class Trial:
    """The outcome of starting a guest. `reason` says why it did not run; empty where it did."""

    reason: str

    @property
    def ran(self) -> bool:
        """Whether it ran."""
        return not self.reason


def try_kvm(kernel: Path | None) -> Trial:
    """Start a guest with nothing but a kernel, which panics for want of a disk and so ends qemu."""
    program = f"qemu-system-{platform.machine()}"
    if not shutil.which(program):
        return Trial(f"{program} is not installed")
    if not Path("/dev/kvm").exists():
        return Trial("there is no /dev/kvm")
    if kernel is None:
        return Trial("there is no kernel to try it with: neither a box's, nor one in /boot that may be read")
    command = [
        program, "-accel", "kvm", "-cpu", "host", "-m", "512", "-nodefaults", "-display", "none", "-serial", "stdio",
        "-no-reboot", "-kernel", str(kernel), "-append", "console=ttyS0 panic=-1",
    ]  # fmt: skip
    try:
        found = subprocess.run(command, capture_output=True, stdin=subprocess.DEVNULL, timeout=_TIMEOUT, check=False)
    except subprocess.TimeoutExpired:
        return Trial(f"a guest hangs when it is started: no kernel came up within {_TIMEOUT} s")
    except OSError as error:
        return Trial(str(error))
    if found.returncode == 0 and b"Kernel panic" in found.stdout:
        return Trial("")
    printed = found.stderr.decode(errors="replace").strip().splitlines()
    return Trial("a guest does not start: " + (printed[0] if printed else f"qemu ended with {found.returncode}"))


def any_kernel() -> Path | None:
    """A kernel of this host's own, to try with."""
    for path in sorted(Path("/boot").glob("vmlinuz-*"), reverse=True):
        try:
            path.open("rb").close()
        except OSError:
            continue
        return path
    return None


def driver(settings: Settings, box: Box | None = None) -> str:
    """libvirt's driver: what really runs a guest here; raises HostLacks where only emulation would, and may not."""
    if settings.hypervisor != LIBVIRT:
        return "kvm"
    trial = try_kvm(box.kernel if box else any_kernel())
    if trial.ran:
        return "kvm"
    if settings.emulation == "yes":
        return "qemu"
    raise HostLacks(
        "this host's virtualization runs no guest", answer=trial.reason,
        fix="a host with KVM, or --ha-emulation yes: ten times slower, for a machine or two",
    )  # fmt: skip
