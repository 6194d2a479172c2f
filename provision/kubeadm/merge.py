"""Merging of one field after another: set where the file is silent, refused where it says something else. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from copy import deepcopy
from dataclasses import dataclass
from typing import Any

from provision.cluster import Cluster
from provision.config.configuration.own import Kind, OwnConfiguration
from provision.util.errors import BadInput

_API_HEAD = {Kind.KUBELET: "kubelet.config.k8s.io/v1beta1", Kind.PROXY: "kubeproxy.config.k8s.io/v1alpha1"}


@dataclass(frozen=True)
class Merge:
    """One field that kubeadm gets, or a machine has, and that is not the file's; `file` is empty where it is silent."""

    field: str
    file: str
    used: str
    why: str

    def __str__(self) -> str:
        says = f"the file says {self.file}" if self.file else "the file is silent"
        return f"{self.field}: {self.used} ({says}): {self.why}"


class Merging:
    """Documents that are being merged."""

    def __init__(self, cluster: Cluster, own: OwnConfiguration) -> None:
        self.cluster = cluster
        self.own = own
        self.documents: dict[Kind, dict[str, Any]] = {kind: deepcopy(dict(own.of(kind))) for kind in own.documents}
        self.merges: list[Merge] = []

    def need(self, kind: Kind, path: str, value: Any, why: str, same: Callable[[Any], bool] | None = None) -> None:
        """Set a field where the file is silent; refuse the file where it says something else.

        `same` is whether what the file says means the value, where other spellings do.
        """
        found = self.own.field(kind, path)
        if found is None:
            self.set(kind, path, value, why)
        elif not (same(found) if same else found == value):
            self.refuse(kind, path, f"must be {value} here: {why}")

    def set(self, kind: Kind, path: str, value: Any, why: str) -> None:
        """Set a field, and note it."""
        found = self.own.field(kind, path)
        document = self.documents.setdefault(kind, self._head(kind))
        *folders, name = path.split(".")
        for folder in folders:
            document = document.setdefault(folder, {})
        document[name] = value
        self.merges.append(Merge(f"{kind}.{path}", "" if found is None else str(found), str(value), why))

    def silent(self, kind: Kind, path: str, why: str) -> None:
        """Refuse a field that only the harness can fill in."""
        if self.own.field(kind, path) is not None:
            self.refuse(kind, path, why)

    def refuse(self, kind: Kind, path: str, why: str) -> None:
        """Raise BadInput about a field, with what the file says there, unless that may be secret."""
        found = self.own.field(kind, path)
        says = "" if isinstance(found, (Mapping, list)) or "oken" in path or "Key" in path else f" is {found}, and"
        raise BadInput(f"{self.own.name}: {kind}.{path}{says} {why}", fix=f"leave {path} out of the file")

    @property
    def old(self) -> bool:
        """Whether options are a map, as they were before v1beta4."""
        return self.own.old

    def _head(self, kind: Kind) -> dict[str, Any]:
        api = _API_HEAD.get(kind) or self.own.api or self.cluster.facts.configuration_api
        return {"apiVersion": api, "kind": kind.split()[0]}
