"""Load balancers without a machine of their own, on machines of an inventory: their address, port and images."""

from __future__ import annotations

from pathlib import Path

import pytest

from provision.config.inventory import counts, parse
from provision.config.topology import MachineSpec, Role
from provision.kubeadm import configuration
from provision.providers.inventory import in_use
from provision.providers.inventory.facts import Survey
from provision.util.errors import BadInput
from tests.configurations import CLUSTER, cluster_of
from tests.fake_machine import FakeMachine
from tests.test_balancer_kinds import inventory
from tests.test_inventory import FREE

KIND = "control-planes"


def surveys(**seen: str) -> list[Survey]:
    """Control planes, each of which takes the endpoint's name for an address."""
    return [
        Survey(
            FakeMachine({}, MachineSpec(name, Role.CONTROL_PLANE, 0), f"192.0.2.{number}"),
            FREE | {"name": name, "addresses": f"inet 192.0.2.{number}/24", "endpoint": f"{address} STREAM api"},
        )
        for number, (name, address) in enumerate(seen.items(), 1)
    ]


def wrong(folder: Path, found: list[Survey], kind: str = KIND, *, carried: bool = True) -> list[str]:
    file = parse.read(inventory(folder, kind, 0))
    unready = [line for each in found for line in in_use.unready(file, each, prepared=False)]
    return [*unready, *in_use.unsuited(file, found, carried=carried)]


def test_an_address_that_no_machine_has_is_fine(tmp_path: Path) -> None:
    assert wrong(tmp_path, surveys(a="192.0.2.9", b="192.0.2.9", c="192.0.2.9")) == []


def test_machines_that_take_the_name_for_different_addresses_are_named(tmp_path: Path) -> None:
    [sentence] = wrong(tmp_path, surveys(a="192.0.2.9", b="192.0.2.9", c="192.0.2.8"))
    assert sentence.endswith("and machines take it a for 192.0.2.9; b for 192.0.2.9; c for 192.0.2.8")


@pytest.mark.parametrize("address", ["127.0.1.1", "192.0.2.1", "::1"])
def test_an_address_of_a_machine_cannot_be_the_virtual_one(tmp_path: Path, address: str) -> None:
    [sentence] = wrong(tmp_path, surveys(a=address))
    assert f"a: takes api.example for {address}; it must be the virtual address alone" in sentence


@pytest.mark.parametrize("kind", ["control-planes", "static-pods"])
def test_static_pods_need_images_that_this_host_brings(tmp_path: Path, kind: str) -> None:
    found = surveys(a="192.0.2.9")
    assert wrong(tmp_path, found, kind) == []
    lacking = wrong(tmp_path, found, kind, carried=False)
    assert [("kubeadm-ha.test/haproxy:1" in line) for line in lacking] == [True] * (kind == "static-pods")


@pytest.mark.parametrize("kind", ["control-planes", "static-pods"])
def test_a_balancer_beside_the_api_server_cannot_have_its_port(tmp_path: Path, kind: str) -> None:
    file = inventory(tmp_path, kind, 0)
    file.write_text(file.read_text().replace(":8443", ":6443"))
    [sentence] = counts.unsuited(parse.read(file))
    assert "cannot have endpoint api.example:6443" in sentence
    assert "its usual port is 8443" in sentence


@pytest.mark.parametrize("port", ["", ":6443"])
def test_nor_is_it_one_in_a_configuration(port: str) -> None:
    text, name = f"{CLUSTER}controlPlaneEndpoint: api.example.test{port}\n", "stacked-uploaded-1.37-cfg-000000"
    assert list(configuration.merges(cluster_of(text, name=name)))
    with pytest.raises(BadInput, match=r"controlPlaneEndpoint .*cannot have port 6443.*say :8443"):
        list(configuration.merges(cluster_of(text, name=f"{name}-balancer-{KIND}")))
