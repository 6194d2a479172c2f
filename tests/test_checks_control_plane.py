"""Components of the control plane: whether they answer, run and lead, and how many there are."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from checks.facts.cluster import Api, Facts
from checks.facts.etcd import Alarm
from checks.facts.fact import unread
from checks.facts.machine import Clock
from tests.healthy import healthy, with_api, with_each, with_machine, without_login
from tests.healthy.disturbed import cut_off_everywhere, not_ready, powered_off, with_flags
from tests.healthy.values import known
from tests.healthy.verdicts import found, loud, sentences, undecided


def _silent(facts: Facts, *names: str) -> Facts:
    """API servers that answer nothing, and nowhere."""
    nothing: dict[str, Any] = {each: unread("connection refused") for each in ("ready", "version", "certificate")}
    servers = tuple(replace(each, **nothing) if each.machine in names else each for each in facts.servers)
    return cut_off_everywhere(replace(facts, servers=servers), "api-server", *names)


def _without(facts: Facts, name: str, *components: str) -> Facts:
    kept = tuple(each for each in facts.machine(name).processes.get() if each.name not in components)
    return with_machine(facts, name, processes=kept)


def test_an_api_server_that_does_not_answer_is_critical_and_its_consequences_are_not_named() -> None:
    facts = _without(_silent(healthy(), "cp2"), "cp2", "kube-apiserver", "kube-scheduler", "kube-controller-manager")
    facts = not_ready(facts, "cp2")
    assert found(facts) == [("CP-001", "critical", ("cp2",))]
    assert sentences(facts) == ["The API server of cp2 does not answer: it does not run."]


def test_an_api_server_without_a_manifest_is_found_as_that() -> None:
    facts = _without(_silent(healthy(), "cp2"), "cp2", "kube-apiserver")
    manifests = tuple(each for each in facts.machine("cp2").manifests.get() if each.name != "kube-apiserver")
    assert sentences(with_machine(facts, "cp2", manifests=manifests)) == [
        "The API server of cp2 does not answer: its manifest is missing."
    ]


def test_api_servers_that_this_host_alone_does_not_reach_are_healthy() -> None:
    facts = healthy()
    nothing: dict[str, Any] = {each: unread("timed out") for each in ("ready", "version", "certificate")}
    facts = replace(facts, servers=tuple(replace(each, **nothing) for each in facts.servers))
    assert found(facts) == []
    assert found(without_login(facts)) == []
    assert undecided(without_login(facts), "CP-001") == {"timed out"}


def test_by_kubeconfig_alone_a_pod_that_is_not_ready_shows_it() -> None:
    facts = without_login(_silent(healthy(), "cp2"))
    pods = tuple(each for each in facts.api.pods.get() if each["metadata"]["name"] != "kube-apiserver-cp2")
    assert found(with_api(facts, pods=pods)) == [("CP-001", "critical", ("cp2",))]


def test_an_api_server_that_hides_its_health_answers() -> None:
    facts = without_login(healthy())
    hidden: dict[str, Any] = {each: unread("hidden from users without a login") for each in ("ready", "version")}
    facts = replace(facts, servers=tuple(replace(each, **hidden) for each in facts.servers))
    assert found(facts) == []


def test_an_api_server_that_is_not_ready_names_the_check_that_fails() -> None:
    facts = healthy()
    lines = ("[-]informer-sync failed: reason withheld",)
    servers = tuple(replace(each, ready=known(lines)) if each.machine == "cp3" else each for each in facts.servers)
    facts = replace(facts, servers=servers)
    assert found(facts) == [("CP-002", "critical", ("cp3",))]
    assert sentences(facts) == ["The API server of cp3 is not ready: informer-sync failed: reason withheld."]


@pytest.mark.parametrize("component", ["kube-scheduler", "kube-controller-manager"])
def test_a_component_that_does_not_run_on_one_control_plane_is_found(component: str) -> None:
    assert found(_without(healthy(), "cp3", component)) == [("CP-003", "warning", ("cp3",))]


def _leases(facts: Facts, **spec: Any) -> Facts:
    def changed(lease: Any) -> Any:
        mine = lease["metadata"]["name"] == "kube-scheduler"
        return {**lease, "spec": {**lease["spec"], **spec}} if mine else lease

    return with_api(facts, leases=tuple(changed(each) for each in facts.api.leases.get()))


@pytest.mark.parametrize("spec", [{"renewTime": "2026-06-01T11:50:00.000000Z"}, {"holderIdentity": ""}])
def test_no_leader_is_critical(spec: dict[str, str]) -> None:
    assert found(_leases(healthy(), **spec)) == [("CP-004", "critical", ())]
    assert found(without_login(_leases(healthy(), **spec))) == [("CP-004", "critical", ())]


def test_a_lease_that_lasts_longer_and_one_of_another_name_are_healthy() -> None:
    facts = _leases(healthy(), renewTime="2026-06-01T11:59:00Z", leaseDurationSeconds=60)
    assert found(facts) == []
    facts = _leases(healthy(), renewTime="2026-06-01T11:00:00Z")
    for name in ("cp1", "cp2", "cp3"):
        facts = with_flags(facts, name, "kube-scheduler", leader_elect_resource_name="other")
    assert found(facts) == []


def test_the_clock_of_this_host_does_not_make_a_leader_old() -> None:
    facts = healthy()
    late = replace(with_each(facts, lambda _: {"clock": Clock(-600.0, 0.1)}), taken=facts.taken.replace(minute=10))
    assert found(late) == []
    assert found(without_login(replace(facts, taken=facts.taken.replace(minute=10)))) == []


def test_etcd_that_takes_no_writes_explains_leases_and_nodes() -> None:
    facts = not_ready(_leases(healthy(), renewTime="2026-06-01T11:00:00Z"), "w1")
    etcd = facts.machine("cp2").etcd.get()
    facts = with_machine(facts, "cp2", etcd=replace(etcd, alarms=(Alarm("NOSPACE", "a2"),)))
    assert found(facts) == []
    assert any("out of space" in each for each in undecided(facts, "CP-004"))


def test_two_machines_that_are_down_are_the_only_findings_of_these_kinds() -> None:
    facts = powered_off(powered_off(healthy(), "cp2"), "cp3")
    servers = tuple(
        replace(each, ready=known(("[-]etcd failed: reason withheld",))) if each.machine == "cp1" else each
        for each in facts.servers
    )
    facts = replace(facts, servers=servers)
    assert found(facts) == [("NODE-010", "critical", ("cp2",)), ("NODE-010", "critical", ("cp3",))]
    assert any("no majority without cp2 and cp3" in each for each in undecided(facts, "CP-002"))


def test_no_api_at_all_names_each_api_server_and_leaves_the_endpoint_out() -> None:
    facts = replace(cut_off_everywhere(_silent(healthy(), "cp1", "cp2", "cp3"), "endpoint"), api=Api())
    assert facts.through_endpoint
    nothing: dict[str, Any] = {each: unread("timed out") for each in ("ready", "version", "certificate")}
    facts = replace(facts, through_endpoint=replace(facts.through_endpoint, **nothing))
    assert found(facts) == [("CP-001", "critical", (each,)) for each in ("cp1", "cp2", "cp3")]
    assert undecided(facts, "REACH-006") == {"no API server answers, so that the endpoint cannot"}


@pytest.mark.parametrize(("count", "expected"), [(1, [("CP-005", "warning", ())]), (3, []), (5, [])])
def test_one_control_plane_is_one_warning(count: int, expected: list[Any]) -> None:
    assert found(healthy(control_planes=count)) == expected
    assert found(without_login(healthy(control_planes=count))) == expected


@pytest.mark.parametrize("count", [1, 2])
def test_one_or_two_stacked_control_planes_are_one_warning_of_all_kinds(count: int) -> None:
    assert len(loud(healthy(control_planes=count))) == 1
    assert len(loud(without_login(healthy(control_planes=count)))) == 1


def test_one_control_plane_with_external_etcd_is_one_warning_of_all_kinds() -> None:
    assert loud(healthy("external", control_planes=1)) == [("CP-005", "warning", ())]
    assert loud(healthy("external", control_planes=2)) == []
