"""The catalogue of faults: well-formed, as data, and with commands that undo what they did."""

from __future__ import annotations

import itertools
import json
import re
from collections.abc import Sequence

import pytest

from provision.cluster import Cluster
from provision.config.balancers import KINDS as BALANCERS
from provision.config.topology import TOPOLOGIES
from provision.providers.provider import Power
from provision.util.concurrency import NotYet
from resilience.faults.bounds import ELECTION, KEEPALIVE, NOTICED
from resilience.faults.catalogue import DOZEN, FAULTS, KINDS
from resilience.faults.fault import Fault
from resilience.faults.means import places, rules
from resilience.faults.means.places import leads
from resilience.faults.means.proofs import another_process, packets, stopped
from resilience.faults.scene import AtOnce, Scene, Shell, Switch
from tests.fake_machine import Replies
from tests.stand_ins import fake_cluster

STATUS = re.compile(r"etcdctl .* endpoint status --write-out=json$")


class Board:
    """Notes what is switched."""

    def __init__(self) -> None:
        self.done: list[tuple[tuple[str, ...], Power]] = []

    def switch(self, machines: Sequence[str], power: Power) -> None:
        self.done.append((tuple(machines), power))

    def by_hand(self, machines: Sequence[str], power: Power) -> str:
        return f"switch {power} {' '.join(machines)}"


def status(machine: str, command: str) -> str:
    """The second member leads."""
    number = int(machine[-1])
    header = {"member_id": number, "revision": 7}
    return json.dumps([{"Status": {"header": header, "leader": 2, "dbSize": 4_000_000}}])


def lease(machine: str, command: str) -> str:
    return json.dumps({"spec": {"holderIdentity": "cp3_0a1b"}})


def addresses(machine: str, command: str) -> str:
    """The virtual address is on the second machine of its kind."""
    return f"2: eth0    inet {command.split()[-1]}/32 scope global eth0\n" if machine in ("lb2", "cp2") else ""


ANSWERS: Replies = {
    STATUS: status,
    re.compile(r"kubectl get lease "): lease,
    re.compile(r"^ip -o -4 address show to "): addresses,
    "sudo ctr -n k8s.io images list -q": "",
}


def scene(topology: str = "stacked", replies: Replies | None = None, kind: str = "") -> Scene:
    name = f"{topology}-uploaded-1.37-{kind and f'balancer-{kind}-'}faults"
    return Scene(fake_cluster({**(replies or {}), **ANSWERS}, name=name), Board())


def named(name: str) -> Fault:
    return next(each for each in FAULTS if each.name == name)


@pytest.mark.parametrize("fault", FAULTS, ids=[each.name for each in FAULTS])
def test_a_fault_is_well_formed(fault: Fault) -> None:
    assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)+", fault.name)
    assert fault.what
    assert fault.place
    assert fault.holds
    assert fault.proof.what
    assert fault.links
    assert all(link.startswith("https://") for link in fault.links)
    assert set(fault.topologies) <= set(TOPOLOGIES)
    for bound in (fault.bound, fault.heals):
        assert bound.seconds > 0
        assert len(bound.reason) > 20
        assert bound.source


def test_names_of_faults_are_different() -> None:
    assert len({each.name for each in FAULTS}) == len(FAULTS) == sum(map(len, KINDS.values()))
    assert min(map(len, KINDS.values())) > 1


def test_a_dozen_of_several_kinds_are_quick_and_leave_a_cluster_as_it_was() -> None:
    chosen = [each for each in FAULTS if each.name in DOZEN]
    assert len(chosen) == len(DOZEN) == 12
    assert not any(each.lengthy or each.destructive for each in chosen)
    assert all("stacked" in each.topologies for each in chosen)
    assert {kind for kind, faults in KINDS.items() if DOZEN & {each.name for each in faults}} > {"etcd", "balancer"}


@pytest.mark.parametrize("fault", FAULTS, ids=[each.name for each in FAULTS])
def test_what_a_fault_does_can_be_worked_out_and_typed(fault: Fault) -> None:
    kinds = ("", *(kind.name for kind in BALANCERS[1:]))
    for topology, kind in itertools.product(fault.topologies, kinds):
        where = scene(topology, kind=kind)
        where.hit = fault.where(where)
        if not where.hit:
            assert fault.lacks(where)
            continue
        steps = [*fault.prepare(where), *fault.do(where), *fault.undo(where), *fault.restore(where)]
        assert fault.do(where)
        assert all(step.by_hand(where) for step in steps)
        shells = [step for step in steps if isinstance(step, Shell)]
        assert all(step.machine in where.cluster.machines.values() for step in shells)


@pytest.mark.parametrize("fault", FAULTS, ids=[each.name for each in FAULTS])
def test_what_stays_until_it_is_undone_has_something_that_undoes_it(fault: Fault) -> None:
    where = scene(fault.topologies[0])
    where.hit = fault.where(where)
    done = " ".join(step.by_hand(where) for step in fault.do(where))
    if re.search(r"-j DROP|pkill -STOP|switch (off|paused)|netem", done):
        assert fault.undo(where) or fault.for_good


def test_what_is_gone_for_good_comes_back_with_a_frozen_copy() -> None:
    assert all(each.destructive for each in FAULTS if each.for_good)


def test_places_are_chosen_from_the_cluster_as_it_is() -> None:
    where = scene()
    assert [each.name for each in places.etcd_leader(where)] == ["cp2"]
    assert [each.name for each in places.etcd_follower(where)] == ["cp3"]
    assert [each.name for each in places.etcd_minority(where)] == ["cp3"]
    assert [each.name for each in places.etcd_majority(where)] == ["cp2", "cp1"]
    assert [each.name for each in places.holder_of("kube-scheduler")(where)] == ["cp3"]
    assert [each.name for each in places.etcd_leader(scene("external"))] == ["etcd2"]


@pytest.mark.parametrize("printed", ["", "nothing", "[]", '[{"Status": {}}]', "{}"])
def test_a_member_that_answers_nonsense_does_not_lead(printed: str) -> None:
    assert not leads(printed)


def test_dropped_packets_are_counted() -> None:
    listing = (
        "Chain KUBEADM-HA-FAULT-INPUT (1 references)\n    pkts      bytes target     prot opt in     out\n"
        "      12      720 DROP       6    --  !lo    *       0.0.0.0/0            0.0.0.0/0            tcp dpt:2380\n"
        "       0        0 DROP       6    --  !lo    *       0.0.0.0/0            0.0.0.0/0            tcp spt:2380\n"
        "Chain KUBEADM-HA-FAULT-OUTPUT (1 references)\n"
        "       5      300 DROP       6    --  *      !lo     0.0.0.0/0            0.0.0.0/0            tcp dpt:2380\n"
    )
    assert rules.dropped(listing) == 17
    assert rules.dropped("") == 0


def test_no_packet_proves_nothing() -> None:
    where = scene(replies={rules.COUNT: ""})
    where.hit = [where.cluster.machines["cp1"]]
    assert isinstance(packets().seen(where, ""), NotYet)


@pytest.mark.parametrize(
    ("before", "now", "proved"), [("12", "99\n", True), ("12", "12\n", False), ("12", "", False), ("", "99\n", False)]
)
def test_another_process_is_one_that_was_not_there_before(before: str, now: str, proved: bool) -> None:
    where = scene(replies={"ps -o pid= -C kube-controller": now})
    where.hit = [where.cluster.machines["cp1"]]
    assert isinstance(another_process("kube-controller-manager").seen(where, before), str) is proved


@pytest.mark.parametrize(("state", "proved"), [("Tsl\n", True), ("Ssl\n", False), ("", False), ("Tsl\nSl\n", False)])
def test_a_process_is_stopped_where_the_kernel_says_so_of_each(state: str, proved: bool) -> None:
    where = scene(replies={"ps -o stat= -C etcd": state})
    where.hit = [where.cluster.machines["cp1"]]
    assert isinstance(stopped("etcd").seen(where, ""), str) is proved


def test_bounds_add_up_with_both_reasons() -> None:
    both = ELECTION + NOTICED
    assert both.seconds == ELECTION.seconds + NOTICED.seconds
    assert ELECTION.reason in both.reason
    assert NOTICED.source in both.source


def test_a_member_that_hangs_may_take_longer_where_api_servers_choose_among_members() -> None:
    fault = next(each for each in FAULTS if each.name == "etcd-minority-stopped")
    assert fault.bound_on("external").seconds == fault.bound_on("stacked").seconds + KEEPALIVE.seconds


def test_rules_leave_this_host_and_the_machine_itself_alone() -> None:
    cluster: Cluster = scene().cluster
    ours = cluster.host_address
    assert rules.isolation(cluster)[:2] == [("INPUT", f"! -s {ours} ! -i lo"), ("OUTPUT", f"! -d {ours} ! -o lo")]
    assert all("lo" in match for _, match in rules.between_machines(2380))
    assert all("--probability 0.5" in match for _, match in rules.half(rules.isolation(cluster)))


def test_steps_at_once_are_all_done_and_all_typed() -> None:
    where = scene(replies={"true": "yes"})
    both = AtOnce(tuple(Shell(each, "true") for each in where.cluster.control_planes[:2]))
    assert both.do(where) == "yes\nyes"
    assert [line.split()[3] for line in both.by_hand(where).splitlines()] == ["cp1", "cp2"]


def test_a_switch_can_be_typed() -> None:
    assert Switch(("cp1", "cp2"), Power.ON).by_hand(scene()) == "switch on cp1 cp2"
