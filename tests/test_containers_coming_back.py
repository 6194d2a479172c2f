"""Containers that are paused, frozen and thawed, on a fake engine: what all of them have afterwards."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import pytest

from provision.artifacts import Artifacts
from provision.artifacts.catalog import Release
from provision.artifacts.engines import Engine
from provision.config.cluster_state import ClusterState
from provision.config.settings import Settings
from provision.config.versions import Version
from provision.machines import ssh
from provision.providers.container import pausing
from provision.providers.container.containers import Containers
from provision.providers.container.removal import run
from provision.providers.host import Host
from provision.recording.journal import Journal
from provision.util import local
from provision.util.errors import CommandFailed
from provision.util.home import Home
from provision.util.redaction import Redactor
from tests import fake_ssh
from tests.fake_machine import Answers
from tests.fakes import give_a_host
from tests.homes import Unready

CLUSTER = "stacked-uploaded-1.37-1cp-1w"
JOURNAL = Journal(CLUSTER, Redactor())


@pytest.fixture
def containers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Containers:
    """On an engine in which machines come up at once."""
    give_a_host(tmp_path, monkeypatch)
    (tmp_path / "home" / "store").mkdir(parents=True)
    (tmp_path / "home" / "store" / "metadata.db").write_text("a database")
    (tmp_path / "home" / "store" / "layer").write_text("a layer")
    up = Answers({"systemctl is-system-running": "running\n"})
    monkeypatch.setattr(ssh, "connect", partial(fake_ssh.connect, up))
    return Containers(Host(Settings.of({"engine": "podman"}), Home(tmp_path / "home")))


@pytest.fixture
def state(tmp_path: Path, containers: Containers) -> ClusterState:
    """A cluster whose machines run."""
    made = Artifacts(Release(Version(37, 2), "fake"), "fake-image", tmp_path / "home" / "store", tmp_path, ())
    found = ClusterState(CLUSTER, "v1.37.2", 1, 0.0, subnet="198.18.1.0/24", engine="podman", material=made)
    containers.create(found, JOURNAL, Unready())
    return found


def status(state: ClusterState) -> list[str]:
    """What the engine says of each machine that there is."""
    names = local.run(["podman", "ps", "-a", "--format", "{{.Names}}"]).stdout.split()
    show = '{{.State.Status}} {{index .Config.Labels "kubeadm-ha.home"}}'
    return [local.run(["podman", "inspect", "--format", show, name]).stdout.split()[0] for name in names]


def test_all_machines_are_paused_and_go_on(containers: Containers, state: ClusterState) -> None:
    containers.pause(state)
    assert status(state) == ["paused"] * 3
    containers.resume(state)
    assert status(state) == ["running"] * 3
    containers.resume(state)  # fine where all have their processors
    assert status(state) == ["running"] * 3


@pytest.mark.parametrize("failing", [1, 2])
def test_a_machine_that_could_not_be_stopped_at_once_is_tried_again(
    containers: Containers, state: ClusterState, monkeypatch: pytest.MonkeyPatch, failing: int
) -> None:
    tried: list[tuple[str, ...]] = []

    def busy(engine: Engine, *arguments: str) -> str:
        tried.append(arguments)
        if len(tried) <= failing:
            run(engine, *arguments[:-1])
            raise CommandFailed("unable to freeze")
        return run(engine, *arguments)

    monkeypatch.setattr(pausing, "run", busy)
    containers.pause(state)
    assert status(state) == ["paused"] * 3
    assert [len(each) - 1 for each in tried] == [3, 1, 1][: failing + 1]


def test_machines_go_on_where_one_was_removed_by_hand(containers: Containers, state: ClusterState) -> None:
    local.run(["podman", "rm", "-f", f"kubeadm-ha-{CLUSTER}-w1"])
    with pytest.raises(CommandFailed, match="no container with name"):
        containers.pause(state)
    containers.resume(state)
    assert status(state) == ["running"] * 2


def test_a_thawed_cluster_has_what_was_on_its_disks_and_above_its_image(
    containers: Containers, state: ClusterState, tmp_path: Path
) -> None:
    layer = tmp_path / "engine" / "layers" / f"kubeadm-ha-{CLUSTER}-cp1" / "admin.conf"
    disks = tmp_path / "home" / "clusters" / CLUSTER / "disks" / "cp1"
    layer.write_text("as it was")
    (disks / "etcd" / "db").write_text("as it was")
    (frozen := tmp_path / "home" / "frozen").mkdir()
    containers.freeze(state, frozen)
    for file in (layer, disks / "etcd" / "db", disks / "containerd" / "metadata.db"):
        file.write_text("broken on purpose")
    containers.remove(CLUSTER, state)
    local.remove_tree(tmp_path / "home" / "clusters" / CLUSTER)
    containers.thaw(state, frozen, JOURNAL)
    assert status(state) == ["running"] * 3
    assert (layer.read_text(), (disks / "etcd" / "db").read_text()) == ("as it was", "as it was")
    assert (disks / "containerd" / "metadata.db").read_text() == "a database"
    assert (disks / "containerd" / "layer").samefile(tmp_path / "home" / "store" / "layer")
    assert {each.name for each in frozen.iterdir()} == {"disks", "layers", "resolv.conf", "ssh"}
