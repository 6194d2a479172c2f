"""Where podman and docker differ: each says the same in its own words."""

from __future__ import annotations

from pathlib import Path

import pytest

from provision.artifacts.engines import Engine
from provision.config.settings import Settings
from provision.providers.container.containers import Containers
from provision.providers.host import Host
from provision.util.home import Home

PODMAN, DOCKER = Engine("podman", 2), Engine("docker", 2)


@pytest.mark.parametrize(
    ("engine", "containers", "network"),
    [
        (PODMAN, "podman rm -f -v -t 0 a b", "podman network rm -f n"),
        (DOCKER, "docker rm -f -v a b", "docker network rm n"),
    ],
)
def test_each_engine_has_its_own_options_for_removing(engine: Engine, containers: str, network: str) -> None:
    """docker's `rm` has no --time, and its `network rm` had no --force for long."""
    assert " ".join(engine.remove("a", "b")) == containers
    assert " ".join(engine.network_remove("n")) == network


@pytest.mark.parametrize(("engine", "own"), [(PODMAN, "--systemd=always"), (DOCKER, "--stop-signal=SIGRTMIN+3")])
def test_a_machine_has_systemd(engine: Engine, own: str) -> None:
    assert own in engine.machine_flags
    assert set(PODMAN.machine_flags) & set(DOCKER.machine_flags) >= {"--privileged", "--cgroupns=private"}


def test_podman_takes_runc_where_crun_refuses() -> None:
    assert "--runtime=runc" in Engine("podman", 1).machine_flags
    assert "--runtime=runc" not in (*PODMAN.machine_flags, *Engine("docker", 1).machine_flags)


def test_only_what_podman_lays_over_a_machines_own_cgroups_is_taken_away() -> None:
    assert "umount /sys/fs/cgroup/systemd/release_agent" in Engine("podman", 1).first_process[-1]
    assert Engine("podman", 1).first_process[-1].endswith("; exec /sbin/init")
    assert (PODMAN.first_process, Engine("docker", 1).first_process, DOCKER.first_process) == ((), (), ())


@pytest.mark.parametrize("engine", [PODMAN, DOCKER])
def test_a_network_leads_nowhere_unless_that_is_chosen(engine: Engine) -> None:
    assert "--internal" in engine.network_create("n", "198.18.1.0/24", ["c=1"], online=False)
    assert "--internal" not in engine.network_create("n", "198.18.1.0/24", ["c=1"], online=True)


def test_dockers_filter_lets_pods_pass_and_is_as_before_afterwards() -> None:
    opened, closed = (DOCKER.passage("br-1", opened=opened) for opened in (True, False))
    assert [word for word in opened if word != "-I"] == [word for word in closed if word != "-D"]
    assert PODMAN.passage("br-1", opened=True) == []


def test_containers_of_another_home_are_neither_found_nor_removed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Only what bears our home's name is listed; where there is nothing of that, nothing is removed."""
    (tmp_path / "podman").write_text(f'#!/bin/sh\necho "$*" >> {tmp_path}/commands\n')
    (tmp_path / "podman").chmod(0o700)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=":")
    containers = Containers(Host(Settings.of({"engine": "podman"}), Home(Path("/home/ours"))))
    assert containers.existing() == set()
    containers.remove("stacked-uploaded-1.37", None)
    commands = (tmp_path / "commands").read_text().splitlines()
    questions = [line for line in commands if line.startswith(("ps ", "network ls "))]
    assert all("label=kubeadm-ha.home=/home/ours" in line for line in questions)
    assert [line for line in commands if line not in questions and " inspect " not in line] == []
