"""kubeadm's configuration file: the page's for external etcd, a user's own, and what replaces a command line."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import yaml

from provision.cluster import Cluster
from provision.config.addresses import SERVICES
from provision.config.cluster_id import CLUSTER, KEYS
from provision.config.configuration.expected import Expected
from provision.config.configuration.own import Document, Kind
from provision.config.topology import Role
from provision.kubeadm import merging, node_addresses
from provision.kubeadm.merge import Merge
from provision.machines.machine import Machine
from provision.network import plugin
from provision.observations import PrintedJoins
from provision.util.concurrency import together

FILE = "kubeadm-config.yaml"
"""In the login user's home, as on the page."""


JOIN_FILE = "kubeadm-join.yaml"
"""What a join command says, as a file, beside the other one."""

_OF_INIT = (Kind.CLUSTER, Kind.INIT, Kind.KUBELET, Kind.PROXY)
"""The documents that `kubeadm init` reads, in their order in the file."""


def is_needed(cluster: Cluster) -> bool:
    """Whether `kubeadm init` needs a setting that no option of its command line has. Pure."""
    usual = cluster.id.stacked and cluster.id.authority == CLUSTER and cluster.keys == KEYS[0]
    usual = usual and not node_addresses.are_given(cluster)
    return not usual or cluster.emulated or cluster.own_configuration is not None


def documents(cluster: Cluster) -> Mapping[Kind, Document]:
    """What kubeadm is given for this cluster: a user's own configuration, merged, or the page's. Pure.

    What it gets for one machine comes in where the file is rendered for that. Raises BadInput for a configuration
    that cannot work on it.
    """
    own = cluster.own_configuration
    return merging.merged(cluster, own).documents if own else _of_the_page(cluster)


def merges(cluster: Cluster) -> Sequence[Merge]:
    """What kubeadm gets that a user's own configuration does not say; nothing where there is none. Pure."""
    own = cluster.own_configuration
    return merging.merged(cluster, own).merges if own else ()


def expected(cluster: Cluster) -> Expected:
    """What is to be found in the cluster. Pure."""
    return Expected.of(documents(cluster))


def render(cluster: Cluster, certificate_key: str = "", machine: Machine | None = None) -> str:
    """The file, with a certificate key, which kubeadm takes from nowhere else beside a file. Pure.

    It is for the first control plane, or for another `machine` on which kubeadm reads it.
    """
    given = dict(documents(cluster))
    init = {"apiVersion": given[Kind.CLUSTER]["apiVersion"], "kind": Kind.INIT.value, **given.get(Kind.INIT, {})}
    if certificate_key:
        given[Kind.INIT] = init = {**init, "certificateKey": certificate_key}
    if node_addresses.are_given(cluster):
        given[Kind.INIT] = node_addresses.of_init(init, cluster, machine or cluster.control_planes[0])
    return yaml.safe_dump_all([given[kind] for kind in _OF_INIT if kind in given], sort_keys=False)


def _of_the_page(cluster: Cluster) -> Mapping[Kind, Document]:
    """The page's file, filled in. With stacked etcd it has what the page's command line has, and what no option has.

    The page says `kubernetesVersion: stable`; the version is always given, so that a run does not depend on what a
    download site calls stable today. The pod network's range is what the page asks for with the network plugin.
    """
    content: dict[str, object] = {
        "apiVersion": cluster.facts.configuration_api,
        "kind": Kind.CLUSTER.value,
        "kubernetesVersion": str(cluster.version),
        "controlPlaneEndpoint": str(cluster.endpoint),
        "networking": {"podSubnet": plugin.pod_cidr(cluster), **_services(cluster)},
        **_etcd(cluster),
    }
    if cluster.keys != KEYS[0]:
        content["encryptionAlgorithm"] = cluster.keys.upper()
    if not cluster.emulated:
        return {Kind.CLUSTER: content}
    content |= {name: {"extraArgs": merging.listed(merging.SLOW_LEADER)} for name in merging.LEADERS}
    init = {"apiVersion": content["apiVersion"], "kind": Kind.INIT.value, **_timeouts(cluster)}
    return {Kind.CLUSTER: content, Kind.INIT: init}


def _services(cluster: Cluster) -> dict[str, str]:
    """The Service network where kubeadm's default, which is one of IPv4, does not do."""
    return {"serviceSubnet": cluster.family.listed(SERVICES)} if node_addresses.are_given(cluster) else {}


def joins_by_file(cluster: Cluster, *, control_plane: bool) -> bool:
    """Whether machines of a role join with settings that no option of the command line has. Pure."""
    own = cluster.own_configuration
    kind = Kind.CONTROL_PLANE_JOIN if control_plane else Kind.WORKER_JOIN
    given = cluster.emulated or node_addresses.are_given(cluster)
    return given or bool(own and kind in own.documents)


def render_join(cluster: Cluster, printed: PrintedJoins, machine: Machine, *, control_plane: bool) -> str:
    """What a printed join command says to a machine, with what a file adds to it. Pure; it holds secrets."""
    discovery = {
        "apiServerEndpoint": str(cluster.endpoint), "token": printed.token, "caCertHashes": [printed.authority_hash],
    }  # fmt: skip
    key = {"certificateKey": printed.certificate_key} if printed.certificate_key else {}
    kind = Kind.CONTROL_PLANE_JOIN if control_plane else Kind.WORKER_JOIN
    given = documents(cluster)
    document: Mapping[str, Any] = given.get(kind) or {
        "apiVersion": given[Kind.CLUSTER]["apiVersion"], "kind": "JoinConfiguration", **_timeouts(cluster),
    }  # fmt: skip
    content = {**document, "discovery": {"bootstrapToken": discovery}}
    if control_plane:
        content["controlPlane"] = {**(document.get("controlPlane") or {}), **key}
    if node_addresses.are_given(cluster):
        content = node_addresses.of_join(content, cluster, machine)
    return yaml.safe_dump(content, sort_keys=False)


def _etcd(cluster: Cluster) -> dict[str, object]:
    if not cluster.id.stacked:
        return {"etcd": {"external": merging.external_etcd(cluster)}}
    return {"etcd": {"local": {"extraArgs": merging.listed(merging.SLOW_ETCD)}}} if cluster.emulated else {}


def _timeouts(cluster: Cluster) -> dict[str, object]:
    return {"timeouts": dict.fromkeys(merging.TIMEOUTS, merging.PATIENT)} if cluster.emulated else {}


def write(cluster: Cluster) -> None:
    """Write the file on the first control plane."""
    secret = bool(cluster.own_configuration)  # which may have tokens
    cluster.control_planes[0].put(FILE, render(cluster), mode=0o600 if secret else 0o644)


def put_files(cluster: Cluster) -> None:
    """Put the files that a user's own configuration names on every control plane, for root alone."""
    own = cluster.own_configuration
    planes = [each for each in cluster.machines.values() if each.role is Role.CONTROL_PLANE]
    together(lambda machine: _put_all(machine, own.files if own else {}), planes)


def _put_all(machine: Machine, files: Mapping[str, str]) -> None:
    for path, text in files.items():
        machine.put(path, text, mode=0o600)
