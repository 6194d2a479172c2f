"""Clusters that are healthy and set up in ways that look like faults; and no cause hides what is worse than it."""

from __future__ import annotations

from dataclasses import replace

from checks.collecting.reading_certificates import keys
from checks.facts.machine import Unit
from checks.findings import Found, Severity
from checks.judging import judged
from checks.rules.rule import Rule
from tests.healthy import healthy, with_machine
from tests.healthy.disturbed import cut_off


def _rule(id: str, severity: Severity, because_of: tuple[str, ...] = ()) -> Rule:
    found = Found(id, ("cp1",))
    return Rule(id, severity, id, "", "", "", lambda *_: [found], None, because_of)


def test_a_cause_hides_what_is_as_bad_and_nothing_that_is_worse() -> None:
    notice, critical = _rule("KHA-A-001", Severity.NOTICE), _rule("KHA-B-001", Severity.CRITICAL)
    hidden = replace(notice, id="KHA-C-001", because_of=("KHA-B-001",))
    kept = replace(critical, id="KHA-D-001", because_of=("KHA-A-001",))
    report = judged(healthy(), [notice, critical, hidden, kept])
    assert {each.id for each in report.findings} == {"KHA-A-001", "KHA-B-001", "KHA-D-001"}


def _found(facts: object, *ids: str) -> list[str]:
    report = judged(facts)  # type: ignore[arg-type]
    return [each.id for each in report.findings if each.id in ids]


def test_units_that_pacemaker_starts_may_be_disabled() -> None:
    disabled = {"haproxy": Unit("haproxy", "active", "disabled")}
    facts = with_machine(healthy(), "lb1", units=disabled)
    assert _found(facts, "KHA-LB-004") == ["KHA-LB-004"]
    managed = with_machine(facts, "lb1", units={**disabled, "pacemaker": Unit("pacemaker", "active", "enabled")})
    assert _found(managed, "KHA-LB-004", "KHA-LB-007") == []


def test_an_instances_name_is_its_clouds() -> None:
    facts = healthy()
    identity = replace(facts.machine("w1").identity.get(), host_name="w1.novalocal")
    kubelet = facts.machine("w1").kubelet.get()
    assert _found(with_machine(facts, "w1", identity=identity), "KHA-ID-002") == ["KHA-ID-002"]
    named = replace(kubelet, flags={"cloud-provider": "openstack"})
    assert _found(with_machine(facts, "w1", identity=identity, kubelet=named), "KHA-ID-002") == []


def test_a_login_that_is_refused_is_not_a_machine_that_is_gone() -> None:
    def without(reason: str) -> list[str]:
        facts = healthy()
        machines = tuple(replace(each, unreachable=reason) if each.name == "w1" else each for each in facts.machines)
        return _found(replace(facts, machines=machines), "KHA-NODE-010")

    assert without("w1 cannot be reached over SSH: Authentication failed.") == []
    assert without("w1 cannot be reached over SSH: timed out") == ["KHA-NODE-010"]


def test_pods_that_no_node_reaches_may_be_behind_a_policy() -> None:
    facts = healthy()
    names = {each.target for each in facts.machine("w1").reached.get() if each.what == "pod"}
    for node in facts.nodes:
        facts = cut_off(facts, node.name, "pod", *names)
    assert _found(facts, "KHA-REACH-003") == []
    assert _found(cut_off(healthy(), "w2", "pod", *names), "KHA-REACH-003") == ["KHA-REACH-003"]


def test_every_key_of_a_file_with_public_keys_is_read() -> None:
    from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key
    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

    pems = [
        generate_private_key(SECP256R1()).public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
        for _ in range(2)
    ]
    printed = "/etc/kubernetes/pki/sa.pub\n" + b"".join(pems).decode()
    found = keys(printed, private=False)
    assert ({each.place for each in found}, len({each.public_key for each in found})) == (
        {"/etc/kubernetes/pki/sa.pub"}, 2
    )  # fmt: skip
