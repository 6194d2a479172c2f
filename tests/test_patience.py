"""On emulated processors everything takes longer: every time limit that the harness sets grows with them."""

from __future__ import annotations

import ast
import re
import socket
from collections.abc import Iterator
from pathlib import Path

import paramiko
import pytest

import provision.cluster
from provision.config import limits
from provision.config.login import Login
from provision.etcd import members
from provision.kubeadm import external_ca
from provision.machines import connection
from provision.node.host_workarounds import EMULATED, EMULATION
from tests.fakes import ROOT
from tests.stand_ins import fake_cluster

FILES = [path for folder in ("provision", "fixtures", "scenarios") for path in (ROOT / folder).rglob("*.py")]
POLL = {'"--timeout=1s"'}  # repeated by a wait that has a limit of its own


def _waits(path: Path) -> Iterator[str]:
    """The time limits of a file's waits, as they are written."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "wait_until":
            yield ast.unparse(node.args[1])


def test_every_wait_has_a_limit_that_grows() -> None:
    ours = [path for path in FILES if path.name != "containers.py"]  # which are never emulated
    assert [f"{path.name}: {limit}" for path in ours for limit in _waits(path) if "patience" not in limit] == []


def test_every_limit_of_kubectls_grows() -> None:
    found = {text for path in FILES for text in re.findall(r'"[^"\n]*--timeout=\d+s?[^"\n]*"', path.read_text())}
    assert found == POLL


@pytest.mark.parametrize(("emulated", "times"), [(False, 1), (True, EMULATED)])
def test_waiting_for_etcd_and_for_signatures_grows(monkeypatch: pytest.MonkeyPatch, emulated: bool, times: int) -> None:
    waited: list[float] = []
    monkeypatch.setattr(provision.cluster, "wait_until", lambda _, limit, *__, **___: waited.append(limit))
    cluster = fake_cluster(workarounds=[EMULATION] if emulated else [], name="external-uploaded-1.37")
    external_ca.make(cluster)
    members.wait_until_healthy(cluster)
    external_ca.sign_kubelets(cluster)
    assert waited == [limits.ETCD_HEALTHY * times, limits.SIGNED * times]
    assert cluster.limit(60) == f"--timeout={60 * times}s"


def test_a_slow_sshd_is_given_the_time_that_it_needs(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    given: dict[str, float] = {}

    def connect(*_: object, **limits: float) -> None:
        given.update(limits)
        raise EOFError

    monkeypatch.setattr(paramiko.SSHClient, "connect", connect)
    monkeypatch.setattr(socket, "create_connection", lambda *_: socket.socket())
    with pytest.raises(EOFError):
        connection.connect(Login("u", None, tmp_path / "known", patience=12), "10.0.0.1")
    assert (given["banner_timeout"], given["auth_timeout"]) == (120, 120)
