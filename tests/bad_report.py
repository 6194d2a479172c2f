"""Reports of a cluster with much that is wrong. `python -m tests.bad_report FOLDER` writes them in every output."""

from __future__ import annotations

import sys
import tomllib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

from checks.facts.fact import LOGIN
from checks.findings import Finding, Report, Severity, Verdict
from checks.judging import CLUSTER

TAKEN = datetime(2026, 11, 26, 7, 30, tzinfo=UTC)
SURVIVES = "This cluster survives the loss of no machine: 2 of 3 members of etcd answer, and 2 are needed."
CONTROL_PLANES, WORKERS = ("cp1", "cp2", "cp3"), ("w1", "w2", "w3")
NODES = CONTROL_PLANES + WORKERS
MACHINES = ("lb1", *NODES)


@dataclass(frozen=True)
class _Bad:
    """A finding as it is written here; the rest of it is in tests/seeded/ids.toml."""

    what: str
    fix: str
    machines: tuple[str, ...] = ()
    evidence: tuple[str, ...] = ()
    accepted: str = ""


_FOUND: Mapping[str, tuple[_Bad, ...]] = {
    "KHA-ETCD-004": (
        _Bad(
            "cp3: its member of etcd does not answer; the two others have lost sight of it.",
            "ssh cp3 sudo crictl ps -a --name etcd",
            ("cp3",),
            (
                "https://198.18.0.13:2379: context deadline exceeded",
                "journalctl -u kubelet: back-off 5m0s restarting failed container=etcd pod=etcd-cp3_kube-system",
                "member 8e9e05c52164694d, started, cp3, https://198.18.0.13:2380",
            ),
        ),
    ),
    "KHA-CERT-001": tuple(
        _Bad(
            f"{each}: the certificate in /etc/kubernetes/controller-manager.conf ended 11 days ago.",
            f"ssh {each} sudo kubeadm certs renew controller-manager.conf\n"
            f"ssh {each} sudo crictl stop $(sudo crictl ps -q --name kube-controller-manager)",
            (each,),
            ("/etc/kubernetes/controller-manager.conf: CN=system:kube-controller-manager, ends 2026-11-15 07:12 UTC",),
        )
        for each in ("cp1", "cp2")
    ),
    "KHA-REACH-002": (
        _Bad(
            "w2: nothing answers at 10.96.0.1:443, the address of the Service `kubernetes`.",
            "kubectl -n kube-system logs --selector k8s-app=kube-proxy --field-selector spec.nodeName=w2",
            ("w2",),
            ("curl -sk -m 3 https://10.96.0.1:443/livez: Connection timed out",),
        ),
    ),
    "KHA-DRIFT-001": (
        _Bad(
            "cp2: the API server runs without --encryption-provider-config, which cp1 and cp3 have.",
            "ssh cp2 sudo grep -n encryption-provider-config /etc/kubernetes/manifests/kube-apiserver.yaml",
            ("cp2",),
            (
                "cp1: --encryption-provider-config=/etc/kubernetes/enc/enc.yaml",
                "cp2: not there",
                "cp3: --encryption-provider-config=/etc/kubernetes/enc/enc.yaml",
                *(f"the same on all: --{name}" for name in ("audit-log-path", "etcd-servers", "feature-gates", "v")),
            ),
        ),
    ),
    "KHA-CERT-003": tuple(
        _Bad(
            f"{each}: 9 certificates end within 30 days, the first of them, apiserver.crt, in 17 days.",
            f"ssh {each} sudo kubeadm certs renew all",
            (each,),
            ("/etc/kubernetes/pki/apiserver.crt: ends 2026-12-13 07:12 UTC",),
        )
        for each in CONTROL_PLANES
    ),
    "KHA-LB-006": (
        _Bad(
            "lb1: HAProxy does not check its servers: it forwards to cp3, whose API server is down.",
            "ssh lb1 sudo sed -i 's/^\\( *server .*\\)$/\\1 check check-ssl verify none/' /etc/haproxy/haproxy.cfg",
            ("lb1",),
            ("backend api", "    server master-1 198.18.0.11:6443", "    server master-2 198.18.0.12:6443"),
        ),
    ),
    "KHA-KEY-002": (
        _Bad(
            "The bootstrap token abcdef never ends.",
            "kubectl -n kube-system delete secret bootstrap-token-abcdef",
            (),
            ("abcdef: no expiration, usages authentication and signing",),
            accepted="The installer of branch offices needs it until they are moved.",
        ),
    ),
    "KHA-LB-002": (
        _Bad(
            "lb1: HAProxy ends idle connections after 5 seconds.",
            "ssh lb1 sudo sed -i 's/timeout \\(client\\|server\\) .*/timeout \\1 4h/' /etc/haproxy/haproxy.cfg",
            ("lb1",),
            ("timeout client 5s", "timeout server 5s"),
        ),
    ),
    "KHA-CONC-001": (
        _Bad(
            "Both pods of CoreDNS are on cp1.",
            "kubectl -n kube-system rollout restart deployment coredns",
            ("cp1",),
            ("coredns-5d78c9869d-4kz2n: cp1", "coredns-5d78c9869d-x8t5q: cp1"),
        ),
    ),
}

_ABOUT: Mapping[str, tuple[str, ...]] = {
    "CERT": CONTROL_PLANES, "LB": ("lb1",), "REACH": NODES, "ETCD": CONTROL_PLANES, "ID": MACHINES, "ONE": NODES,
}  # fmt: skip
"""Which machines the rules of a kind are about; the others are about the cluster."""


@cache
def ids() -> dict[str, dict[str, str]]:
    """What is known of each id."""
    return tomllib.loads((Path(__file__).parent / "seeded" / "ids.toml").read_text())


def bad_report() -> Report:
    """Findings of each severity, one of them accepted, a machine that is silent, and what follows from a cause."""
    verdicts = tuple(_undecided(each) for each in _verdicts())
    notes = ("w3 was not logged in to: its checks are undecided.",)
    return Report(TAKEN, "k8s.example.org:6443", ("kubeconfig", "ssh"), MACHINES, SURVIVES, verdicts, 8.31, notes)


def without_login() -> Report:
    """A healthy cluster by kubeconfig alone: what is about a machine is undecided by design."""
    verdicts = tuple(
        Verdict(each.id, each.title, each.subject)
        if each.subject == CLUSTER
        else Verdict(each.id, each.title, each.subject, undecided="was not collected", needs=LOGIN)
        for each in _verdicts()
        if each.subject in (CLUSTER, *NODES)
    )
    survives = "This cluster survives the loss of any one machine."
    return Report(TAKEN, "k8s.example.org:6443", ("kubeconfig",), NODES, survives, verdicts, 1.2)


def large_report(workers: int = 44) -> Report:
    """The bad one with many more workers, of which one has another MTU, and a third does not answer."""
    names = [f"worker-{n:03}.example.org" for n in range(1, workers + 1)]
    more = [_verdict(id, name) for name in names for id in ids() if id.startswith(("KHA-REACH", "KHA-ID"))]
    silent = names[::3]
    verdicts = [
        Verdict(each.id, each.title, each.subject, (), f"{each.subject} does not answer: no route to host", "SSH to it")
        if each.subject in silent
        else each
        for each in more
    ]
    report = bad_report()
    return Report(
        TAKEN, report.endpoint, report.access, (*MACHINES, *names), SURVIVES, (*report.verdicts, *verdicts), 41.0
    )


def _verdicts() -> Iterator[Verdict]:
    for id in ids():
        for subject in _ABOUT.get(id.split("-")[1], (CLUSTER,)):
            yield _verdict(id, subject)


def _verdict(id: str, subject: str) -> Verdict:
    mine = [each for each in _FOUND.get(id, ()) if subject == CLUSTER or subject in each.machines]
    return Verdict(id, ids()[id]["title"], subject, tuple(_finding(id, subject, each) for each in mine))


def _finding(id: str, subject: str, bad: _Bad) -> Finding:
    known = ids()[id]
    return Finding(
        id, Severity(known["severity"]), known["title"], bad.what, bad.machines, subject, known["why"], bad.fix,
        known["page"], bad.evidence, bad.accepted,
    )  # fmt: skip


def _undecided(verdict: Verdict) -> Verdict:
    if verdict.findings:
        return verdict
    reason = needs = because = ""
    if verdict.subject == "w3":
        reason, needs = "w3 does not answer: connect to 198.18.0.23 port 22: no route to host", "SSH to the machine"
    elif verdict.subject == "cp3" and verdict.id.startswith(("KHA-ETCD", "KHA-ONE")):
        because, reason = "KHA-ETCD-004", f"follows from KHA-ETCD-004: {_FOUND['KHA-ETCD-004'][0].what}"
    elif verdict.id == "KHA-CERT-007":
        reason, needs = "certificate requests may not be listed", "permission to list certificatesigningrequests"
    return Verdict(verdict.id, verdict.title, verdict.subject, (), reason, needs, because)


def main(folder: Path) -> None:
    """Write the reports in every output."""
    from checks.outputs import json_report, junit, page, prometheus, sarif, text

    outputs: Mapping[str, Callable[[Report], str]] = {
        "txt": text.rendered, "html": page.rendered, "json": json_report.document, "sarif": sarif.document,
        "xml": junit.document, "prom": prometheus.document,
    }  # fmt: skip
    folder.mkdir(parents=True, exist_ok=True)
    for name, made in {"bad": bad_report(), "kubeconfig": without_login(), "large": large_report()}.items():
        for suffix, output in outputs.items():
            (folder / f"{name}.{suffix}").write_text(output(made), encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
