"""What may be chosen, in which ways, and how the rest is refused; and which runs are about clusters at all."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from fixtures.plugin import scheduling
from provision.config.settings import Settings
from provision.providers import host_findings
from tests.fakes import make_project
from tests.notes import history

pytest_plugins = "pytester"

SCENARIOS = "def test_cluster(cluster): pass"


@pytest.fixture
def project(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> pytest.Pytester:
    make_project(pytester, monkeypatch, ready=SCENARIOS)
    (pytester.path / "tests").mkdir()
    (pytester.path / "tests" / "test_unit.py").write_text("def test_unit(): pass\ndef test_stacked(): pass")
    return pytester


def assert_refused(project: pytest.Pytester, result: pytest.RunResult, text: str) -> None:
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines([f"*{text}*"])
    assert "Traceback" not in result.stderr.str()
    assert history(project.path) == []


BAD = {
    "'sometimes' is not a value of keep": ["--ha-keep", "sometimes"],
    "Kubernetes 1.2 is older than 1.33": ["--ha-kubernetes", "1.2"],
    "network flannel needs its published manifest": ["--ha-network", "flannel"],
    "Kubernetes 1.99 is not available": ["--ha-kubernetes", "1.99"],
}


@pytest.mark.parametrize("text", BAD)
def test_bad_options(project: pytest.Pytester, text: str) -> None:
    assert_refused(project, project.runpytest_subprocess(*BAD[text]), text)


def test_a_version_that_does_not_exist_with_workers(project: pytest.Pytester) -> None:
    result = project.runpytest_subprocess("-n1", "--ha-kubernetes", "1.99")
    assert_refused(project, result, "Kubernetes 1.99 is not available")


def test_by_variable_and_ini(project: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> None:
    """The command line wins over the variable, and that over the ini file."""
    assert_refused(
        project, project.runpytest_subprocess("-o", "ha_keep=rarely", "-n", "auto"), "'rarely' is not a value"
    )
    monkeypatch.setenv("HA_KEEP", "often")
    assert_refused(project, project.runpytest_subprocess("-o", "ha_keep=rarely"), "'often' is not a value of keep")
    result = project.runpytest_subprocess("--ha-keep", "always", "-o", "ha_kubernetes=1.35", "--collect-only", "-q")
    result.stdout.fnmatch_lines(["*test_cluster[[]stacked-uploaded-1.35:cluster]"])


def test_a_folder_that_exists_needs_the_equals_sign(project: pytest.Pytester, tmp_path: Path) -> None:
    """Otherwise pytest looks for tests there, knows nothing of this project, and says so."""
    assert_refused(project, project.runpytest_subprocess("--ha-run-dir", str(tmp_path)), "arguments: --ha-run-dir")
    project.runpytest_subprocess(f"--ha-run-dir={tmp_path}").assert_outcomes(passed=1)
    assert (tmp_path / "report.html").exists()


def test_help_names_the_legal_values(project: pytest.Pytester) -> None:
    text = " ".join(project.runpytest_subprocess("--help").stdout.str().split())
    assert "--ha-keep=VALUE When clusters stay after the run. (never | failure | always)" in text
    assert not (project.path / "runs").exists()


def test_by_keyword_only_scenarios(project: pytest.Pytester) -> None:
    """`tests` is not among the test paths: what is called alike there does not run."""
    project.runpytest_subprocess("-k", "stacked").assert_outcomes(passed=1)
    assert len(history(project.path)) == 2
    assert {path.name for path in (project.path / "runs" / "last").iterdir()} >= {
        "junit.xml", "tests.jsonl", "commands.jsonl", "run.json", "report.html", "clusters",
    }  # fmt: skip


@pytest.mark.parametrize("arguments", [["tests"], ["--collect-only"]], ids=" ".join)
def test_runs_without_a_folder(project: pytest.Pytester, arguments: list[str]) -> None:
    assert project.runpytest_subprocess(*arguments).ret == 0
    assert history(project.path) == []
    assert not (project.path / "runs").exists()
    assert not (project.path / "home" / "clusters").exists()


def test_one_scenario_has_a_folder(project: pytest.Pytester) -> None:
    assert project.runpytest_subprocess("scenarios/test_ready.py::test_cluster", "-pno:xdist").ret == 0
    assert (project.path / "runs" / "last" / "report.html").exists()


@pytest.mark.parametrize(
    ("clusters", "gibibytes", "cores", "workers"),
    [(0, 64, 8, 2), (1, 64, 8, 2), (3, 64, 8, 6), (3, 8, 8, 2), (3, 64, 2, 2), (3, 1, 8, 1), (3, 64, None, 1)],
)
def test_workers_by_clusters_memory_and_cores(
    monkeypatch: pytest.MonkeyPatch, clusters: int, gibibytes: int, cores: int | None, workers: int
) -> None:
    monkeypatch.setattr(scheduling, "available_memory", lambda: gibibytes * 1024**3)
    monkeypatch.setattr(os, "cpu_count", lambda: cores)
    settings = Settings.of({"kubernetes": ",".join(f"1.{35 + number}" for number in range(clusters))})
    monkeypatch.setattr(scheduling, "settings_of", lambda _config: settings)
    config: Any = None
    assert scheduling.pytest_xdist_auto_num_workers(config) == workers


@pytest.mark.parametrize(
    ("given", "workers"),
    [
        ({}, 2),  # containers need 3 GiB for seven machines, and 4 for ten
        ({"control-planes": "1", "workers": "0", "certificates": "uploaded,manual"}, 4),
        ({"workers": "9", "certificates": "uploaded,manual"}, 2),  # 6 GiB for sixteen
        ({"mutable": "yes"}, 3),  # 5 GiB for twelve
        ({"families": "yes", "mutable": "yes"}, 4),  # 3.6 GiB for nine
        ({"provider": "vagrant", "certificates": "uploaded,manual"}, 1),  # 22 GiB for ten
        ({"provider": "vagrant", "mutable": "yes", "memory": "1024", "workers": "0"}, 1),  # 10.4 GiB for nine
        ({"provider": "vagrant", "certificates": "uploaded,manual", "memory": "1024", "workers": "0"}, 2),
    ],
)
def test_workers_by_what_the_chosen_clusters_need_on_their_provider(
    monkeypatch: pytest.MonkeyPatch, given: dict[str, str | None], workers: int
) -> None:
    monkeypatch.setattr(scheduling, "available_memory", lambda: 17 * 1024**3)
    monkeypatch.setattr(os, "cpu_count", lambda: 64)
    settings = Settings.of(given)
    monkeypatch.setattr(scheduling, "settings_of", lambda _config: settings)
    config: Any = None
    assert scheduling.pytest_xdist_auto_num_workers(config) == workers


def test_an_inventory_is_one_cluster_and_one_worker(monkeypatch: pytest.MonkeyPatch) -> None:
    settings = Settings.of({"inventory": "hosts.toml", "kubernetes": "1.37"})
    monkeypatch.setattr(scheduling, "settings_of", lambda _config: settings)
    config: Any = None
    assert scheduling.pytest_xdist_auto_num_workers(config) == 1


def test_available_memory_is_read() -> None:
    assert 0 < host_findings.available_memory() < int(Path("/proc/meminfo").read_text().split()[1]) * 1024


def test_automatic_workers(project: pytest.Pytester) -> None:
    result = project.runpytest_subprocess("-n", "auto")
    result.assert_outcomes(passed=1)
    result.stdout.fnmatch_lines(["*[12] worker*"])  # one a topology, where both fit
