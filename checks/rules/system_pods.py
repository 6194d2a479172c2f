"""Pods of kube-system, as the API has them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from checks.facts.cluster import Facts, Object

STATIC = ("kube-apiserver", "kube-controller-manager", "kube-scheduler", "etcd")
ADD_ONS = ("kube-proxy", "kube-dns")
"""The label k8s-app of what kubeadm adds; kube-dns is CoreDNS's."""


def label(pod: Object, name: str) -> str:
    """A label of an object; empty where it has none."""
    return str((pod["metadata"].get("labels") or {}).get(name, ""))


def system_pods(facts: Facts) -> Iterator[Object]:
    """Pods of kube-system that are not about to end and have not ended; raises Unknown."""
    for pod in facts.api.pods.get():
        metadata, phase = pod["metadata"], pod.get("status", {}).get("phase", "")
        ending = bool(metadata.get("deletionTimestamp")) or phase in ("Succeeded", "Failed")
        if metadata.get("namespace") == "kube-system" and not ending:
            yield pod


def part(pod: Object) -> str:
    """Which part of kubeadm's a pod is: a component's name, kube-proxy or kube-dns; empty for all others."""
    component, add_on = label(pod, "component"), label(pod, "k8s-app")
    if component in STATIC and pod["metadata"]["name"] == f"{component}-{node_of(pod)}":
        return component
    return add_on if add_on in ADD_ONS else ""


def node_of(pod: Object) -> str:
    """The node of a pod; empty where it has none."""
    return str(pod.get("spec", {}).get("nodeName", ""))


def mirror_pod(facts: Facts, machine: str, component: str) -> Object | None:
    """The mirror pod of a component on a machine; raises Unknown."""
    names = (each for each in system_pods(facts) if each["metadata"]["name"] == f"{component}-{machine}")
    return next(names, None)


def dns_pods(facts: Facts) -> list[Object]:
    """Pods of CoreDNS that are ready; raises Unknown."""
    return [each for each in system_pods(facts) if part(each) == "kube-dns" and is_ready(each)]


def is_ready(thing: Object) -> bool:
    """Whether a pod or node has the condition Ready."""
    return condition(thing, "Ready").get("status") == "True"


def condition(thing: Object, kind: str) -> dict[str, Any]:
    """A condition of a pod or node; empty where it has none."""
    found = thing.get("status", {}).get("conditions") or []
    return next((dict(each) for each in found if each.get("type") == kind), {})
