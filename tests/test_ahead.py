"""What is known before anything is done with your machines: the doctor's findings, and the plan."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

import pytest

from provision.artifacts import catalog
from provision.artifacts.catalog import Release
from provision.cli import doctor
from provision.clusters.lifecycle import Clusters
from provision.config.inventory import ansible, parse
from provision.config.inventory.model import Inventory
from provision.config.options import PROVIDERS
from provision.config.settings import Settings
from provision.config.versions import Version
from provision.machines.machine import Machine
from provision.node import BALANCER_TOOLS, NODE_PACKAGES
from provision.providers import table
from provision.providers.finding import Finding
from provision.providers.inventory import findings, host_keys, machines, stored_configuration
from provision.readonly.gate import why_not
from provision.util.errors import BadInput, Unreachable
from provision.util.result import Result
from tests.configurations import CLUSTER, written
from tests.fake_machine import FakeMachine, Replies
from tests.test_inventory import FREE, GOOD

EXTERNAL = GOOD.replace("[login]", 'certificates = "manual"\n[login]') + "".join(
    f'[hosts.e{number}]\nrole = "etcd"\naddress = "10.0.0.3{number}"\n' for number in (1, 2, 3)
)
CONTROL_PLANES = ("one", "two", "three.example.org")
USED = {"files": "/etc/kubernetes/admin.conf", "version": "v1.36.3"}
THERE = dict.fromkeys(CONTROL_PLANES, USED)
Found = Mapping[str, Mapping[str, str] | None]


class Site:
    """Your machines. `found` is what a survey finds there, by machine and section; None does not answer."""

    def __init__(self, inventory: Inventory, found: Found) -> None:
        self._inventory = inventory
        self._found = found
        self.commands: list[str] = []

    def machines(self, *_: object) -> dict[str, Machine]:
        answers: Replies = {
            re.compile("^echo == name; uname -n$", re.MULTILINE): self._survey,
            stored_configuration.COMMAND: Result(1, "", "not found"),
        }
        return {
            spec.name: FakeMachine(answers, spec, self._inventory.host(spec.name).address)
            for spec in self._inventory.specs
        }

    def _survey(self, name: str, command: str) -> Result:
        self.commands.append(command)
        found = self._found.get(name, {})
        if found is None:
            raise Unreachable(f"{name} cannot be reached", answer="timed out", fix="wake it up")
        packages = "\n".join(
            f"{package} install ok installed" for package in (*NODE_PACKAGES, *BALANCER_TOOLS, "haproxy")
        )
        own = {"name": name, "addresses": f"inet {self._inventory.host(name).address}/24", "packages": packages}
        sections = FREE | {"version": ""} | own | dict(found)
        return Result(0, "".join(f"== {section}\n{text}\n" for section, text in sections.items()), "")


@pytest.fixture(autouse=True)
def _nothing_of_this_host(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HA_HOME", str(tmp_path))
    monkeypatch.setattr(catalog, "resolve", lambda *_: Release(Version(37, 2), "fake"))
    monkeypatch.setattr(findings, "_agent", lambda hosts: [Finding(True, f"an agent for {len(hosts)}")])


def at(folder: Path, monkeypatch: pytest.MonkeyPatch, text: str, found: Found, **options: str) -> tuple[Settings, Site]:
    """The settings that name an inventory, and its machines."""
    path = folder / "hosts.toml"
    path.write_text(text)
    site = Site(parse.read(path), found)
    monkeypatch.setattr(machines, "read_only", site.machines)
    return Settings.of({"inventory": str(path), **options}), site


def planned(settings: Settings, text: str) -> str:
    return "\n".join(Clusters(settings).preview(text))


def test_every_provider_that_can_be_chosen_is_in_the_table() -> None:
    assert set(table.PROVIDERS) == set(PROVIDERS)


def test_a_cluster_that_can_be_checked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settings, site = at(tmp_path, monkeypatch, GOOD, THERE)
    diagnosis = doctor.examine(settings)
    assert diagnosis.lacking == ()
    assert "one: control-plane, can be checked, kubeadm v1.36.3" in [finding.what for finding in diagnosis.findings]
    assert [command for command in site.commands if why_not(command)] == []


UNFIT: dict[str, tuple[Found, str, str]] = {
    "no cluster": ({}, "one: is not a control plane: there is nothing under /etc/kubernetes", ""),
    "no sudo": (THERE | {"one": {"root": ""}}, "one: ubuntu is not allowed sudo without a password", "NOPASSWD"),
    "no name": (THERE | {"w1": {"endpoint": ""}}, "w1: does not know the endpoint's name lb.example.org", "DNS"),
    "no answer": (THERE | {"two": None}, "two cannot be reached\n      timed out", "wake it up"),
}


@pytest.mark.parametrize("case", UNFIT)
def test_what_keeps_a_cluster_from_being_checked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, case: str) -> None:
    found, message, fix = UNFIT[case]
    lacking = doctor.examine(at(tmp_path, monkeypatch, GOOD, found)[0]).lacking
    assert (lacking[0].what, fix in lacking[0].fix) == (message, True)


def test_what_keeps_machines_from_being_built_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    found = {"one": USED, "two": {"programs": ""}, "w1": None}
    settings, _ = at(tmp_path, monkeypatch, GOOD, found, mode="build")
    assert [finding.what.splitlines()[0] for finding in doctor.examine(settings).lacking] == [
        "one: is in use: /etc/kubernetes/admin.conf exists",
        "two: has no kubeadm, kubelet, kubectl; prepare = 'artifacts' or 'packages' would bring them",
        "w1 cannot be reached",
    ]


def test_what_may_be_reset_is_not_in_the_way(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settings, _ = at(tmp_path, monkeypatch, GOOD, {"one": USED}, mode="build", **{"in-use": "reset"})
    diagnosis = doctor.examine(settings)
    assert diagnosis.lacking == ()
    assert any("admin.conf exists (it will be reset)" in finding.what for finding in diagnosis.findings)


def test_a_malformed_inventory_is_a_finding(tmp_path: Path) -> None:
    path = tmp_path / "hosts.toml"
    path.write_text("endpoint = 1\n")
    lacking = doctor.examine(Settings.of({"inventory": str(path)})).lacking
    assert "is not valid" in lacking[0].what


def test_ansibles_package_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ansible, "program", lambda: "")
    (tmp_path / "hosts.ini").write_text("[etcd]\n")
    diagnosis = doctor.examine(Settings.of({"inventory": str(tmp_path / "hosts.ini")}))
    assert diagnosis.packages == ["ansible-core"]


def test_plan_of_a_check(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settings, site = at(tmp_path, monkeypatch, GOOD, THERE)
    text = planned(settings, "stacked")
    assert text.startswith("stacked-uploaded-1.36-inventory-hosts: a check of 5 machines of the inventory\n")
    assert ("kubeadm init" in text, "echo == ports; ss -Htln" in text) == (False, True)
    assert [command for command in site.commands if why_not(command)] == []


def test_plan_of_a_build(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settings, site = at(tmp_path, monkeypatch, EXTERNAL, {}, mode="build", kubernetes="1.37")
    text = planned(settings, "external")
    for part in (
        "kubeadm init --config",
        "scp -r /tmp/${HOST}/*",
        "<host key> kubeadm-ha",
        "  e2: nothing",
        "images import image.tar",
    ):
        assert part in text
    assert [command for command in site.commands if why_not(command)] == []


def test_plan_of_a_preparation_and_a_reset(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    text = GOOD.replace("[login]", 'prepare = "artifacts"\n[login]')
    found = {"one": USED, "w1": {"packages": ""}}
    settings, _ = at(tmp_path, monkeypatch, text, found, mode="build", **{"in-use": "reset"})
    plan = " ".join(planned(settings, "stacked").split())  # long lines are broken
    assert "one: is in use: /etc/kubernetes/admin.conf exists, and will be reset" in plan
    for part in (
        "kubeadm reset --force",
        "apt-get install -y -q",
        "< <programs>/kubelet",
        "< <each archive of images>",
    ):
        assert part in plan


def test_plan_where_no_machine_answers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    silent = dict.fromkeys((*CONTROL_PLANES, "k8s-lb", "w1"))
    settings, _ = at(tmp_path, monkeypatch, GOOD, silent, mode="build")
    plan = planned(settings, "stacked")
    assert "v1.37.2, which stands in for what the machines have: none of them says" in plan
    assert (
        "5 machines do not answer; what follows about them is from the file alone:\n  k8s-lb cannot be reached" in plan
    )
    assert "kubeadm init --control-plane-endpoint" in plan


def test_plan_of_another_topology(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settings, _ = at(tmp_path, monkeypatch, GOOD, THERE)
    with pytest.raises(BadInput, match=r"is stacked-uploaded-1\.36-inventory-hosts, not external"):
        planned(settings, "external")
    with pytest.raises(BadInput, match="has machines for stacked etcd"):
        Clusters(settings).selection.cluster_ids("external")


def test_who_copies_to_whom(tmp_path: Path) -> None:
    path = tmp_path / "hosts.toml"
    path.write_text(EXTERNAL)
    assert host_keys.copies(parse.read(path)) == {
        "one": ["two", "three.example.org"], "e1": ["e2", "e3"], "e3": ["one"]
    }  # fmt: skip
    path.write_text(GOOD)
    assert host_keys.copies(parse.read(path)) == {}


def test_a_plan_of_a_build_shows_what_kubeadm_gets_beside_a_configuration(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    own = written(tmp_path / "mine.yaml", f"{CLUSTER}kubernetesVersion: stable\n")
    settings, _ = at(tmp_path, monkeypatch, GOOD, {}, mode="build", configuration=str(own))
    shown = planned(settings, "stacked").partition("mine.yaml is what kubeadm gets, and beside it:")[2]
    assert "ClusterConfiguration.controlPlaneEndpoint: lb.example.org:6443" in shown
    assert "ClusterConfiguration.kubernetesVersion: v1.37.2 (the file says stable)" in shown
