"""What is remembered of a cluster between processes: a file in its folder, for its owner only (it holds secrets)."""

from __future__ import annotations

import json
import shlex
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import asdict
from fnmatch import fnmatch
from pathlib import Path
from typing import Any

from provision.config.cluster_state import ClusterState, Unreadable
from provision.config.options import PROVIDERS
from provision.observations import Observations
from provision.util import local
from provision.util.atomic_write import write_whole
from provision.util.errors import BadInput

SCHEMA = 2
"""Raised by a change that an older version would misread. A cluster of another schema is left to its own version."""

_NAMES = {"workarounds": "accommodations"}
"""Fields that are called otherwise in the file, as older versions write and read it."""

_NOT_WRITTEN = ("material",)

_FILE = "state.json"
RECORD = "commands.jsonl"
"""The file of what was done to a cluster by hand."""

_CONTENT = (_FILE, f".{_FILE}.*", RECORD, "ssh", "disks", "vagrant", "resolv.conf", "touched")
"""Everything that is ever put into a cluster's folder. One that holds anything else may be the user's own."""


class States:
    """The remembered clusters of one home folder."""

    def __init__(self, clusters: Path) -> None:
        self._clusters = clusters

    def folder(self, cluster: str) -> Path:
        """The cluster's own folder."""
        return self._clusters / cluster

    def read(self, cluster: str) -> ClusterState | None:
        """What is remembered of a cluster; None where nothing is.

        Raises Unreadable for a file of another schema or with other fields, for one that is cut off, and for a folder
        without a state that holds what no cluster has.
        """
        file = self.folder(cluster) / _FILE
        try:
            return _understood(cluster, json.loads(file.read_text()))
        except (FileNotFoundError, NotADirectoryError):
            self._refuse_strange(cluster)
            return None
        except (OSError, ValueError) as error:
            fix = f"the version that made it; or, if it may go, rm {shlex.quote(str(file))} && ./run clean {cluster}"
            raise Unreadable(cluster, f"{file}: {error}", fix=fix) from None

    def unreadable(self) -> dict[str, Unreadable]:
        """Why each cluster that cannot be read is left alone, by its id."""
        found = {}
        for cluster in self.ids():
            try:
                self.read(cluster)
            except Unreadable as problem:
                found[cluster] = problem
        return found

    def _refuse_strange(self, cluster: str) -> None:
        folder = self.folder(cluster)
        names = sorted(path.name for path in folder.iterdir()) if folder.is_dir() else []
        if strange := [name for name in names if not any(fnmatch(name, known) for known in _CONTENT)]:
            reason = f"{folder} has no {_FILE}, but {strange[0]}, which no cluster has"
            raise Unreadable(cluster, reason, fix=f"ls -la {shlex.quote(str(folder))}, and move what is yours")

    def write(self, state: ClusterState) -> None:
        """Remember, atomically. Raises OSError, and then leaves no folder that did not exist before."""
        folder = self.folder(state.id)
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        written = asdict(state.but(material=None)) | {"observations": state.observations.stored()}
        fields = {_NAMES.get(name, name): value for name, value in written.items() if name not in _NOT_WRITTEN}
        content = json.dumps({"schema": SCHEMA, "state": fields}, indent=1)
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
        for cluster in self.ids():
            try:
                state = self.read(cluster)
            except Unreadable:
                continue
            if state:
                yield state

    def forget(self, cluster: str) -> None:
        """Remove the cluster's folder, the disks of its machines included."""
        # Its state first: a folder that is half gone must not be taken for a cluster that is to stay.
        (self.folder(cluster) / _FILE).unlink(missing_ok=True)
        local.remove_tree(self.folder(cluster))


def _understood(cluster: str, data: Any) -> ClusterState:
    """The state in a file's content; raises ValueError where it is not as this version writes it."""
    schema = data.get("schema") if isinstance(data, dict) else None
    if schema != SCHEMA:
        raise ValueError(f"it has schema {schema}, and this version knows {SCHEMA}")
    try:
        names = {written: name for name, written in _NAMES.items()}
        fields = {names.get(name, name): value for name, value in data["state"].items()}
        state = ClusterState(**fields | {"observations": Observations.of(fields.get("observations", {}))})
        _ = state.virtual and state.how_virtual
    except (AttributeError, KeyError, TypeError) as error:
        raise ValueError(f"it has other fields than this version's: {error}") from None
    if state.id != cluster or state.provider not in PROVIDERS:
        raise ValueError(f"it is about {state.id} of provider {state.provider}")
    try:
        _ = state.cluster_id
    except BadInput as error:  # a later version has more variants
        raise ValueError(f"its id is not one of this version's: {error.what}") from None
    return state
