"""The benchmark: its bare cluster is known to everything that finds and removes clusters."""

from __future__ import annotations

import argparse
from pathlib import Path

import pytest

from provision import artifacts
from provision.artifacts import Artifacts, catalog
from provision.artifacts.catalog import Release
from provision.cli import benchmark
from provision.clusters.lifecycle import Clusters
from provision.clusters.locks import ClusterLocks
from provision.config.cluster_id import ClusterId
from provision.config.settings import Settings
from provision.config.versions import Version
from provision.node import host_workarounds
from provision.providers import subnets
from provision.providers.container import requirements
from provision.providers.container.containers import Containers
from provision.util import local
from provision.util.errors import BadInput, CommandFailed

BARE = ClusterId("stacked", "uploaded", "1.37", "bare")
RELEASE = Release(Version(37, 2), "fake")
PODMAN = """#!/bin/sh
echo "$@" >> "$HA_HOME/calls"
[ "$1" != run ]
"""


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home folder on a host whose container engine records what it is given, and starts no container."""
    programs = tmp_path / "bin"
    programs.mkdir()
    (programs / "podman").write_text(PODMAN)
    (programs / "podman").chmod(0o755)
    monkeypatch.setenv("PATH", str(programs), prepend=":")
    monkeypatch.setenv("HA_HOME", str(tmp_path))
    monkeypatch.setattr(catalog, "resolve", lambda *_: RELEASE)
    monkeypatch.setattr(host_workarounds, "cgroup_version", lambda: 2)
    monkeypatch.setattr(host_workarounds, "needed", lambda *_: [])
    monkeypatch.setattr(host_workarounds, "probe", lambda _: None)
    monkeypatch.setattr(requirements, "check", lambda *_: None)
    monkeypatch.setattr(subnets, "taken", lambda family: [])
    monkeypatch.setattr(local, "is_root", lambda: True)
    made = Artifacts(RELEASE, "image", tmp_path / "store", tmp_path, (), {})
    made.store.mkdir()
    monkeypatch.setattr(artifacts, "provide", lambda *_: made)
    return tmp_path


def test_containers_and_network_of_the_bare_cluster_are_found_like_all_others(home: Path) -> None:
    here = Clusters(Settings.of({"engine": "podman"}))
    with pytest.raises(CommandFailed, match="bare-cluster"):
        benchmark._bare(
            here, BARE, artifacts.provide(RELEASE, here.host.engine, {}, here.host.home, here.host.journal(""))
        )
    calls = (home / "calls").read_text().splitlines()
    labels = Containers(here.host).labels(str(BARE))
    machines = [call for call in calls if call.startswith("run ")]
    (network,) = [call for call in calls if call.startswith("network create ")]
    assert len(machines) == len(BARE.machines)
    for call in (network, *machines):
        assert all(f"--label={label}" in call.split() for label in labels), call
    assert network.endswith(f" kubeadm-ha-{BARE}")
    assert {name for call in machines for name in call.split() if name.startswith("kubeadm-ha-")} == {
        f"kubeadm-ha-{BARE}", *(f"kubeadm-ha-{BARE}-{machine.name}" for machine in BARE.machines)
    }  # fmt: skip
    assert here.registry.ids() == []


def test_the_bare_cluster_is_remembered_with_its_addresses_and_claimed(home: Path) -> None:
    here = Clusters(Settings.of({"engine": "podman"}))
    state = here.reserve(BARE)
    other = Clusters(Settings.of({"engine": "podman"}))
    assert (other.registry.states.read(str(BARE)), other.registry.abandoned()) == (state, [])
    assert str(other.subnet(str(BARE))) != state.subnet


def test_what_a_killed_benchmark_leaves_is_abandoned(home: Path) -> None:
    here = Clusters(Settings.of({"engine": "podman"}))
    here.reserve(BARE)
    here.registry._locks.give_back(str(BARE))  # as when the process ends
    assert Clusters(Settings.of({"engine": "podman"})).registry.abandoned() == [str(BARE)]


@pytest.mark.parametrize("variant", ["bare", "benchmark"])
def test_two_benchmarks_at_once_are_refused(home: Path, variant: str) -> None:
    other = ClusterLocks(home / "locks")
    other.take(f"stacked-uploaded-1.37-{variant}")
    with pytest.raises(BadInput, match="another benchmark is running"):
        benchmark.benchmark(Settings.of({"engine": "podman"}), argparse.Namespace(rounds=1))


@pytest.mark.parametrize(
    "given", [{"provider": "vagrant"}, {"control-planes": "1"}, {"workers": "0"}, {"keys": "ecdsa-p256"},
              {"control-plane-joins": "parallel"}, {"upgrade-from": "previous"}],
)  # fmt: skip
def test_what_the_bare_script_does_not_make_is_refused(given: dict[str, str]) -> None:
    with pytest.raises(BadInput, match="no other"):
        benchmark.benchmark(Settings.of(given), argparse.Namespace(rounds=1))


def test_no_round_is_refused() -> None:
    with pytest.raises(BadInput, match="--rounds"):
        benchmark.benchmark(Settings.of({}), argparse.Namespace(rounds=0))
