"""A filled image store: the images imported once, on a machine that is thrown away, to be cloned for every machine."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

from provision.artifacts.cache import Cache, Recipe
from provision.artifacts.engines import HOME_LABEL, Engine
from provision.artifacts.images import Images
from provision.artifacts.node import LABEL
from provision.errors import CommandFailed
from provision.util import local

_IMPORT = """
set -eu
timeout 90 sh -c 'until ctr version >/dev/null 2>&1; do sleep 0.1; done' ||
  { echo 'containerd did not start within 90 s' >&2; systemctl status --no-pager containerd >&2 || true; exit 1; }
for archive in /images/*/*.tar; do ctr -n k8s.io images import "$archive" >/dev/null; done
# Layers are there unpacked now; what is left of them, all that is no JSON, is half of the store, and of no use. For
# images that are pulled, discard_unpacked_layers does this.
for blob in /var/lib/containerd/io.containerd.content.v1.content/blobs/sha256/*; do
  [ "$(head -c 1 "$blob")" = "{" ] && continue
  ctr -n k8s.io content rm "sha256:${blob##*/}" >/dev/null
  rm -f "$blob"
done
ctr -n k8s.io images list -q
systemctl stop containerd
"""

_TIMEOUT = 1800  # seconds, for gigabytes that are unpacked on a slow disk; it takes about 20


def provide(cache: Cache, engine: Engine, home: Path, image: str, rootfs: Path, images: Sequence[Images]) -> Path:
    """The store: a folder to clone as a machine's /var/lib/containerd. Of the same name, the last image stays.

    `home` is the folder whose `clean` may remove the machine that fills it.
    """
    folders = " ".join(each.archives[0].parent.name for each in images)
    recipe = Recipe(
        "store", {"images": folders, "rootfs": rootfs.parent.name, "layers": "unpacked"},
        "fill an image store", "about 20 seconds", needs=2 * 1024**3,
    )  # fmt: skip
    return (
        cache.provide(recipe, lambda folder: _fill(folder / "containerd", engine, home, image, images)) / "containerd"
    )


def _fill(target: Path, engine: Engine, home: Path, image: str, images: Sequence[Images]) -> None:
    target.mkdir()
    name = f"kubeadm-ha-store-{os.getpid()}"

    def run(*arguments: str) -> str:
        return local.run([engine.name, *arguments], root=True, timeout=_TIMEOUT).stdout

    try:
        run(
            "run", "--detach", f"--name={name}", f"--label={LABEL}=store", f"--label={HOME_LABEL}={home}",
            "--network=none", *engine.machine_flags, *engine.limits(), f"--volume={target}:/var/lib/containerd",
            *(f"--volume={each.archives[0].parent}:/images/{n}:ro" for n, each in enumerate(images)), image,
        )  # fmt: skip
        present = set(run("exec", name, "sh", "-c", _IMPORT).split())
    finally:
        local.run(engine.remove(name), root=True, check=False, timeout=_TIMEOUT)
    if missing := {name for each in images for name in each.names} - present:
        raise CommandFailed(f"the image store lacks {', '.join(sorted(missing))}", answer="\n".join(sorted(present)))
