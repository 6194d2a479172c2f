"""What is to be found in a cluster with a configuration: kubeadm's defaults, where that says nothing else. Pure.

It is read from the documents that kubeadm is given. A cluster that exists says the same in its ConfigMaps.

Source: https://kubernetes.io/docs/reference/config-api/kubeadm-config.v1beta4/
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from ipaddress import ip_address, ip_network
from typing import Any

from provision.config.configuration.own import Document, Kind
from provision.config.versions import Version

COMPONENTS: Mapping[str, str] = {
    "kube-apiserver": "apiServer",
    "kube-controller-manager": "controllerManager",
    "kube-scheduler": "scheduler",
}
"""Each static pod, and the section of ClusterConfiguration that is about it; etcd's is `etcd.local`."""

_YEAR = "8760h"
_TEN_YEARS = "87600h"
ECDSA_GATE, OLD_ELLIPTIC = "PublicKeysECDSA", "ecdsa-p256"
"""How v1beta3 says what v1beta4 has a field for, and the one kind of keys that it so has beside the usual."""

_HOURS = {"h": 3600, "m": 60, "s": 1}
_DNS_ADDRESS = 10
"""The place of the DNS Service in the Service network: kubeadm's constant."""

Taints = tuple[tuple[str, str], ...]
"""Keys and effects."""


@dataclass(frozen=True)
class Expected:
    """What a configuration says of its cluster.

    Networks are lists: a cluster with two families of addresses has one of each. No pod network means that kubeadm was
    given none, and the network plugin has addresses of its own. `first_taints`, `joined_taints` and `worker_taints` are
    None where they are the usual ones.
    """

    cluster_name: str
    dns_domain: str
    service_subnets: tuple[str, ...]
    pod_subnets: tuple[str, ...]
    cluster_dns: tuple[str, ...]
    image_repository: str
    server_names: frozenset[str]
    etcd_server_names: frozenset[str]
    etcd_peer_names: frozenset[str]
    keys: str
    certificate_validity: timedelta
    authority_validity: timedelta
    kube_proxy: bool
    dns: bool
    proxied_cidr: str
    first_taints: Taints | None
    joined_taints: Taints | None
    worker_taints: Taints | None
    first_labels: Mapping[str, str]
    joined_labels: Mapping[str, str]
    worker_labels: Mapping[str, str]
    kubelet: Document
    arguments: Mapping[str, Mapping[str, tuple[str, ...]]]
    mounts: Mapping[str, Mapping[str, str]]

    @classmethod
    def of(cls, documents: Mapping[Kind, Document]) -> Expected:
        """From the documents that kubeadm is given, or those that a cluster keeps."""
        cluster, init = documents.get(Kind.CLUSTER, {}), documents.get(Kind.INIT, {})
        kubelet = documents.get(Kind.KUBELET, {})
        network, server, local = (_at(cluster, path) or {} for path in ("networking", "apiServer", "etcd.local"))
        services = _listed(network.get("serviceSubnet") or "10.96.0.0/12")
        pods = _listed(network.get("podSubnet") or "")
        domain = str(network.get("dnsDomain") or "cluster.local")
        skipped = set(init.get("skipPhases") or ())
        return cls(
            cluster_name=str(cluster.get("clusterName") or "kubernetes"),
            dns_domain=domain,
            service_subnets=services,
            pod_subnets=pods,
            cluster_dns=tuple(kubelet.get("clusterDNS") or (_nth(services[0], _DNS_ADDRESS),)),
            image_repository=str(cluster.get("imageRepository") or "registry.k8s.io"),
            server_names=frozenset({*_service_names(services, domain), *_names(server.get("certSANs"))}),
            etcd_server_names=frozenset(_names(local.get("serverCertSANs"))),
            etcd_peer_names=frozenset(_names(local.get("peerCertSANs"))),
            keys=_keys(cluster),
            certificate_validity=duration(str(cluster.get("certificateValidityPeriod") or _YEAR)),
            authority_validity=duration(str(cluster.get("caCertificateValidityPeriod") or _TEN_YEARS)),
            kube_proxy=not _at(cluster, "proxy.disabled") and skipped.isdisjoint({"addon", "addon/kube-proxy"}),
            dns=not _at(cluster, "dns.disabled") and skipped.isdisjoint({"addon", "addon/coredns"}),
            proxied_cidr=str(documents.get(Kind.PROXY, {}).get("clusterCIDR") or ",".join(pods)),
            first_taints=_taints(init),
            joined_taints=_taints(documents.get(Kind.CONTROL_PLANE_JOIN, {})),
            worker_taints=_taints(documents.get(Kind.WORKER_JOIN, {})),
            first_labels=labels(init),
            joined_labels=labels(documents.get(Kind.CONTROL_PLANE_JOIN, {})),
            worker_labels=labels(documents.get(Kind.WORKER_JOIN, {})),
            kubelet=kubelet,
            arguments={name: arguments(_at(cluster, section) or {}) for name, section in _sections().items()},
            mounts={name: _mounts(_at(cluster, section) or {}) for name, section in COMPONENTS.items()},
        )

    @property
    def services(self) -> bool:
        """Whether the addresses of Services lead anywhere: kube-proxy's work, which no network here does instead."""
        return self.kube_proxy

    @property
    def api_address(self) -> str:
        """The first address of the Service network, which is the API's."""
        return _nth(self.service_subnets[0], 1)

    @property
    def dns_address(self) -> str:
        """The address of the DNS Service, whatever kubelets are given."""
        return _nth(self.service_subnets[0], _DNS_ADDRESS)

    def image(self, name: str, version: Version) -> str:
        """The image of a component that kubeadm gives its own version."""
        return f"{self.image_repository}/{name}:{version.tag}"


def arguments(section: Document) -> dict[str, tuple[str, ...]]:
    """The options of a component by name: a list in v1beta4, where one may be given twice, and a map in v1beta3."""
    given = section.get("extraArgs") or {}
    pairs = given.items() if isinstance(given, Mapping) else ((each["name"], each.get("value", "")) for each in given)
    found: dict[str, tuple[str, ...]] = {}
    for name, value in pairs:
        found[name] = (*found.get(name, ()), "" if value is None else str(value))
    return found


def labels(document: Document) -> dict[str, str]:
    """The labels that a node gets from its kubelet's options."""
    given = (document.get("nodeRegistration") or {}).get("kubeletExtraArgs") or {}
    words = arguments({"extraArgs": given}).get("node-labels", ())
    pairs = (each.partition("=") for word in words for each in word.split(",") if each)
    return {name: value for name, _, value in pairs}


def _sections() -> Mapping[str, str]:
    return {**COMPONENTS, "etcd": "etcd.local"}


def _mounts(section: Document) -> dict[str, str]:
    return {each["mountPath"]: each["hostPath"] for each in section.get("extraVolumes") or ()}


def _taints(document: Document) -> Taints | None:
    given = (document.get("nodeRegistration") or {}).get("taints")
    return None if given is None else tuple((each["key"], each["effect"]) for each in given)


def _keys(cluster: Document) -> str:
    gated = (cluster.get("featureGates") or {}).get(ECDSA_GATE)
    return str(cluster.get("encryptionAlgorithm") or (OLD_ELLIPTIC if gated else "RSA-2048")).lower()


def _service_names(services: tuple[str, ...], domain: str) -> Iterator[str]:
    yield from (f"kubernetes{tail}" for tail in ("", ".default", ".default.svc", f".default.svc.{domain}"))
    yield _nth(services[0], 1)


def _names(given: Any) -> Iterator[str]:
    """Names as certificates have them: the same address is spelled in one way there."""
    for each in given or ():
        try:
            yield str(ip_address(each))
        except ValueError:
            yield each


def _listed(subnets: object) -> tuple[str, ...]:
    return tuple(each.strip() for each in str(subnets).split(",") if each.strip())


def _nth(subnet: str, number: int) -> str:
    return str(ip_network(subnet, strict=False)[number])


def duration(text: str) -> timedelta:
    """A duration as Go writes it: `8760h`, `87600h0m0s`."""
    return timedelta(seconds=sum(float(number) * _HOURS[unit] for number, unit in re.findall(r"([\d.]+)([hms])", text)))


def _at(document: Document, path: str) -> Any:
    found: Any = document
    for name in path.split("."):
        found = found.get(name) if isinstance(found, Mapping) else None
    return found
