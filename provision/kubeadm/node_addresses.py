"""What kubeadm gets for a machine's addresses where they are not of IPv4 alone. Pure.

By itself it takes the address of the default route, IPv4 first, and lets the kubelet find one address.
Source: https://kubernetes.io/docs/setup/production-environment/tools/kubeadm/dual-stack-support/
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from provision.cluster import Cluster
from provision.config.addresses import Family
from provision.config.configuration.own import Document
from provision.machines.machine import Machine

OPTION = "node-ip"
"""The kubelet's option."""


def are_given(cluster: Cluster) -> bool:
    """Whether a machine's addresses are given, and not left to kubeadm and the kubelet."""
    return cluster.family is not Family.IPV4


def of_init(document: Document, cluster: Cluster, machine: Machine) -> dict[str, Any]:
    """An InitConfiguration with the addresses of a machine."""
    return {**document, "localAPIEndpoint": _endpoint(document, machine), **_registration(document, cluster, machine)}


def of_join(document: Document, cluster: Cluster, machine: Machine) -> dict[str, Any]:
    """A JoinConfiguration with the addresses of a machine: of a control plane where it has that section."""
    found = {**document, **_registration(document, cluster, machine)}
    if "controlPlane" in document:
        section = document["controlPlane"] or {}
        found["controlPlane"] = {**section, "localAPIEndpoint": _endpoint(section, machine)}
    return found


def _endpoint(section: Mapping[str, Any], machine: Machine) -> dict[str, Any]:
    return {**(section.get("localAPIEndpoint") or {}), "advertiseAddress": machine.address}


def _registration(document: Document, cluster: Cluster, machine: Machine) -> dict[str, Any]:
    """Options of the kubelet are a list in v1beta4, and a map in v1beta3."""
    registration, listed = document.get("nodeRegistration") or {}, ",".join(cluster.addresses_of(machine))
    given = registration.get("kubeletExtraArgs")
    if str(document["apiVersion"]).endswith("/v1beta3"):
        options: object = {**(given or {}), OPTION: listed}
    else:
        options = [*(given or ()), {"name": OPTION, "value": listed}]
    return {"nodeRegistration": {**registration, "kubeletExtraArgs": options}}
