"""A baseline: which findings are accepted, and what is noted."""

from __future__ import annotations

import datetime
from pathlib import Path

import pytest

from checks import baseline, outcome
from checks.findings import Report, Severity
from provision.util.errors import BadInput
from tests.bad_report import bad_report

TODAY = datetime.date(2026, 11, 26)
ENTRY = '[[accepted]]\nid = "KHA-LB-006"\nmachine = "lb1"\nreason = "It is replaced."\ndate = 2026-11-01\n'


def _applied(folder: Path, content: str, today: datetime.date = TODAY) -> Report:
    file = folder / "baseline.toml"
    file.write_text(content)
    return baseline.applied(bad_report(), baseline.load(file), today)


def _accepted(report: Report) -> dict[str, str]:
    return {each.id: each.accepted for each in report.findings if each.accepted and each.id != "KHA-KEY-002"}


def test_a_finding_is_accepted_with_its_reason(tmp_path: Path) -> None:
    report = _applied(tmp_path, ENTRY)
    assert _accepted(report) == {"KHA-LB-006": "It is replaced."}
    assert "KHA-LB-006" not in {each.id for each in report.at_least(Severity.NOTICE)}


def test_without_a_machine_an_entry_accepts_all_findings_of_its_id(tmp_path: Path) -> None:
    everywhere = '[[accepted]]\nid = "KHA-CERT-003"\nreason = "Renewal is planned."\ndate = 2026-11-01\n'
    report = _applied(tmp_path, everywhere)
    assert [each.accepted for each in report.findings if each.id == "KHA-CERT-003"] == ["Renewal is planned."] * 3


def test_a_finding_about_several_machines_is_accepted_where_each_of_them_is() -> None:
    on = [baseline.Accepted("KHA-X-001", f"because of {name}", TODAY, name) for name in ("cp1", "cp2")]
    (finding,) = (each for each in bad_report().findings if each.id == "KHA-DRIFT-001")
    both = type(finding)(**{**vars(finding), "id": "KHA-X-001", "machines": ("cp1", "cp2")})
    assert baseline._why(both, on[:1]) == ""
    assert baseline._why(both, on) == "because of cp1; because of cp2"


def test_a_finding_about_the_cluster_is_not_accepted_on_a_machine(tmp_path: Path) -> None:
    entry = ENTRY.replace("KHA-LB-006", "KHA-KEY-002").replace("lb1", "cp1")
    assert _applied(tmp_path, entry).notes[-1] == (
        "The baseline accepts KHA-KEY-002 on cp1, which was not found."
    )  # fmt: skip


def test_the_last_day_counts_and_the_day_after_does_not(tmp_path: Path) -> None:
    content = ENTRY + "until = 2026-11-26\n"
    assert _accepted(_applied(tmp_path, content))
    late = _applied(tmp_path, content, TODAY + datetime.timedelta(days=1))
    assert not _accepted(late)
    assert late.notes[-1] == "The baseline accepted KHA-LB-006 on lb1 until 2026-11-26: it counts again."


@pytest.mark.parametrize(
    ("id", "machine", "note"),
    [
        ("KHA-LB-001", "lb1", "The baseline accepts KHA-LB-001 on lb1, which was not found."),
        (
            "KHA-REACH-001",
            "w3",
            "The baseline accepts KHA-REACH-001 on w3, which was not found; it could not be judged.",
        ),
        ("KHA-TYPO-001", "lb1", "The baseline accepts KHA-TYPO-001 on lb1, which was not found: no check has this id."),
    ],
)
def test_an_entry_that_matches_nothing_is_noted(tmp_path: Path, id: str, machine: str, note: str) -> None:
    assert _applied(tmp_path, ENTRY.replace("KHA-LB-006", id).replace("lb1", machine)).notes[-1] == note


def test_when_everything_is_accepted_the_status_is_clear(tmp_path: Path) -> None:
    ids = {each.id for each in bad_report().findings}
    content = "".join(f'[[accepted]]\nid = "{id}"\nreason = "known"\ndate = 2026-11-01\n' for id in ids)
    assert outcome.status(_applied(tmp_path, content)) == outcome.CLEAR


def test_an_empty_baseline_accepts_nothing(tmp_path: Path) -> None:
    assert _applied(tmp_path, "") == bad_report()


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        (ENTRY + 'machines = "lb2"\n', "accepted.1.machines: unknown key"),
        (ENTRY + "[[accept]]\n", "accept: unknown key"),
        (ENTRY.replace("reason", "# reason"), "accepted.1.reason: Field required"),
        (ENTRY.replace("date", "# date"), "accepted.1.date: Field required"),
        (ENTRY.replace("It is replaced.", " "), "accepted.1.reason: String should have at least 1 character"),
        (ENTRY.replace("2026-11-01", '"2026-11-01"'), "accepted.1.date: Input should be a valid date"),
        (ENTRY + "until = 2026-10-01\n", "KHA-LB-006 on lb1: until 2026-10-01 is before its date 2026-11-01"),
        ("[[accepted]\n", "is not valid TOML"),
    ],
)
def test_what_is_not_a_baseline_is_refused(tmp_path: Path, content: str, complaint: str) -> None:
    with pytest.raises(BadInput) as refused:
        _applied(tmp_path, content)
    assert complaint in str(refused.value)
    assert "baseline.toml" in str(refused.value)


def test_a_baseline_that_does_not_exist_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="cannot be read"):
        baseline.load(tmp_path / "none.toml")
