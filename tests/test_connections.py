"""Connections to your machines: one each, and none left open that is not used any more."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from provision.clusters.lifecycle import Clusters
from provision.config.inventory import parse
from provision.config.inventory.model import Inventory
from provision.config.login import Login
from provision.config.settings import Settings
from provision.machines import ssh
from provision.node import BALANCER_TOOLS, NODE_PACKAGES
from provision.util.errors import BadInput
from tests.fake_machine import Answers
from tests.fake_ssh import FakeChannel
from tests.test_inventory import FREE, GOOD

MACHINES = ["10.0.0.11", "10.0.0.12", "10.0.0.13", "10.0.0.2", "10.0.0.21"]


class Client:
    """A connection, as paramiko has it."""

    def __init__(self, address: str, answers: Answers) -> None:
        self.address = address
        self._answers = answers
        self.alive = self.open = True

    def get_transport(self) -> Client:
        return self

    def is_active(self) -> bool:
        return self.alive

    def open_session(self, timeout: float) -> FakeChannel:
        return FakeChannel(self.address, self._answers)

    def close(self) -> None:
        self.alive = self.open = False


class Site:
    """Machines that can be surveyed; `found` is what differs there from free ones, by section."""

    def __init__(self, inventory: Inventory) -> None:
        self.clients: list[Client] = []
        self.found: dict[str, str] = {}
        self.names: dict[str, str] = {}
        self.configuration = ""
        self._inventory = inventory
        self._answers = Answers({
            re.compile("kubelet --version"): "Kubernetes v1.37.2\n",
            re.compile(r"\necho == name; "): self._survey,
            re.compile("get configmap kubeadm-config"): lambda *_: self.configuration,
            re.compile("uname -n$"): "",
            re.compile("true$"): "",
        })  # fmt: skip

    @property
    def opened(self) -> list[str]:
        return sorted(client.address for client in self.clients)

    @property
    def still_open(self) -> list[str]:
        return sorted(client.address for client in self.clients if client.open)

    def connect(self, _login: Login, address: str) -> Client:
        self.clients.append(Client(address, self._answers))
        return self.clients[-1]

    def _survey(self, address: str, _command: str) -> str:
        packages = "\n".join(
            f"{package} install ok installed" for package in (*NODE_PACKAGES, *BALANCER_TOOLS, "haproxy")
        )
        [name] = [each.name for each in self._inventory.hosts if each.address == address]
        own = {"name": self.names.get(name, name), "addresses": f"inet {address}/24", "packages": packages}
        sections = FREE | own | self.found
        return "".join(f"== {section}\n{text}\n" for section, text in sections.items())


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Site:
    monkeypatch.setenv("HA_HOME", str(tmp_path / "home"))
    (tmp_path / "hosts.toml").write_text(GOOD)
    made = Site(parse.read(tmp_path / "hosts.toml"))
    monkeypatch.setattr(ssh, "connect", made.connect)
    return made


def _clusters(folder: Path, **options: str) -> Clusters:
    return Clusters(Settings.of({"inventory": str(folder / "hosts.toml"), **options}))


def test_a_cluster_that_is_only_checked_is_logged_in_to_once(site: Site, tmp_path: Path) -> None:
    clusters = _clusters(tmp_path, kubernetes="1.37")
    building = clusters.inspect(clusters.selection.cluster_ids("stacked")[0])
    for machine in building.cluster.machines.values():
        machine.run("uname -n")
    assert (site.opened, site.still_open) == (MACHINES, MACHINES)
    for machine in building.cluster.machines.values():
        machine.close()
    assert site.still_open == []


def test_machines_go_by_their_own_names(site: Site, tmp_path: Path) -> None:
    site.names = {"one": "ip-10-0-0-11", "w1": "worker-1.lab"}
    clusters = _clusters(tmp_path, kubernetes="1.37")
    cluster = clusters.inspect(clusters.selection.cluster_ids("stacked")[0]).cluster
    assert list(cluster.machines) == ["k8s-lb", "ip-10-0-0-11", "two", "three.example.org", "worker-1.lab"]
    assert (
        [machine.name for machine in cluster.machines.values()]
        == list(cluster.machines)
        == list(cluster.state.addresses)
    )
    assert (cluster.state.first, site.still_open) == ("ip-10-0-0-11", MACHINES)


def test_a_cluster_that_is_unlike_kubeadms_is_refused_before_any_scenario(site: Site, tmp_path: Path) -> None:
    site.configuration = "certificatesDir: /etc/kubernetes/ssl\ncontrolPlaneEndpoint: lb.example.org:6443\n"
    clusters = _clusters(tmp_path, kubernetes="1.37")
    with pytest.raises(BadInput, match="its certificates are in /etc/kubernetes/ssl"):
        clusters.inspect(clusters.selection.cluster_ids("stacked")[0])
    assert site.still_open == []


def test_nothing_stays_open_where_the_cluster_is_not_what_was_chosen(site: Site, tmp_path: Path) -> None:
    site.found = {"root": ""}
    clusters = _clusters(tmp_path, kubernetes="1.37")
    with pytest.raises(BadInput, match="sudo asks for a password"):
        clusters.inspect(clusters.selection.cluster_ids("stacked")[0])
    assert (site.opened, site.still_open) == (MACHINES, [])


def test_reading_the_version_leaves_nothing_open(site: Site, tmp_path: Path) -> None:
    assert _clusters(tmp_path).selection.versions == ["1.37"]
    assert (site.opened, site.still_open) == (["10.0.0.11"], [])


def test_the_survey_before_building_leaves_nothing_open(site: Site, tmp_path: Path) -> None:
    site.found = {"files": "/etc/kubernetes/admin.conf"}
    clusters = _clusters(tmp_path, kubernetes="1.37", mode="build")
    with pytest.raises(BadInput, match="is in use"):
        clusters.start(clusters.selection.cluster_ids("stacked")[0])
    assert (site.opened, site.still_open) == (MACHINES, [])


def test_a_connection_that_died_is_closed_before_another_is_made(site: Site, tmp_path: Path) -> None:
    """Behind a jump host it is two connections, and the one to the jump host may live on."""
    clusters = _clusters(tmp_path, kubernetes="1.37")
    machine = clusters.inspect(clusters.selection.cluster_ids("stacked")[0]).cluster.control_planes[0]
    for client in site.clients:
        client.alive = False
    machine.run("uname -n")
    assert site.opened.count(machine.address) == 2
    assert site.still_open.count(machine.address) == 1
