"""Where everything costly or kept lives."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Home:
    """One folder on one file system, so that image stores can be cloned by hard links."""

    root: Path

    @classmethod
    def default(cls) -> Home:
        """`$HA_HOME`, else `kubeadm-ha` in the user's cache folder."""
        cache = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
        return cls(Path(os.environ.get("HA_HOME") or Path(cache) / "kubeadm-ha").absolute())

    @property
    def artifacts(self) -> Path:
        """One folder an artifact, named by its fingerprint."""
        return self.root / "artifacts"

    @property
    def clusters(self) -> Path:
        """One folder a cluster: state, keys, disks."""
        return self.root / "clusters"

    @property
    def frozen(self) -> Path:
        """One folder a frozen cluster: what its machines had on disk."""
        return self.root / "frozen"

    @property
    def locks(self) -> Path:
        """Lock files, which mean something only while a process holds them."""
        return self.root / "locks"

    @property
    def answers(self) -> Path:
        """What programs answered to questions about pages: a database that may be removed at any time."""
        return self.root / "answers.sqlite"
