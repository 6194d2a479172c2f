"""The boxes that were made here, given to Vagrant and libvirt, and taken back."""

from __future__ import annotations

import shutil
from collections.abc import Collection
from pathlib import Path

from provision.artifacts.box import PREFIX
from provision.config.choices import slug
from provision.config.options import LIBVIRT
from provision.providers.vagrant.cli import Vagrant
from provision.providers.vagrant.leftovers import VIRSH, ask, volumes
from provision.providers.vagrant.order import BOOT
from provision.util import local
from provision.util.errors import BadInput

_VOLUME = "{}-VAGRANTSLASH-{}_"  # libvirt's storage has a copy of each box, named by the plugin


def forget(folder: Path, made: Collection[str]) -> None:
    """Remove what Vagrant and libvirt have of boxes, `kubeadm-ha/…`: those `made` here, and all of the user's Vagrant.

    `folder` is any of ours. Raises BadInput while there are virtual machines, of whatever user: their disks stand on
    the boxes' volumes, and they are started with the boxes' kernels.
    """
    vagrant = Vagrant(folder, LIBVIRT) if shutil.which("vagrant") else None
    known = vagrant.boxes(f"{PREFIX}/") if vagrant else set[str]()
    boxes = known.union(made)
    if not boxes:
        return
    if there := [name for name in ask("list", "--all", "--name") if name.startswith(PREFIX)]:
        raise BadInput(
            f"{len(there)} virtual machines may stand on the boxes that were made here, as {there[0]} does",
            fix="./run status  # and ./run clean ID for each that may go",
        )
    if vagrant:
        for name in known:
            vagrant.remove_box(name)
    beginnings = tuple(_VOLUME.format(*box.split("/")) for box in boxes)
    for pool, volume in volumes():
        if volume.startswith(beginnings):
            local.run([*VIRSH, "vol-delete", "--pool", pool, volume], check=False, timeout=120)
    if Path(BOOT).is_dir():
        files = [f"{BOOT}/{slug(box)}.{kind}" for box in boxes for kind in ("vmlinuz", "initrd")]
        local.run(["rm", "-f", *files], root=True)
