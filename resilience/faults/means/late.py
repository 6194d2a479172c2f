"""Machines that have no part in the procedure: they join by the documented commands, and leave again."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import takewhile

from provision.cluster import Cluster
from provision.config import limits
from provision.config.topology import Role
from provision.etcd.members import etcdctl
from provision.kubeadm import rejoining
from provision.kubeadm.workarounds import with_workarounds
from provision.loadbalancer import balancing
from provision.machines.machine import Machine
from resilience.faults.scene import Call, Scene, Steps

_JOIN = "sudo kubeadm join …  # as `sudo kubeadm token create --print-join-command` prints it on cp1"
_LEAVE = "sudo kubeadm reset --force  # then `kubectl delete node` on cp1"


def control_planes(scene: Scene) -> list[Machine]:
    """The control planes that have no part in the procedure."""
    return scene.cluster.late_ones(Role.CONTROL_PLANE)


def control_plane(scene: Scene) -> list[Machine]:
    """The first of them."""
    return control_planes(scene)[:1]


def worker(scene: Scene) -> list[Machine]:
    """The worker that has no part in the procedure."""
    return scene.cluster.late_ones(Role.WORKER)[:1]


def joined(scene: Scene) -> Steps:
    """The machines that are hit join, one after the other, each a target of the balancer before."""
    return [_joins(each) for each in scene.hit]


def left(scene: Scene) -> Steps:
    """They leave in the opposite order, and the balancer is what it was."""
    return [_leaves(each) for each in reversed(scene.hit)]


def joined_before(scene: Scene) -> Steps:
    """The first late control plane joins before there is traffic, when nothing is hit yet."""
    return [_joins(each) for each in control_plane(scene)]


def left_alone(scene: Scene) -> Steps:
    """The first late control plane leaves; fine where it has left, or never joined."""
    return [_leaves(each) for each in control_plane(scene)]


def join_command(cluster: Cluster, machine: Machine) -> str:
    """A join command that is made anew on the first control plane, with a key of its own for control planes."""
    host = cluster.control_planes[0]
    key = rejoining.upload_again(cluster, host) if machine.role is Role.CONTROL_PLANE else ""
    return with_workarounds(cluster, f"sudo {rejoining.new_join(cluster, host, key)}")


def targets(cluster: Cluster, *others: Machine) -> None:
    """Have the balancer forward to the cluster's control planes, and to others."""
    balancing.apply(cluster, [*cluster.control_planes, *others])


def join(scene: Scene, machine: Machine, beside: Sequence[Machine] = ()) -> None:
    """One machine joins; `beside` are control planes that joined before it."""
    cluster = scene.cluster
    if machine.role is Role.CONTROL_PLANE:
        targets(cluster, *beside, machine)
    command = join_command(cluster, machine).removeprefix("sudo ")
    rejoining.join_until_ready(cluster, machine, command)


def leave(scene: Scene, machine: Machine, beside: Sequence[Machine] = ()) -> None:
    """One machine leaves: no target any more, reset, its node deleted, and its member, where the reset knew of none.

    Fine where it never joined.
    """
    cluster = scene.cluster
    if machine.role is Role.CONTROL_PLANE:
        targets(cluster, *beside)
        balancing.leave(cluster, machine)
    rejoining.leave(cluster, machine)
    if machine.role is Role.CONTROL_PLANE and cluster.id.stacked:
        remove_member(cluster, machine)


def members(cluster: Cluster, gone: Sequence[Machine] = ()) -> dict[str, str]:
    """Every member that etcd knows, by its peer's address → what `etcdctl member list` prints of it."""
    witness = next(each for each in cluster.etcd_members if each not in gone)
    lines = witness.succeed(etcdctl(witness, "member", "list")).splitlines()
    return {fields[3]: line for line in lines if len(fields := [each.strip() for each in line.split(",")]) > 4}


def strays(scene: Scene) -> list[str]:
    """What etcd's list of members says of members that are on no machine of the procedure."""
    cluster = scene.cluster
    ours = [each.address for each in cluster.etcd_members]
    found = members(cluster)
    return [line for peer, line in found.items() if not any(f"//{address}:" in peer for address in ours)]


def remove_member(cluster: Cluster, machine: Machine, gone: Sequence[Machine] = ()) -> str:
    """Take a machine's member out of etcd by etcd's own command; returns what was printed, "" where it has none.

    https://kubernetes.io/docs/tasks/administer-cluster/configure-upgrade-etcd/#replacing-a-failed-etcd-member
    """
    known = [line for peer, line in members(cluster, gone).items() if f"//{machine.address}:" in peer]
    witness = next(each for each in cluster.etcd_members if each not in gone)
    return "\n".join(
        witness.succeed(etcdctl(witness, "member", "remove", line.split(",")[0])).strip() for line in known
    )


def reset_command(cluster: Cluster) -> str:
    """`kubeadm reset` as documented."""
    return f"sudo kubeadm reset --force{rejoining.reset_options(cluster)}"


def reset(cluster: Cluster, machine: Machine) -> str:
    """Do it; returns all that it printed."""
    return machine.succeed(f"{reset_command(cluster)} 2>&1", timeout=limits.RESET)


def _joins(machine: Machine) -> Call:
    return _one(machine, _JOIN, join, "joined")


def _leaves(machine: Machine) -> Call:
    return _one(machine, _LEAVE, leave, "left")


def _one(machine: Machine, typed: str, do: Callable[[Scene, Machine, Sequence[Machine]], None], done: str) -> Call:
    def action(scene: Scene) -> str:
        do(scene, machine, _beside(scene, machine))
        return f"{machine.name} has {done}"

    return Call(machine, typed, action)


def _beside(scene: Scene, machine: Machine) -> list[Machine]:
    """The late control planes that join before a machine, and leave after it."""
    return list(takewhile(lambda each: each is not machine, control_planes(scene)))
