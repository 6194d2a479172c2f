"""Names of certificates, requests, and what is beside them; healthy clusters of other kinds stay quiet."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from checks.facts.certificates import Certificate, Presented
from checks.facts.cluster import Facts
from tests.healthy import healthy, with_api, with_each, with_machine, without_login
from tests.healthy.certificates import certificate
from tests.healthy.changes import changed, in_kubeconfig
from tests.healthy.judging import found, report, undecided
from tests.healthy.values import NOW, PKI, YEAR, address

DAY = timedelta(days=1)
KUBELET = "/var/lib/kubelet/pki/kubelet-client-current.pem"


def all_of(facts: Facts) -> list[tuple[str, str, tuple[str, ...]]]:
    return found(facts, "KHA-CERT")


# -- names


@pytest.mark.parametrize("login", [True, False])
def test_an_api_server_without_the_endpoints_name_is_critical(login: bool) -> None:
    facts = changed(healthy(), "cp3", f"{PKI}/apiserver.crt", names=("cp3", "kubernetes", "kubernetes.default.svc"))
    assert list(all_of(facts if login else without_login(facts))) == [("KHA-CERT-005", "critical", ("cp3",))]


@pytest.mark.parametrize(("names", "addresses", "endpoint"), [
    (("*.example.org",), (), "k8s.example.org:6443"), (("K8s.Example.org",), (), "k8s.example.org"),
    ((), ("10.0.0.1",), "10.0.0.1:6443"), ((), ("fd00::1",), "[fd00:0::1]:6443"), ((), (), ""),
])  # fmt: skip
def test_the_endpoint_may_be_a_name_or_an_address(names: Any, addresses: Any, endpoint: str) -> None:
    facts = healthy()
    for each in ("cp1", "cp2", "cp3"):
        own = (*addresses, "10.96.0.1", address(each))
        facts = changed(facts, each, f"{PKI}/apiserver.crt", names=names, addresses=own)
    configuration = {**facts.api.cluster_configuration.get(), "controlPlaneEndpoint": endpoint}
    assert all_of(with_api(facts, cluster_configuration=configuration)) == []
    other = {**configuration, "controlPlaneEndpoint": "other.example.com:443"}
    expected = [("KHA-CERT-005", "critical", (f"cp{n}",)) for n in (1, 2, 3)]
    assert all_of(with_api(facts, cluster_configuration=other)) == expected


@pytest.mark.parametrize("left", [("10.96.0.1",), (address("cp2"),)])
def test_an_api_server_without_an_address_of_its_own_is_critical(left: tuple[str, ...]) -> None:
    facts = changed(healthy(), "cp2", f"{PKI}/apiserver.crt", addresses=left)
    assert all_of(facts) == [("KHA-CERT-013", "critical", ("cp2",))]


def test_a_machines_own_address_is_not_needed_where_its_components_use_the_endpoint() -> None:
    facts = changed(healthy(), "cp2", f"{PKI}/apiserver.crt", addresses=("10.96.0.1",))
    through = tuple(replace(each, server="https://k8s.example.org:6443")
                    for each in facts.machine("cp2").kubeconfigs.get())  # fmt: skip
    assert all_of(with_machine(facts, "cp2", kubeconfigs=through)) == []


def test_more_names_are_healthy() -> None:
    facts = healthy()
    more = ("cp1", "k8s.example.org", "vip", "public.example.com", "localhost")
    assert all_of(changed(facts, "cp1", f"{PKI}/apiserver.crt", names=more)) == []


@pytest.mark.parametrize(("topology", "machine", "other"), [("stacked", "cp2", "cp1"), ("external", "etcd3", "etcd1")])
@pytest.mark.parametrize("file", ["server", "peer"])
def test_a_members_certificate_with_anothers_names_is_critical(
    topology: str, machine: str, other: str, file: str
) -> None:
    theirs = (address(other), "127.0.0.1", "::1")
    facts = changed(healthy(topology), machine, f"{PKI}/etcd/{file}.crt", names=(other, "localhost"), addresses=theirs)
    assert all_of(facts) == [("KHA-CERT-006", "critical", (machine,))]
    fix = report(facts, "KHA-CERT").findings[0].fix
    assert f"etcd/{file}.crt" in fix
    assert ("get configmap kubeadm-config" in fix) is (topology == "stacked"), "external members have their own"


def test_etcd_with_an_own_pki_elsewhere_is_judged_by_its_flags() -> None:
    facts = healthy("external")
    for name in ("etcd1", "etcd2", "etcd3"):
        machine = facts.machine(name)
        process = machine.processes.get()[0]
        own = tuple(each.replace(f"{PKI}/etcd", "/etc/ssl/etcd/ssl") for each in process.arguments)
        certificates = tuple(replace(each, place=each.place.replace(f"{PKI}/etcd", "/etc/ssl/etcd/ssl"))
                             for each in machine.certificates.get())  # fmt: skip
        facts = with_machine(facts, name, manifests=(), processes=(replace(process, arguments=own),),
                             certificates=certificates, keys=())  # fmt: skip
    assert all_of(facts) == []
    soon = changed(facts, "etcd2", "/etc/ssl/etcd/ssl/peer.crt", begins=NOW - YEAR, ends=NOW + 5 * DAY)
    assert all_of(soon) == [("KHA-CERT-003", "warning", ("etcd2",))]
    assert report(soon, "KHA-CERT").findings[0].fix.startswith("Sign /etc/ssl/etcd/ssl/peer.crt of etcd2 anew")


# -- requests


def request(name: str, user: str, signer: str = "kubernetes.io/kubelet-serving", **status: Any) -> dict[str, Any]:
    return {"metadata": {"name": name}, "spec": {"signerName": signer, "username": user}, "status": status}


def test_a_pending_request_for_a_serving_certificate_names_its_node() -> None:
    facts = with_api(healthy(), requests=(request("csr-1", "system:node:w1"), request("csr-2", "system:node:w1")))
    assert all_of(facts) == [("KHA-CERT-007", "warning", ("w1",))]
    assert report(facts, "KHA-CERT").findings[0].fix == "kubectl certificate approve csr-1 csr-2"


def test_other_requests_are_healthy() -> None:
    facts = with_api(healthy(), requests=(
        request("approved", "system:node:w1", conditions=[{"type": "Approved"}]),
        request("denied", "system:node:w1", conditions=[{"type": "Denied"}]),
        request("issued", "system:node:w1", certificate="…"),
        request("other", "jane", "example.com/own"), request("gone", "system:node:w9"),
    ))  # fmt: skip
    assert all_of(facts) == []


# -- authorities and keys beside them


@pytest.mark.parametrize("file", ["apiserver", "front-proxy-client", "etcd/peer"])
def test_a_certificate_of_another_authority_is_critical(file: str) -> None:
    facts = changed(healthy(), "cp2", f"{PKI}/{file}.crt", signed_by="id of another")
    assert all_of(facts) == [("KHA-CERT-008", "critical", ("cp2",))]


def test_a_kubeconfig_of_an_older_authority_is_critical() -> None:
    facts = in_kubeconfig(healthy(), "cp2", "/etc/kubernetes/scheduler.conf", signed_by="id of an older ca")
    assert all_of(facts) == [("KHA-CERT-008", "critical", ("cp2",))]


def test_an_authority_between_the_two_and_missing_ids_are_healthy() -> None:
    facts = changed(healthy(), "cp2", f"{PKI}/apiserver.crt", signed_by="id of intermediate")
    between = certificate(f"{PKI}/apiserver.crt", "intermediate", key_id="id of intermediate", authority=True)
    certificates = (*facts.machine("cp2").certificates.get(), between)
    assert all_of(with_machine(facts, "cp2", certificates=certificates)) == []
    assert all_of(changed(healthy(), "cp2", f"{PKI}/apiserver.crt", signed_by="")) == []
    assert all_of(changed(healthy(), "cp2", f"{PKI}/ca.crt", key_id="")) == []


def test_a_key_of_another_certificate_is_critical() -> None:
    facts = healthy()
    keys = tuple(
        replace(each, public_key="another") if each.place == f"{PKI}/etcd/peer.key" else each
        for each in facts.machine("cp2").keys.get()
    )
    assert all_of(with_machine(facts, "cp2", keys=keys)) == [("KHA-CERT-009", "critical", ("cp2",))]
    assert all_of(with_machine(facts, "cp2", keys=())) == []  # it may be kept elsewhere


# -- healthy and unusual


def leftovers() -> list[Certificate]:
    over = {"begins": NOW - 2 * YEAR, "ends": NOW - YEAR}
    return [
        certificate(place, "old", **over)
        for place in (
            f"{PKI}/apiserver.crt.bak", "/etc/kubernetes/pki.old/apiserver.crt", f"{PKI}/old.crt",
            "/var/lib/kubelet/pki/kubelet-client-2024-06-01-12-00-00.pem",
        )
    ]  # fmt: skip


def test_expired_files_that_nothing_uses_are_healthy() -> None:
    facts = with_each(healthy(), lambda each: {"certificates": (*each.certificates.get(), *leftovers())})
    assert all_of(facts) == []


def test_files_of_a_stacked_etcd_from_before_are_healthy_where_etcd_is_external() -> None:
    facts = healthy("external")
    old = certificate(f"{PKI}/etcd/server.crt", "cp1", ends=NOW - YEAR)
    facts = with_machine(facts, "cp1", certificates=(*facts.machine("cp1").certificates.get(), old))
    assert all_of(facts) == []


def test_an_api_server_of_a_nested_cluster_on_a_control_plane_is_not_judged() -> None:
    facts = healthy()
    mine = facts.machine("cp1").processes.get()
    nested = replace(mine[0], pid=1, arguments=("kube-apiserver", f"--tls-cert-file={PKI}/old.crt"))
    certificates = (*facts.machine("cp1").certificates.get(), *leftovers())
    assert all_of(with_machine(facts, "cp1", processes=(nested, *mine), certificates=certificates)) == []


def test_a_cluster_whose_authority_is_elsewhere_is_healthy() -> None:
    def without(machine: Any) -> dict[str, Any]:
        return {"keys": tuple(each for each in machine.keys.get() if not each.place.endswith("ca.key"))}

    facts = with_each(healthy(), without)
    assert all_of(facts) == []
    soon = changed(facts, "cp3", f"{PKI}/apiserver.crt", begins=NOW - YEAR, ends=NOW + 10 * DAY)
    assert report(soon, "KHA-CERT").findings[0].fix.startswith("Sign")


def test_without_a_login_files_are_undecided_and_not_found_healthy() -> None:
    bare = without_login(healthy())
    assert all_of(bare) == []
    kinds = {id for id, _ in undecided(bare, "KHA-CERT")}
    assert {"KHA-CERT-001", "KHA-CERT-002", "KHA-CERT-003", "KHA-CERT-004", "KHA-CERT-011"} <= kinds
    assert not kinds & {"KHA-CERT-005", "KHA-CERT-007"}  # what API servers present, and requests, need none


def test_an_api_server_that_presented_nothing_is_undecided() -> None:
    bare = replace(without_login(healthy()), servers=())
    assert ("KHA-CERT-005", "cp1") in undecided(bare, "KHA-CERT")


def test_a_process_that_presents_nothing_is_not_this_kinds_finding() -> None:
    facts = healthy()
    down = tuple(Presented(each.address, None, "refused") for each in facts.machine("cp2").presented.get())
    assert all_of(with_machine(facts, "cp2", presented=down)) == []
