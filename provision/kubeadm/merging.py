"""A user's own configuration, merged with what the harness has to set: the file wins wherever that can work. Pure.

A field is set where the procedure needs it and the file is silent; where the file says what cannot work here, it is
refused by name. `Merged.merges` has every field that kubeadm gets and that is not the file's, with the reason.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from provision.cluster import FAST_KEYS, Cluster
from provision.config.addresses import PODS, SERVICES, Family, family_of, url, version_of
from provision.config.balancers import API_SERVER_PORT
from provision.config.cluster_id import KEYS
from provision.config.configuration.expected import ECDSA_GATE, OLD_ELLIPTIC, arguments
from provision.config.configuration.own import JOINS, Document, Kind, OwnConfiguration
from provision.config.options import FLANNEL, ROUTES
from provision.kubeadm import decided, node_addresses
from provision.kubeadm.merge import Merge, Merging
from provision.network import plugin
from provision.node.kubelet import kubelet_settings
from provision.util.errors import BadInput

PKI = "/etc/kubernetes/pki"

_LABELS = ("stable", "latest", "release", "ci/")
"""How the words begin that kubeadm looks up on a download site."""

LEADERS = ("controllerManager", "scheduler")
SLOW_LEADER = {"leader-elect-lease-duration": "60s", "leader-elect-renew-deadline": "45s"}
"""Leaders end when the API server does not answer within ten seconds, their deadline for renewing a lease."""
SLOW_ETCD = {"heartbeat-interval": "1000", "election-timeout": "10000"}
"""Members on emulated processors miss each other's heartbeats of 100 ms, and would elect all the time."""
SLOW_ETCD_ARGUMENTS = ("etcd.local", SLOW_ETCD)

TIMEOUTS = (
    "controlPlaneComponentHealthCheck", "kubeletHealthCheck", "kubernetesAPICall", "etcdAPICall", "tlsBootstrap",
    "discovery",
)  # fmt: skip
PATIENT = "40m0s"
"""Ten times the longest of kubeadm's own, four minutes."""


@dataclass(frozen=True)
class Merged:
    """The documents as kubeadm gets them, and what in them is not the file's."""

    documents: Mapping[Kind, Document]
    merges: tuple[Merge, ...]


def merged(cluster: Cluster, own: OwnConfiguration) -> Merged:
    """Raises BadInput for what cannot work on this cluster; the fix names the field."""
    merging = Merging(cluster, own)
    for part in _PARTS:
        part(merging)
    return Merged(merging.documents, tuple(merging.merges))


def listed(options: Mapping[str, str]) -> list[dict[str, str]]:
    """Options of a component as v1beta4 has them."""
    return [{"name": name, "value": value} for name, value in options.items()]


def _api(merging: Merging) -> None:
    """What the release is known not to read. Where it is newer than what is known, kubeadm itself says so."""
    cluster, api = merging.cluster, merging.own.api
    if api and api not in cluster.facts.configuration_apis:
        raise BadInput(
            f"{merging.own.name} is written in {api}, which kubeadm {cluster.kubeadm_version} does not read",
            fix="kubeadm config migrate --old-config FILE, by a kubeadm that reads it; or --ha-kubernetes with an "
            "older version",
        )


def _version(merging: Merging) -> None:
    version, says = str(merging.cluster.version), merging.own.version
    why = "the version of the cluster, by --ha-kubernetes or the file"
    if says.startswith(_LABELS):
        why = "a run does not depend on what a download site calls so today"
        merging.set(Kind.CLUSTER, "kubernetesVersion", version, why)
    else:
        merging.need(
            Kind.CLUSTER, "kubernetesVersion", version, why, lambda found: f"v{str(found).lstrip('v')}" == version
        )


def _endpoint(merging: Merging) -> None:
    cluster = merging.cluster
    endpoint, why = str(cluster.endpoint), "the load balancer's name, which must resolve on every machine"
    merging.need(Kind.CLUSTER, "controlPlaneEndpoint", endpoint, why, lambda _: merging.own.endpoint == endpoint)
    if cluster.state.your_machines is None and not any(each.isalpha() for each in cluster.endpoint.name):
        merging.refuse(Kind.CLUSTER, "controlPlaneEndpoint", "must be a name: machines get addresses of their own")
    if not cluster.balancer.machines and cluster.endpoint.port == API_SERVER_PORT:
        beside = f"cannot have port {API_SERVER_PORT}: the API server of the same machine has it"
        merging.refuse(Kind.CLUSTER, "controlPlaneEndpoint", f"{beside}; say :{cluster.balancer.port}")


def _networks(merging: Merging) -> None:
    """A file without a pod network has none, unless the plugin of the cluster cannot do without."""
    cluster, given = merging.cluster, merging.own.field(Kind.CLUSTER, "networking.podSubnet")
    needed = plugin.pod_cidr(cluster)
    why = f"what the network plugin {cluster.network} has pods' addresses from"
    if cluster.network != ROUTES and (given or cluster.network == FLANNEL):
        merging.need(Kind.CLUSTER, "networking.podSubnet", needed, why)
    elif not given and needed:
        merging.set(Kind.CLUSTER, "networking.podSubnet", needed, why)


def _families(merging: Merging) -> None:
    """Networks of the families that machines have, by --ha-addresses-family; and what kubeadm gets of each machine."""
    family = merging.cluster.family
    for name, usual in (("podSubnet", PODS), ("serviceSubnet", SERVICES)):
        path = f"networking.{name}"
        found = merging.own.field(Kind.CLUSTER, path)
        given = str(found or "").split(",")
        if found is None and family is not Family.IPV4:
            why = f"addresses are of the family {family}, by --ha-addresses-family"
            merging.set(Kind.CLUSTER, path, family.listed(usual), why)
        elif found and not _fits(family, family_of(given), alone=name == "serviceSubnet"):
            merging.refuse(
                Kind.CLUSTER, path, f"machines have addresses of the family {family}: try "
                f"--ha-addresses-family {family_of(given)}, or networks of theirs",
            )  # fmt: skip
        elif found and name == "serviceSubnet" and version_of(given[0]) != family.versions[0]:
            merging.refuse(Kind.CLUSTER, path, f"must begin with IPv{family.versions[0]}, as API servers' addresses do")
    if not node_addresses.are_given(merging.cluster):
        return
    for kind in (Kind.INIT, *(each for each in JOINS if each in merging.own.documents)):
        path = "nodeRegistration.kubeletExtraArgs"
        why = "the addresses of each machine, by --ha-addresses-family"
        merging.merges.append(Merge(f"{kind}.{path}[{node_addresses.OPTION}]", "", "<the machine's addresses>", why))


def _fits(family: Family, given: Family, *, alone: bool) -> bool:
    """Whether networks go with the machines; `alone` where one family is enough on machines that have both."""
    return given is family or (alone and family is Family.DUAL)


def _folders(merging: Merging) -> None:
    if merging.own.field(Kind.CLUSTER, "certificatesDir") not in (None, PKI):
        merging.refuse(Kind.CLUSTER, "certificatesDir", f"must be {PKI}: the procedure copies certificates there")


def _etcd(merging: Merging) -> None:
    cluster = merging.cluster
    if cluster.id.stacked:
        merging.silent(Kind.CLUSTER, "etcd.external", "needs the topology external, and this cluster is stacked")
        return
    merging.silent(Kind.CLUSTER, "etcd.local", "needs the topology stacked, and this cluster's etcd is external")
    for name, value in external_etcd(cluster).items():
        merging.need(
            Kind.CLUSTER, f"etcd.external.{name}", value, "etcd's own machines, and what they are reached with"
        )


def external_etcd(cluster: Cluster) -> dict[str, Any]:
    """The page's section `etcd.external`."""
    return {
        "endpoints": [url(machine.address, 2379) for machine in cluster.etcd_machines],
        "caFile": f"{PKI}/etcd/ca.crt",
        "certFile": f"{PKI}/apiserver-etcd-client.crt",
        "keyFile": f"{PKI}/apiserver-etcd-client.key",
    }


def _keys(merging: Merging) -> None:
    """--ha-keys and the file may say the same; on emulated processors RSA takes too long, unless the file wants it."""
    chosen = merging.cluster.id.keys
    if merging.old:
        _old_keys(merging, chosen)
        return
    if chosen != KEYS[0]:
        why = "by --ha-keys"
    elif merging.cluster.emulated and merging.own.field(Kind.CLUSTER, "encryptionAlgorithm") is None:
        chosen, why = FAST_KEYS, "on emulated processors, clients give up before RSA is done"
    else:
        return
    merging.need(Kind.CLUSTER, "encryptionAlgorithm", chosen.upper(), why, lambda found: str(found).lower() == chosen)


def _old_keys(merging: Merging, chosen: str) -> None:
    """v1beta3 has a feature gate for one kind of elliptic keys, and no field."""
    if chosen == OLD_ELLIPTIC:
        merging.need(Kind.CLUSTER, f"featureGates.{ECDSA_GATE}", True, f"{chosen}, by --ha-keys")
    elif chosen != KEYS[0]:
        raise BadInput(
            f"{merging.own.name} is written in {merging.own.api}, which has no field for keys of the kind {chosen}",
            fix=f"--ha-keys {OLD_ELLIPTIC}; or kubeadm config migrate --old-config FILE, which makes v1beta4 of it",
        )


def _registration(merging: Merging) -> None:
    for kind in (Kind.INIT, *JOINS):
        merging.silent(kind, "nodeRegistration.name", "is for one machine: nodes are called as their machines")
        if merging.own.field(kind, "nodeRegistration.criSocket") not in (None, *decided.SOCKETS):
            merging.refuse(kind, "nodeRegistration.criSocket", f"must be {decided.SOCKETS[0]}, where containerd is")


def _addresses(merging: Merging) -> None:
    for kind, path in ((Kind.INIT, "localAPIEndpoint"), (Kind.CONTROL_PLANE_JOIN, "controlPlane.localAPIEndpoint")):
        merging.silent(kind, f"{path}.advertiseAddress", "is for one machine: each has an address of its own")
        if merging.own.field(kind, f"{path}.bindPort") not in (None, 6443):
            merging.refuse(kind, f"{path}.bindPort", "must be 6443: the load balancer sends requests there")


def _joins(merging: Merging) -> None:
    for kind in JOINS:
        merging.silent(kind, "discovery", "cannot be known before: machines join by what `kubeadm init` prints")
        if merging.own.field(kind, "dryRun"):
            merging.refuse(kind, "dryRun", "would join nothing")
    if merging.own.field(Kind.INIT, "dryRun"):
        merging.refuse(Kind.INIT, "dryRun", "would make no cluster")
    merging.silent(
        Kind.CONTROL_PLANE_JOIN, "controlPlane.certificateKey", "is what `kubeadm init` prints, or InitConfiguration's"
    )


def _kubelet(merging: Merging) -> None:
    if merging.own.field(Kind.KUBELET, "cgroupDriver") not in (None, "systemd"):
        merging.refuse(Kind.KUBELET, "cgroupDriver", "must be systemd, as containerd's is on these machines")
    merging.silent(Kind.KUBELET, "staticPodPath", "is where kubeadm writes manifests, which it does not ask")


def _emulation(merging: Merging) -> None:
    """Longer timeouts and slower heartbeats, each where the file does not say otherwise."""
    cluster = merging.cluster
    if not cluster.emulated:
        return
    why = "the machines' processors are emulated"
    for section, options in (
        *((each, SLOW_LEADER) for each in LEADERS),
        *(cluster.id.stacked * (SLOW_ETCD_ARGUMENTS,)),
    ):
        given = merging.own.field(Kind.CLUSTER, f"{section}.extraArgs")
        missing = {name: value for name, value in options.items() if name not in arguments({"extraArgs": given})}
        used = {**(given or {}), **missing} if merging.old else [*(given or []), *listed(missing)]
        merging.set(Kind.CLUSTER, f"{section}.extraArgs", used, why)
    for kind in (Kind.INIT, *(each for each in JOINS if each in merging.own.documents)):
        for name in () if merging.old else TIMEOUTS:
            if merging.own.field(kind, f"timeouts.{name}") is None:
                merging.set(kind, f"timeouts.{name}", PATIENT, why)


def _host(merging: Merging) -> None:
    """Host workarounds are no part of what kubeadm gets: they are beside it on the machines, and stay so."""
    cluster = merging.cluster
    for name, value in kubelet_settings(cluster.workarounds).items():
        found = merging.own.field(Kind.KUBELET, name)
        if found is not None and found != value:
            why = (
                "a host workaround, in a drop-in beside the kubelet's configuration; ConfigMaps say what the file says"
            )
            merging.merges.append(Merge(f"{Kind.KUBELET}.{name}", str(found), str(value), why))
    conntrack = merging.own.field(Kind.PROXY, "conntrack.maxPerCore")
    if conntrack is not None and "conntrack" in cluster.workarounds:
        why = "a host workaround, set in kube-proxy's ConfigMap after init"
        merging.merges.append(Merge(f"{Kind.PROXY}.conntrack.maxPerCore", str(conntrack), "0", why))


_PARTS: tuple[Callable[[Merging], None], ...] = (
    _api, _version, _endpoint, _families, _networks, decided.images, _folders, _etcd, _keys, _registration, _addresses,
    decided.options, _joins, _kubelet, _emulation, _host,
)  # fmt: skip
