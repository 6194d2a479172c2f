"""`./run`: how its arguments reach pytest, tox and the verbs, and what it answers by itself."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from commandline import in_harness, usage
from commandline.words import BY_HAND, USES, WORDS
from fixtures.selections import SELECTIONS
from provision.config.options import GROUPS

ROOT = Path(__file__).parent.parent
RECORDER = """#!/bin/sh
{ for each; do printf '%s\\n' "$each"; done; echo END; } >> FOLDER/calls
echo "${HA_HOME:-} ${HA_INVENTORY:-} ${HA_RUN_DIR:-}" >> FOLDER/variables
echo "$PWD" >> FOLDER/folders
echo "${PYTHONPATH:-}" >> FOLDER/paths
case "$*" in
  *"in_harness host"*) exit "${DOCTOR_STATUS:-0}" ;;
  *under_tox*) exit "${TOX_STATUS:-0}" ;;
esac
"""
TOX = ".venv/bin/tox", ".venv/bin/python"
HARNESS = ".tox/harness/bin/python"

NEEDED = (
    "run", "pyproject.toml", "tox.ini", "fixtures/__init__.py", "fixtures/selections.py", "provision/__init__.py",
    "provision/errors.py", "provision/cli/__init__.py", "provision/cli/arguments.py", "provision/cli/verb_table.py",
)  # fmt: skip
"""What `./run` itself is made of, beside `commandline/`: nothing else is there to be imported, no dependency either."""


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """`run` beside programs that only record what they are called with."""
    folder = tmp_path / "a checkout"
    for name in NEEDED:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(ROOT / name, folder / name)
    shutil.copytree(ROOT / "commandline", folder / "commandline", ignore=shutil.ignore_patterns("__pycache__"))
    for name in (*TOX, HARNESS):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(RECORDER.replace("FOLDER", f"'{folder}'"))
        (folder / name).chmod(0o755)
    (folder / ".tox" / "harness" / "ready").touch()
    return folder


def call(
    checkout: Path, *arguments: str, here: Path | None = None, **variables: str
) -> subprocess.CompletedProcess[str]:
    """`./run` as called from `here`, or in the folder beside the checkout."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("HA_", "PYTHON"))}
    clean["PATH"] = f"{sys.base_prefix}/bin:{clean['PATH']}"  # whose Python has no dependency of the harness
    return subprocess.run(
        [checkout / "run", *arguments], cwd=here or checkout.parent, check=False, capture_output=True, text=True,
        env=clean | {"PYTHONDONTWRITEBYTECODE": "1"} | variables,
    )  # fmt: skip


def calls(checkout: Path, *arguments: str) -> list[list[str]]:
    """What programs were called with, in order, when `./run` was."""
    ended = call(checkout, *arguments)
    assert ended.returncode == 0, ended.stderr
    return recorded(checkout)


def recorded(checkout: Path) -> list[list[str]]:
    file = checkout / "calls"
    return [each.splitlines() for each in file.read_text().split("END\n")[:-1]] if file.exists() else []


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


@pytest.mark.parametrize("option", ["--ha-inventory", "--ha-run-dir"])
@pytest.mark.parametrize("separator", [" ", "="])
def test_files_and_folders_are_meant_from_where_the_user_is(checkout: Path, option: str, separator: str) -> None:
    given = f"{option}{separator}some.where".split()
    assert passed_on(checkout, *given) == [f"{option}={checkout.parent}/some.where"]


def test_files_and_folders_in_variables_are_meant_from_where_the_user_is(checkout: Path) -> None:
    call(checkout, "status", HA_HOME="home", HA_INVENTORY="/etc/hosts.toml", HA_RUN_DIR="out 1")
    assert (checkout / "variables").read_text() == f"{checkout.parent}/home /etc/hosts.toml {checkout.parent}/out 1\n"


def test_files_behind_other_words_are_named_from_where_the_user_is(checkout: Path) -> None:
    """Pages and stores are read as they are typed; the project is found from there, and no folder of the same name."""
    call(checkout, "documentation", "check", "page.md")
    assert recorded(checkout) == [["-P", "-m", "doccheck", "check", "page.md"]]
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
    counted = {"--ha-mutable", "--ha-families"}
    for name, selection in SELECTIONS.items():
        given = selection.for_pytest
        own = [each for each in given if each.split("=")[0] in counted]
        assert [each for each in WORDS[name].host or () if each.startswith("--")] == (own or _within_mutable(given))


def _within_mutable(given: Sequence[str]) -> list[str]:
    """`-k` that names mutable clusters chooses them, as the setting does."""
    return ["--ha-mutable=yes"] if "--within=mutable" in given else []


def test_every_selection_of_scenarios_can_be_typed() -> None:
    assert {*SELECTIONS} == {name for name, word in WORDS.items() if word.module == "fixtures"} | {"tests"}


def test_the_folders_in_the_documentation_name_each_use_that_they_answer() -> None:
    """The row of a folder has the words that `./run` hands over to it; what tox runs is in `tests`."""
    page = (ROOT / "docs" / "contributing.md").read_text()
    rows = re.findall(r"^\| `(\w+)/` \|[^|]*\|([^|]*)\|", page, re.MULTILINE)
    shown = {folder: re.findall(r"`(\w+)`", words) for folder, words in rows if folder != "provision"}
    answered: dict[str, list[str]] = {folder: [] for folder in shown}
    for name, word in USES.items():
        answered["tests" if word.module == "tox" else word.module].append(name)
    assert (shown, set(re.findall(r"`(\w+)`", dict(rows)["provision"])) - {*BY_HAND}) == (answered, set())


@pytest.mark.parametrize("argument", ["help", "-h", "--help"])
def test_help_is_an_answer_with_uses_first(checkout: Path, argument: str) -> None:
    shown = call(checkout, argument)
    assert (shown.returncode, shown.stderr) == (0, "")
    words = [line.split()[0] for line in shown.stdout.splitlines() if line.startswith("  ")]
    assert words == [*USES, *BY_HAND]
    assert recorded(checkout) == []


def test_every_line_of_help_fits_a_terminal() -> None:
    assert max(map(len, usage.overview().splitlines())) <= 110


def test_nothing_to_do_is_answered_with_help_and_an_exit_status_of_its_own(checkout: Path) -> None:
    shown = call(checkout)
    assert (shown.returncode, shown.stdout) == (2, "")
    assert "  stacked " in shown.stderr


@pytest.mark.parametrize(
    ("word", "hint"), [("stakced", "; did you mean stacked?"), ("claen", "; did you mean clean?"), ("x", "")]
)
def test_a_word_that_does_not_exist_is_answered_in_two_lines(checkout: Path, word: str, hint: str) -> None:
    shown = call(checkout, word)
    assert (shown.returncode, shown.stdout) == (2, "")
    assert shown.stderr == f"unknown '{word}'{hint}\nTry: ./run --help\n"


@pytest.mark.parametrize(
    ("given", "message"),
    [
        (["nosuch.toml"], "there is no file {here}/nosuch.toml"),
        (["/nosuch.toml", "-k", "x"], "there is no file /nosuch.toml"),
        ([], "check needs an inventory, a file that names the machines"),
        (["-k", "x"], "check needs an inventory, a file that names the machines"),
    ],
)
def test_a_check_without_an_inventory_is_answered_in_two_lines(checkout: Path, given: list[str], message: str) -> None:
    shown = call(checkout, "check", *given)
    assert (shown.returncode, recorded(checkout)) == (2, [])
    problem, fix = shown.stderr.splitlines()
    assert problem == message.format(here=checkout.parent)
    assert fix.startswith("Try: ./run check hosts.toml")


def test_a_check_is_given_its_inventory_as_seen_from_anywhere(checkout: Path) -> None:
    (checkout.parent / "hosts.toml").touch()
    file = f"--ha-inventory={checkout.parent}/hosts.toml"
    assert calls(checkout, "check", "hosts.toml", "-x") == [["-m", "fixtures", "check", file, "-x"]]


@pytest.mark.parametrize("word", [name for name, word in USES.items() if word.module == "fixtures"] + ["tests"])
def test_help_of_a_use_brings_no_host_in_order(checkout: Path, word: str) -> None:
    assert calls(checkout, word, "-k", "x", "--help") == [["-m", "commandline.in_harness", "help", word]]


def test_help_of_a_use_has_its_settings_in_groups(capsys: pytest.CaptureFixture[str]) -> None:
    in_harness.show_help("stacked")
    shown = capsys.readouterr().out
    assert [line.split(" (")[0] for line in shown.splitlines() if line.endswith("in the environment):")] == [*GROUPS]


def test_help_of_what_has_no_settings_needs_nothing(checkout: Path) -> None:
    assert call(checkout, "unit", "--help").stdout.startswith("usage: ./run unit ")
    assert recorded(checkout) == []


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


# Signals, while something is waited for


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_the_call_when_the_program_that_it_waits_for_has_ended(checkout: Path, number: int) -> None:
    """The program may have something to finish, as an installation has."""
    begun, finished = checkout / "begun", checkout / "finished"
    (checkout / HARNESS).write_text(
        f"#!/bin/sh\ntrap \"touch '{finished}'; exit 0\" TERM INT\ntouch '{begun}'\nsleep 60 & wait $!\n"
    )
    started = subprocess.Popen([checkout / "run", "stacked"], stderr=subprocess.DEVNULL, start_new_session=True)
    until(begun.exists)
    os.killpg(started.pid, number)
    assert started.wait(20) == 130
    assert finished.exists()


def test_under_tox_a_request_to_terminate_is_an_interruption(tmp_path: Path) -> None:
    (tmp_path / "tox").mkdir()
    (tmp_path / "tox" / "__init__.py").touch()
    (tmp_path / "tox" / "run.py").write_text(TOX_THAT_WAITS)
    script = ROOT / "commandline" / "under_tox.py"
    started = subprocess.Popen(
        [sys.executable, "-P", script], env={"PYTHONPATH": str(tmp_path)}, stdout=subprocess.PIPE, text=True
    )
    assert started.stdout
    assert started.stdout.readline() == "begun\n"
    started.send_signal(signal.SIGTERM)
    assert started.communicate(timeout=20)[0] == "interrupted\n"
    assert started.returncode == 130


TOX_THAT_WAITS = """
import sys, time
def run():
    try:
        print("begun", flush=True)
        time.sleep(60)
    except KeyboardInterrupt:
        print("interrupted", flush=True)
        sys.exit(1)
"""


def until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 20
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.02)
