"""What a finding prints is typed as it stands, on the machine that it names; what does not heal is red."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from checks.findings import Finding, Report, Severity, Verdict
from provision.util.errors import BadInput
from provision.util.result import Result
from tests.fake_machine import Replies
from tests.seeded import Defect, defects, healing, rounds
from tests.seeded.healing import Line, Typed
from tests.stand_ins import commands, fake_cluster

DEFECT = next(each for each in defects() if each.name == "balancer-does-not-start-with-its-machine")
MACHINES = ("cp1", "cp2", "lb")
FIX = "sudo systemctl enable haproxy"
FOUND = Finding(DEFECT.expects, Severity.CRITICAL, "", "It is disabled.", ("lb",), "lb", "", f"{FIX}  # on lb", "")
OTHER = replace(FOUND, id="KHA-NODE-010", what="It is down.")
ENDED = Typed("x", (Line("lb", FIX),), "", (), 1.0)


def report(*findings: Finding) -> Report:
    return Report(datetime.now(UTC), "", (), (), "", (Verdict("", "", "", findings),))


@pytest.mark.parametrize(
    ("fix", "line"),
    [
        (f"{FIX}  # on lb", Line("lb", FIX)),
        (f"{FIX}  # on cp2, and in what configures its network", Line("cp2", FIX)),
        ("kubeadm token delete abcdef", Line("cp1", "kubeadm token delete abcdef")),
        ("sudo ls  # on a control plane; then read it", Line("cp1", "sudo ls")),
    ],
)
def test_a_line_is_typed_on_the_machine_that_its_remark_names(fix: str, line: Line) -> None:
    assert healing.line_of(replace(FOUND, fix=fix), MACHINES) == line


@pytest.mark.parametrize(
    "fix",
    [
        "sudoedit /etc/haproxy/haproxy.cfg  # on lb",
        "kubectl -n kube-system edit deployment coredns",
        "sudo vi /etc/kubernetes/manifests/etcd.yaml  # on cp1",
        "etcdctl compaction $REVISION",
        "kubeadm join <address>",
        "Sign it anew by the authority that signed it.",
        "",
    ],
)
def test_what_is_not_a_whole_command_is_not_typed(fix: str) -> None:
    with pytest.raises(BadInput, match="cannot be typed as it stands"):
        healing.line_of(replace(FOUND, fix=fix), MACHINES)


def test_lines_are_run_as_they_are_until_one_fails() -> None:
    cluster = fake_cluster({FIX: Result(1, "", "no such unit"), "sudo true": ""})
    lines = [Line("cp1", "sudo true"), Line("lb", FIX), Line("cp2", "sudo true")]
    assert healing.typed(cluster, lines) == "lb: exited with 1: no such unit"
    assert (commands(cluster, "cp1"), commands(cluster, "lb"), commands(cluster, "cp2")) == (["sudo true"], [FIX], [])


@pytest.mark.parametrize("given", [True, False])
def test_kubectl_is_typed_by_a_user_with_a_kubeconfig_which_is_taken_away_again(given: bool) -> None:
    line = "kubectl get nodes"
    replies: Replies = {healing._GIVEN: "given\n" if given else "", line: "", **({healing._TAKEN: ""} if given else {})}
    cluster = fake_cluster(replies)
    assert healing.typed(cluster, [Line("cp1", line)]) == ""
    assert commands(cluster, "cp1") == [healing._GIVEN, line, *([healing._TAKEN] if given else [])]


def healed(*checks: Report) -> Typed:
    following: Iterator[Report] = iter(checks)
    return healing.healing(fake_cluster({FIX: ""}), DEFECT, report(FOUND, OTHER), lambda: next(following))


def test_it_is_healed_once_neither_the_finding_nor_another_is_left() -> None:
    outcome = healed(report(FOUND), report(OTHER), report())
    assert outcome.healed
    assert outcome.lines == (Line("lb", FIX),)


def test_what_is_still_found_when_it_is_late_is_red_with_line_and_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(healing, "HEALED", -1)
    outcome = healed(report(replace(FOUND, severity=Severity.NOTICE)))
    assert not outcome.healed
    assert rounds.red(outcome)
    assert f"| not healed | {DEFECT.expects} It is disabled. | lb: `{FIX}` |" in rounds.line(outcome)


@pytest.mark.parametrize(
    ("change", "red"), [({}, False), ({"answer": "no"}, True), ({"lines": ()}, True), ({"left": ("KHA",)}, True)]
)
def test_a_line_that_fails_or_does_not_heal_or_is_missing_is_red(change: dict[str, object], red: bool) -> None:
    outcome = replace(ENDED, **change)  # type: ignore[arg-type]
    assert rounds.red(outcome) is red
    assert rounds.counted([outcome]).endswith(f"typed: {int(not red)} of 1 healed by the line that the finding prints")


def test_nothing_is_typed_about_another_machine() -> None:
    elsewhere = replace(FOUND, machines=("cp1",))
    outcome = healing.healing(fake_cluster(), DEFECT, report(elsewhere), report)
    assert (outcome.lines, outcome.healed) == ((), False)


def test_a_defect_says_whether_it_is_typed() -> None:
    assert isinstance(DEFECT, Defect)
    assert DEFECT.typed
