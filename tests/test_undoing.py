"""Your machines, when a cluster on them is removed: only what was put there is undone, and only where that was."""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from provision.config.inventory.model import Inventory
from provision.config.topology import ClusterId, MachineSpec, Role
from provision.config.versions import Version
from provision.errors import CommandFailed
from provision.providers.inventory import provider, reset
from provision.providers.inventory.facts import Survey, unknown
from provision.providers.inventory.install import Supplies
from provision.providers.inventory.provider import Machines
from provision.providers.protocol import Order
from provision.recording.journal import Journal
from provision.recording.redaction import Redactor
from provision.util.result import Result
from tests.fake_machine import FakeMachine, Replies, on
from tests.test_inventory import FREE, GOOD, read

JOURNAL = Journal("x", Redactor())
RESET = "kubeadm reset"
NO_LUCK = Result(1, "", "no luck")
NAMES = ["k8s-lb", "one", "two", "three.example.org", "w1"]


UNDOING: Replies = {
    re.compile(f"\n{RESET} --force --skip-phases remove-etcd-member "): "",
    re.compile(f"\nmv {reset.SAVED} "): "",
    re.compile(r"^rm -f ~/kubeadmcfg\.yaml "): "",
}
"""What is run on machines to undo what was done."""

ACQUAINTING = re.compile(r"\necho '10\.0\.0\.1\d ssh-ed25519 AAAA kubeadm-ha' >> /etc/ssh/ssh_known_hosts\n")
MAKING: Replies = {**UNDOING, re.compile(rf" \|\| cp -p \S+ {reset.SAVED}\n"): "", ACQUAINTING: ""}
PACKAGES = re.compile("\napt-get install -y -q ")
SUPPLYING: Replies = {
    PACKAGES: "",
    re.compile("> /etc/modules-load.d/kubernetes.conf\n"): "",
    re.compile("^sudo install -D -m 644 /dev/stdin /"): "",
    re.compile("\nsystemctl restart containerd\n"): "",
}
"""What is run on machines, beside that, to give them what Kubernetes needs."""


class Known(FakeMachine):
    """A machine that has proved itself to this host."""

    def host_key(self) -> str:
        return "ssh-ed25519 AAAA"


class World:
    """An inventory's machines, which know these answers, and the folder of their cluster."""

    def __init__(self, folder: Path, inventory: Inventory, told: Replies) -> None:
        self.folder = folder
        self.inventory = inventory
        self.machines = {spec.name: Known(told, spec, inventory.host(spec.name).address) for spec in inventory.specs}

    def provider(self, *, in_use: str = "", reset: bool = False, supplies: Supplies | None = None) -> Machines:
        found = [Survey(each, FREE if each.name != in_use else FREE | {"files": "/etc/kubernetes/admin.conf"})
                 for each in self.machines.values()]  # fmt: skip
        return Machines(self.inventory, JOURNAL, found, supplies, folder=self.folder, reset=reset)

    @property
    def order(self) -> Order:
        return Order(ClusterId.parse("stacked-uploaded-1.37-inventory-lab"), self.folder, inventory=self.inventory)

    def undone(self) -> list[str]:
        """The names of the machines on which something was undone."""
        marks = (RESET, f"mv {reset.SAVED}")
        return [each.name for each in self.machines.values() if any(m in c for c in each.commands for m in marks)]


@pytest.fixture
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., World]:
    def make(told: Replies = MAKING) -> World:
        made = World(tmp_path / "cluster", read(tmp_path, 'certificates = "manual"\n' + GOOD), told)
        monkeypatch.setattr(provider, "reach", lambda *_: dict(made.machines))
        return made

    return make


def test_everything_is_undone_once_the_procedure_may_have_begun(world: Callable[..., World]) -> None:
    lab = world()
    lab.provider().create(lab.order, JOURNAL)
    assert lab.undone() == []
    lab.provider().remove("x")
    assert lab.undone() == NAMES


def test_where_a_package_cannot_be_installed_nothing_is_reset(world: Callable[..., World]) -> None:
    """Nothing but the load balancer's configuration was put aside, and that is put back."""
    lab = world({**MAKING, **SUPPLYING, PACKAGES: lambda name, _: NO_LUCK if name == "w1" else ""})
    supplies = Supplies(Version(37, 2), "pause")
    with pytest.raises(CommandFailed):
        lab.provider(supplies=supplies).create(lab.order, JOURNAL)
    lab.provider().remove("x")
    assert [name for name in lab.undone() if name != "k8s-lb"] == []


def test_the_machine_that_was_made_to_know_others_forgets_them(world: Callable[..., World]) -> None:
    lab = world({**MAKING, ACQUAINTING: on("one", NO_LUCK)})
    with pytest.raises(CommandFailed):
        lab.provider().create(lab.order, JOURNAL)
    world_again = world()
    world_again.provider().remove("x")
    assert world_again.undone() == ["k8s-lb", "one"]


def test_of_a_cluster_that_an_older_version_built_everything_is_undone(world: Callable[..., World]) -> None:
    """It did not remember on which machines something was done."""
    lab = world()
    lab.folder.mkdir()
    lab.provider().remove("x")
    assert lab.undone() == NAMES


def test_only_machines_that_are_in_use_are_reset_before(world: Callable[..., World]) -> None:
    lab = world()
    lab.provider(in_use="two", reset=True).create(lab.order, JOURNAL)
    assert lab.undone() == ["two"]


def test_a_plan_remembers_nothing(tmp_path: Path, world: Callable[..., World]) -> None:
    lab = world()
    surveys = [unknown(machine) for machine in lab.machines.values()]
    Machines(lab.inventory, JOURNAL, surveys, reset=True).make_ready(lab.machines)
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


def test_what_somebody_else_has_there_stays(tmp_path: Path) -> None:
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
