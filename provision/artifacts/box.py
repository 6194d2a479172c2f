"""A Vagrant box for libvirt that is made here: a node with everything baked in, its image store filled."""

from __future__ import annotations

import json
import tarfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from provision.artifacts.archive import write_layer
from provision.artifacts.cache import Cache, Recipe
from provision.node import PROGRAMS
from provision.util import local

PREFIX = "kubeadm-ha"
"""What the names of boxes begin with, as in `kubeadm-ha/<fingerprint>`."""

KIND = "box"

DISK_GIB = 16
"""GiB of a virtual machine's disk, of which the host gives what is written to."""

_NEEDS = 8 * 1024**3  # bytes: the root file system, the disk, and the disk again, compressed
_TIMEOUT = 1800  # seconds, for gigabytes that are copied thrice on a slow disk

_ASSEMBLE = """
set -eu
folder=$1 rootfs=$2 store=$3
mkdir "$folder/root"
tar -x -p --xattrs --numeric-owner -f "$rootfs" -C "$folder/root"
tar -x -p --keep-directory-symlink --no-same-owner -f "$folder/node.tar" -C "$folder/root"
rm -rf "$folder/root/var/lib/containerd"
cp -a "$store" "$folder/root/var/lib/containerd"
cp -L "$folder"/root/boot/vmlinuz-* "$folder/vmlinuz"
cp -L "$folder"/root/boot/initrd.img-* "$folder/initrd.img"
chmod 644 "$folder/vmlinuz" "$folder/initrd.img"
truncate -s "$4" "$folder/disk"
mke2fs -q -t ext4 -L root -d "$folder/root" "$folder/disk"
qemu-img convert -f raw -O qcow2 "$folder/disk" "$folder/box.img"
"""


@dataclass(frozen=True)
class Box:
    """A box and what starts it: the kernel lies outside, and is given to the virtual machine by its hypervisor."""

    name: str
    file: Path
    kernel: Path
    initrd: Path


def provide(cache: Cache, rootfs: Path, programs: Path, store: Path, texts: Mapping[str, str]) -> Box:
    """The box, made where it is missing. `rootfs` is a virtual machine's, `texts` are files by path."""
    inputs = {
        "rootfs": rootfs.parent.name,
        "programs": programs.name,
        "store": store.parent.name,
        "disk": f"{DISK_GIB}",
    }
    recipe = Recipe(
        KIND, {**inputs, **texts}, "put the box for virtual machines together", "about a minute", needs=_NEEDS
    )
    folder = cache.provide(recipe, lambda folder: _build(folder, rootfs, programs, store, texts))
    return Box(name_of(folder), folder / "libvirt.box", folder / "vmlinuz", folder / "initrd.img")


def name_of(folder: Path) -> str:
    """A box's name, by its folder's."""
    return f"{PREFIX}/{folder.name.removeprefix(f'{KIND}-')}"


def _build(folder: Path, rootfs: Path, programs: Path, store: Path, texts: Mapping[str, str]) -> None:
    write_layer(folder / "node.tar", {f"/usr/bin/{name}": programs / name for name in PROGRAMS}, texts)
    arguments = [str(folder), str(rootfs), str(store), f"{DISK_GIB}G"]
    try:
        local.run(["sh", "-c", _ASSEMBLE, "assemble", *arguments], root=True, timeout=_TIMEOUT)
    finally:
        local.remove_tree(folder / "root")
    (folder / "metadata.json").write_text(
        json.dumps({"provider": "libvirt", "format": "qcow2", "virtual_size": DISK_GIB})
    )
    with tarfile.open(folder / "libvirt.box", "w") as box:  # not compressed: it is unpacked on this host, once
        for name in ("metadata.json", "box.img"):
            box.add(folder / name, name)
    for name in ("metadata.json", "box.img", "disk", "node.tar"):
        (folder / name).unlink()
