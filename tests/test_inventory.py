"""Inventories: what is read from them, what is wrong with malformed ones, and which machines are refused."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from provision.clusters.lifecycle import Clusters
from provision.config.inventory import parse
from provision.config.inventory.model import Inventory
from provision.config.login import Jump, Login
from provision.config.settings import Settings
from provision.config.topology import MachineSpec, Role
from provision.machines import openssh
from provision.node import NODE_PACKAGES
from provision.node.host_workarounds import HostFacts
from provision.providers.inventory import in_use, install
from provision.providers.inventory.facts import Survey
from provision.util.errors import BadInput
from tests.fake_machine import FakeMachine

GOOD = """\
endpoint = "lb.example.org:6443"
[login]
user = "admin"
jump = "me@bastion.example.org:2222"
[hosts.k8s-lb]
role = "load-balancer"
address = "10.0.0.2"
[hosts.one]
role = "control-plane"
address = "10.0.0.11"
[hosts.two]
role = "control-plane"
address = "10.0.0.12"
port = 2022
[hosts."three.example.org"]
role = "control-plane"
address = "10.0.0.13"
sudo = false
[hosts.w1]
role = "worker"
address = "10.0.0.21"
connect = "203.0.113.7"
"""

MALFORMED = {
    "not TOML": ("[hosts", "is not valid TOML"),
    "nothing": ("", "the file: 0 hosts with role control-plane; the page asks for three or more"),
    "endpoint without port": (GOOD.replace(":6443", ""), "endpoint 'lb.example.org' is not like lb.example.org:6443"),
    "impossible port of the endpoint": (GOOD.replace(":6443", ":99999"), "is not like"),
    "unknown key": ("endpiont = 'x'\n" + GOOD, "'endpiont' is not known; did you mean 'endpoint'?"),
    "unknown key of a host": (GOOD + "colour = 'red'\n", "w1: 'colour' is not known; there are role, address"),
    "password": (GOOD + "password = 'x'\n", "w1: 'password' is not known: passwords are not taken"),
    "unknown role": (GOOD.replace('"worker"', '"master"'), "w1: role 'master' does not exist; one of load-balancer"),
    "no role": (GOOD.replace('role = "worker"', ""), "w1: role is missing"),
    "no address": (GOOD.replace('address = "10.0.0.21"', ""), "w1: address is missing; an IPv4 address"),
    "name as address": (GOOD.replace("10.0.0.21", "w1.example.org"), "w1: address 'w1.example.org' is none"),
    "IPv6 address": (GOOD.replace("10.0.0.21", "fd00::21"), "w1: its address is one of IPv6, which is not supported"),
    "same address": (GOOD.replace("10.0.0.21", "10.0.0.11"), "one and w1: have the same address 10.0.0.11"),
    "no user": (GOOD.replace('user = "admin"', ""),
                "k8s-lb, one, two, three.example.org, w1: no user to log in as; say it in [login] for all hosts"),
    "port as text": (GOOD.replace("2022", '"2022"'), "two: port must be a number, not '2022'"),
    "impossible port": (GOOD.replace("2022", "0"), "two: 0 is not a valid port"),
    "missing key of the jump host": (GOOD + "jump_key = '/nowhere/id'\n", "w1: there is no key /nowhere/id"),
    "missing key file": (GOOD + "key = '/nowhere/id'\n", "w1: there is no key /nowhere/id"),
    "bad jump host": (GOOD.replace("me@bastion", "bastion"), "is not like user@bastion.example.org:22"),
    "upper-case name": (GOOD.replace("hosts.w1", "hosts.W1"), "W1: is not a valid host name; lower-case"),
    "host that is not a table": (GOOD.replace("[login]", "hosts.odd = 1\n[login]"), "odd: must be a table"),
    "unknown version": ("kubernetes = '2.0'\n" + GOOD, "the file: kubernetes: unknown Kubernetes version '2.0'"),
    "unknown way to prepare": ("prepare = 'magic'\n" + GOOD, "prepare 'magic' does not exist; one of none, artifacts"),
    "unknown certificates": ("certificates = 'post'\n" + GOOD, "certificates 'post' does not exist; one of uploaded"),
}  # fmt: skip


TO_BE_CHECKED = {
    "no endpoint": (GOOD.replace("endpoint", "#"), "", "the file: no endpoint; the load balancer's name and port"),
    "two control planes": (GOOD.replace("[hosts.two]\nrole = \"control-plane\"", "[hosts.two]\nrole = \"worker\""),
                           "the file: 2 control planes; the page asks for three or more",
                           "2 hosts with role control-plane; the page asks for three or more"),
    "one etcd machine": (GOOD.replace('"worker"', '"etcd"'), "the file: one etcd member survives no loss; use three",
                         "1 hosts with role etcd; the page asks for three or more"),
    "two balancers": (GOOD.replace('"worker"', '"load-balancer"'), "the file: load balancers k8s-lb, w1; the endpoint",
                      "more than one host with role load-balancer"),
}  # fmt: skip
"""What exists can be checked, with what it means being noted; what is built has to be as the page has it."""


def read(folder: Path, text: str) -> Inventory:
    path = folder / "my hosts.toml"
    path.write_text(text)
    return parse.read(path)


def test_what_it_says(tmp_path: Path) -> None:
    found = read(tmp_path, GOOD)
    assert (found.name, found.topology) == ("my-hosts", "stacked")
    assert [spec.name for spec in found.specs] == ["k8s-lb", "one", "two", "three.example.org", "w1"]
    assert found.host("two").port == 2022
    assert found.host("one").jump == Jump("me", "bastion.example.org", 2222)
    assert (found.host("w1").connect, found.host("w1").address) == ("203.0.113.7", "10.0.0.21")
    assert [host.sudo for host in found.hosts] == [True, True, True, False, True]


@pytest.mark.parametrize("case", MALFORMED)
def test_malformed(tmp_path: Path, case: str) -> None:
    text, message = MALFORMED[case]
    with pytest.raises(BadInput) as problem:
        read(tmp_path, text)
    assert message in str(problem.value)


@pytest.mark.parametrize("case", TO_BE_CHECKED)
def test_what_can_only_be_checked(tmp_path: Path, case: str) -> None:
    text, note, refused = TO_BE_CHECKED[case]
    assert any(each.startswith(note) for each in ("", *read(tmp_path, text).notes))
    path = str(tmp_path / "my hosts.toml")
    assert Settings.of({"inventory": path}).your_machines
    with pytest.raises(BadInput, match="no cluster is built from inventory") as problem:
        _ = Settings.of({"inventory": path, "mode": "build"}).your_machines
    assert refused in problem.value.answer


def test_everything_that_is_wrong_is_in_one_message(tmp_path: Path) -> None:
    with pytest.raises(BadInput) as problem:
        read(tmp_path, GOOD.replace("10.0.0.21", "here").replace("2022", "0"))
    messages = ("w1: address 'here' is none", "two: 0 is not a valid port")
    assert [line for line in messages if line not in str(problem.value)] == []


def test_a_file_that_is_not_there() -> None:
    with pytest.raises(BadInput, match="there is no inventory /nowhere"):
        parse.read(Path("/nowhere/hosts.toml"))


def test_ids_carry_its_name(tmp_path: Path) -> None:
    (tmp_path / "lab.toml").write_text(GOOD)
    settings = Settings.of({"inventory": str(tmp_path / "lab.toml")})
    assert settings.read_only
    assert [str(each) for each in settings.cluster_ids("stacked", "1.37")] == ["stacked-uploaded-1.37-inventory-lab"]
    assert settings.cluster_ids("external", "1.37") == settings.mutable_ids("stacked", "1.37") == []


def test_nothing_is_built_unless_that_is_chosen(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HA_HOME", str(tmp_path / "home"))
    (tmp_path / "lab.toml").write_text(GOOD)
    clusters = Clusters(Settings.of({"inventory": str(tmp_path / "lab.toml"), "kubernetes": "1.37"}))
    with pytest.raises(BadInput, match="is only checked"):
        clusters.start(clusters.selection.cluster_ids("stacked")[0])


def test_the_provider_needs_a_file() -> None:
    with pytest.raises(BadInput, match="needs a file of machines"):
        Settings.of({"provider": "inventory"})


FREE = {
    "name": "one", "root": "0", "addresses": "2: eth0    inet 10.0.0.11/24 scope global", "files": "", "ports": "",
    "endpoint": "10.0.0.2        STREAM lb.example.org", "swap": "", "fstab": "",
    "cgroup": "cgroup2fs", "conntrack": "0",
    "capabilities": "CapBnd:\t000001ffffffffff", "disk": "Filesystem\n/dev/a 100 10 90 10% /", "version": "v1.37.2",
    "packages": "\n".join(f"{name} install ok installed" for name in NODE_PACKAGES),
    "virtualization": "kvm",
    "programs": "/usr/bin/kubeadm\n/usr/bin/kubelet\n/usr/bin/kubectl",
}  # fmt: skip
_ONE = FakeMachine({}, MachineSpec("one", Role.CONTROL_PLANE, 0), "10.0.0.11")

UNREADY = {
    "no sudo": ({"root": ""}, "one: ubuntu is not allowed sudo without a password"),
    "another name": ({"name": "localhost"}, "one: its host name is localhost, which will be its node's name"),
    "another address": ({"addresses": "2: eth0 inet 10.9.9.9/24"}, "one: has no address 10.0.0.11, but 10.9.9.9"),
    "unknown endpoint": ({"endpoint": ""}, "one: does not know the name lb.example.org; put it in DNS"),
    "another endpoint": ({"endpoint": "10.0.0.3 STREAM x"}, "takes lb.example.org for 10.0.0.3, not for the load"),
    "packages": ({"packages": ""}, "one: sudo apt-get install -y containerd runc"),
    "programs": ({"programs": "/usr/bin/kubectl"}, "one: has no kubeadm, kubelet; prepare ="),
    "swap after a reboot": ({"fstab": "/swapfile none swap sw 0 0"}, "one: swap is off, and /etc/fstab turns it on"),
    "files": ({"files": "/etc/kubernetes/admin.conf"}, "one: is in use: /etc/kubernetes/admin.conf exists"),
    "ports": ({"ports": "LISTEN 0 4096 *:6443 *:*"}, "one: is in use: a program listens on port 6443"),
}


def _survey(**found: str) -> Survey:
    return Survey(_ONE, FREE | found)


def test_a_machine_that_is_ready(tmp_path: Path) -> None:
    in_use.check(read(tmp_path, GOOD), [_survey()], prepared=True, carried=False, reset=False)


@pytest.mark.parametrize("case", UNREADY)
def test_a_machine_that_is_not(tmp_path: Path, case: str) -> None:
    found, message = UNREADY[case]
    with pytest.raises(BadInput) as problem:
        in_use.check(read(tmp_path, GOOD), [_survey(**found)], prepared=True, carried=False, reset=False)
    assert message in str(problem.value)


def test_containerd_of_docker_is_a_containerd() -> None:
    packages = (
        FREE["packages"].replace("containerd install", "containerd.io install").replace("runc install", "x install")
    )
    assert _survey(packages=packages).missing == []
    assert _survey(packages=packages.replace("containerd.io install ok installed", "")).missing == [
        "containerd",
        "runc",
    ]


def test_swap_that_is_on_is_left_to_the_kubelets_own_configuration(tmp_path: Path) -> None:
    swapping = _survey(fstab="/swapfile none swap sw 0 0", swap="/swapfile file 1G 0B -2")
    in_use.check(read(tmp_path, GOOD), [swapping], prepared=True, carried=False, reset=False)


def test_swap_of_fstab_is_dealt_with_where_machines_are_prepared(tmp_path: Path) -> None:
    in_use.check(
        read(tmp_path, GOOD), [_survey(fstab="/dev/b none swap sw 0 0")], prepared=False, carried=True, reset=False
    )


FSTAB = """\
# /swap.old none swap sw 0 0
UUID=1-2 / ext4 errors=remount-ro 0 1
/swapfile none swap sw 0 0
UUID=3-4\tnone\tswap\tsw\t0\t0
/dev/c /swap ext4 defaults 0 2
/dev/d /home/swap ext4 defaults 0 2
"""


def test_lines_that_turn_swap_on_become_comments_and_no_others(tmp_path: Path) -> None:
    (tmp_path / "fstab").write_text(FSTAB)
    (command,) = (line for line in install._KERNEL.splitlines() if "fstab" in line)
    for _ in range(2):  # done twice, it is as done once
        subprocess.run(["sh", "-ec", command.replace("/etc/fstab", str(tmp_path / "fstab"))], check=True)
    changed = FSTAB.replace("\n/swapfile", "\n# kubeadm-ha: /swapfile").replace("UUID=3", "# kubeadm-ha: UUID=3")
    assert (tmp_path / "fstab").read_text() == changed


def test_a_configuration_of_containerd_is_kept_once(tmp_path: Path) -> None:
    """That of a machine which was prepared before is ours."""
    script = install._CONTAINERD_KEPT.replace("/etc/containerd", str(tmp_path))
    subprocess.run(["sh", "-ec", script], check=True)
    assert list(tmp_path.iterdir()) == []
    for text in ("theirs", "ours", "ours again"):
        (tmp_path / "config.toml").write_text(text)
        subprocess.run(["sh", "-ec", script], check=True)
    assert (tmp_path / "config.toml.before-kubeadm-ha").read_text() == "theirs"


def test_what_is_in_use_may_be_reset_where_that_is_chosen(tmp_path: Path) -> None:
    used = _survey(files="/etc/kubernetes/admin.conf")
    with pytest.raises(BadInput, match="--ha-in-use reset"):
        in_use.check(read(tmp_path, GOOD), [used], prepared=True, carried=False, reset=False)
    in_use.check(read(tmp_path, GOOD), [used], prepared=True, carried=False, reset=True)


def test_more_members_than_the_page_has(tmp_path: Path) -> None:
    etcd = "".join(f'[hosts.e{n}]\nrole = "etcd"\naddress = "10.0.0.3{n}"\n' for n in range(4))
    inventory = read(tmp_path, GOOD + etcd)
    with pytest.raises(BadInput, match="4 hosts with role etcd; the page's script is for three"):
        parse.to_be_built(inventory, tmp_path)


NO_BALANCER = GOOD.replace('role = "load-balancer"', 'role = "worker"')


def test_without_a_load_balancer_a_cluster_is_checked_and_not_built(tmp_path: Path) -> None:
    """Refused with the other options: before a machine is entered."""
    read(tmp_path, NO_BALANCER)
    chosen = {"inventory": str(tmp_path / "my hosts.toml"), "kubernetes": "1.37"}
    assert Settings.of(chosen).your_machines
    with pytest.raises(BadInput, match="no host with role load-balancer, which the endpoint's name leads to"):
        _ = Settings.of(chosen | {"mode": "build"}).your_machines


def test_roles_that_a_cluster_is_built_on_are_let_through(tmp_path: Path) -> None:
    parse.to_be_built(read(tmp_path, GOOD), tmp_path)


def test_facts_of_a_machine() -> None:
    facts = _survey(cgroup="tmpfs", capabilities="CapBnd:\t00000000a80425fb", conntrack="1", swap="/x").host_facts
    assert facts == HostFacts(1, may_raise_limits=False, conntrack_writable=False, swap=True, disk_free=0.9)
    plain = _survey().host_facts
    assert plain == HostFacts(2, may_raise_limits=True, conntrack_writable=True, swap=False, disk_free=0.9)


def test_ssh_by_hand_goes_through_the_jump_host() -> None:
    login = Login("u", Path("/key"), Path("/known"), 2022, connect="203.0.113.7", jump=Jump("me", "bastion", 2222))
    line = openssh.command(login, "10.0.0.21")
    proxy = next(part for part in line if part.startswith("ProxyCommand="))
    assert line[-3:] == ["-p", "2022", "u@203.0.113.7"]
    assert proxy.endswith("-W %h:%p -p 2222 me@bastion")


def test_without_a_key_the_agent_is_used() -> None:
    line = openssh.command(Login("u", None, Path("/known")), "10.0.0.21")
    assert not any("Identit" in part for part in line)
    assert openssh.forwarding(Login("u", None, Path("/known")), "10.0.0.21", "id", Path("/log"))[0] == "ssh"
