"""Networks in which packets are dropped."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from provision.machines.machine import Machine
from provision.util.concurrency import NotYet
from resilience.faults.bounds import ELECTION, KEEPALIVE, NOTICED, RESTARTED, Bound, lasting
from resilience.faults.fault import Fault, Proof, Spared
from resilience.faults.means import places, rules
from resilience.faults.means.partitions import unheard, unseen
from resilience.faults.means.places import Where
from resilience.faults.means.proofs import both, packets, unreachable
from resilience.faults.means.rules import Rule
from resilience.faults.scene import Scene, Shell, Step, Steps

_JEPSEN = "https://jepsen.io/analyses/etcd-3.4.3"
_PARTITIONS = "https://github.com/etcd-io/etcd/tree/main/tests/robustness"
_GRAY = "https://blog.cloudflare.com/a-byzantine-failure-in-the-real-world/"
_KUBERNETES = "https://github.com/kubernetes/kubernetes/issues/54511"

Rules = Callable[[Scene, Machine], Iterable[Rule]]
"""What is dropped on a machine that is hit."""


def _drop(of: Rules) -> Callable[[Scene], Steps]:
    def steps(scene: Scene) -> Steps:
        found: list[Step] = []
        for machine in scene.hit:
            found += rules.dropping(machine, of(scene, machine))
        return found

    return steps


def _pass(scene: Scene) -> Steps:
    return [step for machine in scene.hit for step in rules.cleared(machine)]


def cut(
    name: str, what: str, place: str, where: Where, of: Rules, bound: Bound, holds: str, links: tuple[str, ...],
    proof: Proof | None = None, topologies: tuple[str, ...] = ("external", "stacked"), hold: float = 15,
    spared: frozenset[Spared] = frozenset({Spared.HIT}), lengthy: bool = False,
    lacking: Callable[[Scene], str] = rules.without_rules,
) -> Fault:  # fmt: skip
    """Packets are dropped on machines for a while."""
    return Fault(
        name, what, place, where, _drop(of), proof or packets(), bound, holds, _pass, RESTARTED, links, topologies,
        hold=hold, spared=spared, lengthy=lengthy, lacking=lacking,
    )  # fmt: skip


def _ring(scene: Scene, machine: Machine) -> list[Rule]:
    """What comes from those peers that a member does not see; they drop what comes from it."""
    return rules.from_peers(unseen(places.etcd_every_member(scene), machine), 2380)


def _one_way_ring(scene: Scene, machine: Machine) -> list[Rule]:
    return rules.from_peers(unheard(list(scene.hit), machine), 2380)


def _ends_of_the_ring(scene: Scene) -> list[Machine]:
    """The members that do not see all others, the leader first."""
    members = places.etcd_every_member(scene)
    return [each for each in members if unseen(members, each)]


def _no_ring(scene: Scene) -> str:
    few = "" if len(scene.cluster.etcd_members) > 2 else "a ring of majorities has three members or more"
    return rules.without_rules(scene) or few


def _delay(scene: Scene, how: str, what: str) -> Steps:
    device = "$(ip -o -4 route show default | grep -o 'dev [^ ]*' | cut -d' ' -f2)"
    return [Shell(scene.machine, f"sudo tc qdisc {how} dev {device} root {what}")]


def _queue(scene: Scene) -> str | NotYet:
    shown = scene.machine.run("tc qdisc show").stdout
    return next((line for line in shown.splitlines() if "netem" in line), None) or NotYet("no netem")


_MEMBER = ELECTION + NOTICED
_OF_ETCD = KEEPALIVE + ELECTION + NOTICED
_RING = 15.0  # seconds

FAULTS = (
    cut(
        "etcd-leader-without-peers", "no packet of port 2380 passes", "the machine of etcd's leader",
        places.etcd_leader, lambda *_: rules.between_machines(2380), _OF_ETCD, "another member leads",
        (_JEPSEN, _PARTITIONS), both(packets(), unreachable(2380)),
    ),
    cut(
        "etcd-follower-without-peers", "no packet of port 2380 passes", "the machine of a follower",
        places.etcd_follower, lambda *_: rules.between_machines(2380), _OF_ETCD, "writes go on", (_PARTITIONS,),
        both(packets(), unreachable(2380)),
    ),
    cut(
        "etcd-leader-without-clients", "no packet of port 2379 passes", "the machine of etcd's leader",
        places.etcd_leader, lambda *_: rules.everywhere(2379), _OF_ETCD, "API servers use the other members, or leave",
        (_KUBERNETES,), both(packets(), unreachable(2379)),
    ),
    cut(
        "etcd-leader-hears-nothing", "packets of port 2380 leave, and none comes in", "the machine of etcd's leader",
        places.etcd_leader, lambda *_: rules.incoming(2380), _OF_ETCD, "another member leads", (_GRAY, _JEPSEN),
    ),
    cut(
        "etcd-majorities-in-a-ring", "port 2380 is cut so that each member sees a majority, and no two the same",
        "of three members the leader and the last; of five all", _ends_of_the_ring, _ring, _OF_ETCD,
        "one member leads, for those that see it", (_JEPSEN, _GRAY, _PARTITIONS), hold=_RING, lacking=_no_ring,
    ),
    cut(
        "etcd-members-hear-one-side", "each peer drops what some others send on port 2380: it hears a majority with it",
        "all members of etcd", places.etcd_every_member, _one_way_ring, lasting(_RING) + _OF_ETCD,
        "no acknowledged write is missing, though no two members hear each other", (_GRAY, _JEPSEN), hold=_RING,
        spared=frozenset({Spared.ALL}), lengthy=True, lacking=_no_ring,
    ),
    cut(
        "first-control-plane-isolated", "every packet is dropped but this host's", "the first control plane",
        places.first_control_plane, lambda scene, _: rules.isolation(scene.cluster), _MEMBER, "the others go on",
        (_KUBERNETES,), both(packets(), unreachable(6443)),
    ),
    cut(
        "last-control-plane-isolated", "every packet is dropped but this host's", "the last control plane",
        places.last_control_plane, lambda scene, _: rules.isolation(scene.cluster), _MEMBER, "the others go on",
        (_KUBERNETES,), both(packets(), unreachable(6443)), lengthy=True,
    ),
    cut(
        "half-of-the-packets-lost", "every second packet to and from other machines is dropped, by chance",
        "the first control plane", places.first_control_plane,
        lambda scene, _: rules.half(rules.isolation(scene.cluster)), _OF_ETCD, "the others go on", (_GRAY,),
        lacking=rules.without_chance,
    ),
    Fault(
        "packets-delayed", "packets between machines take 200 ms longer", "the machine of etcd's leader",
        places.etcd_leader, lambda scene: _delay(scene, "add", "netem delay 200ms"),
        Proof("the queue of the machine's interface is netem", lambda scene, _: _queue(scene)), _OF_ETCD,
        "the leader goes on, or another one leads", lambda scene: _delay(scene, "del", "|| true"), RESTARTED,
        ("https://etcd.io/docs/v3.6/tuning/",), hold=15, lacking=rules.without_delay,
    ),
)  # fmt: skip
"""Each of them."""
