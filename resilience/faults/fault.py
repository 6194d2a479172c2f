"""A fault: all that is known of it before it is done. Data, and functions of the scene that it is done in."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from provision.config.balancers import Balancer
from provision.config.topology import TOPOLOGIES
from provision.machines.machine import Machine
from provision.util.concurrency import NotYet
from resilience.faults.bounds import RESTARTED, Bound
from resilience.faults.scene import Scene, Steps


class Spared(StrEnum):
    """Ways that may be gone for as long as a fault lasts, and until the cluster is healthy after it."""

    HIT = "API servers of the machines that are hit"
    BALANCER = "the ways by the load balancer"
    ALL = "all ways"


def none(scene: Scene) -> Steps:
    """Nothing is to be done."""
    del scene
    return ()


def every(kind: Balancer) -> bool:
    """Whatever the load balancer is."""
    del kind
    return True


def nothing(scene: Scene) -> str:
    """Nothing is noted."""
    del scene
    return ""


@dataclass(frozen=True)
class Proof:
    """What proves that a fault took effect: read while it lasts, before anything is undone.

    `before` notes what is compared with, right before the fault; `seen` gets it, and returns the evidence in words, or
    why there is none, for up to `within` seconds.
    """

    what: str
    seen: Callable[[Scene, str], str | NotYet]
    before: Callable[[Scene], str] = nothing
    within: float = 2.0


@dataclass(frozen=True)
class Fault:
    """One fault.

    `where` chooses the machines from the cluster as it is at that moment, and `place` says it in words. `do` and
    `undo` are steps that are worked out before the first one is done. `prepare` and `restore` are what goes on before
    and after the traffic. `bound` is how long requests may find no answer; on `spared` ways, as long as the fault lasts
    and until `heals` is over. `hold` is how many seconds it lasts. A `destructive` one leaves what only a frozen copy
    puts right. `kinds` are the kinds of load balancers that it is about. `lacking` is why a cluster or its host cannot
    show this fault; "" where it can. With `mute`, no write that begins while it lasts may be acknowledged. `clings` is
    how much longer it takes where API servers choose among members of etcd on other machines, and do not let go of one
    that does not answer. `must` is what else has to hold while it lasts. `lasts` is how many seconds doing it takes by
    itself, where that is long, and `later` how many it begins later than usual. `for_good` means that the machines
    that it hits do not come back: the cluster has to be healthy without them. What `must_succeed`, as a join, makes the
    run red where it fails; otherwise a fault that could not be done says nothing. `forgets`
    is the revision behind which writes are lost by definition, once the fault is done.
    """

    name: str
    what: str
    place: str
    where: Callable[[Scene], Sequence[Machine]]
    do: Callable[[Scene], Steps]
    proof: Proof
    bound: Bound
    holds: str
    undo: Callable[[Scene], Steps] = none
    heals: Bound = RESTARTED
    links: tuple[str, ...] = ()
    topologies: tuple[str, ...] = tuple(sorted(TOPOLOGIES))
    hold: float = 8.0
    spared: frozenset[Spared] = frozenset({Spared.HIT})
    destructive: bool = False
    lengthy: bool = False
    mute: bool = False
    kinds: Callable[[Balancer], bool] = every
    lacking: Callable[[Scene], str] = nothing
    prepare: Callable[[Scene], Steps] = none
    restore: Callable[[Scene], Steps] = none
    clings: Bound | None = None
    must: Proof | None = None
    lasts: float = 0.0
    later: float = 0.0
    for_good: bool = False
    must_succeed: bool = False
    forgets: Callable[[Scene], int | None] | None = None

    def lacks(self, scene: Scene) -> str:
        """Why a cluster cannot show this fault, by its kind of load balancer or otherwise."""
        balancer = scene.cluster.balancer
        return self.lacking(scene) if self.kinds(balancer) else f"it is not about load balancers like {balancer.name}"

    def bound_on(self, topology: str) -> Bound:
        """The bound on clusters of a topology."""
        return self.bound + self.clings if self.clings and topology == "external" else self.bound
