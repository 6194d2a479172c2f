"""Recipes are valid for the services that read them, by published schemas; a wrong key in one is refused.

Those of GitHub and GitLab are in check-jsonschema (SchemaStore's, Apache License 2.0; GitLab's, MIT), those of
Kubernetes in kubernetes-validate, made from each release's OpenAPI description. Prow has none: `prow_jobs.schema.json`.
"""

from __future__ import annotations

import json
import re
import shlex
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from jsonschema import Draft202012Validator

from commandline import arguments
from fixtures.plugin.sharding import in_a_line
from nightly.__main__ import main
from provision.config.settings import Settings
from provision.config.shards import partition
from tests.histories import GOOD

ROOT = Path(__file__).parent.parent
RECIPES = ROOT / "recipes"
SERVICES = {
    "github-actions.yml": "vendor.github-workflows",
    "documentation-review.yml": "vendor.github-workflows",
    "gitlab-ci.yml": "vendor.gitlab-ci",
    "kubernetes-job.yml": "",
    "prow.yml": "",
}
SLIPS = [
    ("github-actions.yml", "    timeout-minutes: 120", "    timeout-minute: 120"),
    ("github-actions.yml", "      fail-fast: false", "      fail-fats: false"),
    ("documentation-review.yml", "runs-on:", "run-on:"),
    ("gitlab-ci.yml", "  timeout: 2h", "  timeouts: 2h"),
    ("gitlab-ci.yml", "  parallel: 3", "  parallel: [3]"),
    ("kubernetes-job.yml", "  completionMode:", "  completionModes:"),
    ("kubernetes-job.yml", "privileged: true", "priviledged: true"),
    ("kubernetes-job.yml", "  backoffLimitPerIndex: 0", "  backoffLimitPerIndex: none"),
    ("prow.yml", "  decorate: true", "  decorated: true"),
    ("prow.yml", "    base_ref:", "    base-ref:"),
    ("prow.yml", "privileged: true", "priviledged: true"),
    ("prow.yml", "testgrid-tab-name: nightly-1", "testgrid-tab-name: 1"),
]


def refused(service: str, path: Path) -> str:
    """What is wrong with a file, by the schema of a service; empty where nothing is."""
    if SERVICES[service]:
        given = ["--data-transform", "gitlab-ci"] if "gitlab" in SERVICES[service] else []
        return _complaint("check_jsonschema", "--builtin-schema", SERVICES[service], *given, str(path))
    content = yaml.safe_load(path.read_text())
    if service == "prow.yml":
        schema = Draft202012Validator(json.loads((ROOT / "tests" / "prow_jobs.schema.json").read_text()))
        pods = [_pod(number, each["spec"]) for number, each in enumerate(content["periodics"])]
        path = path.with_suffix(".pods.yml")
        path.write_text(yaml.safe_dump_all(pods))
        if wrong := "\n".join(error.message for error in schema.iter_errors(content)):
            return wrong
    return _complaint("kubernetes_validate", "--strict", "--quiet", str(path))


def _pod(number: int, spec: dict[str, Any]) -> dict[str, Any]:
    """The pod of a job, whose one container Prow calls `test` (pkg/pod-utils/decorate/podspec.go)."""
    spec["containers"][0].setdefault("name", "test")
    return {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": f"job-{number}"}, "spec": spec}


def _complaint(module: str, *given: str) -> str:
    ended = subprocess.run([sys.executable, "-m", module, *given], capture_output=True, text=True, check=False)
    return ended.stdout + ended.stderr if ended.returncode else ""


def copied(folder: Path, name: str, old: str = "", new: str = "") -> Path:
    text = (RECIPES / name).read_text()
    assert old in text
    (folder / name).write_text(text.replace(old, new, 1))
    return folder / name


@pytest.mark.parametrize("name", SERVICES)
def test_a_recipe_is_valid_for_its_service(name: str, tmp_path: Path) -> None:
    assert refused(name, copied(tmp_path, name)) == ""


@pytest.mark.parametrize(("name", "old", "new"), SLIPS)
def test_a_recipe_with_a_slip_is_refused(name: str, old: str, new: str, tmp_path: Path) -> None:
    assert refused(name, copied(tmp_path, name, old, new)) != ""


NIGHTS = ("github-actions.yml", "gitlab-ci.yml", "kubernetes-job.yml", "prow.yml")
COUNTED = {"${{ matrix.shard }}": "2", "$CI_NODE_INDEX": "2", "$CI_NODE_TOTAL": "3", "$shard": "2",
           "$NIGHT": "kubeadm-ha-night", "$(date -u +%F)": "2026-11-28"}  # fmt: skip


def typed(name: str) -> list[list[str]]:
    """Each `./run all` of a recipe as it is handed over, with what the service and the shell put into it."""
    text = (RECIPES / name).read_text()
    for variable, value in COUNTED.items():
        text = text.replace(variable, value)
    lines = re.findall(r"\./run (all .*?)(?: \|\| .*)?$", text, re.MULTILINE)
    return [arguments.handed_over(shlex.split(each), ROOT) for each in lines]


@pytest.mark.parametrize("name", NIGHTS)
def test_what_a_recipe_types_are_settings_that_exist_and_a_shard(name: str) -> None:
    for words in typed(name):
        given = dict(each.removeprefix("--ha-").split("=", 1) for each in arguments.choices(words))
        settings = Settings.of(dict(given))
        assert settings.part
        assert (settings.kubernetes, len(words)) == ("latest,-1,-2", 1 + len(given))


@pytest.mark.parametrize(("name", "shards"), [("github-actions.yml", 3), ("gitlab-ci.yml", 3),
                                              ("kubernetes-job.yml", 3), ("prow.yml", 2)])  # fmt: skip
def test_a_recipe_starts_as_many_shards_as_there_are(name: str, shards: int) -> None:
    content = yaml.safe_load((RECIPES / name).read_text())
    started: dict[str, Callable[[], int]] = {
        "github-actions.yml": lambda: len(content["jobs"]["run"]["strategy"]["matrix"]["shard"]),
        "gitlab-ci.yml": lambda: content["run"]["parallel"],
        "kubernetes-job.yml": lambda: content["spec"]["completions"],
        "prow.yml": lambda: len(content["periodics"]),
    }
    numbers = {each.partition("=")[2] for words in typed(name) for each in words if each.startswith("--ha-shard=")}
    assert started[name]() == shards
    assert {each.partition("/")[2] for each in numbers} == {str(shards)}
    assert name != "prow.yml" or numbers == {"1/2", "2/2"}


def test_of_three_versions_and_three_shards_each_shard_has_one_version() -> None:
    """What the recipe for GitHub Actions says of its caches."""
    clusters = [f"{topology}-{how}-1.{minor}" for topology in ("external", "stacked")
                for how in ("manual", "uploaded") for minor in (35, 36, 37)]  # fmt: skip
    found = partition(clusters, 3, {})
    assert {cluster: f"1.{34 + shard}" for cluster, shard in found.items()} == {each: each[-4:] for each in clusters}


def test_the_prow_job_gives_testgrid_one_name_for_each_test(tmp_path: Path) -> None:
    """The run's own junit.xml, which TestGrid would read too, is not among what the job's script leaves."""
    script = yaml.safe_load((RECIPES / "prow.yml").read_text())["periodics"][0]["spec"]["containers"][0]["args"][0]
    run, artifacts = GOOD.write(tmp_path, 0), tmp_path / "artifacts"
    (run / "junit.xml").write_text("<testsuites/>")
    artifacts.mkdir()
    assert main(["prow", str(run), "--out", str(tmp_path / "build")]) == 0
    last = script[script.index("cp /scratch/build") :]
    last = last.replace("/scratch/run", str(run)).replace("/scratch", str(tmp_path))
    environment = {"ARTIFACTS": str(artifacts), "verdict": "1", "PATH": "/bin:/usr/bin"}
    ended = subprocess.run(["sh", "-euc", last], env=environment, check=False)
    found = sorted(path.relative_to(artifacts).as_posix() for path in artifacts.rglob("*.xml"))
    assert (ended.returncode, found) == (1, ["junit_stacked-uploaded-1.37.xml"])
    assert (artifacts / "run" / "run.json").exists()


def test_a_shard_says_what_it_has_in_a_line() -> None:
    described = {"index": 2, "of": 3, "night": "monday", "parts": {"a": 1, "b": 2, "c": 2}}
    assert in_a_line(described) == "shard 2/3 of the night monday has 2 of 3 clusters: b, c"
    none = "shard 3/3 of the night monday has no cluster: there are 3 in all, and other shards have them"
    assert in_a_line(described | {"index": 3}) == none
