"""Where a fault hits: machines that are chosen from the cluster as it is at that moment."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence

from provision.cluster import Cluster
from provision.etcd.members import etcdctl
from provision.machines.machine import Machine
from provision.util.errors import CommandFailed
from resilience.faults.scene import Scene

Where = Callable[[Scene], Sequence[Machine]]


def etcd_leader(scene: Scene) -> list[Machine]:
    """The machine of etcd's leader."""
    return [leader_of_etcd(scene.cluster)]


def etcd_follower(scene: Scene) -> list[Machine]:
    """The last machine whose member follows."""
    return [_followers(scene.cluster)[-1]]


def etcd_minority(scene: Scene) -> list[Machine]:
    """As many followers as etcd can do without."""
    followers = _followers(scene.cluster)
    return followers[len(followers) - (len(scene.cluster.etcd_members) - 1) // 2 :]


def etcd_majority(scene: Scene) -> list[Machine]:
    """The leader, and as many followers as make up a majority with it."""
    leader, *others = etcd_leader(scene) + _followers(scene.cluster)
    return [leader, *others[: len(scene.cluster.etcd_members) // 2]]


def etcd_every_member(scene: Scene) -> list[Machine]:
    """All machines of etcd's members, the leader's first."""
    return etcd_leader(scene) + _followers(scene.cluster)


def etcd_machines(scene: Scene) -> list[Machine]:
    """All machines of an external etcd cluster."""
    return scene.cluster.etcd_machines


def control_planes(scene: Scene) -> list[Machine]:
    """All of them."""
    return scene.cluster.control_planes


def first_control_plane(scene: Scene) -> list[Machine]:
    """The one that was initialised."""
    return scene.cluster.control_planes[:1]


def last_control_plane(scene: Scene) -> list[Machine]:
    """The one that joined last."""
    return scene.cluster.control_planes[-1:]


def all_control_planes(scene: Scene) -> list[Machine]:
    """Every control plane, in the order in which they joined."""
    return list(scene.cluster.control_planes)


def first_worker(scene: Scene) -> list[Machine]:
    """The worker that joined first; traffic from a pod is on the last."""
    return scene.cluster.workers[:1]


def balancer(scene: Scene) -> list[Machine]:
    """The machine on which the endpoint's address is; where none says so, the first that carries the load balancer."""
    carriers, address = scene.cluster.carriers, scene.cluster.endpoint.address
    if not scene.cluster.balancer.virtual:
        return carriers[:1]
    return [each for each in carriers if holds(each, address)][:1] or carriers[:1]


def holds(machine: Machine, address: str) -> bool:
    """Whether a machine has an address."""
    return address in machine.run(f"ip -o -4 address show to {address}").stdout


def everything(scene: Scene) -> list[Machine]:
    """All machines of the cluster."""
    return list(scene.cluster.machines.values())


def holder_of(lease: str) -> Where:
    """The control plane whose component holds a lease of kube-system."""

    def where(scene: Scene) -> list[Machine]:
        return [scene.cluster.machines[holder(scene.cluster, lease)]]

    return where


def holder(cluster: Cluster, lease: str) -> str:
    """The machine that holds a lease: its name stands before the "_" in the holder's identity."""
    identity = str(cluster.get("lease", lease, "-n", "kube-system")["spec"]["holderIdentity"])
    return identity.rpartition("_")[0]


def leader_of_etcd(cluster: Cluster) -> Machine:
    """The machine whose member says that it leads; raises CommandFailed where none does."""
    for machine in cluster.etcd_members:
        answered = machine.run(etcdctl(machine, "endpoint", "status", "--write-out=json"))
        if answered.ok and leads(answered.stdout):
            return machine
    raise CommandFailed("no member of etcd says that it leads")


def leads(printed: str) -> bool:
    """Whether the member that answered `etcdctl endpoint status` is the leader. Pure."""
    try:
        (only,) = json.loads(printed)
        status = only["Status"]
        return bool(status["leader"] == status["header"]["member_id"])
    except (ValueError, KeyError, TypeError):
        return False


def _followers(cluster: Cluster) -> list[Machine]:
    leader = leader_of_etcd(cluster)
    return [each for each in cluster.etcd_members if each is not leader]
