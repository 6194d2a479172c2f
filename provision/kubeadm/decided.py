"""What a user's own configuration leaves to the harness: options that repeat fields, and images. Pure.

kubeadm accepts all of it, and the cluster would not come up.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from provision.config.cluster_state import REGISTRY
from provision.config.configuration.expected import arguments
from provision.config.configuration.own import JOINS, Kind
from provision.kubeadm import node_addresses
from provision.kubeadm.merge import Merging
from provision.util.errors import BadInput

SOCKETS = ("unix:///var/run/containerd/containerd.sock", "unix:///run/containerd/containerd.sock")
"""Where containerd is, by both names."""

_UPSTREAM = "registry.k8s.io"
_ONE_MACHINE = "is for one machine: each has addresses of its own"

_Allowed = tuple[tuple[str, ...], str]
"""The values that an option may have, and why no other."""

_KUBELET: Mapping[str, _Allowed] = {
    "hostname-override": ((), "is for one machine: nodes are called as their machines"),
    "cgroup-driver": (("systemd",), "must be systemd, as containerd's is on these machines"),
    "container-runtime-endpoint": (SOCKETS, f"must be {SOCKETS[0]}, where containerd is"),
    "pod-manifest-path": (("/etc/kubernetes/manifests",), "is where kubeadm writes manifests, which it does not read"),
}
_API_SERVER: Mapping[str, _Allowed] = {
    "advertise-address": ((), _ONE_MACHINE),
    "bind-address": (("0.0.0.0", "::"), "must be every address: the load balancer and the machine itself send to it"),
    "secure-port": (("6443",), "must be 6443: the load balancer sends requests there"),
}


def options(merging: Merging) -> None:
    """Options, which win over the fields that say the same."""
    every = () if node_addresses.are_given(merging.cluster) else ("0.0.0.0",)
    kubelet = {node_addresses.OPTION: (every, _ONE_MACHINE), **_KUBELET}
    for kind in (Kind.INIT, *JOINS):
        _allow(merging, kind, "nodeRegistration.kubeletExtraArgs", kubelet)
    _allow(merging, Kind.CLUSTER, "apiServer.extraArgs", _API_SERVER)


def _allow(merging: Merging, kind: Kind, path: str, allowed: Mapping[str, _Allowed]) -> None:
    given = arguments({"extraArgs": merging.own.field(kind, path)})
    for name, (values, why) in allowed.items():
        if not set(given.get(name, ())) <= set(values):
            raise BadInput(f"{merging.own.name}: {kind}.{path}: {name} {why}", fix=f"leave {name} out of {path}")


def images(merging: Merging) -> None:
    """Machines without the internet reach one registry, which is beside them, and have the release's own images."""
    state = merging.cluster.state
    if state.online or state.your_machines:
        return
    served = f"{REGISTRY}/{state.served_repository}" if state.served_repository else ""
    why = f"is not reached by machines without the internet; {REGISTRY}/NAME is served, and --ha-online yes opens"
    _keep(merging, "imageRepository", lambda found: found in (_UPSTREAM, served), f"{why} the way")
    for section, image in (("dns", merging.cluster.facts.coredns), ("etcd.local", merging.cluster.facts.etcd)):
        name, _, tag = image.rpartition(":")
        known = (_UPSTREAM, name.rpartition("/")[0], served)
        other = (
            "is not reached by machines without the internet; ClusterConfiguration.imageRepository is for all images"
        )
        _keep(merging, f"{section}.imageRepository", known.__contains__, f"{other}, and --ha-online yes opens the way")
        _keep(
            merging, f"{section}.imageTag", tag.__eq__,
            f"must be {tag}, the release's, on machines without the internet; --ha-online yes opens the way",
        )  # fmt: skip


def _keep(merging: Merging, path: str, right: Callable[[str], bool], why: str) -> None:
    found = merging.own.field(Kind.CLUSTER, path)
    if found is not None and not right(str(found)):
        merging.refuse(Kind.CLUSTER, path, why)
