"""What is remembered of a cluster between processes: a file in its folder, for its owner only (it holds secrets)."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

from provision.writing import write_whole

SCHEMA = 2
_FILE = "state.json"

BUILDING, READY, BROKEN = "building", "ready", "broken"


@dataclass(frozen=True)
class ClusterState:
    """A cluster as remembered. `owner` is the process that made it, `created` seconds since the epoch.

    `inventory` is what the file said, where the machines are somebody's own; `endpoint_address` is their balancer's.
    `virtual` is how virtual machines were made. `beside` are the releases that its id names beside the first: version
    and folder of programs. Without `own_dns` the machines know the endpoint's name by themselves.
    """

    id: str
    version: str
    owner: int
    created: float
    provider: str = "container"
    subnet: str = ""
    engine: str = ""
    inventory: dict[str, Any] = field(default_factory=dict)
    endpoint_address: str = ""
    virtual: dict[str, Any] = field(default_factory=dict)
    own_dns: bool = True
    beside: dict[str, dict[str, str]] = field(default_factory=dict)
    status: str = BUILDING
    broken_at: str = ""
    kept: bool = False
    online: bool = False
    network: str = ""
    accommodations: dict[str, str] = field(default_factory=dict)
    substitutions: list[str] = field(default_factory=list)
    observations: dict[str, Any] = field(default_factory=dict)

    def but(self, **changes: Any) -> ClusterState:
        """The same state with changes."""
        return replace(self, **changes)


class States:
    """The remembered clusters of one home folder."""

    def __init__(self, clusters: Path) -> None:
        self._clusters = clusters

    def folder(self, cluster: str) -> Path:
        """The cluster's own folder."""
        return self._clusters / cluster

    def read(self, cluster: str) -> ClusterState | None:
        """What is remembered of a cluster; None where there is nothing, or nothing that this version understands."""
        try:
            data = json.loads((self.folder(cluster) / _FILE).read_text())
            return ClusterState(**data["state"]) if data.get("schema") == SCHEMA else None
        except (OSError, ValueError, TypeError):  # TypeError: a field of another version
            return None

    def write(self, state: ClusterState) -> None:
        """Remember, atomically. Raises OSError, and then leaves no folder that was not there."""
        folder = self.folder(state.id)
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        content = json.dumps({"schema": SCHEMA, "state": asdict(state)}, indent=1)
        try:
            write_whole(folder / _FILE, content.encode(), mode=0o600)
        except OSError:
            with suppress(OSError):  # a folder with anything in it stays
                folder.rmdir()
            raise

    def ids(self) -> list[str]:
        """The ids of all clusters of which a folder exists."""
        return (
            sorted(path.name for path in self._clusters.iterdir() if path.is_dir()) if self._clusters.is_dir() else []
        )

    def __iter__(self) -> Iterator[ClusterState]:
        return (state for cluster in self.ids() if (state := self.read(cluster)))

    def forget(self, cluster: str) -> None:
        """Remove the cluster's folder, the disks of its machines included."""
        folder = self.folder(cluster)
        if folder.exists():
            prefix = [] if os.geteuid() == 0 else ["sudo", "-n"]
            subprocess.run([*prefix, "rm", "-rf", "--one-file-system", str(folder)], check=False)
            shutil.rmtree(folder, ignore_errors=True)
