"""Virtual machines of one home folder among those of others: which are found, removed, and used again.

The hypervisor is a program that lists names and notes what is removed.
"""

from __future__ import annotations

import stat
from dataclasses import asdict
from pathlib import Path

import pytest

from provision.config.cluster_state import ClusterState, Virtual
from provision.config.settings import Settings
from provision.providers.host import Host
from provision.providers.vagrant import boxes, order
from provision.providers.vagrant.cli import Vagrant
from provision.providers.vagrant.order import old_prefix, prefix
from provision.providers.vagrant.provider import Material, VirtualMachines
from provision.recording.journal import Journal
from provision.util.errors import BadInput, CommandFailed
from provision.util.home import Home
from provision.util.redaction import Redactor
from tests.homes import Unready

CLUSTER = "stacked-uploaded-1.37-vagrant"
VIRTUAL = Virtual("libvirt", "bento/debian-12")
STATE = ClusterState(
    CLUSTER, "v1.37.2", 1, 0.0, provider="vagrant", subnet="198.18.7.0/24", virtual=asdict(VIRTUAL), material=Material()
)
OTHER_HOME = Path("/home/another/.cache/kubeadm-ha")


@pytest.fixture
def path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder that comes first in PATH."""
    monkeypatch.setenv("PATH", str(tmp_path), prepend=":")
    return tmp_path


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(tmp_path / "home")


@pytest.fixture
def virsh(path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A stand-in whose machines, networks and volumes are lines of files; what it removes is gone from them."""
    monkeypatch.setattr(boxes, "BOOT", str(path / "boot"))
    for kind in ("machines", "networks", "volumes"):
        (path / kind).write_text("")
    program(path, "virsh", f"""
shift 3
gone() {{
  for last; do :; done
  grep -vxF "$last" {path}/$1 > {path}/kept; mv {path}/kept {path}/$1; echo "$last" >> {path}/gone
}}
case "$1" in
  list) cat {path}/machines ;;
  net-list) cat {path}/networks ;;
  pool-list) echo default ;;
  vol-list) sed 's,.*, & /pool/&,' {path}/volumes ;;
  undefine) gone machines "$@" ;;
  net-undefine) gone networks "$@" ;;
  vol-delete) gone volumes "$@" ;;
  destroy|net-destroy) ;;
  *) echo "unknown: $*" >&2; exit 1 ;;
esac""")  # fmt: skip
    return path


def program(folder: Path, name: str, script: str) -> None:
    (folder / name).write_text(f"#!/bin/sh\n{script}\n")
    (folder / name).chmod(stat.S_IRWXU)


def have(virsh: Path, **names: list[str]) -> None:
    for kind, lines in names.items():
        (virsh / kind).write_text("".join(f"{line}\n" for line in lines))


def gone(virsh: Path) -> list[str]:
    return (virsh / "gone").read_text().split() if (virsh / "gone").exists() else []


def machines(home: Home, *, reuse: bool = False) -> VirtualMachines:
    return VirtualMachines(Host(Settings.of({"reuse": "machines" if reuse else "no"}), home))


def remember(home: Home, text: str) -> None:
    """Leave Vagrant's order in the cluster's folder, and no Vagrant that would act on it."""
    folder = home.clusters / CLUSTER / order.FOLDER
    folder.mkdir(parents=True)
    (folder / "order.yaml").write_text(text)


def old_order(home: Home) -> str:
    return order.render(STATE, home.root).replace(prefix(CLUSTER, home.root), old_prefix(CLUSTER))


def test_names_say_whose_home_remembers_a_machine(home: Home) -> None:
    assert prefix(CLUSTER, home.root) != prefix(CLUSTER, OTHER_HOME)
    assert f"prefix: {prefix(CLUSTER, home.root)}\n" in order.render(STATE, home.root)


def test_machines_disks_and_networks_of_this_home_are_found(virsh: Path, home: Home) -> None:
    have(
        virsh, machines=[f"{prefix('x-y-1.1', home.root)}cp1", f"{prefix('x-y-1.2', OTHER_HOME)}cp1", "kubeadm-ha_cp1"],
        networks=["default", prefix("x-y-1.3", home.root)[:-1], prefix("x-y-1.4", OTHER_HOME)[:-1]],
        volumes=[f"{prefix('x-y-1.5', home.root)}w1.img", f"{prefix('x-y-1.6', OTHER_HOME)}w1.img"],
    )  # fmt: skip
    assert machines(home).existing() == {"x-y-1.1", "x-y-1.3", "x-y-1.5"}


def test_the_same_cluster_of_another_home_stays(virsh: Path, home: Home) -> None:
    """All users of the host share libvirt, and two of them may make a cluster of the same id."""
    ours, theirs, longer = prefix(CLUSTER, home.root), prefix(CLUSTER, OTHER_HOME), prefix(f"{CLUSTER}-2", home.root)
    everybody = (ours, theirs, longer)
    have(
        virsh, machines=[f"{each}cp1" for each in everybody], volumes=[f"{each}cp1.img" for each in everybody],
        networks=[name for each in everybody for name in (each[:-1], f"{each}vagrant")],
    )  # fmt: skip
    machines(home).remove(CLUSTER, None)
    assert gone(virsh) == [f"{ours}cp1", ours[:-1], f"{ours}vagrant", f"{ours}cp1.img"]


def test_an_older_versions_machines_are_removed_where_this_home_remembers_them(virsh: Path, home: Home) -> None:
    program(virsh, "vagrant", "true")
    remember(home, old_order(home))
    have(virsh, machines=[f"{old_prefix(CLUSTER)}cp1"], networks=[old_prefix(CLUSTER)[:-1]])
    assert machines(home).strangers() == []
    machines(home).remove(CLUSTER, None)
    assert gone(virsh) == [f"{old_prefix(CLUSTER)}cp1", old_prefix(CLUSTER)[:-1]]


@pytest.mark.parametrize("remembered", ["", "prefix: ''\n", "prefix: kubeadm-ha-\n"])
def test_an_older_versions_machines_of_others_are_named_and_left(virsh: Path, home: Home, remembered: str) -> None:
    program(virsh, "vagrant", "true")
    if remembered:
        remember(home, remembered)
    have(virsh, machines=[f"{old_prefix(CLUSTER)}cp1", "others"])
    assert (machines(home).existing(), machines(home).strangers()) == (set(), [f"{old_prefix(CLUSTER)}cp1"])
    machines(home).remove(CLUSTER, None)
    assert gone(virsh) == []


def test_machines_that_cannot_be_removed_are_named_with_the_command_that_does(virsh: Path, home: Home) -> None:
    have(virsh, machines=[f"{prefix(CLUSTER, home.root)}cp1"])
    text = (virsh / "virsh").read_text().replace('undefine) gone machines "$@"', "undefine) exit 1", 1)
    program(virsh, "virsh", text)
    with pytest.raises(CommandFailed) as caught:
        machines(home).remove(CLUSTER, None)
    assert "virsh -q -c qemu:///system undefine --remove-all-storage" in caught.value.fix


@pytest.mark.parametrize("old", [False, True])
def test_machines_serve_again_that_were_prepared_to_the_same_order(virsh: Path, home: Home, old: bool) -> None:
    text = old_order(home) if old else order.render(STATE, home.root)
    remember(home, text)
    assert not machines(home, reuse=True).serves_again(STATE), "they were never prepared"
    (home.clusters / CLUSTER / order.FOLDER / "prepared").write_text(text)
    assert machines(home, reuse=True).serves_again(STATE)
    assert not machines(home).serves_again(STATE), "they are not to be used again"


def test_machines_of_another_order_do_not_serve_again(virsh: Path, home: Home) -> None:
    remember(home, "another order")
    (home.clusters / CLUSTER / order.FOLDER / "prepared").write_text("another order")
    assert not machines(home, reuse=True).serves_again(STATE)


def test_making_machines_removes_none(virsh: Path, home: Home) -> None:
    """What may go is decided before, and not by who makes the others."""
    program(virsh, "vagrant", f'echo "$2" >> {virsh}/commands')
    program(virsh, "ssh", "exit 1")  # as far as this test goes
    remember(home, "another order")
    with pytest.raises(CommandFailed):
        machines(home, reuse=True).create(STATE, Journal("x", Redactor()), Unready(stay=True))
    assert (virsh / "commands").read_text().split() == ["up", "ssh-config"]


VOLUMES = ["kubeadm-ha-VAGRANTSLASH-abc_vagrant_box_image_0_box.img", "kubeadm-ha-VAGRANTSLASH-abcd_vagrant_box.img"]


def test_boxes_that_machines_may_stand_on_are_not_removed(virsh: Path) -> None:
    have(virsh, volumes=VOLUMES, machines=[f"{prefix(CLUSTER, OTHER_HOME)}cp1"])
    program(virsh, "vagrant", "true")
    with pytest.raises(BadInput, match="may stand on the boxes"):
        boxes.forget(virsh, ["kubeadm-ha/abc"])
    assert gone(virsh) == []


def test_only_boxes_that_were_made_here_are_removed(virsh: Path) -> None:
    have(virsh, volumes=VOLUMES, machines=["others"])
    program(virsh, "vagrant", "true")
    boxes.forget(virsh, ["kubeadm-ha/abc"])
    assert gone(virsh) == VOLUMES[:1]


def test_without_boxes_there_is_nothing_to_refuse(virsh: Path) -> None:
    have(virsh, machines=[f"{prefix(CLUSTER, OTHER_HOME)}cp1"])
    program(virsh, "vagrant", "true")
    boxes.forget(virsh, [])
    assert not Vagrant(virsh, "libvirt").boxes("kubeadm-ha/")
