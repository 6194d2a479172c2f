"""What is told of a walk, and whether every block of the editions is planned."""

from __future__ import annotations

import pytest

from doccheck.claims.binding import bind
from doccheck.claims.deciders import exists
from doccheck.claims.edition import editions, record
from doccheck.claims.registry import Claim
from doccheck.drift.finding import Finding, Weight
from doccheck.execution import markdown as markdown_
from doccheck.execution import runner
from doccheck.execution.plan import plan_of
from doccheck.execution.results import Outcome
from doccheck.pages.block import Kind
from doccheck.verdicts import walked_page
from doccheck.verdicts.table import Table
from doccheck.verdicts.verdict import Decided
from tests.walks import WAY, Walk, a_cluster, a_page, walking


@pytest.fixture
def walk(monkeypatch: pytest.MonkeyPatch) -> Walk:
    return walking(monkeypatch)


def test_a_report_shows_what_came_back(walk: Walk) -> None:
    results = tuple(walk(a_cluster("\nkubectl get trees")).results.values())
    done = runner.Execution(a_page(), "stacked-uploaded-1.37-page", "v1.37.2", results)
    told = markdown_.render(done)
    assert ("| 12 | first/command-3 | doc-defect |" in told, "no luck" in told, "Suggestion: a" in told) == (True,) * 3
    bindings = bind(a_page(), record(a_page(), None), {"W1": _claim("first/command-3")})
    table = Table(a_page(), bindings, {WAY: (Decided(_claim("first/command-3"), Outcome.DEFECT),)}, ())
    shown = walked_page.render(
        done, [Finding(Weight.BREAKS, "left-behind", 8, "first/command-2", "lies <there>")], table
    )
    assert ('class="block command doc-defect"' in shown, "lies &lt;there&gt;" in shown) == (True, True)
    assert "W1 doc-defect" in shown
    assert (done.status, done.coverage) == (1, "3 of 4 commands run on stacked-uploaded-1.37-page")


@pytest.mark.parametrize("page", ["high-availability", "setup-ha-etcd-with-kubeadm"])
def test_every_planned_step_exists(page: str) -> None:
    steps = [each.step for language in ("en", "ja") for each in plan_of(page, language) if each.step]
    assert [name for name in steps if not exists(f"step: {name}")] == []


def test_every_command_of_every_edition_is_planned() -> None:
    missing = []
    for each in editions():
        planned = {entry.id for entry in plan_of(each.page, each.language)}
        commands = [block for block in each.blocks if block.kind is Kind.COMMAND]
        missing += [block.id for block in commands if {block.id, each.names.get(block.id, "")}.isdisjoint(planned)]
    assert missing == []


def _claim(*blocks: str) -> Claim:
    return Claim("W1", "command", "a", "must", "b", blocks, untestable="made up")
