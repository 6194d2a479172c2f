"""`python -m fixtures SELECTION`: what the user chooses narrows a selection, and how a run ends."""

from __future__ import annotations

import sys
from configparser import ConfigParser
from fnmatch import fnmatch
from pathlib import Path

import pytest

from fixtures.selections import SELECTIONS
from tests.fakes import make_project
from tests.notes import history

pytest_plugins = "pytester"

ROOT = Path(__file__).parent.parent
SCENARIOS = """
import pytest

def test_etcd(cluster): pass
def test_other(cluster): pass
def test_change_etcd(mutable): pass
@pytest.mark.lengthy
def test_long_etcd(mutable): pass
@pytest.mark.topology("external")
def test_machines_of_etcd(cluster): pass
def test_break_etcd(faulty): pass
@pytest.mark.lengthy
def test_break_etcd_for_long(faulty): pass
"""
PLAIN = "stacked-uploaded-1.37:cluster", "external-uploaded-1.37:cluster"
CHANGED = "stacked-uploaded-1.37-mutable:cluster", "external-uploaded-1.37-mutable:cluster"
BROKEN = "stacked-uploaded-1.37-faults:cluster"


@pytest.fixture
def project(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> pytest.Pytester:
    make_project(pytester, monkeypatch, some=SCENARIOS)
    monkeypatch.delenv("PYTEST_ADDOPTS")
    return pytester


def run(project: pytest.Pytester, *arguments: str) -> pytest.RunResult:
    return project.run(sys.executable, "-m", "fixtures", *arguments)


@pytest.mark.parametrize(
    ("arguments", "collected"),
    [
        (["stacked", "-k", "etcd"], [("test_etcd", PLAIN[0])]),
        (["stacked", "-k", "etcd or other"], [("test_etcd", PLAIN[0]), ("test_other", PLAIN[0])]),
        (["external", "-k", "machines"], [("test_machines_of_etcd", PLAIN[1])]),
        (["external", "-k", "stacked"], []),
        (["mutable", "-k", "stacked and change"], [("test_change_etcd", CHANGED[0])]),
        (["tests", "-k", "stacked and mutable"], [("test_change_etcd", CHANGED[0])]),
        (["tests", "-k", "mutable", "-m", "lengthy"], []),
        (["faults", "-k", "stacked"], [("test_break_etcd", BROKEN), ("test_break_etcd_for_long", BROKEN)]),
        (["faults", "-k", "stacked and etcd", "-m", "not lengthy"], [("test_break_etcd", BROKEN)]),
        (["stacked", "-k", "faults"], []),
    ],
)
def test_what_the_user_chooses_is_chosen_within_the_selection(
    project: pytest.Pytester, arguments: list[str], collected: list[tuple[str, str]]
) -> None:
    shown = run(project, *arguments, "--collect-only", "-q").outlines
    assert [line for line in shown if "::" in line] == [
        f"scenarios/test_some.py::{name}[{place}]" for name, place in collected
    ]


def test_scenarios_of_other_clusters_count_as_not_selected(project: pytest.Pytester) -> None:
    """`test_machines_of_etcd` is not about stacked clusters, and clusters that may be changed are not requested."""
    shown = run(project, "stacked", "-k", "etcd", "--collect-only", "-q")
    assert "1/14 tests collected (13 deselected)" in shown.stdout.str()


def test_a_wrong_value_ends_with_2_as_with_every_verb(project: pytest.Pytester) -> None:
    wrong = run(project, "stacked", "--ha-keep=sometimes")
    assert wrong.ret == 2
    assert "'sometimes' is not a value of keep" in wrong.stderr.str()
    assert run(project, "nothing").ret == 2


def test_a_file_that_cannot_be_imported_does_not_end_as_an_interruption(project: pytest.Pytester) -> None:
    (project.path / "scenarios" / "test_broken.py").write_text("import nothing_of_this_name")
    assert run(project, "stacked").ret == pytest.ExitCode.INTERRUPTED


def test_the_newest_run_is_the_newest_that_did_something(project: pytest.Pytester) -> None:
    assert run(project, "stacked", "-k", "etcd").ret == 0
    worth_reading = (project.path / "runs" / "last").resolve()
    assert run(project, "stacked", "-k", "nosuch").ret == pytest.ExitCode.NO_TESTS_COLLECTED
    assert (project.path / "runs" / "last").resolve() == worth_reading
    assert len(history(project.path)) == 2


def test_every_selection_is_an_environment_of_tox() -> None:
    tox = ConfigParser()
    tox.read(ROOT / "tox.ini")
    for name in SELECTIONS:
        assert f"python -m fixtures {name} {{posargs}}" in tox[f"testenv:{name}"]["commands"]


@pytest.mark.parametrize(
    "variable",
    [
        "DOCKER_HOST", "DOCKER_CONTEXT", "CONTAINER_HOST", "CONTAINERS_CONF", "CONTAINERS_STORAGE_CONF",
        "REGISTRY_AUTH_FILE", "VAGRANT_HOME", "LIBVIRT_DEFAULT_URI", "VBOX_USER_HOME", "XDG_RUNTIME_DIR",
        "DBUS_SESSION_BUS_ADDRESS", "SSH_AUTH_SOCK", "SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "ANSIBLE_CONFIG",
        "GOPROXY", "HA_KEEP", "https_proxy", "NO_PROXY", "HOME", "USER", "PYTEST_ADDOPTS",
    ],
)  # fmt: skip
def test_tox_hides_nothing_that_engines_read(variable: str) -> None:
    tox = ConfigParser()
    tox.read(ROOT / "tox.ini")
    assert any(fnmatch(variable, pattern) for pattern in tox["testenv"]["pass_env"].split())
