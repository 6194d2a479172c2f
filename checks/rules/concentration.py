"""What is concentrated on one machine, or in one zone."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from checks.facts.cluster import Facts, Object
from checks.findings import Found, Severity
from checks.rules.fitting import fits
from checks.rules.rule import about_the_cluster
from checks.rules.system_pods import dns_pods, label, node_of

_ZONE = "topology.kubernetes.io/zone"
_CONTROL_PLANE = "node-role.kubernetes.io/control-plane"

_UNBOUND = (
    "kubectl -n kube-system patch deployment coredns --type json "
    """--patch '[{"op":"remove","path":"/spec/template/spec/nodeName"}]'"""
)


def _dns_deployment(facts: Facts) -> Object | None:
    """The Deployment of CoreDNS; None where DNS is served by something else, as by a DaemonSet."""
    for each in facts.api.deployments.get():
        names = (each["metadata"]["name"], label(each, "k8s-app"))
        if each["metadata"].get("namespace") == "kube-system" and ("coredns" in names or "kube-dns" in names):
            return each
    return None


def _several_nodes(facts: Facts) -> bool:
    return len(facts.api.nodes.get()) > 1


@about_the_cluster(
    "KHA-CONC-001", Severity.NOTICE,
    title="All pods of CoreDNS are on one machine.",
    why="While this machine is down there is no DNS, until its pods are moved minutes later.",
    fix="kubectl -n kube-system rollout restart deployment coredns",
    page="https://kubernetes.io/docs/setup/production-environment/tools/kubeadm/high-availability/"
    "#steps-for-the-rest-of-the-control-plane-nodes",
    because_of=("KHA-CONC-002",),
)  # fmt: skip
def dns_is_on_several_machines(facts: Facts) -> Iterator[Found]:
    pods = dns_pods(facts)
    places = {node_of(each) for each in pods}
    if len(pods) > 1 and len(places) == 1 and _several_nodes(facts):
        place = places.pop()
        names = tuple(each["metadata"]["name"] for each in pods)
        yield Found(f"All {len(pods)} pods of CoreDNS are on {place}.", (place,), names)


@about_the_cluster(
    "KHA-CONC-002", Severity.WARNING,
    title="CoreDNS may run on one machine alone.",
    why="Without this machine there is no DNS, and its pods are not moved.",
    fix="kubectl -n kube-system edit deployment coredns  # nodeName, nodeSelector, affinity or tolerations",
    page="https://kubernetes.io/docs/concepts/scheduling-eviction/assign-pod-node/",
)  # fmt: skip
def dns_may_run_on_several_machines(facts: Facts) -> Iterator[Found]:
    deployment, nodes = _dns_deployment(facts), facts.api.nodes.get()
    if deployment is None or not _several_nodes(facts) or not _replicas(deployment):
        return
    spec = deployment["spec"]["template"]["spec"]
    places = [each["metadata"]["name"] for each in nodes if fits(spec, each)]
    if len(places) == 1:
        named = {key: spec[key] for key in ("nodeName", "nodeSelector", "affinity", "tolerations") if spec.get(key)}
        evidence = tuple(f"{key}: {value}" for key, value in named.items())
        yield Found(
            f"CoreDNS may run on {places[0]} alone, of {len(nodes)} nodes.", (places[0],), evidence,
            fix=_UNBOUND if _nodes_without_a_name(spec, nodes) > 1 else "",
        )  # fmt: skip


def _nodes_without_a_name(spec: Mapping[str, Any], nodes: Iterable[Object]) -> int:
    """On how many nodes it may run once it names none; 0 where it names none."""
    unbound = {key: value for key, value in spec.items() if key != "nodeName"}
    return sum(fits(unbound, each) for each in nodes) if spec.get("nodeName") else 0


@about_the_cluster(
    "KHA-CONC-003", Severity.WARNING,
    title="CoreDNS runs once.",
    why="The loss of its machine, even a drain of it, ends DNS for the whole cluster.",
    fix="kubectl -n kube-system scale deployment coredns --replicas 2",
    page="https://kubernetes.io/docs/tasks/administer-cluster/dns-custom-nameservers/",
)  # fmt: skip
def dns_runs_several_times(facts: Facts) -> Iterator[Found]:
    """Where more pods have its label than the Deployment makes, something else serves DNS, too."""
    deployment = _dns_deployment(facts)
    if deployment is not None and _replicas(deployment) == 1 and _several_nodes(facts) and len(dns_pods(facts)) < 2:
        yield Found("The Deployment of CoreDNS has one replica.", (), ("kube-system/coredns: replicas: 1",))


def _replicas(deployment: Object) -> int:
    return int(deployment["spec"].get("replicas", 1))


@about_the_cluster(
    "KHA-CONC-004", Severity.NOTICE,
    title="All control planes are in one zone, and other nodes are not.",
    why="The API ends with this zone, though the cluster has machines elsewhere.",
    fix="kubectl get nodes -L topology.kubernetes.io/zone  # then join control planes in other zones",
    page="https://kubernetes.io/docs/setup/best-practices/multiple-zones/",
)  # fmt: skip
def control_planes_are_in_several_zones(facts: Facts) -> Iterator[Found]:
    nodes = facts.api.nodes.get()
    control_planes = [each for each in nodes if _CONTROL_PLANE in (each["metadata"].get("labels") or {})]
    zones = {label(each, _ZONE) for each in control_planes}
    elsewhere = {label(each, _ZONE) for each in nodes} - zones - {""}
    if len(control_planes) > 1 and len(zones) == 1 and "" not in zones and elsewhere:
        yield Found(
            f"All control planes are in zone {zones.pop()}; other nodes are in {', '.join(sorted(elsewhere))}.", (),
            tuple(f"{each['metadata']['name']}: {label(each, _ZONE) or 'no zone'}" for each in nodes),
        )  # fmt: skip
