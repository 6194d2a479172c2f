"""What a container has on disk, as copies: its own layer above the image, and the volumes that are its disks.

Files of the image store that were linked into a machine's disk are linked again: containerd never writes in place what
it has unpacked. All else is copied, so that nothing that a machine does reaches the copy.
"""

from __future__ import annotations

from pathlib import Path

from provision.artifacts.engines import Engine
from provision.providers.container.removal import run
from provision.util import local
from provision.util.errors import HostLacks

# The databases are written in place, so each machine needs its own; everything else containerd only adds or unlinks.
_CLONE = """
set -eu
mkdir -p "$(dirname "$2")"
cp -al "$1" "$2"
find "$2" -name '*.db' -exec sh -euc 'for database; do
  cp "$database" "$database.own"
  mv "$database.own" "$database"
done' own {} +
"""
_CLONE_TIMEOUT = 600  # seconds, for ten thousand links on a slow disk, seven times at once

_TIMEOUT = 900  # seconds, for a gigabyte of a machine that has pulled images, on a slow disk, seven times at once

# Which files are the store's is known by their inodes, not by paths or by how many links there are: a pod may link its
# own files, and a layer may have been unpacked anew. Names are cut off by NUL, since they may hold anything else.
# No pipes: a list that is cut short, where one of these is ended or the disk is full, would leave files shared that are
# written in place. The lists are beside the copy, and go with it where this is ended.
_COPY_LINKED = """
set -eu
export LC_ALL=C
cp -al "$1" "$2"
lists=$2.lists
mkdir "$lists"
: > "$lists/store"
if [ -d "$3" ]; then find "$3" -type f -printf '%i\\0' > "$lists/store"; fi
find "$2" -type f -printf '%i %p\\0' > "$lists/all"
sort -z -T "$lists" -o "$lists/store" "$lists/store"
sort -z -T "$lists" -t ' ' -k 1,1 -o "$lists/all" "$lists/all"
join -z -v 1 -t ' ' "$lists/all" "$lists/store" > "$lists/own"
cut -z -d ' ' -f 2- "$lists/own" > "$lists/names"
xargs -0 -r -a "$lists/names" sh -euc 'for file; do
  cp -a --reflink=auto --sparse=always "$file" "$file.own"
  mv "$file.own" "$file"
done' own
rm -r "$lists"
"""
# One file system alone: of a machine that runs, there may be others mounted below.
_COPY = 'set -eu; mkdir -p "$2"; cp -ax --reflink=auto --sparse=always "$1/." "$2"'


def clone_store(store: Path, target: Path) -> None:
    """Clone a filled image store (a stopped machine's /var/lib/containerd) on the same file system.

    That takes a fraction of a second, where importing the images takes a minute.
    """
    local.run(["sh", "-c", _CLONE, "clone", str(store), str(target)], root=True, timeout=_CLONE_TIMEOUT)


def copy_linked(disk: Path, target: Path, store: Path) -> None:
    """Copy a machine's image store to a folder that does not exist, on the same file system."""
    _do(_COPY_LINKED, disk, target, store)


def copy(folder: Path, target: Path) -> None:
    """Copy a folder with all that files have: owners, modes, times, attributes, devices, holes."""
    _do(_COPY, folder, target)


def own_layer(engine: Engine, container: str) -> Path:
    """The folder of what a container has written above its image; raises HostLacks where an engine shows none."""
    found = run(engine, "inspect", "--format", "{{.GraphDriver.Data.UpperDir}}", container).strip()
    if not found.startswith("/"):
        raise HostLacks(
            f"{engine.name} does not show where {container} has its own files, as its overlay storage does",
            fix="podman, or docker with the storage driver overlay2",
        )
    return Path(found)


def _do(script: str, *folders: Path) -> None:
    local.run(["sh", "-c", script, "copy", *map(str, folders)], root=True, timeout=_TIMEOUT)
