"""The boxes that were made here, given to Vagrant and libvirt, and taken back."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

from provision import host
from provision.artifacts.box import PREFIX
from provision.options import LIBVIRT
from provision.settings import slug
from provision.vagrant.cli import Vagrant
from provision.vagrant.leftovers import VIRSH
from provision.vagrant.order import BOOT

_VOLUMES = f"{PREFIX}-VAGRANTSLASH-"  # libvirt's storage has a copy of each box, named by the plugin


def forget(folder: Path) -> None:
    """Remove what Vagrant and libvirt have of our boxes; fine where there is neither. `folder` is any of ours."""
    if shutil.which("vagrant"):
        Vagrant(folder, LIBVIRT).remove_boxes(f"{PREFIX}/")
    for pool, volume in _volumes():
        host.run([*VIRSH, "vol-delete", "--pool", pool, volume], check=False)
    if Path(BOOT).is_dir():
        host.run(["sh", "-c", f"rm -f {BOOT}/{slug(PREFIX)}-*"], root=True)  # only root sees what is in there


def _volumes() -> Iterator[tuple[str, str]]:
    if not shutil.which("virsh"):
        return
    for pool in host.run([*VIRSH, "pool-list", "--name"], check=False, timeout=60).stdout.split():
        listed = host.run([*VIRSH, "vol-list", pool], check=False).stdout.splitlines()
        yield from ((pool, line.split()[0]) for line in listed if line.strip().startswith(_VOLUMES))
