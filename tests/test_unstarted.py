"""Machines that fail to start: what they have to say is collected first, then they are kept or removed."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from provision.clusters.lifecycle import Clusters
from provision.config.cluster_id import ClusterId
from provision.config.cluster_state import BROKEN, ClusterState
from provision.config.options import CONTAINER
from provision.config.settings import Settings
from provision.machines.machine import Machine
from provision.providers import subnets
from provision.providers.container.containers import Containers
from provision.providers.host import Host
from provision.recording.journal import Journal
from provision.util.errors import CommandFailed, TimedOut, Unreachable
from provision.util.home import Home
from provision.util.redaction import Redactor
from tests.fake_machine import FakeMachine, Replies
from tests.fakes import ROOT, give_a_host
from tests.homes import FakeProvider
from tests.stand_ins import COLLECTED

ID = "stacked-uploaded-1.37"


class FailingProvider(FakeProvider):
    """Makes nothing, and fails; notes when its machines are entered and removed."""

    def __init__(self, error: BaseException, removal: Exception | None = None) -> None:
        super().__init__()
        self.did: list[str] = []
        self._error, self._removal = error, removal

    def _create(self, state: ClusterState, journal: Journal) -> dict[str, Machine]:
        self.did.clear()  # what was before has nothing to do with these machines
        raise self._error

    def inside(self, state: ClusterState, journal: Journal) -> dict[str, Machine]:
        self.did.append("entered")
        answers: Replies = {"true": "", **dict.fromkeys(COLLECTED, "systemd says no")}
        return {spec.name: FakeMachine(answers, spec) for spec in state.specs}

    def entry(self, state: ClusterState) -> str:
        return f"sudo podman exec -it kubeadm-ha-{state.id}-{state.first} bash"

    def remove(self, cluster: str, state: ClusterState | None) -> None:
        self.did.append("removed")
        if self._removal and state:
            raise self._removal


def clusters_of(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, provider: FailingProvider, **settings: str
) -> Clusters:
    """Clusters of this home, whose only provider is this one."""
    monkeypatch.setenv("HA_HOME", str(tmp_path / "home"))
    monkeypatch.setattr(subnets, "taken", lambda family: [])
    return Clusters(
        Settings.of({"kubernetes": "1.37", **settings}), evidence=tmp_path / "evidence",
        providers={CONTAINER: lambda _: provider},
    )  # fmt: skip


def test_evidence_is_collected_before_the_machines_go(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    provider = FailingProvider(TimedOut("cp1 has started: not after 90 s"))
    clusters = clusters_of(tmp_path, monkeypatch, provider)
    with pytest.raises(TimedOut) as caught:
        clusters.start(ClusterId.parse(ID))
    assert provider.did == ["entered", "removed", "removed"]  # once more with the cluster's folder
    assert (tmp_path / "evidence" / ID / "cp1" / "journal.log").read_text() == "systemd says no"
    assert str(tmp_path / "evidence" / ID) in str(caught.value)
    assert clusters.registry.states.ids() == []


@pytest.mark.parametrize(
    ("keep", "error", "kept"),
    [
        ("never", TimedOut("no"), False),
        ("failure", TimedOut("no"), True),
        ("failure", OSError(28, "no space left on device"), True),
        ("failure", KeyboardInterrupt(), False),  # called off, and so no failure
        ("always", KeyboardInterrupt(), True),
    ],
)
def test_machines_that_do_not_start_are_kept_where_that_is_chosen(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, keep: str, error: BaseException, kept: bool
) -> None:
    provider = FailingProvider(error)
    clusters = clusters_of(tmp_path, monkeypatch, provider, keep=keep)
    with pytest.raises(type(error)) as caught:
        clusters.start(ClusterId.parse(ID))
    state = clusters.registry.states.read(ID)
    assert (state is not None, "removed" in provider.did) == (kept, not kept)
    notes = "\n".join(getattr(caught.value, "__notes__", []))
    fix = f"sudo podman exec -it kubeadm-ha-{ID}-cp1 bash; remove it with ./run clean {ID}"
    assert (fix in notes) == kept
    if state:
        assert (state.kept, state.status, state.broken_at) == (True, BROKEN, "start the machines")


def test_a_removal_that_fails_does_not_hide_why_machines_did_not_start(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    provider = FailingProvider(TimedOut("cp1 has started: not after 90 s"), CommandFailed("podman rm exited with 125"))
    clusters = clusters_of(tmp_path, monkeypatch, provider)
    with pytest.raises(TimedOut, match="cp1 has started") as caught:
        clusters.start(ClusterId.parse(ID))
    assert f"{ID} is left behind: podman rm exited with 125" in str(caught.value)


def test_evidence_that_cannot_be_collected_does_not_hide_it_either(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "evidence").write_text("a file is in the way")
    provider = FailingProvider(TimedOut("cp1 has started: not after 90 s"))
    with pytest.raises(TimedOut, match="evidence is incomplete"):
        clusters_of(tmp_path, monkeypatch, provider).start(ClusterId.parse(ID))
    assert provider.did == ["entered", "removed", "removed"]


@pytest.fixture
def engine(tmp_path: Path) -> Path:
    """A stand-in with one container that runs, and others that have ended."""
    path = tmp_path / "podman"
    path.write_text(
        """#!/bin/sh
case "$*" in
  "inspect --format "*-cp1) echo "running HOME" ;;
  "inspect --format "*-cp2) echo "running /home/another" ;;
  "inspect --format "*) echo "exited HOME" ;;
  "exec "*) shift 2; exec "$@" ;;
  "logs "*) echo "Failed to mount cgroup" ;;
  *) echo "unknown: $*" >&2; exit 1 ;;
esac
""".replace("HOME", str(tmp_path))
    )
    path.chmod(0o755)
    return path


def test_a_container_without_sshd_is_entered_by_its_engine(
    engine: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(engine.parent), prepend=":")
    state = ClusterState(ID, "v1.37.2", 1, 0.0, subnet="198.18.7.0/24", engine="podman")
    provider = Containers(Host(Settings.of({}), Home(tmp_path)))
    machines = provider.inside(state, Journal("x", Redactor()))
    assert machines["cp1"].succeed("echo hello") == "hello\n"
    with pytest.raises(Unreachable, match="another home folder's: /home/another"):
        machines["cp2"].run("true")
    with pytest.raises(Unreachable, match=f"the container kubeadm-ha-{ID}-w1 does not run: exited") as caught:
        machines["w1"].run("true")
    assert caught.value.answer == "Failed to mount cgroup"
    assert provider.entry(state) == f"sudo podman exec -it kubeadm-ha-{ID}-cp1 bash"


RIVALS = """
import sys, time
from tests import fakes
fakes.install()
from provision.clusters.lifecycle import Clusters
from provision.providers import subnets
from provision.config.options import CONTAINER
from provision.config.settings import Settings
from provision.config.cluster_id import ClusterId

choose = subnets.choose

def slowly(*arguments):
    found = choose(*arguments)
    time.sleep(0.5)
    return found

subnets.choose = slowly
Clusters(Settings.of({})).start(ClusterId.parse(sys.argv[1]))
"""


def test_two_processes_never_choose_the_same_network(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where ids lead to the same one, the second process gets another, also while the first is still choosing."""
    names = ("stacked-uploaded-1.36-page", "stacked-uploaded-1.37")
    first, second = (subnets.choose("198.18.0.0/15", name, []) for name in names)
    assert first == second
    give_a_host(tmp_path, monkeypatch)
    monkeypatch.setenv("HA_HOME", str(tmp_path))
    monkeypatch.setenv("HA_ARTIFACTS", "modules")
    running = [subprocess.Popen([sys.executable, "-c", RIVALS, name], cwd=ROOT) for name in names]
    assert [process.wait(60) for process in running] == [0, 0]
    states = Clusters(Settings.of({})).registry.states
    assert len({state.subnet for state in states}) == len(names)
