"""Certificates that have expired or end soon, and authorities: seen where they are used, and nowhere else."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from checks.facts.cluster import Facts
from checks.facts.fact import unread
from tests.healthy import healthy, with_each, with_machine, without_login
from tests.healthy.certificates import certificate
from tests.healthy.changes import changed, in_kubeconfig
from tests.healthy.judging import found, report, undecided
from tests.healthy.values import MADE, NOW, PKI, YEAR

DAY = timedelta(days=1)
KUBELET = "/var/lib/kubelet/pki/kubelet-client-current.pem"


def all_of(facts: Facts) -> list[tuple[str, str, tuple[str, ...]]]:
    return found(facts, "KHA-CERT")


# -- expired


@pytest.mark.parametrize("file", ["controller-manager", "scheduler"])
def test_an_expired_kubeconfig_of_a_component_is_critical(file: str) -> None:
    facts = in_kubeconfig(healthy(), "cp2", f"/etc/kubernetes/{file}.conf", begins=NOW - 3 * DAY, ends=NOW - DAY)
    assert all_of(facts) == [("KHA-CERT-001", "critical", ("cp2",))]
    (finding,) = report(facts, "KHA-CERT").findings
    assert finding.what == f"cp2: the client certificate in /etc/kubernetes/{file}.conf expired on 2026-05-31."
    assert finding.fix.startswith(
        f"sudo kubeadm certs renew {file}.conf && sudo mv /etc/kubernetes/manifests/kube-{file}"
    )


def test_an_expired_client_certificate_of_an_api_server_is_critical() -> None:
    facts = changed(healthy("external"), "cp1", f"{PKI}/apiserver-etcd-client.crt", ends=NOW - DAY)
    assert all_of(facts) == [("KHA-CERT-001", "critical", ("cp1",))]
    (finding,) = report(facts, "KHA-CERT").findings
    assert finding.fix.startswith("Sign")  # etcd's authority has its key on another machine


@pytest.mark.parametrize("machine", ["cp3", "w1"])
def test_an_expired_certificate_of_a_kubelet_is_critical_though_it_would_renew_it(machine: str) -> None:
    facts = changed(healthy(), machine, KUBELET, begins=NOW - 3 * DAY, ends=NOW - DAY)
    assert all_of(facts) == [("KHA-CERT-001", "critical", (machine,))]


def test_an_expired_kubeconfig_of_an_administrator_is_a_warning() -> None:
    facts = in_kubeconfig(healthy(), "cp2", "/etc/kubernetes/admin.conf", ends=NOW - DAY)
    assert all_of(facts) == [("KHA-CERT-002", "warning", ("cp2",))]


def test_an_expired_super_admin_is_a_notice_and_an_absent_one_nothing() -> None:
    facts = in_kubeconfig(healthy(), "cp1", "/etc/kubernetes/super-admin.conf", ends=NOW - DAY)
    assert all_of(facts) == [("KHA-CERT-002", "notice", ("cp1",))]
    kept = [each for each in facts.machine("cp1").kubeconfigs.get() if "super-admin" not in each.place]
    assert all_of(with_machine(facts, "cp1", kubeconfigs=tuple(kept))) == []


@pytest.mark.parametrize("file", ["apiserver", "etcd/server", "etcd/peer"])
def test_an_expired_serving_certificate_is_critical(file: str) -> None:
    facts = changed(healthy(), "cp2", f"{PKI}/{file}.crt", ends=NOW - DAY)
    assert all_of(facts) == [("KHA-CERT-010", "critical", ("cp2",))]


def test_an_expired_certificate_of_the_health_check_is_a_warning() -> None:
    facts = changed(healthy(), "cp2", f"{PKI}/etcd/healthcheck-client.crt", ends=NOW - DAY)
    assert all_of(facts) == [("KHA-CERT-015", "warning", ("cp2",))]


def test_an_api_servers_expired_certificate_is_seen_without_a_login() -> None:
    facts = changed(healthy(), "cp2", f"{PKI}/apiserver.crt", ends=NOW - DAY)
    assert ("KHA-CERT-010", "critical", ("cp2",)) in all_of(without_login(facts))


def test_several_expired_certificates_of_a_machine_are_one_finding() -> None:
    facts = in_kubeconfig(healthy(), "cp2", "/etc/kubernetes/scheduler.conf", ends=NOW - DAY)
    facts = in_kubeconfig(facts, "cp2", "/etc/kubernetes/controller-manager.conf", ends=NOW - DAY)
    assert all_of(facts) == [("KHA-CERT-001", "critical", ("cp2",))]


# -- that end soon


@pytest.mark.parametrize(("topology", "machine", "file"), [
    ("stacked", "cp3", "apiserver"), ("external", "etcd1", "etcd/peer"), ("stacked", "cp1", "front-proxy-client"),
])  # fmt: skip
def test_a_certificate_that_ends_in_ten_days_is_a_warning(topology: str, machine: str, file: str) -> None:
    facts = changed(healthy(topology), machine, f"{PKI}/{file}.crt", begins=NOW - 355 * DAY, ends=NOW + 10 * DAY)
    assert all_of(facts) == [("KHA-CERT-003", "warning", (machine,))]
    assert all_of(replace(facts, expires_within=7 * DAY)) == []


def test_what_a_job_of_the_machine_renews_is_renewed_by_something() -> None:
    facts = changed(healthy(), "cp2", f"{PKI}/apiserver.crt", begins=NOW - YEAR, ends=NOW + 11 * DAY)
    assert all_of(facts) == [("KHA-CERT-003", "warning", ("cp2",))]
    jobs = ("/etc/cron.monthly/renew",)
    assert all_of(with_machine(facts, "cp2", renewals=jobs)) == []
    assert all_of(with_machine(facts, "cp1", renewals=jobs)) == [("KHA-CERT-003", "warning", ("cp2",))]
    without_key = tuple(each for each in facts.machine("cp2").keys.get() if not each.place.endswith("/ca.key"))
    assert all_of(with_machine(facts, "cp2", renewals=jobs, keys=without_key)) == [
        ("KHA-CERT-003", "warning", ("cp2",))
    ]


def test_a_job_that_has_not_renewed_a_certificate_in_time_is_not_believed() -> None:
    facts = changed(healthy(), "cp2", f"{PKI}/apiserver.crt", begins=NOW - YEAR, ends=NOW + 9 * DAY)
    facts = with_machine(facts, "cp2", renewals=("/etc/cron.d/old-certs-renew",))
    (finding,) = report(facts, "KHA-CERT").findings
    assert (finding.id, finding.severity.value) == ("KHA-CERT-003", "warning")
    assert finding.evidence[-1] == "the job in /etc/cron.d/old-certs-renew has not renewed it"
    assert all_of(replace(facts, expires_within=24 * DAY)) == []


def test_a_job_does_not_hide_what_has_expired() -> None:
    over = changed(healthy(), "cp2", f"{PKI}/apiserver.crt", begins=NOW - YEAR, ends=NOW - DAY)
    assert all_of(with_machine(over, "cp2", renewals=("/etc/cron.d/renew",))) == [
        ("KHA-CERT-010", "critical", ("cp2",))
    ]


def test_evidence_names_jobs_that_were_not_read() -> None:
    facts = changed(healthy(), "cp2", f"{PKI}/apiserver.crt", begins=NOW - YEAR, ends=NOW + 5 * DAY)
    facts = with_machine(facts, "cp2", renewals=unread("grep: /var/spool/cron: Permission denied"))
    (finding,) = report(facts, "KHA-CERT").findings
    assert (finding.id, finding.severity.value) == ("KHA-CERT-003", "warning")
    assert finding.evidence[-1].startswith("whether a cron job or a timer of cp2 renews them was not read: grep")


def test_certificates_of_a_machine_that_end_together_are_one_finding() -> None:
    later = replace(healthy(), taken=MADE + YEAR - 12 * DAY)  # and nothing was renewed, but by kubelets
    later = with_each(later, lambda machine: {"certificates": tuple(
        replace(each, begins=later.taken - 30 * DAY, ends=later.taken + 335 * DAY) if each.place == KUBELET else each
        for each in machine.certificates.get()
    )})  # fmt: skip
    assert all_of(later) == [("KHA-CERT-003", "warning", (f"cp{n}",)) for n in (1, 2, 3)]
    manifests = "/etc/kubernetes/manifests"
    assert report(later, "KHA-CERT").findings[0].fix == (
        "sudo kubeadm certs renew all && " + " && ".join(
            f"sudo mv {manifests}/{each}.yaml {manifests}/.{each}.yaml && sleep 20 && "
            f"sudo mv {manifests}/.{each}.yaml {manifests}/{each}.yaml"
            for each in ("kube-apiserver", "kube-controller-manager", "kube-scheduler")
        ) + "  # on cp1"
    )  # fmt: skip


@pytest.mark.parametrize(("lifetime", "left", "warned"), [
    (timedelta(days=10), timedelta(days=6), False), (timedelta(days=10), timedelta(days=2), True),
    (timedelta(days=1), timedelta(hours=12), False), (timedelta(days=90), timedelta(days=29), True),
    (timedelta(days=36500), timedelta(days=36000), False),
])  # fmt: skip
def test_a_certificate_of_a_short_life_is_late_in_its_last_third(lifetime: Any, left: Any, warned: bool) -> None:
    ends = NOW + left
    facts = changed(healthy(), "cp3", f"{PKI}/apiserver.crt", begins=ends - lifetime, ends=ends)
    assert all_of(facts) == ([("KHA-CERT-003", "warning", ("cp3",))] if warned else [])


def kubelets(facts: Facts, lifetime: timedelta, gone: float, rotates: bool = True) -> Facts:
    begins = facts.taken - lifetime * gone
    facts = changed(facts, "w1", KUBELET, begins=begins, ends=begins + lifetime)
    kubelet = facts.machine("w1").kubelet.get()
    return with_machine(facts, "w1", kubelet=replace(
        kubelet, configuration={**kubelet.configuration, "rotateCertificates": rotates}
    ))  # fmt: skip


@pytest.mark.parametrize("lifetime", [timedelta(hours=1), DAY, YEAR], ids=["an hour", "a day", "a year"])
@pytest.mark.parametrize(("gone", "late"), [(0.1, False), (0.75, False), (0.9, False), (0.95, True)])
def test_a_kubelets_certificate_counts_from_the_time_at_which_it_is_renewed(
    lifetime: timedelta, gone: float, late: bool
) -> None:
    expected = [("KHA-CERT-014", "warning", ("w1",))] if late else []
    assert all_of(kubelets(healthy(), lifetime, gone)) == expected


@pytest.mark.parametrize(("gone", "soon"), [(0.5, False), (0.95, True)])
def test_a_kubelets_certificate_counts_as_all_others_where_it_is_not_renewed(gone: float, soon: bool) -> None:
    expected = [("KHA-CERT-003", "warning", ("w1",))] if soon else []
    assert all_of(kubelets(healthy(), YEAR, gone, rotates=False)) == expected


def test_a_flag_of_the_kubelet_turns_rotation_on() -> None:
    facts = kubelets(healthy(), YEAR, 0.8, rotates=False)
    kubelet = replace(facts.machine("w1").kubelet.get(), flags={"rotate-certificates": "true"})
    assert all_of(with_machine(facts, "w1", kubelet=kubelet)) == []


def test_a_month_before_the_end_of_a_year_everything_is_quiet_where_it_is_renewed_in_time() -> None:
    for days in range(0, 300, 10):
        assert all_of(kubelets(replace(healthy(), taken=NOW + days * DAY), YEAR, 0.5)) == []


# -- authorities and begins


@pytest.mark.parametrize(("left", "severity"), [(10, "warning"), (-1, "critical")])
def test_an_authority_that_ends_is_one_finding_for_all_machines(left: int, severity: str) -> None:
    facts = healthy()
    for machine in facts.nodes:
        facts = changed(facts, machine.name, f"{PKI}/ca.crt", ends=NOW + left * DAY)
    names = ("cp1", "cp2", "cp3", "w1", "w2", "w3")
    assert all_of(facts) == [("KHA-CERT-011", severity, names)]


def test_a_bundle_may_keep_an_authority_that_has_ended() -> None:
    facts = healthy()
    old = certificate(f"{PKI}/ca.crt", "kubernetes", ends=NOW - DAY, authority=True, key_id="id of an older ca")
    facts = with_each(facts, lambda machine: {"certificates": (*machine.certificates.get(), old)})
    assert all_of(facts) == []


def test_a_certificate_that_is_not_valid_yet_is_critical() -> None:
    facts = changed(healthy(), "cp3", f"{PKI}/apiserver.crt", begins=NOW + timedelta(hours=2))
    assert all_of(facts) == [("KHA-CERT-012", "critical", ("cp3",))]
    assert all_of(changed(healthy(), "cp3", f"{PKI}/apiserver.crt", begins=NOW + timedelta(minutes=2))) == []


def test_a_certificate_that_an_old_kubeadm_embedded_is_not_renewed_by_the_kubelet() -> None:
    facts = healthy()
    soon = certificate("/etc/kubernetes/kubelet.conf", "system:node:cp1", begins=NOW - 355 * DAY, ends=NOW + 10 * DAY)
    kubeconfigs = tuple(
        replace(each, certificate=soon) if each.place == soon.place else each
        for each in facts.machine("cp1").kubeconfigs.get()
    )
    assert all_of(with_machine(facts, "cp1", kubeconfigs=kubeconfigs)) == [("KHA-CERT-003", "warning", ("cp1",))]


def test_a_certificate_whose_file_was_not_read_is_undecided() -> None:
    facts = healthy()
    kept = [each for each in facts.machine("cp2").certificates.get() if not each.place.endswith("etcd-client.crt")]
    facts = with_machine(facts, "cp2", certificates=tuple(kept))
    assert all_of(facts) == []
    assert {("KHA-CERT-001", "cp2"), ("KHA-CERT-003", "cp2")} <= set(undecided(facts, "KHA-CERT"))
