"""Your machines, when a cluster on them is removed: only what was put there is undone, and only where that was."""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from provision.config.cluster_state import ClusterState
from provision.config.inventory.model import Inventory
from provision.config.settings import Settings
from provision.config.topology import MachineSpec, Role
from provision.config.versions import Version
from provision.network import image
from provision.providers.host import Host
from provision.providers.inventory import machines, reset
from provision.providers.inventory.facts import Survey, unknown
from provision.providers.inventory.install import Supplies
from provision.providers.inventory.preparation import Preparation, Touched
from provision.providers.inventory.provider import YourMachines
from provision.recording.journal import Journal
from provision.util.errors import CommandFailed, HostLacks
from provision.util.home import Home
from provision.util.redaction import Redactor
from provision.util.result import Result
from tests.fake_machine import FakeMachine, Replies, on
from tests.homes import Unready
from tests.test_inventory import FREE, GOOD, read

JOURNAL = Journal("x", Redactor())
CLUSTER = "stacked-uploaded-1.37-inventory-lab"
RESET = "kubeadm reset"
NO_LUCK = Result(1, "", "no luck")
NAMES = ["k8s-lb", "one", "two", "three.example.org", "w1"]


UNDOING: Replies = {
    re.compile(f"\n{RESET} --force --skip-phases remove-etcd-member "): "",
    re.compile("\n    mv \\$saved "): "",
    re.compile(r"^rm -f ~/kubeadmcfg\.yaml "): "",
}
"""What is run on machines to undo what was done."""

ACQUAINTING = re.compile(r"\necho '10\.0\.0\.1\d ssh-ed25519 AAAA kubeadm-ha' >> /etc/ssh/ssh_known_hosts\n")
MAKING: Replies = {**UNDOING, re.compile(rf" \|\| cp -p \S+ \S+{re.escape(reset.SAVED)} "): "", ACQUAINTING: ""}
PACKAGES = re.compile("\napt-get install -y -q ")
MAKING_THE_IMAGE = re.compile("images import image.tar")
SUPPLYING: Replies = {
    PACKAGES: "",
    re.compile("> /etc/modules-load.d/kubernetes.conf\n"): "",
    re.compile("\ntheirs=/etc/containerd/config.toml\n"): "",
    re.compile("^sudo install -D -m 644 /dev/stdin /"): "",
    re.compile("\nsystemctl restart containerd\n"): "",
    MAKING_THE_IMAGE: "",
}
"""What is run on machines, beside that, to give them what Kubernetes needs."""


class Known(FakeMachine):
    """A machine that has proved itself to this host."""

    def host_key(self) -> str:
        return "ssh-ed25519 AAAA"


class World:
    """An inventory's machines, which know these answers, and the home folder of their cluster."""

    def __init__(self, home: Path, inventory: Inventory, answers: Replies) -> None:
        self.inventory = inventory
        self.folder = home / "clusters" / CLUSTER
        self.machines = {spec.name: Known(answers, spec, inventory.host(spec.name).address) for spec in inventory.specs}
        self.provider = YourMachines(Host(Settings.of({}), Home(home)))

    def planned(
        self, *, in_use: str = "", reset: bool = False, supplies: Supplies | None = None, network: bool = False
    ) -> ClusterState:
        """The cluster as it is planned, whose machines are prepared so; `in_use` names one that is."""
        used = FREE | {"files": "/etc/kubernetes/admin.conf"}
        found = {name: Survey(each, used if name == in_use else FREE) for name, each in self.machines.items()}
        return ClusterState(
            CLUSTER, "v1.37.2", 1, 0.0, provider="inventory", inventory=dict(self.inventory.content),
            material=Preparation(self.inventory, found, supplies, reset, network),
        )  # fmt: skip

    def create(self, *, stay: bool = False, **planned: Any) -> None:
        self.provider.create(self.planned(**planned), JOURNAL, Unready(stay=stay))

    def remove(self) -> None:
        self.provider.remove(CLUSTER, self.planned())

    def undone(self) -> list[str]:
        """The names of the machines on which something was undone."""
        marks = (RESET, "mv $saved")
        return [each.name for each in self.machines.values() if any(m in c for c in each.commands for m in marks)]


@pytest.fixture
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., World]:
    def make(answers: Replies = MAKING) -> World:
        made = World(tmp_path / "home", read(tmp_path, 'certificates = "manual"\n' + GOOD), answers)
        monkeypatch.setattr(machines, "reach", lambda *_: dict(made.machines))
        return made

    return make


def test_everything_is_undone_once_the_procedure_may_have_begun(world: Callable[..., World]) -> None:
    lab = world()
    lab.create()
    assert lab.undone() == []
    lab.remove()
    assert lab.undone() == NAMES


def test_what_was_undone_is_not_undone_again(world: Callable[..., World]) -> None:
    lab = world()
    lab.create()
    lab.remove()
    again = world()
    again.remove()
    assert again.undone() == []


def test_where_a_package_cannot_be_installed_nothing_is_reset(world: Callable[..., World]) -> None:
    """Nothing but the load balancer's configuration was put aside, and that is put back."""
    lab = world({**MAKING, **SUPPLYING, PACKAGES: lambda name, _: NO_LUCK if name == "w1" else ""})
    with pytest.raises(HostLacks, match=r"w1 cannot install Kubernetes' official packages(.|\n)*--ha-packages URL"):
        lab.create(supplies=Supplies(Version(37, 2), "pause"))
    assert [name for name in lab.undone() if name != "k8s-lb"] == []


def test_a_machine_that_was_given_host_keys_forgets_them_where_that_fails(world: Callable[..., World]) -> None:
    lab = world({**MAKING, ACQUAINTING: on("one", NO_LUCK)})
    with pytest.raises(CommandFailed):
        lab.create()
    assert lab.undone() == ["k8s-lb", "one"]


def test_nodes_make_the_image_of_the_network_where_none_is_carried(world: Callable[..., World]) -> None:
    lab = world({**MAKING, **SUPPLYING})
    lab.create(network=True)
    made = [name for name, each in lab.machines.items() if any("images import" in line for line in each.commands)]
    assert made == ["one", "two", "three.example.org", "w1"]
    lab.remove()
    for name in made:
        assert [line for line in lab.machines[name].commands if image.FORGET in line] != []


def test_a_node_that_may_have_made_the_image_is_undone(world: Callable[..., World]) -> None:
    lab = world({**MAKING, MAKING_THE_IMAGE: lambda name, _: NO_LUCK if name == "w1" else ""})
    with pytest.raises(CommandFailed):
        lab.create(network=True)
    assert "w1" in lab.undone()


def test_machines_that_are_to_stay_are_undone_when_the_cluster_is_removed(world: Callable[..., World]) -> None:
    lab = world({**MAKING, ACQUAINTING: on("one", NO_LUCK)})
    with pytest.raises(CommandFailed):
        lab.create(stay=True)
    assert lab.undone() == []
    lab.remove()
    assert lab.undone() == ["k8s-lb", "one"]


def test_of_a_cluster_that_an_older_version_built_everything_is_undone(world: Callable[..., World]) -> None:
    """It did not remember on which machines something was done."""
    lab = world()
    lab.folder.mkdir(parents=True)
    lab.remove()
    assert lab.undone() == NAMES


def test_only_machines_that_are_in_use_are_reset_before(world: Callable[..., World]) -> None:
    lab = world()
    lab.create(in_use="two", reset=True)
    assert lab.undone() == ["two"]


def test_machines_that_cannot_be_reset_name_the_way_to_leave_them(world: Callable[..., World]) -> None:
    lab = world({re.compile(f"\n{RESET} "): lambda name, _: NO_LUCK if name == "two" else "", **MAKING})
    lab.create()
    with pytest.raises(CommandFailed, match=f"two could not be made what it was(.|\n)*clean {CLUSTER} --forget"):
        lab.remove()


def test_a_plan_remembers_nothing(world: Callable[..., World]) -> None:
    lab = world()
    surveys = {name: unknown(machine) for name, machine in lab.machines.items()}
    Preparation(lab.inventory, surveys, None, reset=True).apply(lab.machines, Touched(None))
    assert (lab.undone(), lab.folder.exists()) == ([], False)


def member(folder: Path, *names: str) -> None:
    """What is in a folder that may be an etcd member's."""
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text("x")


def undo_members(*folders: Path) -> None:
    """Run what is undone on an etcd machine, as far as its members' folders go."""
    machine = FakeMachine(UNDOING, MachineSpec("etcd1", Role.ETCD, 31))
    reset.undo(machine, [os.path.relpath(folder, "/tmp") for folder in folders])
    script = machine.commands[0].split("set -e\n", 1)[1].split(reset._NODE, 1)[0]
    assert "folder=/tmp/" in script
    subprocess.run(["sh", "-e"], input=script, text=True, check=True)


def test_the_configurations_that_the_procedure_made_are_removed(tmp_path: Path) -> None:
    member(tmp_path / "10.0.0.31", "kubeadmcfg.yaml", "pki/etcd/ca.crt")
    undo_members(tmp_path / "10.0.0.31", tmp_path / "10.0.0.32")
    assert list(tmp_path.iterdir()) == []


def test_what_another_user_has_in_such_folders_stays(tmp_path: Path) -> None:
    """Another folder with a file of that name, more than we have put there, no such file at all, a link."""
    member(tmp_path / "mine", "kubeadmcfg.yaml", "pki/ca.key")
    member(tmp_path / "10.0.0.31", "kubeadmcfg.yaml", "notes")
    member(tmp_path / "10.0.0.32", "pki/ca.key")
    (tmp_path / "10.0.0.33").symlink_to(tmp_path / "mine")
    undo_members(*(tmp_path / f"10.0.0.3{n}" for n in (1, 2, 3)))
    left = [path.relative_to(tmp_path).as_posix() for path in sorted(tmp_path.rglob("*")) if path.is_file()]
    assert left == ["10.0.0.31/notes", "10.0.0.32/pki/ca.key", "mine/kubeadmcfg.yaml", "mine/pki/ca.key"]


def test_other_machines_have_no_such_folders() -> None:
    machine = FakeMachine(UNDOING, MachineSpec("w1", Role.WORKER, 21))
    reset.undo(machine, ["10.0.0.31"])
    assert [command for command in machine.commands if "/tmp/" in command] == []


def test_files_with_a_token_in_the_home_folder_are_removed() -> None:
    machine = FakeMachine(UNDOING, MachineSpec("w1", Role.WORKER, 21))
    reset.undo(machine)
    assert machine.commands[-1] == "rm -f ~/kubeadmcfg.yaml ~/kubeadm-config.yaml ~/kubeadm-join.yaml"
