"""The image that machines start from: a root file system, Kubernetes' programs, and the files of its preparation.

It is in the engine's storage, which does not know when it was used last; an artifact without content stands for it.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from provision.artifacts.archive import Image, write_archive, write_layer
from provision.artifacts.cache import MARK, Recipe, describe, lock_path, partial_of, use
from provision.node import PROGRAMS
from provision.recording.journal import Journal
from provision.util import file_locks, local
from provision.util.home import Home

REPOSITORY = "localhost/kubeadm-ha/node"
LABEL = "kubeadm-ha"
KIND = "node"

_LOAD = 1200  # seconds: a gigabyte, on a disk that is slow or that others use


def provide(home: Home, journal: Journal, engine: str, programs: Path, rootfs: Path, files: Mapping[str, str]) -> str:
    """The image's name in the engine's storage, into which it is loaded where it is missing."""
    texts = dict(files)
    inputs = {"programs": programs.name, "rootfs": rootfs.parent.name, **texts}
    recipe = Recipe(KIND, inputs, "an image to start machines from, kept by the container engine", "half a minute")
    name = _name(recipe.fingerprint)
    # `housekeeping` takes the same lock before it removes a folder of this name, and the image with it.
    with file_locks.held(lock_path(home, recipe.name), journal, "put the node image together", 2 * _LOAD):
        _stand_in(home.artifacts / recipe.name, recipe)
        if not is_there(engine, name):
            with journal.step(f"put the node image together (about {recipe.estimate})"):
                _load(partial_of(home.artifacts / recipe.name), engine, name, programs, rootfs, texts)
    return name


def forget(folder: Path, engine: str) -> bool:
    """Remove the image that an artifact stands for; False where containers are made of it, or are being made."""
    name = _name(folder.name.removeprefix(f"{KIND}-"))
    # Not --force: podman would remove the containers too, which are the machines of a cluster.
    return local.run([engine, "rmi", name], root=True, check=False, timeout=_LOAD).ok or not is_there(engine, name)


def _name(fingerprint: str) -> str:
    return f"{REPOSITORY}:{fingerprint}"


def _stand_in(folder: Path, recipe: Recipe) -> None:
    """Before the image is there: an image without its artifact would stay for ever."""
    if (folder / MARK).exists():
        use(folder)
    else:
        folder.mkdir(parents=True, exist_ok=True)
        describe(folder, recipe)


def is_there(engine: str, name: str) -> bool:
    """Whether the engine's storage has an image of this name."""
    return local.run([engine, "image", "inspect", "--format", "ok", name], root=True, check=False).ok


def _load(folder: Path, engine: str, name: str, programs: Path, rootfs: Path, texts: Mapping[str, str]) -> None:
    local.remove_tree(folder)
    folder.mkdir()
    try:
        layer = folder / "kubernetes.layer"
        write_layer(layer, {f"/usr/bin/{program}": programs / program for program in PROGRAMS}, texts)
        archive = folder / "node.tar"
        write_archive(archive, [Image(name, (rootfs, layer), command=("/sbin/init",), labels={LABEL: "node"})])
        local.run([engine, "load", "--quiet", "--input", str(archive)], root=True, timeout=_LOAD)
    finally:
        local.remove_tree(folder)
