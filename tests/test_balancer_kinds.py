"""A kind of load balancer as a choice: what a plan says of it, what is refused, and what an inventory must have."""

from __future__ import annotations

from pathlib import Path

import pytest

from provision.artifacts.catalog import Release
from provision.config.balancers import KINDS
from provision.config.cluster_state import ClusterState
from provision.config.inventory import counts, parse
from provision.config.settings import Settings
from provision.config.versions import Version
from provision.providers import preview
from provision.recording.journal import Journal
from provision.util.errors import BadInput
from provision.util.redaction import Redactor

MACHINES = {"keepalived": 2, "control-planes": 0, "static-pods": 0}


def inventory(folder: Path, kind: str, balancers: int) -> Path:
    """A file with so many load balancers, three control planes, and a kind."""
    roles = {f"lb{n}": "load-balancer" for n in range(balancers)} | dict.fromkeys(("a", "b", "c"), "control-plane")
    hosts = "".join(
        f'[hosts.{name}]\nrole = "{role}"\naddress = "192.0.2.{n}"\n' for n, (name, role) in enumerate(roles.items(), 1)
    )
    key = f'load_balancer = "{kind}"\n' if kind else ""
    (folder / "hosts.toml").write_text(f'endpoint = "api.example:8443"\n{key}[login]\nuser = "me"\n{hosts}')
    return folder / "hosts.toml"


def test_a_plan_names_the_kind_its_machines_and_its_endpoint() -> None:
    cluster = "stacked-uploaded-1.37-balancer-control-planes"
    state = ClusterState(cluster, "v1.37.2", 1, 0.0, subnet="198.18.0.0/24", network="routes")
    release, journal = Release(Version(37, 2), "fake"), Journal(cluster, Redactor())
    plan = list(preview.lines(state, release, journal, how="podman", memory=0, joins="serial"))
    assert "load balancer: HAProxy and a virtual address on the control planes" in plan
    assert "endpoint: cluster-endpoint.kubeadm-ha.test:8443, at 198.18.0.10" in plan
    assert any(line.split() == ["dns", "name-server", "198.18.0.5"] for line in plan)
    assert any("cp1   nc -zv -w 2 198.18.0.10 8443" in line for line in plan)


@pytest.mark.parametrize("kind", [kind.name for kind in KINDS if kind.virtual])
def test_a_virtual_address_on_virtual_machines_is_refused(kind: str) -> None:
    with pytest.raises(BadInput, match=f"load balancer {kind} has a virtual address"):
        Settings.of({"load-balancer": kind, "provider": "vagrant"})


@pytest.mark.parametrize("kind", [kind.name for kind in KINDS if not kind.virtual])
def test_an_address_of_its_own_on_virtual_machines_is_fine(kind: str) -> None:
    Settings.of({"load-balancer": kind, "provider": "vagrant"})


def test_a_balancer_on_one_control_plane_is_refused() -> None:
    with pytest.raises(BadInput, match="one alone has nothing to balance"):
        Settings.of({"load-balancer": "static-pods", "control-planes": "1"})


def test_a_kind_that_does_not_exist_is_refused_with_those_that_do() -> None:
    with pytest.raises(BadInput, match="'kube-vip' is not a value of load-balancer") as caught:
        Settings.of({"load-balancer": "kube-vip"})
    assert all(kind.name in str(caught.value) for kind in KINDS)


@pytest.mark.parametrize("kind", [kind.name for kind in KINDS])
def test_an_inventory_has_as_many_balancers_as_its_kind_has(kind: str, tmp_path: Path) -> None:
    count = MACHINES.get(kind, 1)
    right, wrong = (parse.read(inventory(tmp_path, kind, number)) for number in (count, count + 1))
    assert (right.balancer.name, list(counts.unsuited(right))) == (kind, [])
    [sentence] = counts.unsuited(wrong)
    assert f"{count} hosts with role load-balancer, and the file has {count + 1}" in sentence or kind == "haproxy"


def test_a_kind_that_an_inventory_does_not_know_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="is not valid") as caught:
        parse.read(inventory(tmp_path, "f5", 1))
    assert "load_balancer 'f5' does not exist; one of haproxy, haproxy-tcp" in str(caught.value)


def test_an_inventorys_kind_is_in_its_clusters_id_and_an_option_may_only_repeat_it(tmp_path: Path) -> None:
    file = str(inventory(tmp_path, "keepalived", 2))
    chosen = Settings.of({"inventory": file, "load-balancer": "keepalived"})
    [cluster] = chosen.cluster_ids("stacked", "1.37")
    assert str(cluster) == "stacked-uploaded-1.37-balancer-keepalived-inventory-hosts"
    with pytest.raises(BadInput, match="says something else of its cluster"):
        Settings.of({"inventory": file, "load-balancer": "nginx"})


def test_an_inventory_has_no_role_of_a_name_server(tmp_path: Path) -> None:
    file = inventory(tmp_path, "", 1)
    file.write_text(file.read_text().replace('"load-balancer"', '"name-server"'))
    with pytest.raises(BadInput) as caught:
        parse.read(file)
    assert "role 'name-server' does not exist; one of load-balancer" in str(caught.value)
