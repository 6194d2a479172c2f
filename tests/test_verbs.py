"""Verbs: how clusters are named on the command line."""

from __future__ import annotations

import argparse
from pathlib import Path

import pytest

from provision.cli import verbs
from provision.cli.parser import main
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


@pytest.mark.parametrize("arguments", [["ssh", "stacked"], ["up"], ["clean", "--al"], ["artifacts", "nothing"]])
def test_what_is_typed_wrongly_is_answered_in_two_lines(
    arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        main(arguments)
    usage, error = capsys.readouterr().err.splitlines()
    assert (ended.value.code, usage.startswith("usage: ./run ")) == (2, True)
    assert "error:" in error


def test_help_of_a_verb_has_its_options_in_groups(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["up", "--help"])
    shown = capsys.readouterr().out
    titles = [line.split(" (")[0] for line in shown.splitlines() if line.endswith("in the environment):")]
    assert (ended.value.code, titles) == (0, list(GROUPS))
