"""Renewals that a process did not read: seen, and not taken for one where there was none."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from checks.facts.cluster import Facts
from tests.healthy import healthy, with_api, with_machine
from tests.healthy.certificates import certificate
from tests.healthy.changes import changed, in_kubeconfig
from tests.healthy.judging import found, report
from tests.healthy.values import MADE, NOW, PKI, YEAR

DAY = timedelta(days=1)
KUBELET = "/var/lib/kubelet/pki/kubelet-client-current.pem"


def all_of(facts: Facts) -> list[tuple[str, str, tuple[str, ...]]]:
    return found(facts, "KHA-CERT")


# -- what a process holds

CONF = "/etc/kubernetes/scheduler.conf"


def test_a_scheduler_that_runs_since_before_a_renewal_is_a_warning() -> None:
    facts = in_kubeconfig(healthy(), "cp1", CONF, NOW - timedelta(hours=1), ends=NOW - timedelta(hours=1) + YEAR)
    assert all_of(facts) == [("KHA-CERT-004", "warning", ("cp1",))]
    assert "kube-scheduler runs since 2026-05-02 12:01" in report(facts, "KHA-CERT").findings[0].what


def test_a_scheduler_that_was_restarted_after_a_renewal_is_healthy() -> None:
    facts = in_kubeconfig(healthy(), "cp1", CONF, NOW - timedelta(hours=1), ends=NOW - timedelta(hours=1) + YEAR)
    processes = tuple(
        replace(each, started=NOW - timedelta(minutes=50)) if each.name == "kube-scheduler" else each
        for each in facts.machine("cp1").processes.get()
    )
    assert all_of(with_machine(facts, "cp1", processes=processes)) == []


@pytest.mark.parametrize("lifetime", [YEAR, 2 * YEAR, 10 * YEAR, 100 * YEAR])
def test_a_kubeconfig_that_was_changed_for_another_reason_is_healthy(lifetime: timedelta) -> None:
    assert all_of(in_kubeconfig(healthy(), "cp1", CONF, NOW - timedelta(hours=1), ends=MADE + lifetime)) == []


def test_the_clusters_own_validity_is_what_a_renewal_is_known_by() -> None:
    facts = in_kubeconfig(healthy(), "cp1", CONF, NOW - DAY, ends=NOW - DAY + 10 * YEAR)
    assert all_of(facts) == []
    configuration = {**facts.api.cluster_configuration.get(), "certificateValidityPeriod": "87600h0m0s"}
    facts = with_api(facts, cluster_configuration=configuration)
    assert all_of(facts) == [("KHA-CERT-004", "warning", ("cp1",))]


def test_a_kubeconfig_that_begins_after_the_start_of_its_process_is_a_warning() -> None:
    facts = in_kubeconfig(healthy(), "cp1", CONF, begins=NOW - DAY, ends=NOW + 5 * YEAR)
    assert all_of(facts) == [("KHA-CERT-004", "warning", ("cp1",))]


@pytest.mark.parametrize(("port", "id"), [("6443", "apiserver"), ("2379", "etcd/server"), ("2380", "etcd/peer")])
def test_a_process_that_presents_another_certificate_than_its_file_is_a_warning(port: str, id: str) -> None:
    facts = healthy()
    files = tuple(
        replace(each, serial="renewed", ends=each.ends + 100 * DAY) if each.place == f"{PKI}/{id}.crt" else each
        for each in facts.machine("cp2").certificates.get()
    )
    facts = with_machine(facts, "cp2", certificates=files)
    assert all_of(facts) == [("KHA-CERT-004", "warning", ("cp2",))]
    fresh = tuple(replace(each, modified=NOW) for each in facts.machine("cp2").files.get())
    assert all_of(with_machine(facts, "cp2", files=fresh)) == []  # it is read again within a minute


def test_an_api_server_may_have_another_certificate_for_a_name() -> None:
    facts = healthy()
    cp2 = facts.machine("cp2")
    public = certificate("/etc/ssl/public.crt", "k8s.example.org", names=("k8s.example.org",), serial="public")
    manifests = tuple(
        replace(each, containers=(replace(each.containers[0], command=(
            *each.containers[0].command, "--tls-sni-cert-key=/etc/ssl/public.crt,/etc/ssl/public.key",
        )),)) if each.name == "kube-apiserver" else each
        for each in cp2.manifests.get()
    )  # fmt: skip
    facts = with_machine(facts, "cp2", manifests=manifests, certificates=(*cp2.certificates.get(), public))
    assert all_of(changed(facts, "cp2", f"{PKI}/apiserver.crt", names=("cp2",))) == []


def test_certificates_that_components_make_for_themselves_may_be_over() -> None:
    """kubelet.crt, and what the controller manager and the scheduler serve with: nothing verifies them."""
    facts = healthy()
    old = [
        replace(each, certificate=replace(each.certificate, ends=NOW - DAY, serial="older"))
        if each.certificate and each.address.endswith((":10250", ":10257", ":10259")) else each
        for each in facts.machine("cp2").presented.get()
    ]  # fmt: skip
    facts = changed(facts, "w1", "/var/lib/kubelet/pki/kubelet.crt", ends=NOW - DAY)
    assert all_of(with_machine(facts, "cp2", presented=tuple(old))) == []
