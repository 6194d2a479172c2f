"""Which clusters a scenario runs on: by its marks, by what `-k` names, and never by its own name."""

from __future__ import annotations

import re

import pytest

from fixtures.plugin.parameters import subjects
from provision.config.cluster_id import ClusterId
from provision.config.settings import Settings
from tests.fakes import make_project

pytest_plugins = "pytester"

SCENARIOS = """
import pytest

def test_both(cluster): pass

@pytest.mark.topology("external")
def test_one(cluster): pass

@pytest.mark.parametrize("which", ["a", pytest.param("b", marks=pytest.mark.certificates("manual"))])
def test_some(cluster, which): pass

def test_member(cluster, etcd_member): pass

def test_changing(mutable): pass
"""


@pytest.fixture
def project(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> pytest.Pytester:
    make_project(pytester, monkeypatch, selection=SCENARIOS)
    monkeypatch.delenv("PYTEST_ADDOPTS")
    return pytester


def _collected(project: pytest.Pytester, *arguments: str) -> list[str]:
    lines = project.runpytest_subprocess("--collect-only", "-q", *arguments).outlines
    return [match[1] for line in lines if (match := re.search(r"::test_(.*)", line))]


def test_by_default(project: pytest.Pytester) -> None:
    external, stacked = "external-uploaded-1.37", "stacked-uploaded-1.37"
    assert sorted(_collected(project)) == sorted([
        f"both[{external}:cluster]", f"both[{stacked}:cluster]", f"one[{external}:cluster]",
        f"some[{external}:cluster-a]", f"some[{stacked}:cluster-a]",
        *(f"member[{external}:etcd{n}]" for n in (1, 2, 3)), *(f"member[{stacked}:cp{n}]" for n in (1, 2, 3)),
    ])  # fmt: skip


def test_what_a_keyword_names_is_chosen(project: pytest.Pytester) -> None:
    assert _collected(project, "-k", "stacked and manual and some") == [
        "some[stacked-manual-1.37:cluster-a]",
        "some[stacked-manual-1.37:cluster-b]",
    ]


@pytest.mark.parametrize(
    ("keyword", "expected"),
    [("stacked and mutable", ["changing[stacked-uploaded-1.37-mutable:cluster]"]), ("changing and not mutable", [])],
)
def test_what_changes_a_cluster_has_one_of_its_own(
    project: pytest.Pytester, keyword: str, expected: list[str]
) -> None:  # fmt: skip
    assert _collected(project, "-k", keyword) == expected


@pytest.mark.parametrize(("fixture", "names"), [("control_plane", 3), ("worker", 3), ("machine", 10)])
def test_late_machines_are_no_subject(fixture: str, names: int) -> None:
    assert len(subjects(ClusterId.parse("external-uploaded-1.37-mutable").machines, fixture)) == names


def test_every_path_has_its_id() -> None:
    settings = Settings.of({"certificates": "uploaded,manual"})
    assert [str(each) for each in settings.cluster_ids("external", "1.37")] == [
        "external-uploaded-1.37",
        "external-manual-1.37",
    ]
    assert [str(each) for each in settings.mutable_ids("external", "1.37")] == ["external-uploaded-1.37-mutable"]
