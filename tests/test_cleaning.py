"""`./run clean`: what it removes, what it names and leaves, and what it ends with."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import pytest

from provision.cli import verbs
from provision.cli.parser import main
from provision.clusters.state import States
from provision.config.cluster_state import PAUSED, ClusterState
from provision.config.settings import Settings
from provision.util.errors import CommandFailed
from provision.util.redaction import Redactor
from tests.homes import ID, INVENTORY, OTHER, STATE, FakeProvider

pytest_plugins = "tests.home_fixtures"


@pytest.mark.parametrize("left", ["folder", "machines", "both"])
def test_what_was_killed_before_it_wrote_a_state_is_removed(
    states: States, provider: FakeProvider, left: str, capsys: pytest.CaptureFixture[str]
) -> None:
    if left != "machines":
        (states.folder(ID) / "disks").mkdir(parents=True)
        (states.folder(ID) / ".state.json.0a1b2c3d").touch()
    if left != "folder":
        provider.machines.add(ID)
    assert (main(["clean"]), capsys.readouterr().out) == (0, f"{ID}\n")
    assert (provider.removed, states.ids()) == ([ID], [])


def test_what_was_killed_while_it_froze_a_cluster_is_removed(home: Path, provider: FakeProvider) -> None:
    left = home / "frozen" / ".partial-before"
    (left / ID / "disks").mkdir(parents=True)
    (home / "frozen" / "whole" / ID).mkdir(parents=True)
    assert main(["clean"]) == 0
    assert [each.name for each in (home / "frozen").iterdir()] == ["whole"]


def test_clean_all_removes_a_paused_cluster(states: States, provider: FakeProvider) -> None:
    states.write(STATE.but(status=PAUSED, kept=True))
    assert main(["clean"]) == 0
    assert provider.removed == []
    assert main(["clean", "--all"]) == 0
    assert (provider.removed, states.ids()) == ([ID], [])


def test_what_was_killed_while_it_started_machines_is_removed(states: States, provider: FakeProvider) -> None:
    states.write(STATE)
    assert main(["clean"]) == 0
    assert (provider.removed, states.ids()) == ([ID], [])


def test_clean_all_goes_on_after_what_cannot_be_removed(
    states: States, provider: FakeProvider, busy: None, capsys: pytest.CaptureFixture[str]
) -> None:
    states.write(STATE.but(kept=True))
    states.write(STATE.but(id=OTHER, kept=True))
    assert main(["clean", "--all"]) == 1
    shown = capsys.readouterr()
    assert (shown.out, provider.removed) == (f"{ID}\n", [ID])
    assert f"{OTHER} is left: another process is working on {OTHER}" in shown.err


def test_clean_says_what_failed_and_goes_on(
    states: States, provider: FakeProvider, capsys: pytest.CaptureFixture[str]
) -> None:
    states.write(STATE)
    provider.fails = CommandFailed("podman rm exited with 125", answer="device or resource busy")
    assert main(["clean"]) == 1
    assert f"{ID} is left: podman rm exited with 125\n  device or resource busy" in capsys.readouterr().err
    assert states.read(ID) == STATE


def test_clean_all_leaves_your_machines_alone(states: States, provider: FakeProvider) -> None:
    states.write(INVENTORY.but(kept=True))
    assert main(["clean", "--all"]) == 0
    assert (provider.removed, states.ids()) == ([], [ID])


@pytest.mark.parametrize("state", [STATE, STATE.but(kept=True), STATE.but(provider="vagrant"), None])
def test_only_a_cluster_on_your_machines_can_be_forgotten(
    states: States, provider: FakeProvider, state: ClusterState | None, capsys: pytest.CaptureFixture[str]
) -> None:
    """Machines that were made here would run on with their disks and keys gone."""
    if state:
        states.write(state)
    provider.machines.add(ID)
    assert main(["clean", ID, "--forget"]) == 2
    assert f"{ID} was made on this host" in capsys.readouterr().err
    assert (provider.removed, states.read(ID)) == ([], state)


def test_a_cluster_on_your_machines_is_forgotten_and_they_stay_as_they_are(
    states: States, provider: FakeProvider
) -> None:
    states.write(INVENTORY.but(kept=True))
    assert main(["clean", ID, "--forget"]) == 0
    assert (provider.removed, states.ids()) == ([], [])


@pytest.mark.parametrize("more", [[], ["--all"]])
def test_forgetting_names_one_cluster(states: States, provider: FakeProvider, more: list[str]) -> None:
    states.write(INVENTORY)
    assert main(["clean", "--forget", *more]) == 2
    assert states.ids() == [ID]


def test_a_cluster_that_another_process_makes_is_not_left_over(
    states: States, provider: FakeProvider, busy: None, capsys: pytest.CaptureFixture[str]
) -> None:
    provider.machines.update([ID, OTHER])
    assert verbs.status(Settings.of({}), SimpleNamespace(redact=Redactor())) == 0  # type: ignore[arg-type]
    assert capsys.readouterr().out.splitlines() == [
        f"{OTHER}\t(another process is using it)", f"{ID}\t(left over: ./run clean {ID})"
    ]  # fmt: skip
