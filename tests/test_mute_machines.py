"""Every scenario is red on machines that answer nothing, or nonsense: a check that passes there cannot fail."""

from __future__ import annotations

import shutil

import pytest

from provision.util.redaction import Redactor
from report.records import read
from report.results import PASSED, UNFINISHED, results
from tests.fakes import ROOT, make_project
from tests.mute import ANSWERS

pytest_plugins = "pytester"
pytestmark = pytest.mark.slow

CONFTEST = f"""
import runpy
from tests import mute

pytest_addoption = runpy.run_path({str(ROOT / "conftest.py")!r})["pytest_addoption"]
mute.install()
pytest_collection_modifyitems = mute.once_each
"""

SMALL = ("--ha-control-planes", "2", "--ha-workers", "1")
RUNS = {
    "usual": ("--ha-certificates", "uploaded,manual", "--ha-mutable", "yes", "--ha-faults", "yes"),
    "authorities elsewhere": (
        "--ha-authority", "elsewhere", "--ha-certificates", "manual", "scenarios/test_absent_ca_keys.py",
    ),
    "configured": (
        f"--ha-configuration={ROOT}/recipes/configurations/audit.yaml", "scenarios/test_own_configuration.py",
    ),
    "kubelets configured": (
        f"--ha-configuration={ROOT}/recipes/configurations/serving.yaml", "scenarios/test_own_configuration.py",
    ),
    "upgraded": ("--ha-upgrade-from", "previous", "scenarios/test_upgrade.py"),
}  # fmt: skip

LEAST = {"usual": 600, "authorities elsewhere": 5, "upgraded": 9, "configured": 5, "kubelets configured": 5}
"""So many tests there are at least: what is not collected cannot be red."""

_NC = "nc -z prints nothing: its exit status is the whole answer, and 0 is a connection"
MAY_PASS: dict[tuple[str, str], str] = {
    ("silent", "scenarios/test_load_balancer.py::test_control_plane_is_reachable_from_the_balancer"): _NC,
    ("garbage", "scenarios/test_load_balancer.py::test_control_plane_is_reachable_from_the_balancer"): _NC,
    ("silent", "scenarios/test_load_balancer.py::test_endpoint_is_reachable_by_name"): _NC,
    ("garbage", "scenarios/test_load_balancer.py::test_endpoint_is_reachable_by_name"): _NC,
}
"""Scenarios that may pass where every command is answered like this, with the reason why that is right."""


def _tried(which: str, answer: str) -> object:
    """All scenarios take a minute for each answer: machines that say nothing are tried always, the others by night."""
    night = which == "usual" and answer != "silent"
    return pytest.param(which, answer, id=f"{which}-{answer}", marks=[pytest.mark.lengthy] if night else [])


@pytest.mark.parametrize(("which", "answer"), [_tried(which, answer) for which in RUNS for answer in ANSWERS])
def test_no_scenario_passes(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch, which: str, answer: str
) -> None:  # fmt: skip
    """All of them, on a real pytest."""
    make_project(pytester, monkeypatch)
    pytester.makeconftest(CONFTEST)
    shutil.copytree(ROOT / "scenarios", pytester.path / "scenarios", dirs_exist_ok=True)
    monkeypatch.setenv("MUTE", answer)
    monkeypatch.delenv("PYTEST_ADDOPTS")
    quiet = ("-q", "--tb=line", "-rN", "-pno:xdist")
    pytester.runpytest_subprocess(*SMALL, *RUNS[which], *quiet, "--ha-run-dir=run")
    found = results(read(pytester.path / "run", Redactor()).phases)
    passed = sorted({each.scenario for each in found if each.outcome == PASSED})
    may = {name for (answered, name) in MAY_PASS if answered == answer and which == "usual"}
    assert [each for each in passed if each not in may] == []
    assert may <= set(passed)  # or the list tells of what is no more
    assert UNFINISHED not in {each.outcome for each in found}
    assert len(found) > LEAST[which]
