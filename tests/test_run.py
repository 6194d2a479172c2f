"""`./run`: how its arguments reach pytest, tox and the verbs, and in which environments."""

from __future__ import annotations

import os
import re
import time
from collections.abc import Sequence
from pathlib import Path

import pytest

from commandline import arguments, in_harness
from commandline.words import BY_HAND, USES, WORDS
from fixtures.selections import SELECTIONS
from provision.config.options import OPTIONS
from tests.checkouts import ROOT, call, calls, make, recorded


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    return make(tmp_path)


def passed_on(checkout: Path, *arguments: str) -> list[str]:
    """What pytest would be given by `./run external`."""
    return calls(checkout, "external", *arguments)[-1][3:]


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


FILES = ("configuration", "inventory", "kubeadm", "programs", "run-dir", "shard-durations", "source")
"""Settings whose value is a file or a folder."""


@pytest.mark.parametrize("option", [f"--ha-{name}" for name in FILES])
@pytest.mark.parametrize("separator", [" ", "="])
def test_files_and_folders_are_meant_from_where_the_user_is(checkout: Path, option: str, separator: str) -> None:
    given = f"{option}{separator}./some.where".split()
    assert passed_on(checkout, *given) == [f"{option}={checkout.parent}/some.where"]


def test_a_version_of_kubeadm_is_not_taken_for_a_file(checkout: Path) -> None:
    assert passed_on(checkout, "--ha-kubeadm", "1.38") == ["--ha-kubeadm=1.38"]


def test_every_setting_whose_help_has_a_file_or_folder_is_known_for_one() -> None:
    named = {option.name for option in OPTIONS if re.search(r"=(FILE|FOLDER|DIR)\)|or a file", option.help)}
    assert named == set(FILES)
    assert {f"--ha-{name}" for name in FILES} == set(arguments._FILES)


def test_files_and_folders_in_variables_are_meant_from_where_the_user_is(checkout: Path) -> None:
    call(checkout, "status", HA_HOME="home", HA_INVENTORY="/etc/hosts.toml", HA_RUN_DIR="out 1")
    assert (checkout / "variables").read_text() == f"{checkout.parent}/home /etc/hosts.toml {checkout.parent}/out 1\n"


def test_files_behind_other_words_are_named_from_where_the_user_is(checkout: Path) -> None:
    """Pages and stores are read as they are typed; the project is found from there, and no folder of the same name."""
    call(checkout, "documentation", "check", "page.md")
    assert recorded(checkout) == [["-P", "-m", "documentation", "check", "page.md"]]
    assert (checkout / "folders").read_text() == f"{checkout.parent}\n"


@pytest.mark.parametrize("inside", [False, True])
def test_the_project_is_found_from_wherever_a_page_is_named(checkout: Path, inside: bool) -> None:
    call(checkout, "documentation", "check", "page.md", here=checkout if inside else None)
    assert (checkout / "paths").read_text() == f"{checkout}\n"


def test_verbs_run_in_the_checkout(checkout: Path) -> None:
    assert calls(checkout, "clean", "--all") == [["-m", "provision", "clean", "--all"]]
    assert (checkout / "folders").read_text() == f"{checkout}\n"


HOST = ["-m", "commandline.in_harness", "host"]


def test_the_host_is_checked_for_the_clusters_of_the_run(checkout: Path) -> None:
    given = ["--ha-provider", "vagrant", "-k", "etcd", "--ha-workers=0"]
    settings = ["--ha-provider=vagrant", "--ha-workers=0"]
    assert calls(checkout, "stacked", *given) == [
        [*HOST, "stacked", *settings],
        ["-m", "fixtures", "stacked", settings[0], "-k", "etcd", settings[1]],
    ]


@pytest.mark.parametrize(("use", "given"), [("stacked", ["stacked"]), ("all", []), ("tests", ["--ha-mutable=yes"])])
def test_the_doctor_counts_the_machines_of_the_use_and_of_the_largest_cluster_where_there_are_several(
    monkeypatch: pytest.MonkeyPatch, use: str, given: list[str]
) -> None:
    seen: list[list[str]] = []

    def doctor(arguments: list[str]) -> int:
        seen.append(arguments)
        return 1

    monkeypatch.setattr("provision.cli.parser.main", doctor)
    assert in_harness.check_host(use, ["--ha-workers=0"]) == 1
    assert seen == [["doctor", "--fix", "--quiet", *given, "--ha-workers=0"]]


def test_a_setting_that_does_not_exist_is_a_slip_of_the_use(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        in_harness.check_host("stacked", ["--ha-kep=always"])
    assert capsys.readouterr().err == (
        "usage: ./run stacked [ARGUMENTS OF PYTEST ...]\n"
        "./run stacked: there is no option --ha-kep; did you mean --ha-keep?\nTry: ./run stacked --help\n"
    )


@pytest.mark.parametrize("status", [1, 2])
def test_nothing_is_run_on_a_host_that_lacks_something_or_with_a_wrong_value(checkout: Path, status: int) -> None:
    assert call(checkout, "stacked", DOCTOR_STATUS=str(status)).returncode == status
    assert len(recorded(checkout)) == 1


def test_the_doctor_is_given_the_settings_that_the_selection_itself_has() -> None:
    """Otherwise it would count the machines of other clusters."""
    counted = {"--ha-mutable", "--ha-families", "--ha-faults"}
    for name, selection in SELECTIONS.items():
        given = selection.for_pytest
        own = [each for each in given if each.split("=")[0] in counted]
        assert [each for each in WORDS[name].host or () if each.startswith("--")] == (own or _within(given))


def _within(given: Sequence[str]) -> list[str]:
    """`-k` that names clusters of a kind chooses them, as the setting does."""
    return [f"--ha-{word}=yes" for word in ("mutable", "faults") if f"--within={word}" in given]


def test_every_selection_of_scenarios_can_be_typed() -> None:
    assert {*SELECTIONS} == {name for name, word in WORDS.items() if word.module == "fixtures"} | {"tests"}


def test_the_folders_in_the_documentation_name_each_use_that_they_answer() -> None:
    """The row of a folder has the words that `./run` hands over to it; what tox runs is in `tests`."""
    page = (ROOT / "docs" / "contributing.md").read_text()
    rows = re.findall(r"^\| `(\w+)/` \|[^|]*\|([^|]*)\|", page, re.MULTILINE)
    shown = {folder: re.findall(r"`(\w+)`", words) for folder, words in rows if folder != "provision"}
    answered: dict[str, list[str]] = {folder: [] for folder in shown}
    for name, word in USES.items():
        answered["tests" if word.module == "tox" else word.module.split(".")[0]].append(name)
    assert (shown, set(re.findall(r"`(\w+)`", dict(rows)["provision"])) - {*BY_HAND}) == (answered, set())


def test_tox_prepares_aloud_and_runs_silently(checkout: Path) -> None:
    preparing, running = calls(checkout, "unit", "-k", "x")
    assert preparing == ["run", "-qq", "-e", "unit", "--notest"]
    script = str(checkout / "commandline" / "under_tox.py")
    assert running == ["-P", script, "run", "-qq", "-e", "unit", "--", "-k", "x"]


def test_a_run_ends_as_what_it_ran(checkout: Path) -> None:
    assert call(checkout, "unit", TOX_STATUS="5").returncode == 5


def test_what_needs_no_harness_installs_none(checkout: Path) -> None:
    (checkout / ".tox" / "harness" / "ready").unlink()
    assert [each for each in calls(checkout, "unit") if "harness" in each] == []


@pytest.mark.parametrize("changed", ["pyproject.toml", "tox.ini"])
def test_dependencies_are_installed_where_they_may_have_changed_and_once(checkout: Path, changed: str) -> None:
    later = time.time() + 10
    os.utime(checkout / changed, (later, later))
    assert calls(checkout, "status")[0] == ["run", "-qq", "-e", "harness", "--notest"]
    os.utime(checkout / ".tox" / "harness" / "ready", (later, later))
    (checkout / "calls").unlink()
    assert len(calls(checkout, "status")) == 1


def test_an_environment_that_cannot_be_made_ends_the_call(checkout: Path) -> None:
    (checkout / ".tox" / "harness" / "ready").unlink()
    (checkout / ".venv" / "bin" / "tox").write_text("#!/bin/sh\necho no such index >&2; exit 3\n")
    shown = call(checkout, "status")
    assert (shown.returncode, recorded(checkout)) == (1, [])
    assert "no such index\n" in shown.stderr
    assert shown.stderr.splitlines()[-1].endswith("--notest exited with 3, and says why above")


def test_a_host_without_the_python_that_is_needed_is_answered_in_two_lines(checkout: Path, tmp_path: Path) -> None:
    (tmp_path / "python3").write_text("#!/bin/sh\nexit 1\n")
    (tmp_path / "python3").chmod(0o755)
    shown = call(checkout, "status", PATH=f"{tmp_path}:{os.environ['PATH']}")
    assert (shown.returncode, len(shown.stderr.splitlines())) == (1, 2)
    assert shown.stderr.startswith("./run needs Python 3.11 or newer")
