"""Kubeconfigs, kube-proxy and the stored endpoint: whether they name one machine."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import PurePosixPath

from checks.facts.addresses import is_address
from checks.facts.certificates import Kubeconfig
from checks.facts.cluster import Facts
from checks.facts.fact import LOGIN, Unknown
from checks.facts.machine import CONTROL_PLANE, MachineFacts
from checks.findings import Found, Severity
from checks.rules.edits import ENDPOINT_ADDED, ENDPOINT_CHANGED, SERVER, SERVER_CHANGED, edited, matched
from checks.rules.hosts import host_of
from checks.rules.named_servers import control_plane_at, instead_of_the_endpoint, shared_addresses
from checks.rules.own_places import api_server_at, restart
from checks.rules.rule import about_each, about_the_cluster, control_planes, nodes
from checks.rules.shared_endpoint import storing

_HA = "https://kubernetes.io/docs/setup/production-environment/tools/kubeadm/high-availability/"
_COMPONENTS = ("kubelet.conf", "controller-manager.conf", "scheduler.conf")
_ADMINISTRATORS = ("admin.conf", "super-admin.conf")


def _alone(facts: Facts) -> bool:
    """Whether there is one control plane, so that nothing can name another. As documented, there is an endpoint yet."""
    return len(facts.control_planes) < 2 and not facts.as_documented


def _kubeconfigs(facts: Facts, machine: MachineFacts, names: tuple[str, ...]) -> list[Kubeconfig]:
    """Those of some names that are there; raises Unknown where, as documented, the first one has to be."""
    found = [each for each in machine.kubeconfigs.get() if PurePosixPath(each.place).name in names]
    if facts.as_documented and names[0] not in {PurePosixPath(each.place).name for each in found}:
        raise Unknown(f"{names[0]} of {machine.name} was not read")
    return found


@about_each(
    nodes, "KHA-ONE-001", Severity.WARNING,
    title="The kubeconfig of a component names another machine instead of the endpoint.",
    why="The component goes down with that machine.",
    fix=f"{SERVER_CHANGED} && {{restart}}  # on {{machine}}",
    page=_HA, because_of=("KHA-ONE-004",),
)  # fmt: skip
def components_name_no_other_machine(facts: Facts, machine: MachineFacts) -> Iterator[Found]:
    """A component of a control plane may connect to the API server beside it; where there is one, there is no other."""
    if _alone(facts):
        return
    for each in _kubeconfigs(facts, machine, _COMPONENTS):
        named = instead_of_the_endpoint(facts, each.server)
        if named and named != machine.name:
            own = api_server_at(facts, machine) if machine.is_a(CONTROL_PLANE) else facts.endpoint
            yield Found(
                f"{each.place} on {machine.name} names {named} instead of the endpoint.", (machine.name,),
                (f"{each.place}: server: {each.server}",),
                {**_edit(each, own), "restart": _restart(machine, each.place)},
                about=(named,),
            )  # fmt: skip


def _edit(kubeconfig: Kubeconfig, instead: str) -> dict[str, str]:
    return {"file": kubeconfig.place, "named": matched(kubeconfig.server), "server": f"https://{instead}"}


def _restart(machine: MachineFacts, place: str) -> str:
    """What starts the component anew that reads this file."""
    name = PurePosixPath(place).stem
    return "sudo systemctl restart kubelet" if name == "kubelet" else restart(machine, f"kube-{name}")


@about_the_cluster(
    "KHA-ONE-002", Severity.WARNING,
    title="kube-proxy connects to one control plane instead of the endpoint.",
    why="Without that machine no node follows the changes of Services.",
    fix=edited("kube-system", "kube-proxy", SERVER)
        + " && kubectl -n kube-system rollout restart daemonset kube-proxy",
    page=_HA, because_of=("KHA-ONE-004",),
)  # fmt: skip
def kube_proxy_names_the_endpoint(facts: Facts) -> Iterator[Found]:
    if _alone(facts) or _without_kube_proxy(facts):
        return
    server = facts.api.kube_proxy_server.get()
    if named := instead_of_the_endpoint(facts, server):
        yield Found(
            f"The ConfigMap kube-proxy names {named} instead of the endpoint.", (),
            (f"kube-system/kube-proxy: server: {server}",), {"endpoint": facts.endpoint}, about=(named,),
        )  # fmt: skip


def _without_kube_proxy(facts: Facts) -> bool:
    """Networks such as Cilium stand in for it, and its ConfigMap may be left over."""
    sets = facts.api.daemon_sets
    return sets.known and not any(each["metadata"]["name"] == "kube-proxy" for each in sets.get())


@about_each(
    control_planes, "KHA-ONE-003", Severity.WARNING,
    title="An administrator's kubeconfig names one control plane instead of the endpoint.",
    why="With that machine its access is lost, just when it is needed.",
    fix=f"{SERVER_CHANGED}  # on {{machine}}",
    page=_HA, because_of=("KHA-ONE-004",),
)  # fmt: skip
def administrators_name_the_endpoint(facts: Facts, machine: MachineFacts) -> Iterator[Found]:
    if _alone(facts):
        return
    for each in _kubeconfigs(facts, machine, _ADMINISTRATORS):
        if named := instead_of_the_endpoint(facts, each.server):
            yield Found(
                f"{each.place} on {machine.name} names {named} instead of the endpoint.", (machine.name,),
                (f"{each.place}: server: {each.server}",), _edit(each, facts.endpoint),
                about=(named,),
            )  # fmt: skip


@about_the_cluster(
    "KHA-ONE-004", Severity.WARNING,
    title="The stored configuration names no endpoint that all control planes share.",
    why="A lost control plane cannot be replaced, or all that joins depends on one machine.",
    fix="kubectl -n kube-system edit configmap kubeadm-config  # controlPlaneEndpoint: the balancer's name and port",
    page="https://kubernetes.io/docs/setup/production-environment/tools/kubeadm/create-cluster-kubeadm/",
)  # fmt: skip
def stored_endpoint_is_shared(facts: Facts) -> Iterator[Found]:
    configuration = facts.api.cluster_configuration.get()
    stored = configuration.get("controlPlaneEndpoint") or ""
    few = len(facts.control_planes) < 2
    if not stored:
        written = ENDPOINT_CHANGED if "controlPlaneEndpoint" in configuration else ENDPOINT_ADDED
        yield Found(
            "kubeadm-config has no controlPlaneEndpoint, so that no control plane can join.",
            severity=Severity.NOTICE if few else None, fix=storing(facts, written),
        )  # fmt: skip
        return
    if few:
        return
    if named := _one_control_plane(facts, stored):
        yield Found(
            f"controlPlaneEndpoint in kubeadm-config is {stored}, which is {named.name} alone.", (),
            (f"kube-system/kubeadm-config: controlPlaneEndpoint: {stored}",), fix=storing(facts, ENDPOINT_CHANGED),
            about=(named.name,),
        )  # fmt: skip


@about_the_cluster(
    "KHA-ONE-007", Severity.WARNING,
    title="What machines are given that join names one control plane instead of the endpoint.",
    why="Without that machine nothing can join, and the kubelet of what joins depends on it for good.",
    fix=edited("kube-public", "cluster-info", SERVER),
    page="https://kubernetes.io/docs/reference/setup-tools/kubeadm/implementation-details/",
    because_of=("KHA-ONE-004",),
)  # fmt: skip
def cluster_info_names_the_endpoint(facts: Facts) -> Iterator[Found]:
    """The ConfigMap cluster-info, by which a machine that joins finds the cluster."""
    if _alone(facts):
        return
    server = facts.api.cluster_info_server.get()
    if named := instead_of_the_endpoint(facts, server):
        yield Found(
            f"cluster-info in kube-public names {named} instead of the endpoint: what joins depends on it.", (),
            (f"kube-public/cluster-info: server: {server}",), {"endpoint": facts.endpoint}, about=(named,),
        )  # fmt: skip


def _one_control_plane(facts: Facts, stored: str) -> MachineFacts | None:
    """The control plane that the endpoint is by itself; raises Unknown for a name that was not resolved.

    A machine may have an endpoint's name for its own address, so that all machines have to agree on one control plane.
    """
    host = host_of(stored)
    if is_address(host):
        return control_plane_at(facts, host)
    named = [set(each.resolved.value) for each in facts.machines if each.resolved.value]
    if not named or host != host_of(facts.endpoint):
        if found := control_plane_at(facts, host):
            return found
        raise Unknown(f"what {host} stands for was not read", LOGIN)
    everywhere = set.union(*named)
    if len(everywhere) != 1:
        return None
    address = everywhere.pop()
    own = (each for each in facts.control_planes if each.address == address and address not in shared_addresses(facts))
    return next(own, None)
