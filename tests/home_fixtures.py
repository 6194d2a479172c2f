"""Fixtures: a home folder, and in place of all providers one that only notes what it removes."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from provision.clusters.locks import Claims
from provision.clusters.registry import Existing
from provision.clusters.state import States
from provision.providers.directory import Providers
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
    """The only provider, in place of all that could have made machines on this host."""
    fake = FakeProvider()
    monkeypatch.setattr(Providers, "here", lambda _self: iter([fake]))
    monkeypatch.setattr(Providers, "of", lambda _self, _state: fake)
    monkeypatch.setattr(Providers, "engine", lambda _self: None)
    monkeypatch.setattr(Providers, "strangers", lambda _self: [])
    return fake


@pytest.fixture
def existing(home: Path, states: States, provider: FakeProvider) -> Existing:
    providers: Any = SimpleNamespace(here=lambda: iter([provider]), of=lambda _state: provider)
    return Existing(states, providers, Claims(home / "locks"))


@pytest.fixture
def busy(home: Path) -> Iterator[None]:
    """Another process works on the other cluster."""
    text = f"""
import sys
from pathlib import Path
from provision.artifacts.home import Home
from provision.clusters.locks import Claims
claims = Claims(Path({str(home / "locks")!r}))
claims.take({OTHER!r})
print("taken", flush=True)
sys.stdin.read()
"""
    with subprocess.Popen([sys.executable, "-c", text], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdout
        process.stdout.readline()
        yield
        process.communicate()
