"""The image store that every node starts with: what is in /var/lib/containerd before its first command.

`provide` imports the images of a release once, on a container that is thrown away. Which store a node gets:

- a container: links to the result, and its own databases (`clone_store`, `provision/providers/container/containers.py`)
- a virtual machine of the box that is made here: a copy inside the box (`provision/artifacts/box.py`)
- a virtual machine of another box, and your machines, whose containerd is theirs: none; the same archives are imported
  there (`prepare`, `provision/providers/inventory/install.py`)
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

from provision.artifacts.cache import Cache, Recipe
from provision.artifacts.engines import HOME_LABEL, Engine
from provision.artifacts.images import Images
from provision.artifacts.node_image import LABEL
from provision.util import local
from provision.util.errors import CommandFailed

_TIMEOUT = 1800  # seconds, for gigabytes that are unpacked on a slow disk; it takes about 20
_NEEDS = (
    2 * 1024**3
)  # bytes: it holds less than one gigabyte, and the archives' unpacked layers while they are imported

_IMPORT = """
set -eu
timeout 90 sh -c 'until ctr version >/dev/null 2>&1; do sleep 0.1; done' ||
  { echo 'containerd did not start within 90 s' >&2; systemctl status --no-pager containerd >&2 || true; exit 1; }
for archive in /images/*/*.tar; do ctr -n k8s.io images import "$archive" >/dev/null; done
# Layers are there unpacked now; what is left of them, all that is not JSON, is half of the store, and of no use. For
# images that are pulled, discard_unpacked_layers does this.
for blob in /var/lib/containerd/io.containerd.content.v1.content/blobs/sha256/*; do
  [ "$(head -c 1 "$blob")" = "{" ] && continue
  ctr -n k8s.io content rm "sha256:${blob##*/}" >/dev/null
  rm -f "$blob"
done
ctr -n k8s.io images list -q
systemctl stop containerd
"""


def provide(cache: Cache, engine: Engine, home: Path, image: str, rootfs: Path, images: Sequence[Images]) -> Path:
    """The store: a folder to clone as a machine's /var/lib/containerd. Of the same name, the last image stays.

    `home` is the folder whose `clean` may remove the container that fills it, which is made of `image`.
    """
    folders = " ".join(each.archives[0].parent.name for each in images)
    recipe = Recipe(
        "store", {"images": folders, "rootfs": rootfs.parent.name, "layers": "unpacked"},
        "fill an image store", "about 20 seconds", needs=_NEEDS,
    )  # fmt: skip
    folder = cache.provide(recipe, lambda folder: _fill(folder / "containerd", engine, home, image, images))
    return folder / "containerd"


def _fill(target: Path, engine: Engine, home: Path, image: str, images: Sequence[Images]) -> None:
    target.mkdir()
    name = f"kubeadm-ha-store-{os.getpid()}"
    start = (
        "run", "--detach", f"--name={name}", f"--label={LABEL}=store", f"--label={HOME_LABEL}={home}",
        "--network=none", *engine.machine_flags, *engine.limits(), f"--volume={target}:/var/lib/containerd",
        *(f"--volume={each.archives[0].parent}:/images/{n}:ro" for n, each in enumerate(images)), image,
    )  # fmt: skip
    try:
        local.run([engine.name, *start], root=True, timeout=_TIMEOUT)
        listed = local.run([engine.name, "exec", name, "sh", "-c", _IMPORT], root=True, timeout=_TIMEOUT).stdout
    finally:
        local.run(engine.remove(name), root=True, check=False, timeout=_TIMEOUT)
    present = set(listed.split())
    if missing := {name for each in images for name in each.names} - present:
        raise CommandFailed(
            f"the image store lacks {', '.join(sorted(missing))}", answer="\n".join(sorted(present)),
            fix="./run artifacts remove  # the next run makes everything anew",
        )  # fmt: skip
