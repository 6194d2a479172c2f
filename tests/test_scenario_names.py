"""Names of scenarios: what -k selects by them, and what older records call by earlier ones."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from nightly import page
from nightly.history import FINE, GONE, NEWLY_RED, STILL_RED
from nightly.store import Data, Store
from nightly.summary import GREEN, RED
from nightly.views import clusters, reds
from provision.config.addresses import Family
from provision.config.cluster_id import CERTIFICATES, ELSEWHERE
from provision.config.topology import TOPOLOGIES
from report.renamed import Names, names
from report.results import results
from tests.generated import ID, NOW, Page, phase

ROOT = Path(__file__).parent.parent
BEFORE = (ROOT / "tests/scenarios_before.txt").read_text().split()
"""Every scenario of an older commit, from before they were given names that need no neighbour; files and functions."""

NOTHING = Names({}, {})
ONE = "scenarios/test_joins.py::test_ready"


def _now() -> set[str]:
    """Every scenario that there is."""
    return {
        f"scenarios/{path.name}::{node.name}"
        for path in (ROOT / "scenarios").glob("test_*.py")
        for node in ast.parse(path.read_text()).body
        if isinstance(node, ast.FunctionDef) and node.name.startswith("test_")
    }


def _unaccounted(old: list[str], table: Names, now: set[str]) -> list[str]:
    return [name for name in old if (at := table.current(name)) not in now and at not in table.removed]


def _named_after_a_kind_of_cluster(scenarios: set[str]) -> list[str]:
    kinds = (*TOPOLOGIES, *CERTIFICATES, ELSEWHERE, "mutable", *Family)
    return [name for name in scenarios if any(kind in name.partition("::")[2] for kind in kinds)]


def test_no_scenario_is_taken_by_k_for_a_kind_of_cluster() -> None:
    """`-k external` means clusters; a name with that word in it would be run on all others, too."""
    assert _named_after_a_kind_of_cluster(_now()) == []


@pytest.mark.parametrize("name", ["test_stacked_etcd", "test_no_secret_is_uploaded", "test_keys_elsewhere"])
def test_a_scenario_that_k_would_take_for_a_kind_of_cluster_is_found(name: str) -> None:
    assert _named_after_a_kind_of_cluster({f"scenarios/test_external_etcd.py::{name}"}) != []


def test_every_earlier_scenario_exists_or_is_in_the_table() -> None:
    assert _unaccounted(BEFORE, names(), _now()) == []
    assert len(BEFORE) > 250


def test_an_earlier_scenario_that_is_not_in_the_table_is_found() -> None:
    table = Names({name: new for name, new in names().renamed.items() if name != ONE}, names().removed)
    assert _unaccounted(BEFORE, table, _now()) == [ONE]


def test_an_earlier_scenario_that_was_removed_with_a_reason_is_not_missed() -> None:
    table = Names(names().renamed, {"scenarios/test_a.py::test_old": "two others say the same"})
    assert _unaccounted(["scenarios/test_a.py::test_old"], table, _now()) == []


def test_every_name_in_the_table_leads_to_a_scenario_of_its_own() -> None:
    now, table = _now(), names()
    targets = [table.current(name) for name in table.renamed if table.renamed[name] not in table.renamed]
    assert [name for name in targets if name not in now and name not in table.removed] == []
    assert len(set(targets)) == len(targets)


def test_no_scenario_has_a_name_that_the_table_takes_for_an_earlier_one() -> None:
    assert _now() & (names().renamed.keys() | names().removed.keys()) == set()


def test_every_removal_has_its_reason() -> None:
    assert [name for name, reason in names().removed.items() if len(reason.split()) < 3] == []


def test_a_scenario_that_was_renamed_twice_keeps_its_parameters() -> None:
    table = Names({"a::b": "a::c", "a::c": "d::e"}, {})
    assert [table.current(name) for name in ("a::b[x[1]]", "a::c", "a::bb", "d::e")] == [
        "d::e[x[1]]", "d::e", "a::bb", "d::e",
    ]  # fmt: skip


def test_results_of_an_older_run_have_the_names_of_now() -> None:
    [found] = results([phase(f"{ONE}[{ID}:cp1]")])
    assert (found.scenario, found.nodeid) == ("scenarios/test_joins.py::test_node_is_ready", f"{ONE}[{ID}:cp1]")


def _night(tests: dict[str, str]) -> Data:
    """What is kept of a run, with what each scenario came to on cp1."""
    failures = [
        {"scenario": name, "subject": "cp1", "phase": "call", "reason": f"no {name}", "text": "", "machines": []}
        for name, letter in tests.items() if letter == RED
    ]  # fmt: skip
    cluster = {
        "version": "v1.37.2", "state": "ready", "components": {}, "substitutions": [], "accommodations": {},
        "corrections": {}, "steps": [["initialise the first control plane", "", 9.5, ""]], "commands": [],
        "tests": {name: {"cp1": letter} for name, letter in tests.items()}, "failures": failures,
    }  # fmt: skip
    return {
        "started": NOW, "finished": NOW + 60, "verdict": "failed" if failures else "passed", "notes": [],
        "complete": True, "command": "pytest -k stacked", "harness": "7454cae", "kubernetes": [],
        "clusters": {ID: cluster},
    }  # fmt: skip


def _states(store: Store) -> dict[str, str]:
    [view] = clusters(store.runs(9).runs)
    return {cell.scenario: cell.state for cell in view.cells if "::" in cell.scenario}


def _kept(folder: Path, *nights: dict[str, str], table: Names | None = None) -> Store:
    store = Store(folder / "store", table)
    for day, tests in enumerate(nights, 1):
        store.add(f"2026-11-{day:02}T00-00-00Z", _night(tests))
    return store


def _through_the_renaming(tmp_path: Path, table: Names | None = None) -> Store:
    """Two nights with the names of before, and one with those of now."""
    before = dict.fromkeys(BEFORE, GREEN)
    return _kept(tmp_path, before, before | {ONE: RED}, dict.fromkeys(_now(), GREEN), table=table)


def test_a_history_goes_through_the_renaming_of_its_scenario(tmp_path: Path) -> None:
    store = _through_the_renaming(tmp_path)
    states = _states(store)
    assert (set(states), GONE in states.values()) == (_now(), False)
    [view] = clusters(store.runs(9).runs)
    letters = {cell.scenario: list(cell.letters) for cell in view.cells}
    assert letters["scenarios/test_joins.py::test_node_is_ready"] == [GREEN, RED, GREEN]
    new = _now() - {names().current(name) for name in BEFORE}
    assert [name for name in _now() - new if "" in letters[name]] == []


def test_the_page_of_a_store_from_before_the_renaming_has_nothing_gone(tmp_path: Path) -> None:
    index = page.draw(_through_the_renaming(tmp_path), tmp_path / "page", 9)
    pages = [Page(path) for path in index.parent.rglob("*.html")]
    assert (len(pages), [each for each in pages if 'class="tag gone"' in each.html]) == (7, [])


def test_without_the_table_everything_that_was_renamed_is_gone(tmp_path: Path) -> None:
    states = _states(_through_the_renaming(tmp_path, NOTHING))
    assert {name for name, state in states.items() if state == GONE} == set(BEFORE) - _now()


@pytest.mark.parametrize(("nights", "state"), [((GREEN, RED), NEWLY_RED), ((RED, RED), STILL_RED)])
def test_what_failed_under_the_earlier_name_is_a_failure_of_the_current_one(
    tmp_path: Path, nights: tuple[str, str], state: str
) -> None:
    new = names().current(ONE)
    store = _kept(tmp_path, {ONE: nights[0]}, {ONE: nights[1]})
    [view] = clusters(store.runs(9).runs)
    [cell] = [each for each in view.cells if each.scenario == new]
    assert (cell.state, [each["reason"] for each in view.attempts[0].failures(new)]) == (state, [f"no {ONE}"])


def test_a_scenario_that_was_removed_with_a_reason_is_not_gone(tmp_path: Path) -> None:
    nights = {"a::test_b": GREEN, "a::test_old": RED}, {"a::test_b": GREEN}
    loud, quiet = (
        _states(_kept(tmp_path / name, *nights, table=table))
        for name, table in (("loud", NOTHING), ("quiet", Names({}, {"a::test_old": "a test"})))
    )
    assert (loud, quiet) == ({"a::test_b": FINE, "a::test_old": GONE}, {"a::test_b": FINE})


@pytest.mark.parametrize(
    ("removed", "counted"),
    [
        ({}, ["a::test_kept", "a::test_new", "a::test_old"]),
        ({"a::test_old": "a test"}, ["a::test_kept", "a::test_new"]),
    ],
    ids=["none", "one"],
)
def test_a_run_counts_the_failures_of_the_scenarios_that_were_not_removed_and_no_others(
    tmp_path: Path, removed: dict[str, str], counted: list[str]
) -> None:
    """A renamed scenario still counts, and parameters do not hide which scenario it is."""
    nights = dict.fromkeys(("a::test_before", "a::test_kept", "a::test_old[x]"), RED)
    [(_, run)] = _kept(tmp_path, nights, table=Names({"a::test_before": "a::test_new"}, removed)).runs(9).runs
    failed = sorted(each["scenario"].partition("[")[0] for each in run["clusters"][ID]["failures"])
    assert (failed, reds(run)) == (counted, len(counted))


def test_every_red_that_a_run_counts_is_a_cell_of_the_page(tmp_path: Path) -> None:
    nights = dict.fromkeys(("a::test_kept", "a::test_old"), RED)
    runs = _kept(tmp_path, nights, table=Names({}, {"a::test_old": "another test says the same"})).runs(9).runs
    [view] = clusters(runs)
    assert reds(runs[0][1]) == view.reds == 1


def test_a_renamed_scenario_that_then_is_removed_is_not_gone(tmp_path: Path) -> None:
    table = Names({"a::test_b": "a::test_old"}, {"a::test_old": "another test says the same"})
    states = _states(_kept(tmp_path, {"a::test_b": GREEN, "a::test_c": GREEN}, {"a::test_c": GREEN}, table=table))
    assert states == {"a::test_c": FINE}
