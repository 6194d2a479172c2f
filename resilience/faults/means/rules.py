"""Packets that are dropped on a machine, and counted: rules of iptables in chains of their own. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable

from provision.cluster import Cluster
from provision.config.addresses import Family
from provision.machines.machine import Machine
from resilience.faults.scene import Scene, Shell

_HOOKS = ("INPUT", "OUTPUT", "FORWARD")
_CHAIN = "KUBEADM-HA-FAULT"
_IPTABLES = "sudo iptables -w 10"  # seconds to wait for kube-proxy, which writes its rules at the same time

COUNT = f"for hook in {' '.join(_HOOKS)}; do {_IPTABLES} -nvxL {_CHAIN}-$hook; done"
"""Shows how many packets each rule dropped."""

Rule = tuple[str, str]
"""A hook of the table `filter`, and what is dropped there."""


def dropping(machine: Machine, rules: Iterable[Rule]) -> list[Shell]:
    """Drop what any of these rules matches, before any other rule lets it pass."""
    lines = [f"{_IPTABLES} -N {_CHAIN}-{hook}" for hook in _HOOKS]
    lines += [f"{_IPTABLES} -A {_CHAIN}-{hook} {match} -j DROP" for hook, match in rules]
    lines += [f"{_IPTABLES} -I {hook} -j {_CHAIN}-{hook}" for hook in _HOOKS]
    return [Shell(machine, " && ".join(lines))]


def cleared(machine: Machine) -> list[Shell]:
    """Take all of it away. Ends well where there is nothing, and fails where something is left."""
    lines = [
        f"{_IPTABLES} {how} 2>/dev/null"
        for hook in _HOOKS
        for how in (f"-D {hook} -j {_CHAIN}-{hook}", f"-F {_CHAIN}-{hook}", f"-X {_CHAIN}-{hook}")
    ]
    return [Shell(machine, f"{'; '.join(lines)}; ! sudo iptables-save -t filter | grep -q {_CHAIN}")]


def everywhere(number: int) -> list[Rule]:
    """All TCP of a port, whichever side has it, also within the machine."""
    return [(hook, f"-p tcp {side} {number}") for hook in ("INPUT", "OUTPUT") for side in ("--dport", "--sport")]


def between_machines(number: int) -> list[Rule]:
    """All TCP of a port that comes from other machines, or goes to them."""
    return [*incoming(number), *(("OUTPUT", f"-p tcp {side} {number} ! -o lo") for side in ("--dport", "--sport"))]


def incoming(number: int) -> list[Rule]:
    """All TCP of a port that comes from other machines; what goes to them passes."""
    return [("INPUT", f"-p tcp {side} {number} ! -i lo") for side in ("--dport", "--sport")]


def isolation(cluster: Cluster) -> list[Rule]:
    """Everything but what stays on the machine, and what this host sends and is sent: commands come from there."""
    ours = cluster.host_address
    return [("INPUT", f"! -s {ours} ! -i lo"), ("OUTPUT", f"! -d {ours} ! -o lo"), ("FORWARD", "")]


def half(rules: Iterable[Rule]) -> list[Rule]:
    """The same rules for every second packet, by chance."""
    return [(hook, f"{match} -m statistic --mode random --probability 0.5") for hook, match in rules]


def towards(machine: Machine, number: int) -> list[Rule]:
    """All TCP to and from a port of another machine."""
    return [
        ("OUTPUT", f"-p tcp -d {machine.address} --dport {number}"),
        ("INPUT", f"-p tcp -s {machine.address} --sport {number}"),
    ]


def from_peers(peers: Iterable[Machine], number: int) -> list[Rule]:
    """All TCP of a port that comes from certain machines, whichever side has it; what goes to them passes."""
    return [("INPUT", f"-p tcp -s {each.address} {side} {number}") for each in peers for side in ("--dport", "--sport")]


def dropped(printed: str) -> int:
    """How many packets the rules of a listing dropped. Pure."""
    return sum(int(count) for count in re.findall(r"^\s*(\d+)\s+\d+\s+DROP\b", printed, re.MULTILINE))


def without_rules(scene: Scene) -> str:
    """Why packets cannot be dropped on this cluster's machines by these rules."""
    if scene.cluster.family is Family.IPV6:
        return "its rules are for IPv4, and the machines have IPv6 addresses alone"
    return "" if scene.cluster.host_address else "this host has no address in the cluster's network to be left out"


def without_chance(scene: Scene) -> str:
    """Why packets cannot be dropped by chance: the kernel of the machines has no xt_statistic."""
    if lacking := without_rules(scene):
        return lacking
    chain = f"{_CHAIN}-PROBE"
    tried = f"{_IPTABLES} -N {chain} && {_IPTABLES} -A {chain} -m statistic --mode random --probability 0.5 -j DROP"
    away = f"{_IPTABLES} -F {chain}; {_IPTABLES} -X {chain}"
    answered = scene.cluster.control_planes[0].run(f"{tried}; status=$?; {away}; exit $status")
    return "" if answered.ok else f"no packets by chance (iptables -m statistic): {answered.stderr.strip()[:200]}"


def without_delay(scene: Scene) -> str:
    """Why packets cannot be delayed: the kernel of the machines has no netem."""
    if lacking := without_rules(scene):
        return lacking
    tried = scene.cluster.control_planes[0].run(
        "sudo tc qdisc add dev lo root netem delay 1ms && sudo tc qdisc del dev lo root"
    )
    return "" if tried.ok else f"no delay (tc qdisc add dev lo root netem): {tried.stderr.strip()[:200]}"
