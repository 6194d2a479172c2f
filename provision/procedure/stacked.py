"""The page's stacked procedure: control planes with etcd members of their own. The list below IS the page."""

from __future__ import annotations

from provision.cluster import Cluster
from provision.kubeadm import commands, settle
from provision.loadbalancer import dns, haproxy
from provision.network import plugin
from provision.procedure.step import Alongside, Procedure, State, Step


def procedure(joins: str) -> Procedure:
    """The steps. `joins` is `serial` or `parallel`, and says how the other control planes join."""
    join_others = commands.join_one_by_one if joins == "serial" else commands.join_at_once
    return (
        Step("give the load balancer a name in DNS", _LOAD_BALANCER, State.LOAD_BALANCED, dns.apply),
        Step("add the first control plane to the load balancer", _LOAD_BALANCER, State.LOAD_BALANCED, _first_target),
        Step("test the connection with nc", _LOAD_BALANCER, State.LOAD_BALANCED, _test_connection),
        Step("add the remaining control planes", _LOAD_BALANCER, State.LOAD_BALANCED, _all_targets),
        Step("initialise the first control plane", _FIRST, State.INITIALISED, commands.initialise),
        Step("let kube-proxy run on this host", "", State.INITIALISED, settle.accommodate_kube_proxy),
        Step("apply the network plugin", _FIRST, State.INITIALISED, plugin.apply),
        Step("wait for the signed cluster-info", "", State.READY, settle.wait_for_signature),
        Alongside(
            (
                Step("join the other control planes", _OTHERS, State.READY, join_others),
                Step("join the workers", _WORKERS, State.READY, commands.join_workers),
            )
        ),
        Step("wait until every node and system pod is ready", "", State.READY, settle.wait_until_ready),
    )


_LOAD_BALANCER = "create-load-balancer-for-kube-apiserver"
_FIRST = "steps-for-the-first-control-plane-node"
_OTHERS = "steps-for-the-rest-of-the-control-plane-nodes"
_WORKERS = "install-workers"


def _first_target(cluster: Cluster) -> None:
    haproxy.apply(cluster, cluster.control_planes[:1])


def _all_targets(cluster: Cluster) -> None:
    haproxy.apply(cluster, cluster.control_planes)


def _test_connection(cluster: Cluster) -> None:
    """The page's command. What it answers is recorded, and judged by a scenario: a balancer that proxies accepts."""
    command = f"nc -zv -w 2 {cluster.endpoint.address} {cluster.endpoint.port}"
    result = cluster.control_planes[0].run(command)
    cluster.observations["nc_before_init"] = {"command": command, "rc": result.rc, "answer": result.stderr.strip()}
