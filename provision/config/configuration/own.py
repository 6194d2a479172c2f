"""A user's own kubeadm configuration: the YAML documents of one file, and the files that these name. Pure."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property
from typing import Any

from provision.config.configuration import documents, shapes
from provision.util.errors import BadInput

Document = Mapping[str, Any]
"""One YAML document, as plain data."""


class Kind(StrEnum):
    """What a document is about. kubeadm joins control planes and workers by documents of one kind."""

    INIT = "InitConfiguration"
    CLUSTER = "ClusterConfiguration"
    CONTROL_PLANE_JOIN = "JoinConfiguration of control planes"
    WORKER_JOIN = "JoinConfiguration of workers"
    KUBELET = "KubeletConfiguration"
    PROXY = "KubeProxyConfiguration"


OF_KUBEADM = (Kind.INIT, Kind.CLUSTER, Kind.CONTROL_PLANE_JOIN, Kind.WORKER_JOIN)
"""The kinds whose API is kubeadm's own."""

JOINS = (Kind.CONTROL_PLANE_JOIN, Kind.WORKER_JOIN)

_APIS: Mapping[str, str] = {
    "InitConfiguration": "kubeadm.k8s.io",
    "ClusterConfiguration": "kubeadm.k8s.io",
    "JoinConfiguration": "kubeadm.k8s.io",
    "KubeletConfiguration": "kubelet.config.k8s.io",
    "KubeProxyConfiguration": "kubeproxy.config.k8s.io",
}
"""Each kind that may stand in the file, and its API without a version, which kubeadm judges."""

_DIGITS = 6
"""Hexadecimal digits of a digest in a cluster's id: of a thousand configurations, two are alike once in 30."""


@dataclass(frozen=True)
class OwnConfiguration:
    """What a user's file says. `name` is the file's, without its folder; `text` and `files` hold secrets.

    `files` go to every control plane: absolute path → text. Raises BadInput for what no kubeadm would read.
    """

    name: str
    text: str = field(repr=False)
    files: Mapping[str, str] = field(default_factory=dict, repr=False)

    @cached_property
    def documents(self) -> Mapping[Kind, Document]:
        """The documents by kind, each once, without fields that are empty: to kubeadm, they are silent as well."""
        found: dict[Kind, Document] = {}
        for number, document in enumerate(documents.read(self.name, self.text), 1):
            kind = self._kind(number, document)
            if kind in found:
                raise BadInput(f"{self.name} has two documents of the kind {kind}", fix="one document a kind")
            found[kind] = documents.without_empty(document)
            shapes.check(f"{self.name}: {kind}", found[kind], old=self._is_old(document))
        if not found:
            raise BadInput(f"{self.name} has no document", fix="at least one of " + ", ".join(_APIS))
        return found

    def of(self, kind: Kind) -> Document:
        """A document; empty where the file has none of the kind."""
        return self.documents.get(kind, {})

    def field(self, kind: Kind, path: str) -> Any:
        """What stands at a dotted path of a document; None where nothing does."""
        found: Any = self.of(kind)
        for name in path.split("."):
            found = found.get(name) if isinstance(found, Mapping) else None
        return found

    @property
    def api(self) -> str:
        """The API of kubeadm that the file is written in; empty where it has no document of kubeadm's own."""
        return next((str(self.documents[kind]["apiVersion"]) for kind in OF_KUBEADM if kind in self.documents), "")

    @property
    def old(self) -> bool:
        """Whether the file is in the API before the current one, which has options as a map and fewer fields."""
        return self.api.endswith("/v1beta3")

    @property
    def version(self) -> str:
        """The release that the file names, as in `v1.37.2` or `stable`; empty where it names none."""
        return str(self.field(Kind.CLUSTER, "kubernetesVersion") or "")

    @property
    def endpoint(self) -> str:
        """The control plane endpoint that the file names, `name:port`; empty where it names none."""
        found = str(self.field(Kind.CLUSTER, "controlPlaneEndpoint") or "")
        return found if not found or ":" in found else f"{found}:6443"

    @property
    def digest(self) -> str:
        """The few digits that tell this configuration from others in a cluster's id."""
        content = repr((self.text, sorted(self.files.items())))
        return hashlib.sha256(content.encode()).hexdigest()[:_DIGITS]

    @property
    def secrets(self) -> tuple[str, ...]:
        """What no log or report may show: tokens, certificate keys, and the keys in files for encryption at rest."""
        tokens = [each.get("token") for each in self.field(Kind.INIT, "bootstrapTokens") or () if _is_mapping(each)]
        keys = [
            self.field(Kind.INIT, "certificateKey"), self.field(Kind.CONTROL_PLANE_JOIN, "controlPlane.certificateKey"),
            *(self.field(kind, "discovery.bootstrapToken.token") for kind in JOINS),
            *(self.field(kind, "discovery.tlsBootstrapToken") for kind in JOINS),
        ]  # fmt: skip
        kept = (value for text in self.files.values() for value in documents.values_of("secret", text))
        return tuple(str(each) for each in (*tokens, *keys, *kept) if each)

    def stored(self) -> dict[str, Any]:
        """As plain data; the inverse of the constructor."""
        return {"name": self.name, "text": self.text, "files": dict(self.files)}

    @staticmethod
    def _is_old(document: Document) -> bool:
        return str(document["apiVersion"]).endswith("/v1beta3")

    def _kind(self, number: int, document: Document) -> Kind:
        kind, api = str(document.get("kind", "")), str(document.get("apiVersion", ""))
        which = f"{self.name}: document {number}"
        if kind not in _APIS:
            raise BadInput(f"{which} is of the kind '{kind}'", fix="one of " + ", ".join(_APIS))
        if api.partition("/")[0] != _APIS[kind]:
            raise BadInput(f"{which}, {kind}, has the apiVersion '{api}'", fix=f"{_APIS[kind]}/VERSION")
        if kind == "JoinConfiguration":
            return Kind.CONTROL_PLANE_JOIN if "controlPlane" in document else Kind.WORKER_JOIN
        return Kind(kind)


def leaves(document: Document, before: str = "", whole: Collection[str] = ()) -> Iterator[tuple[str, Any]]:
    """Every field that is not a mapping of fields: its dotted path, and its value. Those in `whole` stay so."""
    for name, value in document.items():
        if _is_mapping(value) and value and name not in whole:
            yield from leaves(value, f"{before}{name}.", whole)
        else:
            yield f"{before}{name}", value


def _is_mapping(value: object) -> bool:
    return isinstance(value, Mapping)
