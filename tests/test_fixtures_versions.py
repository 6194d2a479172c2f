"""Words for versions in a run: shown at its start, the same for all its processes, recorded and reported."""

from __future__ import annotations

import json

import pytest

from tests.fakes import make_project
from tests.notes import history

pytest_plugins = "pytester"

SCENARIOS = """
def test_release(cluster):
    assert str(cluster.version) in ("v1.37.1", "v1.36.1", "v1.38.0-rc.0")
"""


@pytest.mark.parametrize("how", [["-pno:xdist"], ["-n2"]], ids=" ".join)
def test_words_are_resolved_shown_and_recorded(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch, how: list[str]
) -> None:
    make_project(pytester, monkeypatch, stacked=SCENARIOS)
    result = pytester.runpytest_subprocess("-v", *how, "--ha-kubernetes=latest,-1,1.38.0-rc.0")
    result.assert_outcomes(passed=3)
    result.stdout.fnmatch_lines([
        "Kubernetes latest is v1.37.1, from Go modules",
        "Kubernetes -1 is v1.36.1, from Go modules",
        "Kubernetes 1.38.0-rc.0 is v1.38.0-rc.0, from Go modules (newer than 1.37, *)",
    ])  # fmt: skip
    made = [cluster for what, cluster in history(pytester.path) if what == "made"]
    assert sorted(made) == [f"stacked-uploaded-{version}" for version in ("1.36", "1.37", "1.38.0-rc.0")]
    run = json.loads((pytester.path / "runs" / "last" / "run.json").read_text())
    assert [(each["word"], each["release"]) for each in run["kubernetes"]] == [
        ("latest", "v1.37.1"), ("-1", "v1.36.1"), ("1.38.0-rc.0", "v1.38.0-rc.0"),
    ]  # fmt: skip
    report = (pytester.path / "runs" / "last" / "report.html").read_text()
    assert "v1.36.1 (requested as -1, from Go modules)" in report
    assert "judged by what is true of that" in report


def test_a_variable_may_start_with_a_dash(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> None:
    make_project(pytester, monkeypatch, stacked=SCENARIOS)
    monkeypatch.setenv("HA_KUBERNETES", "-1")
    pytester.runpytest_subprocess().assert_outcomes(passed=1)
    assert ("made", "stacked-uploaded-1.36") in history(pytester.path)
