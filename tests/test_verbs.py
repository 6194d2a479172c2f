"""Verbs: how clusters are named on the command line."""

from __future__ import annotations

import argparse
import json
import re
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

from provision.cli import verbs
from provision.cli.parser import _parser, main
from provision.cli.verb_table import VERBS
from provision.clusters.lifecycle import Clusters
from provision.clusters.record import Record
from provision.clusters.registry import ClusterRegistry
from provision.clusters.state import RECORD, States
from provision.config.options import GROUPS, OPTIONS
from provision.config.settings import Settings
from provision.recording.journal import Journal
from provision.util.errors import BadInput, Problem
from provision.util.home import Home
from provision.util.redaction import Redactor
from tests.homes import STATE
from tests.stand_ins import fake_cluster

EXISTING = ["stacked-uploaded-1.36", "stacked-uploaded-1.37", "stacked-uploaded-1.37-joins-parallel"]


@pytest.fixture(autouse=True)
def existing(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("HA_HOME", str(tmp_path))
    monkeypatch.setattr(ClusterRegistry, "ids", lambda _self: EXISTING)


@pytest.mark.parametrize(
    ("text", "meant"), [("stacked-uploaded-1.36", EXISTING[0]), ("stacked-uploaded-1.37", EXISTING[1])]
)
def test_a_whole_id_is_never_ambiguous(text: str, meant: str) -> None:
    assert verbs.existing_id(Clusters(Settings.of({})), text) == meant


def test_the_start_of_an_id_is_enough() -> None:
    assert verbs.existing_id(Clusters(Settings.of({})), "stacked-uploaded-1.37-") == EXISTING[2]


def test_what_could_be_several_clusters_is_refused_by_name() -> None:
    with pytest.raises(BadInput) as caught:
        verbs.existing_id(Clusters(Settings.of({})), "stacked")
    assert all(cluster in str(caught.value) for cluster in EXISTING)


@pytest.mark.parametrize(("text", "fix"), [("external", "./run"), ("nonsense", "./run status")])
def test_what_does_not_exist_is_refused_with_a_way_on(text: str, fix: str) -> None:
    with pytest.raises(BadInput) as caught:
        verbs.existing_id(Clusters(Settings.of({})), text)
    assert fix in caught.value.fix


def test_status_names_what_is_left_over(capsys: pytest.CaptureFixture[str]) -> None:
    assert verbs.status(Settings.of({}), argparse.Namespace(redact=Redactor())) == 0
    assert capsys.readouterr().out.count("left over: ./run clean") == len(EXISTING)


def test_status_on_a_terminal_has_a_header_and_columns(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    for cluster in EXISTING[:2]:
        States(Home(tmp_path).clusters).write(STATE.but(id=cluster, status="broken", broken_at="join w1", kept=True))
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    assert main(["status"]) == 0
    header, first, _, remark = capsys.readouterr().out.splitlines()
    assert header.split() == ["cluster", "version", "state", "owner", "age", "network"]
    assert [header.index(word) for word in ("version", "state")] == [
        first.index(word) for word in ("v1.37.2", "broken at")
    ]
    assert remark == f"{EXISTING[2]}  (left over: ./run clean {EXISTING[2]})"


def test_that_there_are_no_clusters_is_not_part_of_the_answer(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(ClusterRegistry, "ids", lambda _self: [])
    assert main(["status"]) == 0
    assert capsys.readouterr() == ("", "no clusters\n")


@pytest.mark.parametrize("kept", [True, False])
def test_a_clean_that_removes_nothing_says_so_and_where_there_is_more(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path, *, kept: bool
) -> None:
    monkeypatch.setattr(ClusterRegistry, "ids", lambda _self: EXISTING[:1] if kept else [])
    States(Home(tmp_path).clusters).write(STATE.but(id=EXISTING[0], kept=True))
    assert main(["clean"]) == 0
    more = "; what is kept or in use: ./run status" if kept else ""
    assert capsys.readouterr() == ("", f"nothing to remove{more}\n")


MACHINE = "stacked-uploaded-1.37-1cp-0w"


@pytest.fixture
def attached(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> str:
    """A cluster that is kept, and whose machines are fakes that answer nothing."""
    States(Home(tmp_path).clusters).write(STATE.but(id=MACHINE, status="ready", kept=True))
    monkeypatch.setattr(ClusterRegistry, "ids", lambda _self: [MACHINE])
    built = SimpleNamespace(cluster=fake_cluster(name=MACHINE))
    monkeypatch.setattr(Clusters, "attach", lambda _self, _cluster, **_: built)
    return MACHINE


def test_ssh_without_a_machine_lists_them(attached: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["ssh", attached]) == 0
    assert [line.split()[:2] for line in capsys.readouterr().out.splitlines()] == [
        ["lb", "load-balancer"], ["cp1", "control-plane"],
    ]  # fmt: skip


def test_ssh_to_a_machine_that_does_not_exist_names_those_that_do(
    attached: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["ssh", attached, "cp9"]) == 2
    assert capsys.readouterr().err == f"{attached} has no machine cp9\nTry: one of lb, cp1\n"


def test_up_with_reuse_leaves_a_cluster_that_is_ready(attached: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["up", attached, "--ha-reuse", "yes"]) == 0
    shown = capsys.readouterr()
    assert shown.out == f"{attached}\n"
    next_ = "./run ssh stacked cp1 · ./run kubeconfig stacked > F · ./run clean stacked"
    assert re.fullmatch(rf"ready in 0\.\d+ s: {re.escape(next_)}\n", shown.err)


def test_up_without_reuse_refuses_a_cluster_that_is_kept_and_names_what_works(
    attached: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["up", attached]) == 2
    assert capsys.readouterr().err.splitlines()[-1] == (
        f"Try: ./run clean {attached}  # removes it; --ha-reuse yes tests it as it is"
    )


def test_up_with_reuse_refuses_a_cluster_that_is_kept_and_broken(
    attached: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    broken = STATE.but(id=attached, status="broken", broken_at="join w1", kept=True)
    States(Home(tmp_path).clusters).write(broken)
    assert main(["up", attached, "--ha-reuse", "yes"]) == 2
    assert capsys.readouterr().err == (
        f"{attached} is kept, but it is not ready: broken at 'join w1'\nTry: ./run clean {attached}  # removes it\n"
    )


@pytest.mark.parametrize("reuse", ["no", "yes"])
def test_up_names_the_way_on_where_the_cluster_is_paused(
    attached: str, tmp_path: Path, capsys: pytest.CaptureFixture[str], reuse: str
) -> None:
    States(Home(tmp_path).clusters).write(STATE.but(id=attached, status="paused", kept=True))
    assert main(["up", attached, "--ha-reuse", reuse]) == 2
    assert capsys.readouterr().err.splitlines()[-1].startswith(f"Try: ./run resume {attached}")


def test_what_is_done_to_a_cluster_is_recorded_in_its_folder(tmp_path: Path) -> None:
    states = States(tmp_path)
    made = "stacked-uploaded-1.37-from-1.36"
    states.write(STATE.but(id=made))
    record = Record(states)
    for name in (made, f"{made}-before", "stacked-uploaded-1.36", "artifacts"):
        journal = Journal(name, Redactor(), [record])
        with journal.step("a step"):
            journal.command("cp1", "kubeadm join --token abcdef.0123456789abcdef", 0, "", "", 0)
    lines = [json.loads(line) for line in (tmp_path / made / RECORD).read_text().splitlines()]
    assert [(each["kind"], each["cluster"]) for each in lines] == [
        *[("step", made), ("command", made), ("step", made)],
        *[("step", f"{made}-before"), ("command", f"{made}-before"), ("step", f"{made}-before")],
    ]
    assert {each["command"] for each in lines if "command" in each} == {"kubeadm join --token abcdef.‹secret›"}
    assert [path.name for path in tmp_path.iterdir()] == [made]
    states.forget(made)
    assert list(tmp_path.iterdir()) == []


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
