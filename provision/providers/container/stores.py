"""Filled image stores: cloned for each machine in a fraction of a second, instead of importing images on each."""

from __future__ import annotations

from pathlib import Path

from provision.util import local

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
_TIMEOUT = 600  # seconds, for ten thousand links on a slow disk, seven times at once


def clone_store(store: str, target: Path) -> None:
    """Clone the golden `store` (a stopped machine's /var/lib/containerd) to `target` on the same file system."""
    local.run(["sh", "-c", _CLONE, "clone", store, str(target)], root=True, timeout=_TIMEOUT)
