"""The provider `container` on a fake engine: what it makes, finds and removes, and what it says where that fails."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest

from provision.artifacts import Artifacts
from provision.artifacts.catalog import Release
from provision.config.cluster_state import ClusterState
from provision.config.settings import Settings
from provision.config.versions import Version
from provision.machines import ssh
from provision.node.files import GATEWAY_VARIABLE
from provision.providers.container import requirements
from provision.providers.container.containers import Containers
from provision.providers.host import Host
from provision.recording.journal import Journal
from provision.util.errors import CommandFailed, HostLacks, Unreachable
from provision.util.home import Home
from provision.util.redaction import Redactor
from tests import fake_ssh
from tests.fake_machine import Answers
from tests.fakes import give_a_host
from tests.homes import Unready
from tests.notes import history, left

ONE, TWO = "stacked-uploaded-1.36-1cp-1w", "stacked-uploaded-1.37-1cp-1w"
JOURNAL = Journal(ONE, Redactor())
Fail = Callable[[str, str], None]


@pytest.fixture
def host(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with an engine, in which machines come up at once."""
    give_a_host(tmp_path, monkeypatch)
    (tmp_path / "store").mkdir()
    (tmp_path / "store" / "metadata.db").write_text("a database")
    (tmp_path / "store" / "layer").write_text("a layer")
    up = Answers({"systemctl is-system-running": "degraded\n", "hostname": lambda name, _: name})
    monkeypatch.setattr(ssh, "connect", partial(fake_ssh.connect, up))
    return tmp_path


@pytest.fixture
def fail(monkeypatch: pytest.MonkeyPatch) -> Fail:
    def fail(command: str, how: str) -> None:
        monkeypatch.setenv("FAKE_FAILS", command)
        monkeypatch.setenv("FAKE_HOW", how)

    return fail


def containers(host: Path, home: str = "home") -> Containers:
    return Containers(Host(Settings.of({"engine": "podman"}), Home(host / home)))


def planned(host: Path, cluster: str, subnet: int = 1) -> ClusterState:
    made = Artifacts(Release(Version(37, 2), "fake"), "fake-image", host / "store", host, ())
    return ClusterState(cluster, "v1.37.2", 1, 0.0, subnet=f"198.18.{subnet}.0/24", engine="podman", material=made)


def network_of(host: Path, cluster: str) -> str:
    """The name of the one network that a cluster has."""
    [path] = (host / "engine" / "networks").glob(f"kubeadm-ha-{cluster}_*")
    return path.name


def made(host: Path, name: str) -> set[str]:
    return set((host / "engine" / "containers" / f"kubeadm-ha-{ONE}-{name}").read_text().splitlines())


def test_machines_are_made_with_labels_network_and_addresses(host: Path) -> None:
    machines = containers(host).create(planned(host, ONE), JOURNAL, Unready())
    assert {name: machine.succeed("hostname") for name, machine in machines.items()} == {
        "lb": "lb", "cp1": "cp1", "w1": "w1"
    }  # fmt: skip
    labels = {f"label kubeadm-ha.cluster={ONE}", f"label kubeadm-ha.home={host / 'home'}"}
    network = f"network {network_of(host, ONE)}"
    assert made(host, "cp1") == {*labels, network, "address 198.18.1.11", f"env {GATEWAY_VARIABLE}=198.18.1.2"}
    assert made(host, "lb") == {*labels, network, "address 198.18.1.2"}
    assert history(host) == [("made", ONE)]


def test_a_cluster_that_is_online_has_the_engines_own_route(host: Path) -> None:
    containers(host).create(planned(host, ONE).but(online=True), JOURNAL, Unready())
    assert not [line for line in made(host, "cp1") if line.startswith("env ")]


def test_each_node_has_an_image_store_with_a_database_of_its_own(host: Path) -> None:
    containers(host).create(planned(host, ONE), JOURNAL, Unready())
    disks = host / "home" / "clusters" / ONE / "disks"
    assert {path.name for path in disks.iterdir()} == {"cp1", "w1"}
    stores = [host / "store", *(disks / name / "containerd" for name in ("cp1", "w1"))]
    assert len({(store / "layer").stat().st_ino for store in stores}) == 1
    assert len({(store / "metadata.db").stat().st_ino for store in stores}) == 3


def test_only_a_cluster_that_does_not_exist_yet_needs_memory_of_the_host(
    host: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One that is compared with what would be made now, as a paused one, has its memory."""

    def refuse(*_: object) -> None:
        raise HostLacks("memory")

    provider, state = containers(host), planned(host, ONE)
    monkeypatch.setattr(requirements, "check", refuse)
    monkeypatch.setattr(Containers, "artifacts", lambda *_, **__: state.material)
    monkeypatch.setattr(Host, "release", lambda *_: Release(Version(1, 36), "fake"))
    with pytest.raises(HostLacks, match="memory"):
        provider.plan(state.cluster_id, [planned(host, TWO)], JOURNAL)
    assert provider.plan(state.cluster_id, [state], JOURNAL).id == ONE


def test_clusters_are_found_by_machines_or_network_until_they_are_removed(host: Path) -> None:
    provider = containers(host)
    provider.create(planned(host, ONE), JOURNAL, Unready())
    provider.create(planned(host, TWO, subnet=2), JOURNAL, Unready())
    assert provider.existing() == {ONE, TWO}
    names = [path.name for path in (host / "engine" / "containers").glob(f"*{ONE}*")]
    subprocess.run(["podman", "rm", "-f", *names], check=True)
    assert provider.existing() == {ONE, TWO}
    provider.remove(ONE, None)
    assert provider.existing() == {TWO}
    provider.remove(TWO, None)
    provider.remove(TWO, None)
    assert (provider.existing(), list((host / "engine").glob("*/*"))) == (set(), [])


def test_no_network_has_a_name_that_one_before_had(host: Path) -> None:
    """podman keeps the address of a container that was killed while it started, by the name of its network."""
    provider = containers(host)
    names = []
    for _ in range(2):
        provider.create(planned(host, ONE), JOURNAL, Unready())
        names.append(network_of(host, ONE))
        assert f"network {names[-1]}" in made(host, "cp1")
        provider.remove(ONE, None)
    assert len({*names}) == 2


def test_networks_of_every_version_are_found_and_removed_by_their_labels(host: Path) -> None:
    """Those of an older version have the cluster's name alone."""
    labels = [f"--label=kubeadm-ha.{name}" for name in (f"cluster={ONE}", f"home={host / 'home'}")]
    for name in (f"kubeadm-ha-{ONE}", f"kubeadm-ha-{ONE}_0a1b2c"):
        subprocess.run(["podman", "network", "create", "--subnet", "198.18.9.0/24", *labels, name], check=True)
    provider = containers(host)
    assert provider.existing() == {ONE}
    provider.remove(ONE, None)
    assert (provider.existing(), left(host)) == (set(), [])


def test_clusters_of_another_home_are_neither_found_nor_removed(host: Path) -> None:
    containers(host, "theirs").create(planned(host, ONE), JOURNAL, Unready())
    ours = containers(host)
    ours.remove(ONE, None)
    assert (ours.existing(), containers(host, "theirs").existing()) == (set(), {ONE})
    assert len(list((host / "engine" / "containers").iterdir())) == 3


def test_a_machine_that_was_removed_is_unreachable(host: Path) -> None:
    provider = containers(host)
    provider.create(planned(host, ONE), JOURNAL, Unready())
    attached = provider.attach(planned(host, ONE), JOURNAL)
    assert attached["w1"].succeed("hostname") == "w1"
    provider.remove(ONE, None)
    with pytest.raises(Unreachable, match=r"cp1 \(198\.18\.1\.11\) cannot be reached over SSH as ubuntu"):
        attached["cp1"].run("hostname")


FAULTS = [
    ("podman network create", "killed", CommandFailed, "exited with 137"),
    ("podman network create", "full", HostLacks, "the disk is full: `podman network create"),
    ("podman network inspect", "killed", CommandFailed, "`podman network inspect .*` exited with 137"),
    ("podman network inspect", "garbage", CommandFailed, "`ip address replace .*` exited with 255"),
    ("podman run cp1", "killed", CommandFailed, "`podman run .* exited with 137"),
    ("podman run cp1", "full", HostLacks, "the disk is full: `podman run"),
    ("podman run w1", "refused", CommandFailed, "`podman run .* exited with 125"),
]


@pytest.mark.parametrize(("command", "how", "error", "text"), FAULTS)
def test_an_engine_that_fails_is_named_and_its_leavings_are_removed(
    host: Path, fail: Fail, command: str, how: str, error: type[Exception], text: str
) -> None:
    """A fault of one command, which ends with it."""
    provider = containers(host)
    fail(command, how)
    with pytest.raises(error, match=text):
        provider.create(planned(host, ONE), JOURNAL, Unready(lambda: fail("", "")))
    assert (provider.existing(), list((host / "engine").glob("[cna]*/*"))) == (set(), [])


def test_machines_that_are_to_stay_are_examined_and_stay(host: Path, fail: Fail) -> None:
    provider, unready = containers(host), Unready(stay=True)
    fail("podman run w1", "refused")
    with pytest.raises(CommandFailed, match="podman run"):
        provider.create(planned(host, ONE), JOURNAL, unready)
    assert (unready.examined, provider.existing()) == (["lb", "cp1", "w1"], {ONE})


def test_a_removal_that_fails_does_not_hide_why_machines_could_not_be_made(host: Path, fail: Fail) -> None:
    provider = containers(host)
    fail("podman run w1", "refused")
    with pytest.raises(CommandFailed, match="podman run"):
        provider.create(planned(host, ONE), JOURNAL, Unready(lambda: fail("podman rm lb", "killed")))
    assert provider.existing() == {ONE}


@pytest.mark.parametrize("how", ["killed", "full", "refused"])
@pytest.mark.parametrize("command", ["podman ps", "podman network ls"])
def test_an_engine_that_cannot_list_does_not_mean_that_there_is_nothing(
    host: Path, fail: Fail, command: str, how: str
) -> None:
    provider = containers(host)
    provider.create(planned(host, ONE), JOURNAL, Unready())
    fail(command, how)
    with pytest.raises((CommandFailed, HostLacks), match=command):
        provider.existing()
    with pytest.raises((CommandFailed, HostLacks), match=command):
        provider.remove(ONE, None)


def test_machines_that_cannot_be_removed_are_named_with_a_command(host: Path, fail: Fail) -> None:
    provider = containers(host)
    provider.create(planned(host, ONE), JOURNAL, Unready())
    for how in ("killed", "refused", "full"):
        fail("podman rm cp1", how)
        with pytest.raises(CommandFailed) as caught:
            provider.remove(ONE, None)
        assert str(caught.value) == (
            f"1 machines of {ONE} could not be removed\nTry: sudo podman rm -f kubeadm-ha-{ONE}-cp1"
        )
    assert left(host) == [ONE]


def test_a_network_that_cannot_be_removed_is_named_with_a_command(host: Path, fail: Fail) -> None:
    provider = containers(host)
    provider.create(planned(host, ONE), JOURNAL, Unready())
    name = network_of(host, ONE)
    fail("podman network rm", "killed")
    with pytest.raises(CommandFailed) as caught:
        provider.remove(ONE, None)
    assert str(caught.value) == f"the network of {ONE} could not be removed\nTry: sudo podman network rm -f {name}"
    assert left(host) == [ONE]


UNKNOWN = [
    "pull registry.example.org/image", "run --rm fake-image", "run --name=a fake-image", "ps --all", "rm --force a",
    "network prune", "network ls", "network create --ipv6 a", "run --name=a --network=n --volume=/no:/a fake-image",
]  # fmt: skip


@pytest.mark.parametrize("command", UNKNOWN)
def test_the_fake_engine_fails_on_what_it_does_not_know(host: Path, command: str) -> None:
    done = subprocess.run(["podman", *command.split()], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout, done.stderr.startswith("Error: ")) == (125, "", True)


@pytest.mark.parametrize("command", ["ip link delete podman1", "chown 1:1 /tmp", "sudo id", "go build ./..."])
def test_the_other_fake_programs_do_so_too(host: Path, command: str) -> None:
    done = subprocess.run(command.split(), capture_output=True, text=True, check=False)
    assert (done.returncode > 0, done.stdout, bool(done.stderr)) == (True, "", True)
