"""Addresses of both families: how they are written, which machines have, and what is refused."""

from __future__ import annotations

import re
from ipaddress import IPv4Network, IPv6Network, ip_address
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from provision.clusters.lifecycle import Clusters
from provision.clusters.state import States
from provision.config import addresses
from provision.config.addresses import Family
from provision.config.cluster_state import ClusterState
from provision.config.settings import Settings
from provision.providers import subnets
from provision.util.errors import BadInput, HostLacks
from provision.util.home import Home
from tests.families import BOTH, RANGE, V4, V6, VARIANTS, cluster_of

# How they are written


@pytest.mark.parametrize(
    ("host", "written"),
    [
        ("198.18.0.2", "198.18.0.2:6443"),
        ("fd00::2", "[fd00::2]:6443"),
        ("lb.test", "lb.test:6443"),
        (ip_address("fd00::2"), "[fd00::2]:6443"),
    ],
)
def test_an_address_of_ipv6_stands_in_brackets_before_a_port(host: Any, written: str) -> None:
    assert (addresses.at(host, 6443), addresses.url(host, 6443)) == (written, f"https://{written}")


@given(st.ip_addresses(), st.integers(1, 65535))
def test_host_and_port_come_back_from_what_is_written(address: Any, port: int) -> None:
    host, _, written = addresses.at(address, port).rpartition(":")
    assert (ip_address(host.strip("[]")), int(written)) == (address, port)


@pytest.mark.parametrize(
    ("listed", "family"), [((V4,), Family.IPV4), ((V6,), Family.IPV6), ((V4, V6), Family.DUAL), ((V6, V4), Family.DUAL)]
)
def test_the_family_is_that_of_the_networks(listed: tuple[str, ...], family: Family) -> None:
    assert addresses.family_of(listed) is family


# What a cluster is


@pytest.mark.parametrize(
    ("family", "of_cp1"), [(Family.IPV4, ("198.18.0.11",)), (Family.IPV6, ("fd6b:7562:6561:7::b",)),
                           (Family.DUAL, ("198.18.0.11", "fd6b:7562:6561:7::b"))],
)  # fmt: skip
def test_a_machine_has_an_address_in_each_network(family: Family, of_cp1: tuple[str, ...]) -> None:
    cluster = cluster_of(family)
    first = cluster.control_planes[0]
    assert (cluster.family, cluster.addresses_of(first), first.address) == (family, of_cp1, of_cp1[0])


def test_a_state_of_an_older_version_has_ipv4_addresses(tmp_path: Path) -> None:
    States(tmp_path).write(ClusterState("stacked-uploaded-1.37", "v1.37.2", 1, 0.0, subnet=V4))
    state = States(tmp_path).read("stacked-uploaded-1.37")
    assert state is not None
    assert (state.family, state.cidr, state.host_address) == (Family.IPV4, IPv4Network(V4), "198.18.0.1")


def test_a_state_with_two_networks_is_read_as_it_was_written(tmp_path: Path) -> None:
    States(tmp_path).write(ClusterState("stacked-uploaded-1.37-dual", "v1.37.2", 1, 0.0, subnet=BOTH))
    state = States(tmp_path).read("stacked-uploaded-1.37-dual")
    assert state is not None
    assert (state.family, state.networks) == (Family.DUAL, (IPv4Network(V4), IPv6Network(V6)))


@pytest.mark.parametrize(
    ("family", "cluster"), [("ipv4", "stacked-uploaded-1.37"), ("dual", "stacked-uploaded-1.37-dual"),
                            ("ipv6", "stacked-uploaded-1.37-ipv6")],
)  # fmt: skip
def test_the_usual_family_is_left_out_of_an_id(family: str, cluster: str) -> None:
    assert [str(each) for each in Settings.of({"addresses-family": family}).cluster_ids("stacked", "1.37")] == [cluster]


def test_families_of_kubeadms_ci_have_the_chosen_addresses() -> None:
    chosen = Settings.of({"addresses-family": "dual", "families": "yes"})
    assert chosen.cluster_id("stacked", "1.37").family is Family.DUAL


# Free networks


@pytest.mark.parametrize(("family", "length"), [(Family.IPV4, 1), (Family.IPV6, 1), (Family.DUAL, 2)])
def test_a_cluster_gets_a_network_of_each_version(family: Family, length: int) -> None:
    found = addresses.networks(subnets.choose(RANGE, "a", [], family))
    assert (tuple(each.version for each in found), len(found)) == (family.versions, length)
    assert all(each.subnet_of(addresses.ranges(RANGE)[each.version]) for each in found)  # type: ignore[arg-type]


def test_networks_of_ipv6_that_are_taken_are_left_alone() -> None:
    first = subnets.choose(RANGE, "a", [], Family.IPV6)
    second = subnets.choose(RANGE, "a", [IPv6Network(first)], Family.IPV6)
    assert not IPv6Network(first).overlaps(IPv6Network(second))
    assert subnets.choose(RANGE, "a", [IPv4Network("0.0.0.0/0")], Family.IPV6) == first


def test_a_route_to_all_of_the_range_leaves_nothing_free() -> None:
    with pytest.raises(HostLacks, match=re.escape("no free /64 for a in fd01::/62")) as caught:
        subnets.choose(f"{RANGE},fd01::/62", "a", [IPv6Network("fd01::/16")], Family.DUAL)
    assert ("fd01::/16" in caught.value.answer, "--ha-addresses" in caught.value.fix) == (True, True)


def test_routes_of_ipv6_are_read_where_a_cluster_has_such_addresses(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    six = '[{"dst": "default"}, {"dst": "fd00::/64"}, {"dst": "::1", "type": "local"}, {}]'
    (tmp_path / "ip").write_text(f"#!/bin/sh\n[ $1 = -6 ] && echo '{six}' || echo '[{{\"dst\": \"10.0.0.0/8\"}}]'\n")
    (tmp_path / "ip").chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=":")
    assert subnets.taken() == [IPv4Network("10.0.0.0/8")]
    assert subnets.taken(Family.DUAL) == [
        IPv4Network("10.0.0.0/8"), IPv6Network("fd00::/64"), IPv6Network("::1/128")
    ]  # fmt: skip


def test_a_cluster_gets_the_addresses_that_its_id_says(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(subnets, "taken", lambda family: [])
    clusters = Clusters(Settings.of({}), home=Home(tmp_path))
    families = [addresses.family_of(clusters.subnet(f"stacked-uploaded-1.37{each}").split(",")) for each in VARIANTS]
    assert families == [*Family]


# What is refused


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"provider": "vagrant"}, "are given to containers alone: machines of the provider vagrant have those"),
        ({"network": "flannel", "online": "yes"}, "the published manifest of network flannel is for IPv4 alone"),
        ({"engine": "docker"}, "made by podman, and by docker not yet"),
    ],
)
@pytest.mark.parametrize("family", ["ipv6", "dual"])
def test_what_has_ipv4_addresses_alone_is_refused_by_name(family: str, given: dict[str, str], message: str) -> None:
    with pytest.raises(BadInput, match=re.escape(message)):
        Settings.of({"addresses-family": family} | given)


@pytest.mark.parametrize("text", [f"{RANGE},{RANGE}", "fd00::/48", f"{RANGE},fd00::/80", f"fd00::/48,{RANGE}", "x", ""])
def test_ranges_that_are_not_usable_are_refused(text: str) -> None:
    with pytest.raises(BadInput, match="is not a usable"):
        Settings.of({"addresses": text or ","})
