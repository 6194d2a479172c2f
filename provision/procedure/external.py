"""The page's procedure for external etcd, which begins with the etcd page's own.

The pages' order is here, with the steps that only this topology has; the others are in `parts.py`. A step without a
section is the harness's own.
"""

from __future__ import annotations

from provision.config.cluster_id import ClusterId
from provision.etcd import manager, members
from provision.kubeadm import certificates, configuration
from provision.procedure import parts
from provision.procedure.step import Joins, Procedure, State, Step

_ETCD = "setup-ha-etcd-with-kubeadm/#setting-up-the-cluster"
_SET_UP = "set-up-the-etcd-cluster"
_FIRST = "set-up-the-first-control-plane-node"


def procedure(cluster: ClusterId, joins: Joins) -> Procedure:
    """The steps; `joins` is how the other control planes join."""
    return (
        *parts.load_balancer(),
        *_etcd(),
        *_client_certificate(),
        *parts.other_programs(cluster),
        Step("write kubeadm-config.yaml", _FIRST, State.INITIALISED, configuration.write),
        *parts.initialise(_FIRST, configured=cluster.configured),
        *(() if cluster.uploads else parts.manual_certificates(stacked=False)),
        *parts.joins("steps-for-the-rest-of-the-control-plane-nodes-1", joins, configured=cluster.configured),
    )


def _etcd() -> Procedure:
    health = Step(
        "check the etcd cluster's health", _ETCD, State.ETCD, members.wait_until_healthy,
        "The page's command asks one member, and shows the answers of three: --cluster is missing.",
    )  # fmt: skip
    return (
        Step("make the kubelet a service manager for etcd", _ETCD, State.ETCD, manager.apply),
        Step("write etcd's configuration files for kubeadm", _ETCD, State.ETCD, members.write_configurations),
        Step("generate etcd's certificate authority", _ETCD, State.ETCD, members.make_authority),
        Step("create certificates for each etcd member", _ETCD, State.ETCD, members.make_certificates),
        Step("copy certificates to the etcd machines", _ETCD, State.ETCD, members.distribute),
        Step("create etcd's static pod manifests", _ETCD, State.ETCD, members.start),
        health,
    )


def _client_certificate() -> Procedure:
    place = Step(
        "move etcd's client certificate in place", _SET_UP, State.INITIALISED, certificates.place_from_etcd,
        "The page copies the files into a home folder, and never moves them to where its kubeadm-config.yaml has them.",
    )  # fmt: skip
    return (
        Step("copy etcd's client certificate with scp", _SET_UP, State.INITIALISED, certificates.copy_from_etcd),
        place,
    )
