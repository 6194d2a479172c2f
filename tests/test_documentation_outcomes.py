"""Claims and what became of them: what each decider says, what follows, and the tables of it."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from doccheck.__main__ import main
from doccheck.claims import registry
from doccheck.claims.binding import Bound, Status
from doccheck.claims.edition import record
from doccheck.claims.registry import Claim
from doccheck.drift.finding import Finding, Weight
from doccheck.drift.oracle import Kubeadm
from doccheck.execution.corrections import Done
from doccheck.execution.results import Outcome, Result, Try
from doccheck.execution.runner import Execution
from doccheck.pages import markdown
from doccheck.pages.block import Page
from doccheck.verdicts import gather, report, walk_file
from doccheck.verdicts.evidence import Evidence, Way, worst
from doccheck.verdicts.verdict import Decided, decide
from provision.config.topology import ClusterId
from provision.errors import BadInput
from report import results

PAGE = "## Water {#water}\n\nWater the trees.\n\n```sh\nsudo water --all\n```\n\n```\n...\nwet are the trees now\n```\n"
SCENARIO = "scenarios/test_joins.py::test_node_is_ready"
WAY = Way("stacked", "uploaded", "v1.37.2")


def _page(text: str = PAGE) -> Page:
    return markdown.parse(text, "orchard.md", "en")


EDITION = record(_page(), None)
COMMAND, OUTPUT = "water/command-1", "water/output-1"


def _claim(**more: object) -> Claim:
    values: dict[str, object] = {"kind": "command", "says": "a", "modality": "must", "expects": "b", "page": "orchard"}
    values |= {"id": "W1", "deciders": (SCENARIO,), "blocks": (COMMAND,)} | more
    return Claim(**values)  # type: ignore[arg-type]


def _walk(*outcomes: tuple[str, Outcome], steps: dict[str, str] | None = None, cluster: str = "") -> walk_file.Walk:
    tries = (Try("literal", "cp1", "sudo water --all", 0, "wet"),)
    found = {name: Result(name, name, 5, outcome, tries, ("so it was",)) for name, outcome in outcomes}
    there = ClusterId.parse(cluster or "stacked-uploaded-1.37-page")
    return walk_file.Walk("orchard", "en", walk_file.text_of(_page()), there, "v1.37.2", found, steps or {}, "")


def _decided(
    claim: Claim, *outcomes: tuple[str, Outcome],
    tests: dict[str, str] | None = None, steps: dict[str, str] | None = None,
    findings: tuple[Finding, ...] = (), status: Status = Status.BOUND, way: Way = WAY,
) -> Decided:  # fmt: skip
    blocks = {block.id: block for block in _page().blocks}
    bound = Bound(claim, tuple(blocks[name] for name in claim.blocks if name in blocks), status, "it says so")
    names = {name: name for name in blocks}
    walked = _walk(*outcomes, steps=steps)
    return decide(bound, Evidence(way, walked, tests or {}, findings, frozenset({"owner"}), names))


@pytest.mark.parametrize(
    ("block", "test", "outcome"),
    [
        (Outcome.VERIFIED, "passed", Outcome.VERIFIED),
        (Outcome.SUBSTITUTED, "passed", Outcome.SUBSTITUTED),
        (Outcome.DEFECT, "passed", Outcome.DEFECT),
        (Outcome.VERIFIED, "failed", Outcome.FAILED),
        (Outcome.DEFECT, "failed", Outcome.FAILED),
        (Outcome.FAILED, "passed", Outcome.FAILED),
        (Outcome.NOT_APPLICABLE, "passed", Outcome.VERIFIED),
        (Outcome.UNBOUND, "", Outcome.UNTESTABLE),
    ],
)
def test_blocks_and_scenarios_decide_together(block: Outcome, test: str, outcome: Outcome) -> None:
    assert _decided(_claim(), (COMMAND, block), tests={SCENARIO: test} if test else {}).outcome is outcome


def test_what_nobody_ran_says_so() -> None:
    decided = _decided(_claim())
    assert (decided.outcome, decided.why) == (Outcome.UNTESTABLE, f"{SCENARIO}: was not run")


def test_what_cannot_be_decided_says_why() -> None:
    decided = _decided(_claim(deciders=(), untestable="nobody can swim"))
    assert (decided.outcome, decided.why) == (Outcome.UNTESTABLE, "nobody can swim")


@pytest.mark.parametrize(
    ("status", "defect", "outcome"),
    [
        (Status.STALE, {}, Outcome.STALE),
        (Status.INVERTED, {}, Outcome.DEFECT),
        (Status.ABSENT, {}, Outcome.UNBOUND),
        (Status.ABSENT, {"all": "says nothing"}, Outcome.DEFECT),
        (Status.UNREVIEWED, {}, Outcome.VERIFIED),
        (Status.GAP, {}, Outcome.VERIFIED),
    ],
)
def test_a_page_that_does_not_say_it_is_not_verified(
    status: Status, defect: dict[str, str], outcome: Outcome
) -> None:  # fmt: skip
    assert _decided(_claim(defect=defect), tests={SCENARIO: "passed"}, status=status).outcome is outcome


@pytest.mark.parametrize(
    ("about", "outcome"),
    [
        ({"topology": "external"}, Outcome.NOT_APPLICABLE),
        ({"certificates": "manual"}, Outcome.NOT_APPLICABLE),
        ({"versions": "<1.15"}, Outcome.NOT_APPLICABLE),
        ({"versions": ">=1.37"}, Outcome.VERIFIED),
        ({"topology": "stacked", "certificates": "uploaded"}, Outcome.VERIFIED),
    ],
)
def test_a_claim_is_about_some_ways(about: dict[str, str], outcome: Outcome) -> None:
    assert _decided(_claim(**about), tests={SCENARIO: "passed"}).outcome is outcome


def test_a_scenario_may_show_that_the_page_is_wrong() -> None:
    claim = _claim(shows=(SCENARIO,))
    outcomes = [_decided(claim, tests={SCENARIO: word}).outcome for word in ("passed", "failed")]
    assert outcomes == [Outcome.DEFECT, Outcome.FAILED]


@pytest.mark.parametrize(
    ("decider", "outcome"),
    [
        (SCENARIO, Outcome.FAILED),
        (f"{SCENARIO}[wet]", Outcome.VERIFIED),
        (f"{SCENARIO}[dry]", Outcome.FAILED),
        (f"{SCENARIO}[frozen]", Outcome.UNTESTABLE),
        ("scenarios/test_joins.py::test_read", Outcome.UNTESTABLE),
    ],
)
def test_a_decider_names_a_scenario_or_one_of_its_parameters(decider: str, outcome: Outcome) -> None:
    tests = {f"{SCENARIO}[wet]": "passed", f"{SCENARIO}[dry]": "failed"}
    assert _decided(_claim(deciders=(decider,)), tests=tests).outcome is outcome


@pytest.mark.parametrize(
    ("done", "outcome"),
    [
        (Done.PAGE, Outcome.VERIFIED),
        (Done.OWN, Outcome.VERIFIED),
        (Done.MISSED, Outcome.DEFECT),
        (Done.UNMISSED, Outcome.UNTESTABLE),
        (Done.INSTEAD, Outcome.UNTESTABLE),
        (None, Outcome.UNTESTABLE),
    ],
)
def test_a_step_that_was_missed_shows_a_gap(done: Done | None, outcome: Outcome) -> None:
    steps = {"carry": str(done)} if done else {}
    assert _decided(_claim(deciders=("step: carry",)), steps=steps).outcome is outcome


@pytest.mark.parametrize(
    ("rule", "block", "outcome"),
    [
        ("owner", COMMAND, Outcome.DEFECT),
        ("owner", "elsewhere/command-1", Outcome.VERIFIED),
        ("other", COMMAND, Outcome.VERIFIED),
    ],
)
def test_a_rule_speaks_of_the_blocks_of_a_claim(rule: str, block: str, outcome: Outcome) -> None:
    finding = Finding(Weight.MISLEADS, rule, 5, block, "it is dry")
    claim = _claim(deciders=("check: owner",))
    assert _decided(claim, findings=(finding,)).outcome is outcome
    elsewhere = replace(finding, block="elsewhere/command-1", others=(block,))
    assert _decided(claim, findings=(elsewhere,)).outcome is outcome
    gap = _claim(deciders=("check: owner",), blocks=(), near=(COMMAND,))
    assert _decided(gap, findings=(finding,), status=Status.GAP).outcome is outcome


def test_a_rule_that_found_nothing_is_no_proof_where_there_could_be_one() -> None:
    claim = _claim(deciders=("check: owner", SCENARIO))
    outcomes = [_decided(claim, tests=tests).outcome for tests in ({}, {SCENARIO: "passed"})]
    assert outcomes == [Outcome.UNTESTABLE, Outcome.VERIFIED]


def test_a_rule_that_was_not_asked_says_nothing() -> None:
    decided = _decided(_claim(deciders=("check: modality",)))
    assert (decided.outcome, "was not given both" in decided.why) == (Outcome.UNTESTABLE, True)


def test_the_words_of_a_sample_are_the_business_of_few() -> None:
    outcomes = ((OUTPUT, Outcome.DEFECT),)
    about = {"blocks": (OUTPUT,), "kind": "output"}
    assert _decided(_claim(**about), *outcomes, tests={SCENARIO: "passed"}).outcome is Outcome.VERIFIED
    assert _decided(_claim(**about, deciders=(registry.SAMPLE,)), *outcomes).outcome is Outcome.DEFECT


def test_a_caution_is_tried_by_its_negatives() -> None:
    claim = _claim(kind="caution", negatives=(SCENARIO,))
    tried = [_decided(claim, tests={SCENARIO: word}).refuted for word in ("passed", "failed", "skipped")]
    assert (tried, _decided(replace(claim, negatives=()), tests={SCENARIO: "passed"}).refuted) == (
        [True, False, False],
        False,
    )


@pytest.mark.parametrize(
    ("cluster", "version", "same"),
    [
        ("stacked-uploaded-1.37-page", "v1.37.2", True),
        ("stacked-uploaded-1.37", "v1.37.2", False),
        ("stacked-uploaded-1.37-flannel-page", "v1.37.2", False),
        ("stacked-uploaded-1.37-inventory-page", "v1.37.2", False),
        ("stacked-uploaded-1.37-page", "v1.37.1", False),
        ("stacked-manual-1.37-page", "v1.37.2", False),
        ("external-uploaded-1.37-page", "v1.37.2", False),
    ],
)
def test_what_was_seen_on_a_cluster_is_true_of_its_way(cluster: str, version: str, same: bool) -> None:
    assert WAY.has(ClusterId.parse(cluster), version) is same


def test_what_kubeadm_refuses_it_refuses_anywhere() -> None:
    mutable = ClusterId.parse("stacked-uploaded-1.37-mutable")
    assert Way("stacked", "manual", "v1.37.2").has(mutable, "v1.37.2")


def _test(nodeid: str, outcome: str) -> results.Result:
    return results.Result(nodeid, outcome, 0, 0, "call", "", "")


def test_the_worst_machine_counts() -> None:
    tests = [("cp1", "passed"), ("cp2", "failed"), ("cp3", "passed"), ("w1", "skipped")]
    node = f"{SCENARIO}[stacked-uploaded-1.37:{{}}]"
    assert worst(_test(node.format(name), outcome) for name, outcome in tests) == {SCENARIO: "failed"}


def _execution() -> Execution:
    found = tuple(_walk((COMMAND, Outcome.DEFECT)).results.values())
    return Execution(_page(), "stacked-uploaded-1.37-page", "v1.37.2", found, "", {"carry": str(Done.OWN)})


def test_a_walk_is_kept(tmp_path: Path) -> None:
    walk_file.write(tmp_path, "orchard", _execution())
    assert walk_file.read(tmp_path) == [_walk((COMMAND, Outcome.DEFECT), steps={"carry": str(Done.OWN)})]


def test_a_walk_of_another_version_is_told(tmp_path: Path) -> None:
    (tmp_path / "walks").mkdir()
    (tmp_path / "walks" / "orchard.en.x.json").write_text('{"page": "orchard"}')
    with pytest.raises(BadInput, match="no walk of this version"):
        walk_file.read(tmp_path)


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of a run that walked the page, and in which a scenario passed."""
    claims = {
        each.id: each for each in (_claim(), _claim(id="W2", topology="external"), _claim(id="W3", languages=("ja",)))
    }
    monkeypatch.setattr(gather, "claims", lambda: claims)
    monkeypatch.setattr(Kubeadm, "find", lambda **_: None)
    walk_file.write(tmp_path, "orchard", _execution())
    nodeid = f"{SCENARIO}[stacked-uploaded-1.37-page:cp1]"
    phases = [{"nodeid": nodeid, "when": when, "outcome": "passed"} for when in ("setup", "call", "teardown")]
    (tmp_path / "tests.jsonl").write_text("".join(json.dumps(each) + "\n" for each in phases))
    described = {"clusters": [{"id": "stacked-uploaded-1.37-page", "version": "v1.37.2"}]}
    (tmp_path / "run.json").write_text(json.dumps(described))
    return tmp_path


def test_no_claim_is_missing_from_a_table(run: Path) -> None:
    [table] = gather.tables([(_page(), EDITION)], gather.runs([run]))
    outcomes = {row.worst.claim.id: row.worst.outcome for row in table.rows}
    assert outcomes == {"W1": Outcome.DEFECT, "W2": Outcome.NOT_APPLICABLE, "W3": Outcome.NOT_APPLICABLE}
    assert (table.status, table.coverage) == (
        1,
        "1 of 1 commands run, 1 of 1 claims decided, 0 of 0 cautions with a negative test",
    )


def test_a_table_is_told_to_people(run: Path) -> None:
    [table] = gather.tables([(_page(), EDITION)], gather.runs([run]))
    told, shown = report.markdown(table), report.html([table])
    assert "| W1 | 6 | a | doc-defect | line 6: so it was |" in told
    assert ('class="outcome doc-defect"' in shown, f"{SCENARIO}: held" in shown) == (True, True)


def test_a_page_that_changed_since_it_was_walked_has_no_table(run: Path) -> None:
    with pytest.raises(BadInput, match="as it is now"):
        gather.tables([(_page(PAGE.replace("--all", "--some")), EDITION)], gather.runs([run]))


def test_ways_stand_beside_each_other(run: Path, tmp_path: Path) -> None:
    other = tmp_path / "other"
    walk_file.write(other, "orchard", replace(_execution(), cluster="external-uploaded-1.37-page", results=()))
    [table] = gather.tables([(_page(), EDITION)], gather.runs([run, other]))
    cells = [[each.outcome for each in row.cells.values()] for row in table.rows]
    assert cells[:2] == [[Outcome.UNTESTABLE, Outcome.DEFECT], [Outcome.UNTESTABLE, Outcome.NOT_APPLICABLE]]


def test_outcomes_are_asked_for_on_the_command_line(
    run: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    page = run / "orchard.md"
    page.write_text(PAGE)
    monkeypatch.setattr("doccheck.__main__.editions", lambda: iter([EDITION]))
    shown = run / "claims.html"
    assert main(["outcomes", str(page), "--runs", str(run), "--html", str(shown)]) == 1
    assert ("| W1 |" in capsys.readouterr().out, "doc-defect" in shown.read_text()) == (True, True)


def test_a_run_that_is_not_there_is_asked_wrongly(run: Path) -> None:
    with pytest.raises(BadInput, match="there is no run"):
        gather.runs([run / "nowhere"])
