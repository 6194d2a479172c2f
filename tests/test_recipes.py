"""Recipes for every night: valid files, and a script that exits as its run did and keeps the results."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
from pathlib import Path

import pytest
import yaml

import documentation.__main__

RECIPES = Path(__file__).parent.parent / "recipes"

RUN = """\
#!/bin/sh
echo "$#" >> "$(dirname "$0")/counts"
echo "$@" >> "$(dirname "$0")/arguments"
case $1 in
  all | stacked | faults)
    for each; do case $each in --ha-run-dir=*) records=${each#--ha-run-dir=} ;; esac; done
    case "$STATUS $*" in 2* | *--collect-only*) ;; *) mkdir -p "$records" && echo '{}' > "$records/run.json" ;; esac
    exit "$STATUS" ;;
esac
"""


@pytest.mark.parametrize("name", ["github-actions.yml", "gitlab-ci.yml"])
def test_recipes_are_valid_files_of_their_services(name: str) -> None:
    text = (RECIPES / name).read_text()
    assert isinstance(yaml.safe_load(text), dict)
    for verb in ("./run all", "./run results add", "./run results page"):
        assert verb in text


def night(folder: Path, status: int, *arguments: str) -> tuple[int, list[str]]:
    """The exit status of a night, and the arguments of each `./run` in it."""
    (folder / "recipes").mkdir(parents=True)
    shutil.copy(RECIPES / "nightly", folder / "recipes")
    (folder / "run").write_text(RUN)
    (folder / "run").chmod(0o755)
    environment = os.environ | {"STATUS": str(status), "RUN_DIR": str(folder / "records")}
    ended = subprocess.run(
        [folder / "recipes" / "nightly", "store", "page", *arguments], env=environment, check=False, cwd=folder
    )
    return ended.returncode, (folder / "arguments").read_text().splitlines()


@pytest.mark.parametrize("status", [0, 1])
def test_a_night_is_kept_however_it_ends(tmp_path: Path, status: int) -> None:
    ended, calls = night(tmp_path, status, "stacked", "--ha-kubernetes=-1")
    records = tmp_path / "records"
    assert (ended, calls) == (status, [
        "clean", "artifacts prune", f"stacked --ha-kubernetes=-1 --ha-run-dir={records}",
        f"results add {records} --store store", "results page --store store --out page",
    ])  # fmt: skip


@pytest.mark.parametrize(("which", "words"), [((), "faults"), (("-m", "not lengthy"), "faults -m not lengthy")])
def test_a_night_of_faults_passes_on_which(tmp_path: Path, which: tuple[str, ...], words: str) -> None:
    ended, calls = night(tmp_path, 1, "faults", *which)
    assert (ended, calls[2]) == (1, f"{words} --ha-run-dir={tmp_path / 'records'}")
    assert (tmp_path / "counts").read_text().split()[2] == str(len(which) + 2)  # "not lengthy" is one word
    assert [each.split()[:2] for each in calls[3:]] == [["results", "add"], ["results", "page"]]


def test_a_night_that_never_began_has_nothing_to_keep(tmp_path: Path) -> None:
    ended, calls = night(tmp_path, 2)
    assert (ended, calls[-1].split()[:2]) == (2, ["all", "--ha-kubernetes=latest,-1,-2"])


def test_a_night_without_a_run_fails(tmp_path: Path) -> None:
    ended, calls = night(tmp_path, 0, "stacked", "--collect-only")
    assert (ended, calls[-1].split()[0]) == (1, "stacked")


def test_old_records_are_removed_by_a_night(tmp_path: Path) -> None:
    runs = {name: tmp_path / "runs" / name for name in ("nightly-old", "nightly-new", "mine")}
    for name, folder in runs.items():
        folder.mkdir(parents=True)
        (folder / "run.json").touch()
        if name != "nightly-new":
            os.utime(folder, (0, 0))
    night(tmp_path, 0)
    assert {name for name, folder in runs.items() if folder.exists()} == {"nightly-new", "mine"}


def test_a_night_of_configurations_runs_each_of_them_once(tmp_path: Path) -> None:
    """On small clusters, v1beta3 with the release that reads it, and whatever became of the one before."""
    (tmp_path / "recipes/configurations").mkdir(parents=True)
    for name in ("nightly", "nightly-configurations"):
        shutil.copy(RECIPES / name, tmp_path / "recipes")
    for name in ("audit", "v1beta3"):
        (tmp_path / f"recipes/configurations/{name}.yaml").write_text("")
    (tmp_path / "run").write_text(RUN)
    (tmp_path / "run").chmod(0o755)
    night = [str(tmp_path / "recipes/nightly-configurations"), "store", "page"]
    ended = subprocess.run(night, env=os.environ | {"STATUS": "1"}, check=False, cwd=tmp_path)
    calls = [line for line in (tmp_path / "arguments").read_text().splitlines() if line.startswith("stacked")]
    given = [(Path(words[1].partition("=")[2]).stem, *words[2:4]) for words in map(str.split, calls)]
    assert (ended.returncode, given) == (1, [
        ("audit", "--ha-kubernetes=latest", "--ha-workers=1"), ("v1beta3", "--ha-kubernetes=1.36", "--ha-workers=1"),
    ])  # fmt: skip


def test_the_review_of_a_pull_request_types_what_the_program_understands() -> None:
    workflow = yaml.safe_load((RECIPES / "documentation-review.yml").read_text())
    [job] = workflow["jobs"].values()
    [script] = [step["run"] for step in job["steps"] if step.get("name") == "Review"]
    script = script.replace("\n  ", " ")
    given = [word for line in re.findall(r"set -- (.*)", script) for word in shlex.split(line.partition(";")[0])]
    words = ["review", "site@base...head", *(word for word in given if word != "$@")]
    options = documentation.__main__._parser().parse_args(words)
    assert (str(options.annotations), str(options.markdown), str(options.baseline)) == (
        "-", "review.md", ".github/documentation.toml",
    )  # fmt: skip


def test_the_hook_for_pre_commit_calls_the_one_that_is_copied_by_hand() -> None:
    [repository] = yaml.safe_load((RECIPES / "pre-commit-config.yaml").read_text())["repos"]
    [hook] = repository["hooks"]
    assert '"$KUBEADM_HA/recipes/pre-commit"' in hook["entry"]
    assert os.access(RECIPES / "pre-commit", os.X_OK)
    assert not hook["pass_filenames"]
