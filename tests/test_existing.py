"""What may be removed: clusters that are surely ours and no longer wanted, and nothing else."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from provision.artifacts import engines
from provision.artifacts.engines import Engine
from provision.cli.parser import main
from provision.clusters.lifecycle import Clusters
from provision.clusters.registry import ClusterRegistry
from provision.clusters.state import States
from provision.config.cluster_state import ClusterState, Unreadable
from provision.config.settings import Settings
from provision.machines.ssh import SshMachine
from provision.util.errors import BadInput, CommandFailed
from tests.homes import ID, OTHER, STATE, FakeProvider

pytest_plugins = "tests.home_fixtures"

KEPT_BY_AN_OLDER_VERSION = """{
 "schema": 2,
 "state": {
  "id": "stacked-uploaded-1.37",
  "version": "v1.37.2",
  "owner": 4711,
  "created": 1795000000.5,
  "provider": "container",
  "subnet": "198.18.7.0/24",
  "engine": "podman",
  "inventory": {},
  "endpoint_address": "",
  "virtual": {},
  "own_dns": true,
  "beside": {},
  "status": "ready",
  "broken_at": "",
  "kept": true,
  "online": false,
  "network": "routes",
  "accommodations": {"cgroup-v1": "this host has cgroup v1"},
  "substitutions": [],
  "observations": {}
 }
}"""
"""Word for word what the first version with this schema wrote."""

LATER = "stacked-uploaded-1.37-three-balls-in-the-air-2cp"
"""No id of this version: choices come before a word of one's own."""

UNREADABLE = {
    "newer schema": KEPT_BY_AN_OLDER_VERSION.replace('"schema": 2', '"schema": 3'),
    "older schema": KEPT_BY_AN_OLDER_VERSION.replace('"schema": 2', '"schema": 1'),
    "another field": KEPT_BY_AN_OLDER_VERSION.replace('"kept"', '"pinned": true, "kept"'),
    "a field less": KEPT_BY_AN_OLDER_VERSION.replace('"owner": 4711,', ""),
    "another provider": KEPT_BY_AN_OLDER_VERSION.replace('"container"', '"cloud"'),
    "another cluster": KEPT_BY_AN_OLDER_VERSION.replace(f'"{ID}"', f'"{OTHER}"'),
    "cut off": KEPT_BY_AN_OLDER_VERSION[:200],
    "empty": "",
    "a list": "[]",
    "no text": "\udcff",
}


def leave(states: States, text: str) -> None:
    """What another version, or a crash of the host, has left of a cluster."""
    (states.folder(ID) / "ssh").mkdir(parents=True)
    (states.folder(ID) / "state.json").write_bytes(text.encode(errors="surrogateescape"))


def test_a_cluster_that_the_first_version_of_this_schema_kept_stays_and_can_be_used(
    registry: ClusterRegistry, states: States, capsys: pytest.CaptureFixture[str]
) -> None:
    leave(states, KEPT_BY_AN_OLDER_VERSION)
    assert (registry.abandoned(), registry.ready(), registry.states.unreadable()) == ([], [ID], {})
    assert main(["status"]) == 0
    assert "v1.37.2\tready\tkept\t" in capsys.readouterr().out
    assert (main(["clean"]), capsys.readouterr().out) == (0, "")
    with pytest.raises(BadInput, match="exists and is kept"):
        registry.remove(ID)
    assert states.read(ID) is not None


def test_it_can_be_logged_in_to(home: Path, states: States, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engines, "choose", lambda _, version: Engine("podman", version))
    leave(states, KEPT_BY_AN_OLDER_VERSION)
    machine = Clusters(Settings.of({})).attach_as_it_is(ID).cluster.machines["cp1"]
    assert isinstance(machine, SshMachine)
    assert (machine.address, machine.login.known_hosts.parent) == ("198.18.7.11", states.folder(ID) / "ssh")


def test_it_is_removed_where_just_that_is_typed(
    states: States, provider: FakeProvider, capsys: pytest.CaptureFixture[str]
) -> None:
    leave(states, KEPT_BY_AN_OLDER_VERSION)
    assert (main(["clean", ID]), capsys.readouterr().out) == (0, f"{ID}\n")
    assert (provider.removed, states.ids()) == ([ID], [])


@pytest.mark.parametrize("case", UNREADABLE)
def test_a_state_that_is_not_this_versions_is_named_and_left(
    states: States, provider: FakeProvider, case: str, capsys: pytest.CaptureFixture[str]
) -> None:
    leave(states, UNREADABLE[case])
    provider.machines.add(ID)
    for verb, rc in (["status"], 0), (["clean"], 0), (["clean", "--all"], 1), (["clean", ID], 1):
        assert main(verb) == rc, verb
        shown = capsys.readouterr()
        assert f"{ID}: its state cannot be read" in shown.out + shown.err
        assert f"rm {states.folder(ID)}/state.json && ./run clean {ID}" in shown.out + shown.err
    assert (provider.removed, (states.folder(ID) / "ssh").is_dir()) == ([], True)


@pytest.mark.parametrize("verb", [["status"], ["clean"], ["clean", "--all"], ["clean", LATER]])
def test_a_cluster_whose_id_only_a_later_version_knows_is_named_and_left(
    states: States, provider: FakeProvider, verb: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    states.folder(LATER).mkdir(parents=True)
    state = KEPT_BY_AN_OLDER_VERSION.replace(f'"{ID}"', f'"{LATER}"').replace('"kept": true', '"kept": false')
    (states.folder(LATER) / "state.json").write_text(state)
    provider.machines.add(LATER)
    assert main(verb) == (1 if len(verb) > 1 else 0)
    shown = capsys.readouterr()
    assert f"{LATER}: its state cannot be read" in shown.out + shown.err
    assert (list(states), provider.removed) == ([], [])


def test_what_it_says_to_type_removes_the_cluster(states: States, provider: FakeProvider) -> None:
    leave(states, UNREADABLE["newer schema"])
    (states.folder(ID) / "state.json").unlink()
    assert main(["clean", ID]) == 0
    assert (provider.removed, states.ids()) == ([ID], [])


@pytest.mark.parametrize("verb", [["ssh", ID, "cp1"], ["kubeconfig", ID], ["logs", ID], ["halt", ID]])
def test_no_verb_takes_such_a_cluster_for_one_that_does_not_exist(
    states: States, provider: FakeProvider, verb: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    leave(states, UNREADABLE["newer schema"])
    assert main(verb) == 1
    assert "schema 3, and this version knows 2" in capsys.readouterr().err


def test_a_run_does_not_build_over_such_a_cluster(states: States, provider: FakeProvider) -> None:
    leave(states, UNREADABLE["newer schema"])
    clusters = Clusters(Settings.of({"kubernetes": "1.37"}))
    with pytest.raises(Unreadable):
        clusters.start(clusters.settings.cluster_id("stacked", "1.37"))
    assert provider.removed == []


def test_a_kept_cluster_whose_virtual_machines_another_version_made_stays_kept(
    states: States,
) -> None:
    kept = STATE.but(provider="vagrant", kept=True, virtual={"hypervisor": "libvirt", "box": "x", "sockets": 2})
    states.write(kept)
    written = (states.folder(ID) / "state.json").read_text()
    with pytest.raises(Unreadable, match="sockets"):
        Clusters(Settings.of({})).registry.remove(ID, kept_too=True)
    assert (states.folder(ID) / "state.json").read_text() == written


def test_such_a_cluster_on_your_machines_was_not_made_here(registry: ClusterRegistry, states: States) -> None:
    leave(states, UNREADABLE["another field"].replace('"container"', '"inventory"'))
    assert registry.made_here() == []


def test_a_folder_that_no_cluster_has_made_is_named_and_left(
    states: States, provider: FakeProvider, capsys: pytest.CaptureFixture[str]
) -> None:
    """HA_HOME may name a folder that has other things in it."""
    notes = states.folder("production") / "notes"
    notes.parent.mkdir(parents=True)
    notes.write_text("mine")
    assert main(["clean"]) == 0
    assert "has no state.json, but notes, which no cluster has" in capsys.readouterr().err
    assert notes.exists()


@pytest.mark.parametrize("provider_name", ["container", "inventory", "vagrant"])
def test_a_kept_cluster_is_refused_whatever_of_it_is_to_be_used_again(
    states: States, provider: FakeProvider, provider_name: str
) -> None:
    """`--ha-reuse machines` is for virtual machines, and none of these was prepared."""
    states.write(STATE.but(provider=provider_name, kept=True))
    clusters = Clusters(Settings.of({"kubernetes": "1.37", "reuse": "machines", "keep": "never"}))
    with pytest.raises(BadInput, match="exists and is kept"):
        clusters.start(clusters.settings.cluster_id("stacked", "1.37"))
    assert (provider.removed, states.ids()) == ([], [ID])


def test_an_interrupted_removal_of_a_kept_cluster_is_finished_by_the_next(
    registry: ClusterRegistry, states: States, provider: FakeProvider
) -> None:
    states.write(STATE.but(kept=True))
    provider.fails = KeyboardInterrupt()
    with pytest.raises(KeyboardInterrupt):
        registry.remove(ID, kept_too=True)
    assert not (states.read(ID) or STATE.but(kept=True)).kept


def test_a_kept_cluster_can_be_removed_from_a_full_disk(
    registry: ClusterRegistry, states: States, provider: FakeProvider, monkeypatch: pytest.MonkeyPatch
) -> None:
    states.write(STATE.but(kept=True))

    def full(_self: States, _state: ClusterState) -> None:
        raise OSError(28, "no space left on device")

    monkeypatch.setattr(States, "write", full)
    registry.remove(ID, kept_too=True)
    assert (provider.removed, states.ids()) == ([ID], [])


def test_what_goes_wrong_with_a_removal_does_not_hide_why_it_was_made(
    registry: ClusterRegistry, states: States, provider: FakeProvider
) -> None:
    states.write(STATE)
    provider.fails = CommandFailed("podman rm exited with 125")
    with pytest.raises(CommandFailed, match="kubeadm init") as caught, registry.removed_at_the_end(ID):
        raise CommandFailed("kubeadm init exited with 1")
    assert f"{ID} is left behind: podman rm exited with 125\nTry: ./run clean {ID}" in str(caught.value)


def test_state_is_read_as_it_was_written(states: States) -> None:
    states.write(STATE)
    assert json.loads((states.folder(ID) / "state.json").read_text())["schema"] == 2
    assert (states.read(ID), states.read(OTHER), list(states)) == (STATE, None, [STATE])


def test_a_cluster_whose_id_has_choices_of_another_version_is_left_alone(states: States) -> None:
    """Or every other cluster that this version makes would be refused for its sake."""
    strange = "stacked-uploaded-1.37-choice-of-later-versions"
    states.write(STATE.but(id=strange))
    assert (list(states), list(states.unreadable())) == ([], [strange])
