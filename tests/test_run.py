"""`./run`: how what it is given reaches pytest, tox and the verbs."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
RECORDER = """#!/bin/sh
{ for each; do printf '%s\\n' "$each"; done; echo END; } >> "$(dirname "$0")/../../../told"
echo "${HA_HOME:-} ${HA_INVENTORY:-} ${HA_RUN_DIR:-}" >> "$(dirname "$0")/../../../variables"
case "$*" in *-c*-qq*) exit "${TOX_STATUS:-0}" ;; esac
"""
TOX = ".venv/bin/tox", ".venv/bin/python"
HARNESS = ".tox/harness/bin/python"


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """`run` beside programs that only record what they are called with."""
    folder = tmp_path / "a checkout"
    for name in (*TOX, HARNESS):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(RECORDER if name == HARNESS else RECORDER.replace("/../../../", "/../../"))
        (folder / name).chmod(0o755)
    (folder / ".tox" / "harness" / "ready").touch()
    shutil.copy(ROOT / "run", folder)
    return folder


def call(checkout: Path, *arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    """`./run` as called in the folder beside the checkout."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith("HA_")}
    return subprocess.run(
        [checkout / "run", *arguments], cwd=checkout.parent, check=False, capture_output=True, text=True,
        env=clean | variables,
    )  # fmt: skip


def told(checkout: Path, *arguments: str) -> list[list[str]]:
    """What programs were called with, in order, when `./run` was."""
    ended = call(checkout, *arguments)
    assert ended.returncode == 0, ended.stderr
    calls = (checkout / "told").read_text().split("END\n")[:-1]
    return [each.splitlines() for each in calls]


def passed_on(checkout: Path, *arguments: str) -> list[str]:
    """What pytest would be given by `./run external`."""
    return told(checkout, "external", *arguments)[-1][3:]


@pytest.mark.parametrize(
    ("given", "passed"),
    [
        (["--ha-run-dir", "/var/log/a b"], ["--ha-run-dir=/var/log/a b"]),
        (["--ha-run-dir=/var/log"], ["--ha-run-dir=/var/log"]),
        (["--ha-kubernetes", "-1,-2", "-k", "not x", "--ha-keep", "always"],
         ["--ha-kubernetes=-1,-2", "-k", "not x", "--ha-keep=always"]),
        (["-x", "--ha-keep"], ["-x", "--ha-keep"]),
        (["-k", "", "--ha-keep=failure"], ["-k", "", "--ha-keep=failure"]),
        (["--ha-inventory", "/etc/hosts.toml"], ["--ha-inventory=/etc/hosts.toml"]),
        (["--ha-run-dir="], ["--ha-run-dir="]),
        ([], []),
    ],
)  # fmt: skip
def test_options_and_their_values_are_one_argument(checkout: Path, given: list[str], passed: list[str]) -> None:
    assert passed_on(checkout, *given) == passed


@pytest.mark.parametrize("option", ["--ha-inventory", "--ha-run-dir"])
@pytest.mark.parametrize("separator", [" ", "="])
def test_files_and_folders_are_meant_from_where_the_user_is(checkout: Path, option: str, separator: str) -> None:
    given = f"{option}{separator}some.where".split()
    assert passed_on(checkout, *given) == [f"{option}={checkout.parent}/some.where"]


def test_files_and_folders_in_variables_are_meant_from_where_the_user_is(checkout: Path) -> None:
    call(checkout, "status", HA_HOME="home", HA_INVENTORY="/etc/hosts.toml", HA_RUN_DIR="out 1")
    assert (checkout / "variables").read_text() == f"{checkout.parent}/home /etc/hosts.toml {checkout.parent}/out 1\n"


def test_the_host_is_fixed_for_the_clusters_of_the_run(checkout: Path) -> None:
    given = ["--ha-provider", "vagrant", "-k", "etcd", "--ha-workers=0"]
    settings = ["--ha-provider=vagrant", "--ha-workers=0"]
    assert told(checkout, "stacked", *given) == [
        ["-m", "provision", "doctor", "--fix", "stacked", *settings],
        ["-m", "fixtures", "stacked", settings[0], "-k", "etcd", settings[1]],
    ]


def test_the_host_is_fixed_for_the_largest_cluster_where_there_are_several(checkout: Path) -> None:
    assert told(checkout, "all", "-x")[0] == ["-m", "provision", "doctor", "--fix"]


@pytest.mark.parametrize("argument", ["help", "-h", "--help"])
def test_help_is_an_answer(checkout: Path, argument: str) -> None:
    shown = call(checkout, argument)
    assert (shown.returncode, shown.stderr) == (0, "")
    assert "./run stacked " in shown.stdout


def test_nothing_to_do_is_asked_wrongly(checkout: Path) -> None:
    shown = call(checkout)
    assert (shown.returncode, shown.stdout) == (2, "")
    assert "./run stacked " in shown.stderr


@pytest.mark.parametrize(
    ("word", "hint"), [("stakced", "; did you mean stacked?"), ("claen", "; did you mean clean?"), ("x", "")]
)
def test_a_word_that_does_not_exist_is_answered_in_two_lines(checkout: Path, word: str, hint: str) -> None:
    shown = call(checkout, word)
    assert (shown.returncode, shown.stdout) == (2, "")
    assert shown.stderr == f"run: unknown '{word}'{hint}\nrun: Try: ./run --help\n"


def test_every_word_that_run_knows_can_be_meant() -> None:
    text = (ROOT / "run").read_text()
    cases = text[text.index('case "${1:-}" in') :]
    known = {word for line in re.findall(r"^  ([a-z| -]+)\)$", cases, re.M) for word in line.split(" | ")}
    listed = set(re.search(r"^words='([^']*)'", text, re.M)[1].split())  # type: ignore[index]
    assert listed == {word for word in known if not word.startswith("-")}


def test_tox_prepares_aloud_and_runs_silently(checkout: Path) -> None:
    preparing, (_, program, *running) = told(checkout, "unit", "-k", "x")
    assert preparing == ["run", "-qq", "-e", "unit", "--notest"]
    assert running[-7:] == ["run", "-qq", "-e", "unit", "--", "-k", "x"]
    assert program == ""


def test_a_run_ends_as_what_it_ran(checkout: Path) -> None:
    assert call(checkout, "unit", TOX_STATUS="5").returncode == 5
