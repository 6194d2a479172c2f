"""Rules of etcd: each is loud on one broken thing, and quiet on clusters that are healthy and unusual."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from checks.facts.etcd import EtcdMetrics, EtcdView, Member, Status
from checks.facts.fact import Fact, unread
from checks.facts.machine import Interface
from checks.findings import Severity
from checks.rules.rule import rules
from tests.etcd_facts import (
    GHOST,
    MEMBERS,
    changed,
    found,
    off,
    only,
    report,
    undecided,
    value,
    with_view,
    without,
)
from tests.healthy import healthy, with_api, with_each, with_machine, without_login
from tests.healthy.values import address


@pytest.mark.parametrize("learner", [True, False])
def test_a_member_that_never_started_is_found(learner: bool) -> None:
    finding = only(with_view(healthy(), Member("99", "", GHOST, (), learner)))
    assert (finding.id, finding.severity, finding.machines) == ("KHA-ETCD-001", Severity.WARNING, ())
    assert finding.fix.endswith(" member remove 99  # on cp1")
    assert "--endpoints https://10.0.0.11:2379" in finding.fix


def test_a_machine_that_failed_to_join_is_named() -> None:
    facts = with_view(healthy(), Member("99", "", ("https://10.0.0.21:2380",), (), True))
    assert found(facts) == {"KHA-ETCD-001": ("w1",)}


@pytest.mark.parametrize(("topology", "name"), [("stacked", "cp3"), ("external", "etcd2")])
def test_a_member_that_does_not_run_is_found(topology: str, name: str) -> None:
    finding = only(without(healthy(topology), name))
    assert (finding.id, finding.severity, finding.machines) == ("KHA-ETCD-004", Severity.CRITICAL, (name,))
    facts = with_each(without(healthy(topology), name), lambda machine: {"reached": unread("was not collected")})
    assert found(facts) == {"KHA-ETCD-004": (name,)}  # its processes alone tell


def test_a_member_on_a_machine_that_is_off_is_found_by_what_others_reach() -> None:
    assert found(off(healthy(), "cp3")) == {"KHA-ETCD-004": ("cp3",)}


def test_a_machine_without_a_login_whose_member_others_reach_is_not_found() -> None:
    assert found(off(healthy(), "cp3", peers=False)) == {}
    assert "KHA-ETCD-004" not in undecided(off(healthy(), "cp3", peers=False))


def test_a_member_that_hangs_is_found() -> None:
    facts = off(healthy(), "cp3")
    processes = healthy().machine("cp3").processes
    facts = with_machine(replace(facts, machines=facts.machines), "cp3", processes=processes, unreachable="")
    assert found(facts) == {"KHA-ETCD-004": ("cp3",)}


@pytest.mark.parametrize("gone", [("cp2", "cp3"), ("cp1", "cp2", "cp3")])
def test_a_lost_majority_is_one_finding_that_names_the_members(gone: tuple[str, ...]) -> None:
    facts = off(healthy(), *gone)
    lone: Fact[Any] = unread("context deadline exceeded")
    if "cp1" not in gone:
        facts = with_machine(changed(facts, "cp1", leader="0", errors=("etcdserver: no leader",)), "cp1", etcd=lone)
        assert found(facts) == {"KHA-ETCD-005": gone}
    else:
        servers = tuple(replace(each, ready=unread("refused")) for each in facts.servers)
        facts = with_api(replace(facts, servers=servers), pods=unread("refused"), nodes=unread("refused"))
        assert found(facts) == {}  # nothing is left that tells
        assert "KHA-ETCD-005" in undecided(facts)


def test_members_without_a_leader_are_a_lost_majority() -> None:
    facts = healthy()
    for name in MEMBERS:
        facts = changed(facts, name, leader="0")
    assert found(facts) == {"KHA-ETCD-005": ()}


def test_a_member_whose_machine_left_is_found_where_it_does_not_answer() -> None:
    stranger = Member("99", "cp4", ("https://10.0.0.14:2380",), ("https://10.0.0.14:2379",))
    facts = with_view(healthy(), stranger, answers={"99": "connection refused"})
    assert found(facts) == {"KHA-ETCD-006": ()}
    assert found(with_view(healthy(), stranger, answers={"99": ""})) == {"KHA-ETCD-008": ()}  # four, and all is well
    assert "KHA-ETCD-006" in undecided(with_view(healthy(), stranger))


def test_the_old_member_of_a_machine_that_was_made_anew_is_not_taken_for_its_new_one() -> None:
    old = Member("99", "cp3", ("https://10.0.0.99:2380",), ("https://10.0.0.99:2379",))
    assert found(with_view(healthy(), old, answers={"99": "no route to host"})) == {"KHA-ETCD-006": ()}


def test_members_with_host_names_or_another_address_of_their_machine_are_known() -> None:
    named = Member("a3", "three", ("https://cp3.example.org:2380",), ("https://10.9.9.3:2379",))
    facts = with_machine(healthy(), "cp3", interfaces=(Interface("eth1", 1500, True, ("10.9.9.3",)),))
    view = EtcdView((*value(facts.machine("cp1").etcd).members[:2], named))
    assert found(with_each(facts, lambda machine: {"etcd": view} if machine.etcd.known else {})) == {}


def test_a_control_plane_whose_member_was_removed_is_found() -> None:
    facts = without(healthy(), "cp3")
    view = EtcdView(value(facts.machine("cp1").etcd).members[:2])
    facts = with_each(facts, lambda machine: {"etcd": view} if machine.etcd.known else {})
    assert found(facts) == {"KHA-ETCD-007": ("cp3",)}


def test_a_control_plane_that_uses_the_members_of_others_on_purpose_is_not_found() -> None:
    facts = without(healthy(control_planes=4), "cp4")
    view = EtcdView(value(facts.machine("cp1").etcd).members[:3])
    facts = with_each(facts, lambda machine: {"etcd": view} if machine.etcd.known else {})
    servers = "--etcd-servers=" + ",".join(f"https://{address(each)}:2379" for each in MEMBERS)
    pods = []
    for pod in value(facts.machine("cp4").manifests):
        words = tuple(
            servers if word.startswith("--etcd-servers") else word
            for container in pod.containers
            for word in container.command
        )
        pods += [replace(pod, containers=(replace(pod.containers[0], command=words),))] if pod.name != "etcd" else []
    assert found(with_machine(facts, "cp4", manifests=tuple(pods))) == {}


def test_a_learner_is_found_unless_it_has_just_started() -> None:
    facts = healthy()
    view = EtcdView(
        tuple(replace(each, learner=each.name == "cp3") for each in value(facts.machine("cp1").etcd).members)
    )
    facts = with_each(facts, lambda machine: {"etcd": view} if machine.etcd.known else {})
    assert found(facts) == {"KHA-ETCD-009": ("cp3",)}
    assert "KHA-ETCD-009" not in found(with_machine(facts, "cp3", etcd_metrics=EtcdMetrics(1, 0.01, True, 60)))


def test_a_member_without_a_leader_is_found() -> None:
    assert found(changed(healthy(), "cp2", leader="")) == {"KHA-ETCD-011": ("cp2",)}


def test_another_leader_in_the_same_term_or_another_cluster_is_found_at_the_one_that_differs() -> None:
    assert found(changed(healthy(), "cp2", leader="a2")) == {"KHA-ETCD-011": ("cp2",)}
    facts = healthy()
    for name in MEMBERS:
        facts = changed(facts, name, cluster="c1" if name != "cp3" else "c2")
    assert found(facts) == {"KHA-ETCD-011": ("cp3",)}


def test_an_election_while_facts_are_collected_is_not_found() -> None:
    assert found(changed(healthy(), "cp3", leader="a2", term=4)) == {}


def test_external_etcd_without_a_login_is_undecided_and_says_what_is_needed() -> None:
    verdicts = report(without_login(healthy("external")))
    assert verdicts.findings == ()
    assert {each.needs for each in verdicts.undecided} == {
        "a login on the machines of etcd: --ssh, or an inventory that names them"
    }
    assert len(verdicts.undecided) == len([each for each in rules() if each.id.startswith("KHA-ETCD-")]) - 6


def test_by_kubeconfig_alone_a_pod_that_is_not_ready_is_found() -> None:
    facts = without_login(healthy())
    pods = [dict(each) for each in value(facts.api.pods)]
    for each in pods:
        if each["metadata"]["name"] == "etcd-cp3":
            each["status"] = {"conditions": [{"type": "Ready", "status": "False"}]}
    servers = tuple(replace(each, ready=unread("refused")) if each.machine == "cp3" else each for each in facts.servers)
    facts = with_api(replace(facts, servers=servers), pods=tuple(pods))
    assert found(facts) == {"KHA-ETCD-004": ("cp3",)}
    gone = tuple(each for each in pods if each["metadata"]["name"] != "etcd-cp3")
    assert found(with_api(facts, pods=gone)) == {"KHA-ETCD-004": ("cp3",)}


def test_by_kubeconfig_alone_no_member_is_taken_for_dead_whose_node_alone_is_not_ready() -> None:
    facts = without_login(healthy())
    nodes = [dict(each) for each in value(facts.api.nodes)]
    for each in nodes:
        if each["metadata"]["name"] == "cp3":
            each["status"] = {**each["status"], "conditions": [{"type": "Ready", "status": "Unknown"}]}
    servers = tuple(
        replace(each, ready=unread("timed out")) if each.machine == "cp3" else each for each in facts.servers
    )
    facts = with_api(replace(facts, servers=servers), nodes=tuple(nodes))
    assert found(facts) == {}
    assert "KHA-ETCD-004" in undecided(facts)


def test_api_servers_that_all_fail_at_etcd_are_a_lost_majority() -> None:
    facts = without_login(healthy())
    failing: Fact[Any] = Fact("GET /readyz", ("[-]etcd failed: reason withheld",))
    servers = tuple(replace(each, ready=failing) for each in facts.servers)
    bare = with_api(replace(facts, servers=servers), pods=unread("timed out"), nodes=unread("timed out"))
    assert set(found(bare)) == {"KHA-ETCD-005"}


def test_a_status_without_the_cluster_id_is_compared_by_leaders_alone() -> None:
    status = Status("a1", "3.6.8", "a1", 3, 12345, 20_000_000, 9_000_000, cluster="c1")
    assert found(with_machine(healthy(), "cp1", etcd_status=status)) == {}
