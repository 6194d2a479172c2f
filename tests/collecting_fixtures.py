"""Fixtures of collecting, as a plugin of pytest: no name server and no network is used."""

from __future__ import annotations

from typing import Any

import pytest

from checks.collecting import collect, servers
from checks.facts.cluster import ApiServer
from checks.facts.fact import Fact
from tests.healthy.values import address

Names = dict[str, tuple[str, ...]]


@pytest.fixture
def names(monkeypatch: pytest.MonkeyPatch) -> Names:
    """What names are, which a test may change; every API server is well."""
    known: Names = {"k8s.example.org": (address("lb1"),)}
    monkeypatch.setattr(collect, "_resolved", lambda host: known.get(host, ()))
    monkeypatch.setattr(servers, "inspected", _well)
    return known


def _well(where: str, machine: str, port: int) -> ApiServer:
    well: Fact[Any] = Fact("a test", ())
    return ApiServer(f"{where}:{port}", machine, well, Fact("a test", "v1.37.2"), Fact("a test", None, "not in a test"))
