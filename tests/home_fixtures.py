"""Fixtures: a home folder, and in place of all providers one that only notes what it removes."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from provision.clusters.lifecycle import Clusters
from provision.clusters.registry import ClusterRegistry
from provision.clusters.state import States
from provision.config.options import CONTAINER, INVENTORY, VAGRANT
from provision.config.settings import Settings
from provision.providers import table
from provision.providers.host import Host
from tests.homes import OTHER, FakeProvider


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("HA_HOME", str(tmp_path))
    return tmp_path


@pytest.fixture
def states(home: Path) -> States:
    return States(home / "clusters")


@pytest.fixture
def provider(monkeypatch: pytest.MonkeyPatch) -> FakeProvider:
    """The provider `container`, on a host without an engine; the others note what they remove in its list."""
    fake, virtual, yours = FakeProvider(), FakeProvider(finds=False), FakeProvider(makes=False, finds=False)
    virtual.snapshots = True  # type: ignore[misc]
    virtual.removed = yours.removed = fake.removed
    made = {CONTAINER: fake, VAGRANT: virtual, INVENTORY: yours}
    monkeypatch.setattr(table, "PROVIDERS", {name: lambda _, each=each: each for name, each in made.items()})
    monkeypatch.setattr(Host, "installed_engine", None)
    return fake


@pytest.fixture
def registry(home: Path, states: States, provider: FakeProvider) -> ClusterRegistry:
    return Clusters(Settings.of({})).registry


@pytest.fixture
def busy(home: Path) -> Iterator[None]:
    """Another process works on the other cluster."""
    text = f"""
import sys
from pathlib import Path
from provision.util.home import Home
from provision.clusters.locks import ClusterLocks
locks = ClusterLocks(Path({str(home / "locks")!r}))
locks.take({OTHER!r})
print("taken", flush=True)
sys.stdin.read()
"""
    with subprocess.Popen([sys.executable, "-c", text], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdout
        process.stdout.readline()
        yield
        process.communicate()
