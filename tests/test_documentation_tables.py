"""Walks as they are kept, and the tables and reports that are made of them."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from documentation.__main__ import main
from documentation.claims.binding import bind
from documentation.claims.edition import record
from documentation.execution.fallback import Done
from documentation.execution.results import Outcome
from documentation.execution.walk import Execution
from documentation.findings.rules import Finding, Weight
from documentation.programs.programs import Programs
from documentation.reports import all_rules, report
from documentation.reports.report import Report
from documentation.verdicts import formats, gather, walk_file
from documentation.verdicts.decision import Decided
from documentation.verdicts.table import Table
from documentation.verdicts.way import worst
from provision.util.errors import BadInput
from report import results
from tests.verdicts import COMMAND, EDITION, PAGE, SCENARIO, WAY, a_claim, a_walk, the_page
from tests.walks import a_cluster, a_page, executed


def _test(nodeid: str, outcome: str) -> results.Result:
    return results.Result(nodeid, outcome, 0, 0, "call", "", "")


def test_a_scenario_has_failed_where_it_failed_on_any_machine() -> None:
    tests = [("cp1", "passed"), ("cp2", "failed"), ("cp3", "passed"), ("w1", "skipped")]
    node = f"{SCENARIO}[stacked-uploaded-1.37:{{}}]"
    assert worst(_test(node.format(name), outcome) for name, outcome in tests) == {SCENARIO: "failed"}


def _execution() -> Execution:
    found = tuple(a_walk((COMMAND, Outcome.DEFECT)).results.values())
    return Execution(the_page(), "stacked-uploaded-1.37-page", "v1.37.2", found, "", {"carry": Done.OWN})


def test_a_walk_that_was_written_is_read_as_it_was(tmp_path: Path) -> None:
    walk_file.write(tmp_path, "orchard", _execution())
    assert walk_file.read(tmp_path) == [a_walk((COMMAND, Outcome.DEFECT), steps={"carry": Done.OWN})]


def test_a_walk_of_another_version_is_refused(tmp_path: Path) -> None:
    (tmp_path / "walks").mkdir()
    (tmp_path / "walks" / "orchard.en.x.json").write_text('{"page": "orchard"}')
    with pytest.raises(BadInput, match="not a walk of this version"):
        walk_file.read(tmp_path)


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of a run that walked the page, and in which a scenario passed."""
    claims = {
        each.id: each
        for each in (a_claim(), a_claim(id="W2", topology="external"), a_claim(id="W3", languages=("ja",)))
    }
    monkeypatch.setattr(gather, "claims", lambda: claims)
    monkeypatch.setattr(Programs, "find", lambda **_: Programs())
    walk_file.write(tmp_path, "orchard", _execution())
    nodeid = f"{SCENARIO}[stacked-uploaded-1.37-page:cp1]"
    phases = [{"nodeid": nodeid, "when": when, "outcome": "passed"} for when in ("setup", "call", "teardown")]
    (tmp_path / "tests.jsonl").write_text("".join(json.dumps(each) + "\n" for each in phases))
    described = {"clusters": [{"id": "stacked-uploaded-1.37-page", "version": "v1.37.2"}]}
    (tmp_path / "run.json").write_text(json.dumps(described))
    return tmp_path


def test_no_claim_is_missing_from_a_table(run: Path) -> None:
    [table] = gather.tables([(the_page(), EDITION)], gather.runs([run]))
    outcomes = {row.worst.claim.id: row.worst.outcome for row in table.rows}
    assert outcomes == {"W1": Outcome.DEFECT, "W2": Outcome.NOT_APPLICABLE, "W3": Outcome.NOT_APPLICABLE}
    assert (table.status, table.coverage) == (
        1,
        "1 of 1 commands run, 1 of 1 claims decided, 0 of 0 cautions with a negative test",
    )


def test_a_table_is_shown_as_markdown_and_html(run: Path) -> None:
    [table] = gather.tables([(the_page(), EDITION)], gather.runs([run]))
    text, shown = formats.table_markdown(table), formats.tables_html([table])
    assert "| W1 | 6 | a | doc-defect | line 6: so it was |" in text
    assert ('class="outcome doc-defect"' in shown, f"{SCENARIO}: held" in shown) == (True, True)


def test_a_page_that_changed_since_it_was_walked_has_no_table(run: Path) -> None:
    with pytest.raises(BadInput, match="as it is now"):
        gather.tables([(the_page(PAGE.replace("--all", "--some")), EDITION)], gather.runs([run]))


def test_each_walk_of_a_page_is_a_column_of_its_table(run: Path, tmp_path: Path) -> None:
    other = tmp_path / "other"
    walk_file.write(other, "orchard", replace(_execution(), cluster="external-uploaded-1.37-page", results=()))
    [table] = gather.tables([(the_page(), EDITION)], gather.runs([run, other]))
    cells = [[each.outcome for each in row.cells.values()] for row in table.rows]
    assert cells[:2] == [[Outcome.UNTESTABLE, Outcome.DEFECT], [Outcome.UNTESTABLE, Outcome.NOT_APPLICABLE]]


def test_outcomes_are_printed_and_written_by_the_command_line(
    run: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    page = run / "orchard.md"
    page.write_text(PAGE)
    monkeypatch.setattr("documentation.__main__.editions", lambda: iter([EDITION]))
    shown = run / "claims.html"
    assert main(["outcomes", str(page), "--runs", str(run), "--html", str(shown)]) == 1
    assert ("| W1 |" in capsys.readouterr().out, "doc-defect" in shown.read_text()) == (True, True)


def test_a_folder_that_is_not_a_run_is_refused(run: Path) -> None:
    with pytest.raises(BadInput, match="there is no run"):
        gather.runs([run / "nowhere"])


def test_a_walk_that_an_older_version_wrote_is_read(tmp_path: Path) -> None:
    """Its fields have other names, and how a step was done is a sentence."""
    tried = {"lane": "corrected", "machine": "cp1", "command": "water", "rc": 0, "answer": "wet", "failed": []}
    result = {
        "block": COMMAND, "original": COMMAND, "line": 5, "outcome": "doc-defect", "reasons": ["it was dry"],
        "tries": [tried | {"unlike": [], "ended": False}], "mend": "water it", "page": "orchard",
    }  # fmt: skip
    done = {"carry": "by the harness, since something failed without it"}
    stored = {
        "page": "orchard", "language": "en", "text": "a", "cluster": "stacked-uploaded-1.37-page", "version": "v1.37.2",
        "stopped": "", "steps": done, "results": [result],
    }  # fmt: skip
    (tmp_path / "walks").mkdir()
    (tmp_path / "walks" / "orchard.en.x.json").write_text(json.dumps(stored))
    [walk] = walk_file.read(tmp_path)
    found = walk.results[COMMAND]
    assert (walk.steps, found.fix, found.tries[0].form) == ({"carry": Done.MISSED}, "water it", "corrected")


def test_the_report_of_a_walk_shows_what_came_back_and_what_to_change() -> None:
    done = executed(a_cluster("\nkubectl get trees"), a_page())
    text = formats.walk_markdown(done)
    assert "| 12 | first/command-3 | doc-defect |" in text
    assert ("no luck" in text, "Suggestion: say sudo" in text) == (True, True)
    assert (done.status, done.coverage) == (1, "3 of 4 commands run on stacked-uploaded-1.37")


def test_the_page_of_a_walk_shows_outcomes_claims_and_findings_beside_its_blocks() -> None:
    done = executed(a_cluster("\nkubectl get trees"), a_page())
    claim = a_claim(blocks=("first/command-3",), page="high-availability")
    bindings = bind(a_page(), record(a_page(), None), {"W1": claim})
    table = Table(a_page(), bindings, {WAY: (Decided(claim, Outcome.DEFECT),)}, ())
    left = Finding(Weight.BREAKS, "left-behind", 8, "first/command-2", "lies <there>")
    shown = formats.walk_html(done, Report("a page", (), (left,), (), ()), table)
    assert ('class="block command doc-defect"' in shown, "lies &lt;there&gt;" in shown) == (True, True)
    assert "W1 doc-defect" in shown


TWICE = "Water the the tree.\n"
WAIVED = "<!-- documentation: ignore twice: the tree of that name -->\n"


@pytest.mark.parametrize(("comment", "outcome"), [("", Outcome.DEFECT), (WAIVED, Outcome.VERIFIED)])
def test_what_a_comment_has_ignored_decides_no_claim(
    comment: str, outcome: Outcome, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = the_page(f"{PAGE}\n{comment}{TWICE}")
    [twice] = [each for each in all_rules.check(page, None) if each.check == "twice"]
    claim = a_claim(deciders=("check: twice",), blocks=(twice.block,))
    monkeypatch.setattr(gather, "claims", lambda: {"W1": claim})
    monkeypatch.setattr(Programs, "find", lambda **_: Programs())
    walk_file.write(tmp_path, "orchard", replace(_execution(), page=page))
    [table] = gather.tables([(page, record(page, None))], gather.runs([tmp_path]))
    assert [row.worst.outcome for row in table.rows] == [outcome]
    shown = "`twice` (the tree of that name)"
    named = [
        shown in "".join(table.ignored),
        shown in formats.table_markdown(table),
        shown in formats.tables_html([table]),
    ]
    assert named == [bool(comment)] * 3


def test_the_page_of_a_walk_names_what_comments_have_ignored_and_does_not_show_it() -> None:
    page = the_page(f"{PAGE}\n{WAIVED}{TWICE}")
    done = replace(_execution(), page=page)
    table = Table(page, bind(page, record(page, None), {}), {}, ())
    shown = formats.walk_html(done, report.of_page(page, None), table)
    assert ("`twice` (the tree of that name)" in shown, 'class="finding' in shown) == (True, False)


def test_a_rule_decides_a_claim_by_what_follows_from_a_cause_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    torn = PAGE + "\n<<<<<<< a\nWater the tree.\n=======\nWater the the tree.\n>>>>>>> b\n"
    page = the_page(torn)
    [cause] = all_rules.check(page, None)
    [twice] = cause.follows
    claim = a_claim(deciders=("check: twice",), blocks=(twice.block,))
    monkeypatch.setattr(gather, "claims", lambda: {"W1": claim})
    monkeypatch.setattr(Programs, "find", lambda **_: Programs())
    walk_file.write(tmp_path, "orchard", replace(_execution(), page=page))
    [table] = gather.tables([(page, record(page, None))], gather.runs([tmp_path]))
    assert f"line {twice.line}: {twice.what}" in "".join(formats.table_markdown(table).split("\\"))
