"""A finding hides what it can be the cause of, on its machine and of its component, and nothing else."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from checks.facts.cluster import Facts
from checks.facts.fact import unread
from checks.facts.machine import Disk, Swap, Unit
from checks.judging import judged
from checks.rules.rule import rules
from tests.healthy import healthy, with_api, with_machine
from tests.healthy.changes import changed, in_kubeconfig
from tests.healthy.disturbed import cut_off_everywhere, not_ready, with_condition, with_flags, with_node
from tests.healthy.values import GIB, NOW, PKI, known

ENDED = {"begins": NOW - timedelta(days=3), "ends": NOW - timedelta(days=1)}
CP1 = "10.0.0.11"


def found(facts: Facts) -> set[str]:
    """The ids of what is reported at or above warning, and of causes that are less."""
    return {each.id.removeprefix("KHA-") for each in judged(facts).findings} - {"LB-014"}


def _conf_expired(facts: Facts, file: str) -> Facts:
    return in_kubeconfig(facts, "cp2", f"/etc/kubernetes/{file}.conf", **ENDED)


def _kubelet_stopped(facts: Facts) -> Facts:
    units = {**facts.machine("cp2").units.get(), "kubelet": Unit("kubelet", "activating", "enabled")}
    return with_machine(facts, "cp2", units=units)


def _kubelet_expired(facts: Facts) -> Facts:
    return changed(facts, "cp2", "/var/lib/kubelet/pki/kubelet-client-current.pem", **ENDED)


def _without_process(facts: Facts, component: str) -> Facts:
    processes = tuple(each for each in facts.machine("cp2").processes.get() if each.name != component)
    return with_machine(facts, "cp2", processes=processes)


def _server_down(facts: Facts) -> Facts:
    facts = cut_off_everywhere(_without_process(facts, "kube-apiserver"), "api-server", "cp2")
    nothing: dict[str, Any] = dict.fromkeys(("ready", "version", "certificate"), unread("timed out"))
    servers = tuple(replace(each, **nothing) if each.machine == "cp2" else each for each in facts.servers)
    return replace(facts, servers=servers)


def _twice(facts: Facts, component: str) -> Facts:
    manifests = facts.machine("cp2").manifests.get()
    one = next(each for each in manifests if each.name == component)
    copy = replace(one, file=one.file.replace(".yaml", ".old.yaml"))
    return with_machine(facts, "cp2", manifests=(*manifests, copy))


def _swap_on(facts: Facts) -> Facts:
    return with_machine(facts, "cp2", swap=Swap(("/dev/sda2",)))


def _under(facts: Facts, pressure: str) -> Facts:
    return with_node(facts, "cp2", lambda node: with_condition(node, pressure, "True"))


def test_causes_are_in_no_circle() -> None:
    causes = {each.id: each.because_of for each in rules()}

    def above(id: str, below: tuple[str, ...]) -> None:
        assert id not in below, (*below, id)
        for each in causes[id]:
            above(each, (*below, id))

    for id in causes:
        above(id, ())


@pytest.mark.parametrize("file", ["scheduler", "controller-manager"])
def test_an_expired_kubeconfig_of_a_static_pod_does_not_explain_a_kubelet_that_is_stopped(file: str) -> None:
    assert found(_kubelet_stopped(_conf_expired(healthy(), file))) == {"CERT-001", "NODE-004"}
    assert found(not_ready(_conf_expired(healthy(), file), "cp2")) == {"CERT-001", "NODE-001"}
    assert found(_server_down(_conf_expired(healthy(), file))) == {"CERT-001", "CP-001"}


def test_an_expired_certificate_explains_its_own_component() -> None:
    assert found(_kubelet_stopped(_kubelet_expired(healthy()))) == {"CERT-001"}
    assert found(not_ready(_kubelet_expired(healthy()), "cp2")) == {"CERT-001"}
    assert found(_without_process(_conf_expired(healthy(), "scheduler"), "kube-scheduler")) == {"CERT-001"}
    other = _without_process(_conf_expired(healthy(), "scheduler"), "kube-controller-manager")
    assert found(other) == {"CERT-001", "CP-003"}


def test_an_expired_certificate_of_a_kubelet_explains_a_static_pod_through_a_kubelet_that_is_stopped() -> None:
    facts = _server_down(_kubelet_expired(healthy()))
    assert found(facts) == {"CERT-001", "CP-001"}, "the kubelet runs, and what it has started as well"
    report = judged(_kubelet_stopped(facts))
    assert {each.id for each in report.findings} - {"KHA-LB-014"} == {"KHA-CERT-001"}
    assert {each.because for each in report.undecided if each.id == "KHA-CP-001" and each.because} == {"KHA-CERT-001"}


def test_swap_explains_a_kubelet_that_is_stopped_and_no_component_while_it_runs() -> None:
    assert found(_kubelet_stopped(_swap_on(healthy()))) == {"NODE-008"}
    assert found(_server_down(_swap_on(healthy()))) == {"NODE-008", "CP-001"}
    assert found(not_ready(_swap_on(healthy()), "cp2")) == {"NODE-008", "NODE-001"}
    assert found(_server_down(_kubelet_stopped(_swap_on(healthy())))) == {"NODE-008"}


def test_a_manifest_that_is_there_twice_explains_its_own_component() -> None:
    facts = _twice(_without_process(healthy(), "kube-scheduler"), "kube-scheduler")
    assert found(facts) == {"DRIFT-003"}
    facts = _twice(_without_process(healthy(), "kube-controller-manager"), "kube-scheduler")
    assert found(facts) == {"DRIFT-003", "CP-003"}
    flags = with_flags(healthy(), "cp2", "kube-scheduler", v="9")
    assert found(_twice(flags, "kube-scheduler")) == {"DRIFT-003"}
    assert found(_twice(flags, "etcd")) == {"DRIFT-003", "DRIFT-001"}


def test_a_full_disk_explains_the_pressure_of_the_disk_and_not_that_of_memory() -> None:
    full = with_machine(healthy(), "cp2", disks=(Disk("/var/lib/kubelet", "/", 100 * GIB, 1000, None, None),))
    assert found(_under(full, "DiskPressure")) == {"NODE-012"}
    assert found(_under(full, "MemoryPressure")) == {"NODE-012", "NODE-002"}


def test_an_authority_explains_what_it_signed() -> None:
    facts = changed(healthy(), "cp2", f"{PKI}/etcd/ca.crt", public_key="another", key_id="another")
    assert found(facts) == {"KEY-005"}
    facts = changed(facts, "cp2", f"{PKI}/apiserver.crt", signed_by="yet another")
    assert found(facts) == {"KEY-005", "CERT-008"}


def test_a_stored_endpoint_of_one_machine_explains_kubeconfigs_that_name_this_one() -> None:
    configuration = {**healthy().api.cluster_configuration.get(), "controlPlaneEndpoint": f"{CP1}:6443"}
    facts = with_api(healthy(), cluster_configuration=configuration)
    assert "ONE-002" not in found(with_api(facts, kube_proxy_server=f"https://{CP1}:6443"))
    assert "ONE-002" in found(with_api(facts, kube_proxy_server="https://10.0.0.13:6443"))
    assert found(with_api(healthy(), cluster_info_server=f"https://{CP1}:6443")) == {"ONE-007"}


def test_a_pod_of_the_cluster_is_explained_by_what_it_needs() -> None:
    def unready(facts: Facts, name: str) -> Facts:
        pods = (with_condition(each, "Ready", "False") if each["metadata"]["name"] == name else each
                for each in facts.api.pods.get())  # fmt: skip
        return with_api(facts, pods=tuple(pods))

    failing = known(("[-]etcd failed",))
    servers = tuple(replace(each, ready=failing) if each.machine == "cp2" else each for each in healthy().servers)
    facts = replace(healthy(), servers=servers)
    assert found(unready(facts, "kube-apiserver-cp2")) == {"CP-002"}
    assert found(unready(facts, "kube-proxy-cp2")) == {"CP-002", "NODE-003"}
