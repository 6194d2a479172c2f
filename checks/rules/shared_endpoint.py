"""An endpoint that the cluster already uses and that is not one machine alone, and the line that stores it."""

from __future__ import annotations

from pathlib import PurePosixPath

from checks.facts.addresses import is_loopback, same_host
from checks.facts.cluster import Facts
from checks.facts.machine import BALANCER
from checks.rules.edits import edited
from checks.rules.hosts import host_of
from checks.rules.named_servers import control_plane_at, resolved, shared_addresses
from checks.rules.system_pods import is_ready


def storing(facts: Facts, expression: str) -> str:
    """The command that stores the endpoint; empty where nothing shows one that serves."""
    for server in (facts.api.cluster_info_server.value, facts.api.kube_proxy_server.value):
        host = host_of(server or "")
        if host and not is_loopback(host) and not _is_one_machine(facts, host) and _serves(facts, host):
            endpoint = str(server).removeprefix("https://").rstrip("/")
            return edited("kube-system", "kubeadm-config", expression).format(endpoint=endpoint)
    return ""


def _is_one_machine(facts: Facts, host: str) -> bool:
    """Whether a host is a machine's own; a load balancer's may be the endpoint, and so may an address that moves."""
    if control_plane_at(facts, host):
        return True
    if host in shared_addresses(facts) | resolved(facts):
        return False
    return any(same_host(facts, each, host) for each in facts.machines if not each.is_a(BALANCER))


def _serves(facts: Facts, host: str) -> bool:
    """Whether the API answers there: a request of this check, or the kubelet of a ready node, which reports by it.

    What a ConfigMap names may be a control plane that was removed.
    """
    through = facts.through_endpoint
    if through and through.ready.known and host_of(through.address) == host:
        return True
    ready = {each["metadata"]["name"] for each in facts.api.nodes.value or () if is_ready(each)}
    return any(
        host_of(each.server) == host and PurePosixPath(each.place).name == "kubelet.conf"
        for machine in facts.nodes if machine.name in ready
        for each in machine.kubeconfigs.value or ()
    )  # fmt: skip
