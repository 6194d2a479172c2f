"""Faults at random: which, when, how long, and which two at once, all drawn by a seed. Pure.

The same seed draws the same turns on clusters of the same topology and kind of load balancer, from the same catalogue.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass, replace

from provision.config.balancers import HAPROXY, Balancer
from resilience.faults.at_once import at_once
from resilience.faults.catalogue import KINDS
from resilience.faults.fault import Fault, none

_HOLD = 30.0  # seconds: what is held for longer by itself has its own reason, and would be all of a run
_SHORTEST = 2.0  # seconds that a fault is held at least: its proof is read then
_LATER = 10.0  # seconds of traffic before a fault, at most, beside the usual: clients have thirty turns in them
_PAIRS = 0.5  # how often two faults come at once, of those that can

_KINDS = ("processes", "machines", "network", "balancer", "etcd")
"""What fails; what people do to a cluster meanwhile, as joins and upgrades, needs a cluster that has not seen it."""

_LEASES = ("controller-manager", "scheduler")
"""What is proved by a lease of the API, which two faults at once may have taken away."""


@dataclass(frozen=True)
class Turn:
    """One fault of a sequence. `seed` is that of its traffic: the sequence's, and behind it the turn's number."""

    number: int
    fault: Fault
    seed: int

    def __str__(self) -> str:
        return f"{self.number:02}-{self.fault.name}"


def drawn(seed: int, topology: str, count: int, balancer: Balancer = HAPROXY) -> list[Turn]:
    """So many turns on clusters of a topology, with a kind of load balancer."""
    chance = random.Random(f"{seed} on {topology}")
    every = [each for kind in _KINDS for each in KINDS[kind]]
    usual = [each for each in every if topology in each.topologies and each.kinds(balancer) and _is_drawn(each)]
    return [Turn(number, _drawn(chance, usual), 1000 * seed + number) for number in range(1, count + 1)]


def _drawn(chance: random.Random, usual: Sequence[Fault]) -> Fault:
    one = chance.choice(usual)
    others = [each for each in usual if can_be_at_once(one, each)]
    two, at = chance.random() < _PAIRS, chance.random()
    fault = at_once(one, others[int(at * len(others))]) if two and others else one
    hold = max(_SHORTEST, round(fault.hold * chance.uniform(0.5, 2.0), 1))
    what = f"{fault.what}; held for {hold:.1f} s, at random"
    name = f"{fault.name}-at-random"  # its figures are not those of the fault as it stands in the catalogue
    return replace(fault, name=name, what=what, hold=hold, later=round(chance.uniform(0, _LATER), 1))


def _is_drawn(fault: Fault) -> bool:
    """Whether it needs nothing before, leaves nothing behind, and is over soon."""
    return not fault.destructive and fault.prepare is none and not fault.lasts and fault.hold <= _HOLD


def can_be_at_once(one: Fault, other: Fault) -> bool:
    """Whether the second can be done to a cluster under the first, and undone: a process, and packets that are dropped.

    Both leave every machine within this host's reach, and neither is in the other's way.
    """
    return _is_a_process(one) and other in KINDS["network"] and not one.must and not other.must


def _is_a_process(fault: Fault) -> bool:
    return fault in KINDS["processes"] and not any(each in fault.name for each in _LEASES)
