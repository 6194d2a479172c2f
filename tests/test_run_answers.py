"""`./run`: what it answers by itself, and help."""

from __future__ import annotations

from pathlib import Path

import pytest

from commandline import in_harness, usage
from commandline.words import BY_HAND, USES
from provision.config.options import GROUPS
from tests.checkouts import call, calls, make, recorded


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    return make(tmp_path)


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


def test_a_check_is_run_from_the_users_folder_whose_files_are_named(checkout: Path) -> None:
    given = ["-P", "-m", "fixtures.check", "hosts.toml", "-k", "x"]
    assert calls(checkout, "check", "hosts.toml", "-k", "x") == [given]


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
