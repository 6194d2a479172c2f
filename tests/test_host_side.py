"""This host: addresses, locks, remembered clusters, host keys."""

from __future__ import annotations

import stat
import subprocess
import sys
from ipaddress import IPv4Network
from pathlib import Path

import pytest

from provision.clusters.locks import ClusterLocks
from provision.clusters.state import States
from provision.config.cluster_state import ClusterState
from provision.machines import keys
from provision.providers import subnets
from provision.util.errors import HostLacks

RANGE = "198.18.0.0/22"
STATE = ClusterState("stacked-uploaded-1.37", "v1.37.2", 1, 0.0, subnet="198.18.0.0/24", engine="podman")


def test_the_same_cluster_gets_the_same_addresses() -> None:
    assert subnets.choose(RANGE, "a", []) == subnets.choose(RANGE, "a", [])


def test_addresses_that_are_taken_are_left_alone() -> None:
    first = IPv4Network(subnets.choose(RANGE, "a", []))
    assert not IPv4Network(subnets.choose(RANGE, "a", [first])).overlaps(first)


def test_clusters_try_different_networks_first() -> None:
    """What is left of one does not keep the next one waiting."""
    assert subnets.choose(RANGE, "a", []) != subnets.choose(RANGE, "b", [])


def test_networks_with_a_route_are_taken_and_the_default_route_is_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    routes = (
        '[{"dst": "default"}, {"dst": "10.0.0.0/8"}, {"dst": "10.9.9.9", "type": "broadcast"}, {"dst": "0.0.0.0/0"}]'
    )
    (tmp_path / "ip").write_text(f"#!/bin/sh\necho '{routes}'\n")
    (tmp_path / "ip").chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=":")
    assert subnets.taken() == [IPv4Network("10.0.0.0/8")]


def test_the_error_for_a_full_range_names_its_users() -> None:
    with pytest.raises(HostLacks) as caught:
        subnets.choose(RANGE, "a", [IPv4Network("198.18.0.0/16")])
    assert ("198.18.0.0/16" in caught.value.answer, "--ha-addresses" in caught.value.fix) == (True, True)


def _taking(folder: Path) -> str:
    """A program that takes a cluster, and ends."""
    taken = f"ClusterLocks(Path({str(folder)!r})).take('a')"
    return f"from pathlib import Path; from provision.clusters.locks import ClusterLocks; {taken}"


def test_a_cluster_belongs_to_one_process(tmp_path: Path) -> None:
    claims = ClusterLocks(tmp_path)
    claims.take("a")
    program = _taking(tmp_path)
    other = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert ("another process is working on a" in other.stderr, claims.is_free("a")) == (True, False)


def test_a_claim_ends_with_its_process(tmp_path: Path) -> None:
    program = _taking(tmp_path)
    subprocess.run([sys.executable, "-c", program], check=True)
    assert ClusterLocks(tmp_path).is_free("a")


def test_state_round_trip_for_its_owner_only(tmp_path: Path) -> None:
    states = States(tmp_path)
    states.write(STATE)
    assert states.read(STATE.id) == STATE
    assert stat.S_IMODE((tmp_path / STATE.id / "state.json").stat().st_mode) == 0o600


def test_known_hosts_match_the_host_keys(tmp_path: Path) -> None:
    keys.write_keys(tmp_path, {"cp1": "198.18.0.11"})
    assert (tmp_path / "known_hosts").read_text() == f"198.18.0.11 {(tmp_path / 'cp1.host_key.pub').read_text()}"
    assert stat.S_IMODE((tmp_path / "cp1.host_key").stat().st_mode) == 0o600


def test_an_ip_that_knows_no_json_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path), prepend=":")
    (tmp_path / "ip").write_text("#!/bin/sh\necho 'default via 10.0.0.1 dev eth0'\n")
    (tmp_path / "ip").chmod(0o755)
    with pytest.raises(HostLacks, match="does not answer with JSON") as caught:
        subnets.taken()
    assert "default via" in caught.value.answer
    (tmp_path / "ip").write_text("""#!/bin/sh\necho '[{}, {"dst": "10.0.0.0/24"}, {"dst": "default"}]'\n""")
    assert subnets.taken() == [IPv4Network("10.0.0.0/24")]
