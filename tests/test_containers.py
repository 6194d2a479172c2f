"""Containers and their network, as an engine is told: a stand-in that notes its command lines and lists names."""

from __future__ import annotations

from ipaddress import IPv4Network
from pathlib import Path

import pytest

from provision import host
from provision.errors import CommandFailed
from provision.journal import Journal
from provision.machines import containers, keys
from provision.machines.containers import Containers
from provision.machines.engines import Engine
from provision.machines.machine import Result
from provision.machines.provider import Order
from provision.redaction import Redactor
from provision.topology import ClusterId

ID = "stacked-uploaded-1.37"


@pytest.fixture
def told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[list[str]]:
    """The command lines of this host; a network of this version and one of an older version are listed."""
    lines: list[list[str]] = []

    def run(command: list[str], **_: object) -> Result:
        lines.append(command)
        if command[1:3] == ["network", "ls"]:
            return Result(0, f"kubeadm-ha-{ID}_0a1b2c\nkubeadm-ha-{ID}-old\n", "")
        if command[1] == "run":
            raise CommandFailed("podman run exited with 126")  # as far as these tests go
        return Result(0, "", "")

    monkeypatch.setattr(host, "run", run)
    monkeypatch.setattr(containers, "clone_store", lambda *_: None)
    monkeypatch.setattr(keys, "write_keys", lambda *_: None)
    return lines


def provider(home: Path) -> Containers:
    return Containers(Engine("podman", 2), home, "image", "store")


def test_no_network_has_a_name_that_one_before_had(tmp_path: Path, told: list[list[str]]) -> None:
    """podman keeps the address of a container that was killed while it started, by the name of its network."""
    order = Order(ClusterId.parse(ID), tmp_path, IPv4Network("198.18.7.0/24"))
    for _ in range(2):
        with pytest.raises(CommandFailed):
            provider(tmp_path).create(order, Journal("x", Redactor()))
    names = [line[-1] for line in told if line[1:3] == ["network", "create"]]
    assert len({*names}) == len(names) == 2
    used = {word for line in told if line[1] == "run" for word in line if word.startswith("--network=")}
    assert used == {f"--network={name}" for name in names}


def test_networks_of_every_version_are_found_and_removed_by_their_labels(tmp_path: Path, told: list[list[str]]) -> None:
    assert provider(tmp_path).existing() == {ID, f"{ID}-old"}
    provider(tmp_path).remove(ID)
    removed = [line[-1] for line in told if line[1:3] == ["network", "rm"]]
    assert removed[:2] == [f"kubeadm-ha-{ID}_0a1b2c", f"kubeadm-ha-{ID}-old"]
    asked = [line for line in told if line[1:3] == ["network", "ls"]]
    assert all(any(f"kubeadm-ha.home={tmp_path}" in word for word in line) for line in asked)
