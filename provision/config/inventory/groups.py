"""What Ansible's groups mean: which role their names say, and the role of each host. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from provision.config.topology import Role

_WORDS = {
    Role.CONTROL_PLANE: ("control plane", "controlplane", "control plane node", "controlplane node", "control node",
                         "controller", "master", "master node", "master ha", "kubemaster"),
    Role.ETCD: ("etcd", "etcd node", "etcd member", "etcd server", "etcd machine", "etcd cluster", "external etcd"),
    Role.LOAD_BALANCER: ("load balancer", "loadbalancer", "balancer", "lb", "lb node", "haproxy", "ha proxy",
                         "load balancer node", "loadbalancer node", "load balancer server", "loadbalancer server",
                         "lb server", "ha lb",
                         "apiserver lb", "api lb", "api server lb", "master lb", "control plane lb",
                         "apiserver loadbalancer", "api loadbalancer"),
    Role.WORKER: ("worker", "worker node", "workernode", "minion", "compute", "compute node", "agent node",
                  "kubeworker"),
}  # fmt: skip
"""What a group of a role may be called, without `kube` in front and as one of several; the product's word first.

A host has the first of these roles whose group it is in: kubespray's etcd and workers may be control planes, too.
"""

_NODES = "node"
"""Workers, too, where no group is called so: beside one, it is often the name for all machines of the cluster."""

_KUBESPRAYS_NODES = ("kube_node", "kube-node")
"""Workers wherever they are: kubespray knows no other word."""

_IN_FRONT = {"kube", "k8s", "k8", "kubernetes", "kubeadm"}
_JUMPS = ("bastion", "bastion host", "bastion server", "jump", "jump host", "jump server", "jumphost", "jumpbox")
_NOT_THEIRS = ("all", "ungrouped")


@dataclass(frozen=True)
class Grouped:
    """What a file's groups say.

    `roles` are the hosts' in the order of the file, control planes first; `also` other roles of the same hosts;
    `without` are hosts in no group that means a role, `names` the file's own groups, and `jumps` the hosts of groups
    of jump hosts.
    """

    roles: Mapping[str, Role]
    also: Mapping[str, Sequence[Role]]
    without: Sequence[str]
    names: Sequence[str]
    jumps: Sequence[str]


def grouped(listed: Mapping[str, Any]) -> Grouped:
    """The groups of what `ansible-inventory --list` answers."""
    groups = {name: list(dict.fromkeys(_members(listed, name))) for name in _in_order(listed)}
    by_role = {role: list(_of_role(groups, role)) for role in _WORDS}
    roles = {name: role for role in reversed(_WORDS) for name in by_role[role]}
    ordered = {name: roles[name] for role in _WORDS for name in by_role[role]}
    also = {name: [role for role in _WORDS if role is not first and name in by_role[role]]
            for name, first in ordered.items()}  # fmt: skip
    jumps = [host for name, hosts in groups.items() if _words(name) in _JUMPS for host in hosts]
    known = {*ordered, *jumps}
    without = [host for hosts in [*groups.values(), _members(listed, "all")] for host in hosts if host not in known]
    names = [name for name in groups if name not in _NOT_THEIRS]
    return Grouped(
        ordered, {name: roles for name, roles in also.items() if roles}, list(dict.fromkeys(without)), names, jumps
    )


def role_of(group: str) -> Role | None:
    """The role that a group's name says; None where it says none."""
    words = _words(group)
    if words == _NODES:
        return Role.WORKER
    return next((role for role, names in _WORDS.items() if words in names), None)


def _words(group: str) -> str:
    """A group's name as words apart, each as one of several, without `kube` in front: `k8s-masters` is `master`."""
    words = [word.removesuffix("s") if len(word) > 3 or word == "lbs" else word
             for word in re.split(r"[-_. ]+", group.lower()) if word]  # fmt: skip
    while len(words) > 1 and (words[0] in _IN_FRONT or f"{words[0]}s" in _IN_FRONT):
        words = words[1:]
    return " ".join(words)


def _of_role(groups: Mapping[str, Sequence[str]], role: Role) -> Iterator[str]:
    """The hosts of the groups that mean a role, in the order of the file."""
    named = [name for name, hosts in groups.items() if role_of(name) is role and hosts]
    certain = [name for name in named if _words(name) != _NODES or name in _KUBESPRAYS_NODES]
    for name in certain or named:
        yield from groups[name]


def _in_order(listed: Mapping[str, Any]) -> list[str]:
    """All groups, in the order in which Ansible met them, which its answer has in the children of `all`."""
    reached = list(_below(listed, "all"))
    return list(dict.fromkeys([*reached, *(name for name in listed if name not in ("_meta", "all"))]))


def _below(listed: Mapping[str, Any], group: str, above: tuple[str, ...] = ()) -> Iterator[str]:
    for child in names(table(listed.get(group)).get("children")):
        if child not in above:
            yield child
            yield from _below(listed, child, (*above, child))


def _members(listed: Mapping[str, Any], group: str, above: tuple[str, ...] = ()) -> Iterator[str]:
    if group not in above:
        members = table(listed.get(group))
        yield from names(members.get("hosts"))
        for child in names(members.get("children")):
            yield from _members(listed, child, (*above, group))


def table(value: object) -> Mapping[str, Any]:
    """What should be a table, and else has nothing in it."""
    return value if isinstance(value, dict) else {}


def names(value: object) -> list[str]:
    """What should be a list of names, and else has none."""
    return [name for name in value if isinstance(name, str)] if isinstance(value, list) else []
