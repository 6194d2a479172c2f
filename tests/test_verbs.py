"""Verbs: how clusters are named on the command line."""

from __future__ import annotations

import argparse
from pathlib import Path

import pytest

from provision.cli import verbs
from provision.cli.parser import _parser, main
from provision.cli.verb_table import VERBS
from provision.clusters.lifecycle import Clusters
from provision.clusters.registry import Existing
from provision.config.options import GROUPS, OPTIONS
from provision.config.settings import Settings
from provision.errors import BadInput, Problem
from provision.recording.redaction import Redactor

EXISTING = ["stacked-uploaded-1.36", "stacked-uploaded-1.37", "stacked-uploaded-1.37-joins-parallel"]


@pytest.fixture(autouse=True)
def existing(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("HA_HOME", str(tmp_path))
    monkeypatch.setattr(Existing, "ids", lambda _self: EXISTING)


@pytest.mark.parametrize(
    ("text", "meant"), [("stacked-uploaded-1.36", EXISTING[0]), ("stacked-uploaded-1.37", EXISTING[1])]
)
def test_a_whole_id_is_never_ambiguous(text: str, meant: str) -> None:
    assert verbs._existing(Clusters(Settings.of({})), text) == meant


def test_the_start_of_an_id_is_enough() -> None:
    assert verbs._existing(Clusters(Settings.of({})), "stacked-uploaded-1.37-") == EXISTING[2]


def test_what_could_be_several_clusters_is_refused_by_name() -> None:
    with pytest.raises(BadInput) as caught:
        verbs._existing(Clusters(Settings.of({})), "stacked")
    assert all(cluster in str(caught.value) for cluster in EXISTING)


@pytest.mark.parametrize(("text", "fix"), [("external", "./run"), ("nonsense", "./run status")])
def test_what_does_not_exist_is_refused_with_a_way_on(text: str, fix: str) -> None:
    with pytest.raises(BadInput) as caught:
        verbs._existing(Clusters(Settings.of({})), text)
    assert fix in caught.value.fix


def test_status_names_what_is_left_over(capsys: pytest.CaptureFixture[str]) -> None:
    assert verbs.status(Settings.of({}), argparse.Namespace(redact=Redactor())) == 0
    assert capsys.readouterr().out.count("left over: ./run clean") == len(EXISTING)


def test_no_secret_of_a_problem_is_shown(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    def fails(_settings: Settings, options: argparse.Namespace) -> int:
        options.redact.learn("a very peculiar secret")
        raise Problem(
            "on w1: `kubeadm join --token abcdef.0123456789abcdef` exited with 1", answer="a very peculiar secret"
        )

    monkeypatch.setattr(verbs, "status", fails)
    assert main(["status"]) == 1
    assert capsys.readouterr().err == ("on w1: `kubeadm join --token abcdef.‹secret›` exited with 1\n  ‹secret›\n")


def test_bad_input_is_one_message_and_an_exit_status_of_its_own(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["ssh", "stacked-uploaded-1.38", "cp1"]) == 2
    shown = capsys.readouterr()
    assert (shown.out, "there is no cluster stacked-uploaded-1.38" in shown.err) == ("", True)


def test_every_option_is_in_one_group_of_the_help() -> None:
    assert sorted(name for names in GROUPS.values() for name in names) == sorted(option.name for option in OPTIONS)


SLIPS = {
    "ssh": "the following arguments are required: CLUSTER",
    "up": "the following arguments are required: CLUSTER",
    "up stacked more": "'more' is one argument too many",
    "up stacked --ha-kep always": "there is no option --ha-kep; did you mean --ha-keep?",
    "up stacked --ha-kep=always": "there is no option --ha-kep; did you mean --ha-keep?",
    "up stacked --unlike-any": "there is no option --unlike-any",
    "clean --al": "there is no option --al; did you mean --all?",
    "artifacts nothing": "unknown 'nothing': it is one of list, build, remove, prune",
    "artifacts prun": "unknown 'prun'; did you mean prune?",
    "artifacts --days": "argument --days: expected one argument",
}


@pytest.mark.parametrize("typed", SLIPS)
def test_a_slip_is_answered_with_the_usage_the_reason_and_a_way_on(
    typed: str, capsys: pytest.CaptureFixture[str]
) -> None:
    verb = typed.split()[0]
    with pytest.raises(SystemExit) as ended:
        main(typed.split())
    usage, error, fix = capsys.readouterr().err.splitlines()
    assert (ended.value.code, error, fix) == (2, f"./run {verb}: {SLIPS[typed]}", f"Try: ./run {verb} --help")
    assert usage.startswith(f"usage: ./run {verb}")
    assert "--ha-" not in usage


def test_a_verb_that_does_not_exist_is_answered_with_the_one_that_it_is_close_to(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["stats"])
    assert (ended.value.code, "./run: unknown 'stats'; did you mean status?\n" in capsys.readouterr().err) == (2, True)


def test_a_command_for_a_machine_may_have_options_of_any_name() -> None:
    options = _parser().parse_args(["ssh", "stacked", "cp1", "ls", "--all", "--help", "-x"])
    assert options.command == ["ls", "--all", "--help", "-x"]


def test_every_verb_is_in_the_table_of_verbs() -> None:
    (verbs_,) = (each.choices for each in _parser()._subparsers._group_actions if each.choices)  # type: ignore[union-attr]
    assert list(verbs_) == list(VERBS)


def test_help_of_a_verb_has_its_options_in_groups(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["up", "--help"])
    shown = capsys.readouterr().out
    titles = [line.split(" (")[0] for line in shown.splitlines() if line.endswith("in the environment):")]
    assert (ended.value.code, titles) == (0, list(GROUPS))
