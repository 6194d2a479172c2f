"""Virtual machines: what the Vagrantfile reads, what Vagrant's complaints mean, what is left over. No hypervisor."""

from __future__ import annotations

import platform
import re
import shutil
import stat
import subprocess
from dataclasses import asdict
from ipaddress import IPv4Network
from pathlib import Path

import pytest
import yaml

from provision.artifacts.catalog import Release
from provision.config.cluster_id import ClusterId
from provision.config.cluster_state import ClusterState, Virtual
from provision.config.facts import Facts
from provision.config.settings import Settings
from provision.config.topology import Role
from provision.config.versions import Version
from provision.kubeadm import commands, configuration
from provision.kubeadm.printed import parse
from provision.node.host_workarounds import EMULATION
from provision.providers.host import Host
from provision.providers.vagrant import network, order, trouble, virtualization
from provision.providers.vagrant.cli import CHECKOUT, ORDER_VARIABLE, Vagrant
from provision.providers.vagrant.provider import VirtualMachines
from provision.util.errors import BadInput, CommandFailed, HostLacks
from provision.util.home import Home
from tests.stand_ins import PRINTED, fake_cluster

LOCAL = Virtual("libvirt", "kubeadm-ha/abc", "qemu", "/boot/k", "/boot/i", cpus=4, memory=4096)
PUBLISHED_FOR_LIBVIRT = Virtual("libvirt", "bento/debian-12")
HOME = Path("/home/me/.cache/kubeadm-ha")
PUBLISHED = Virtual("virtualbox", "bento/debian-12")


def _state(virtual: Virtual, name: str = "stacked-uploaded-1.37-vagrant", *, online: bool = False) -> ClusterState:
    return ClusterState(
        name, "v1.37.2", 1, 0.0, provider="vagrant", subnet="198.18.7.0/24", virtual=asdict(virtual), online=online
    )  # fmt: skip


def _machines(root: Path) -> VirtualMachines:
    return VirtualMachines(Host(Settings.of({}), Home(root)))


def _program(folder: Path, name: str, script: str) -> None:
    (folder / name).write_text(f"#!/bin/sh\n{script}\n")
    (folder / name).chmod(stat.S_IRWXU)


@pytest.fixture
def path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder that comes first in PATH."""
    monkeypatch.setenv("PATH", str(tmp_path), prepend=":")
    return tmp_path


def test_the_order_has_every_machine_with_its_address() -> None:
    content = yaml.safe_load(order.render(_state(LOCAL), HOME))
    assert content["machines"] == {
        "lb": "198.18.7.2", "cp1": "198.18.7.11", "cp2": "198.18.7.12", "cp3": "198.18.7.13",
        "w1": "198.18.7.21", "w2": "198.18.7.22", "w3": "198.18.7.23",
    }  # fmt: skip
    assert (content["cpus"], content["memory"], content["box"]) == (4, 4096, "kubeadm-ha/abc")


def test_the_orders_networks_do_not_overlap() -> None:
    own, management = order.halves(IPv4Network("198.18.7.0/24"))
    assert not own.overlaps(management)
    content = yaml.safe_load(order.render(_state(PUBLISHED, "external-uploaded-1.37-9cp-9w-vagrant"), HOME))
    assert all(IPv4Network(address).subnet_of(own) for address in content["machines"].values())
    assert content["libvirt"]["management"] == str(management)


@pytest.mark.parametrize(("online", "mode"), [(False, "none"), (True, "nat")])
def test_nothing_leads_out_unless_that_is_chosen(online: bool, mode: str) -> None:
    assert yaml.safe_load(order.render(_state(LOCAL, online=online), HOME))["libvirt"]["mode"] == mode


def test_a_published_box_brings_its_own_kernel() -> None:
    assert "kernel" not in yaml.safe_load(order.render(_state(PUBLISHED), HOME))["libvirt"]


@pytest.mark.parametrize(("virtual", "shares"), [(LOCAL, {"cp1": 8192}), (PUBLISHED_FOR_LIBVIRT, None)])
def test_whom_a_join_asks_goes_first_where_processors_are_emulated(virtual: Virtual, shares: object) -> None:
    assert yaml.safe_load(order.render(_state(virtual), HOME))["libvirt"].get("shares") == shares


@pytest.mark.parametrize(
    ("printed", "meaning"),
    [
        ("The provider 'libvirt' could not be found, but was requested", "lacks its plugin"),
        ("Error while connecting to Libvirt: Error making a connection", "libvirt does not answer"),
        ("VirtualBox is not installed", "VirtualBox is not installed"),
        ("Stderr: VBoxManage: error: VT-x is not available (VERR_VMX_NO_VMX)", "cannot run a guest"),
        ("The IP address configured for the host-only network is not within the\nallowed ranges", "192.168.56.0/21"),
        ("The box 'bento/debian-12' could not be found or\ncould not be accessed", "the box is not here"),
        ("machine 'cp1',\nbut another process is already executing an action on the machine.", "another Vagrant is at"),
        ("Timed out while waiting for the machine to boot. This means that", "did not come up"),
        ("Name `kubeadm-ha-x_cp1` of domain about to create is already taken.", "of the same names exist"),
        ("internal error: Network is already in use by interface virbr1", "the addresses are in use"),
        ("does not support virt type 'kvm'", "no virtualization that runs a guest"),
        ("qemu: could not open kernel file '/root/k': Permission denied", "may not read a file"),
        ("write failed: No space left on device", "the disk is full"),
        ("cannot set up guest memory 'pc.ram': Cannot allocate memory", "not enough memory"),
        ("Vagrant failed to initialize at a very early stage:", "plugins do not fit"),
    ],
)  # fmt: skip
def test_known_complaints_of_vagrant_come_with_their_fix(printed: str, meaning: str) -> None:
    found = trouble.problem("make the virtual machines", f"==> lb: something\n{printed}\n")
    assert isinstance(found, HostLacks)
    assert meaning in found.what
    assert found.fix
    assert printed.splitlines()[0] in found.answer


def test_unknown_complaints_are_shown_without_vagrants_own_code() -> None:
    found = trouble.problem("up", "lb: boom\n/usr/lib/vagrant/action.rb:12:in `call'\n\tfrom /x/y.rb:1:in `z'\n")
    assert found.answer == "lb: boom"


def test_a_missing_vagrant_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(HostLacks, match="vagrant is not installed"):
        Vagrant(tmp_path, "libvirt").ssh_config()


def test_each_cluster_has_a_vagrant_of_its_own(path: Path) -> None:
    _program(path, "vagrant", f'echo "$PWD $VAGRANT_DOTFILE_PATH $VAGRANT_DEFAULT_PROVIDER ${ORDER_VARIABLE} $*"')
    vagrant = Vagrant(path / "one", "virtualbox")
    vagrant.write("order")
    assert vagrant.ssh_config().split() == [
        str(CHECKOUT), f"{path}/one/machines", "virtualbox", f"{path}/one/order.yaml", "--no-color", "ssh-config"
    ]  # fmt: skip


def test_what_vagrant_prints_on_either_stream_is_understood(path: Path) -> None:
    _program(path, "vagrant", "echo 'no space left on device' >&2; exit 1")
    with pytest.raises(HostLacks, match="the disk is full"):
        Vagrant(path, "libvirt").up(5)


def test_a_box_is_added_once(path: Path) -> None:
    _program(path, "vagrant", f'echo "$*" >> {path}/commands; echo "kubeadm-ha/abc (libvirt, 0)"')
    Vagrant(path, "libvirt").add_box("kubeadm-ha/abc", Path("/box"))
    Vagrant(path, "libvirt").add_box("kubeadm-ha/new", Path("/box"))
    added = [line for line in (path / "commands").read_text().splitlines() if "add" in line]
    assert added == ["--no-color box add --name kubeadm-ha/new /box"]


@pytest.mark.parametrize(
    ("script", "reason"),
    [
        ("echo 'Kernel panic - not syncing'", ""),
        ("echo 'error: failed to set MSR 0x10a' >&2; exit 134", "does not start: error: failed to set MSR"),
        ("exit 0", "does not start"),  # it ended, but no kernel was heard
    ],
)
def test_virtualization_is_tried(path: Path, script: str, reason: str) -> None:
    _program(path, f"qemu-system-{platform.machine()}", script)
    if not Path("/dev/kvm").exists():
        reason = "there is no /dev/kvm"
    found = virtualization.try_kvm(Path("/kernel"))
    assert reason in found.reason
    assert found.ran == (not found.reason)


def test_the_way_out_of_a_machine_is_its_load_balancer() -> None:
    script = network.routes("198.18.7.2", "198.18.7.0/25", is_balancer=False, online=True)
    assert "ip route replace default via 198.18.7.2" in script


def test_only_a_balancer_that_is_online_hides_the_others_behind_itself() -> None:
    scripts = [network.routes("a", "b", is_balancer=True, online=online) for online in (False, True)]
    assert ["masquerade" in script for script in scripts] == [False, True]


def test_emulated_machines_are_configured_by_files_with_time_limits_of_their_own() -> None:
    cluster = fake_cluster(workarounds=[EMULATION])
    assert commands.init_command(cluster) == "sudo kubeadm init --config kubeadm-config.yaml --upload-certs"
    shared, init = yaml.safe_load_all(configuration.render(cluster))
    assert shared["controlPlaneEndpoint"] == str(cluster.endpoint)
    assert shared["networking"] == {"podSubnet": "10.244.0.0/16"}
    assert init["timeouts"]["kubeletHealthCheck"] == "40m0s"


def test_a_join_by_file_says_what_was_printed() -> None:
    printed = parse(re.sub("(--certificate-key) a+", rf"\1 {'b' * 64}", PRINTED))
    cluster = fake_cluster()
    join = yaml.safe_load(configuration.render_join(cluster, printed, cluster.control_planes[1], control_plane=True))
    discovery = join["discovery"]["bootstrapToken"]
    assert discovery["token"] in printed.worker_join
    assert discovery["caCertHashes"][0] in printed.worker_join
    assert discovery["apiServerEndpoint"] in printed.worker_join
    assert join["controlPlane"]["certificateKey"] == "b" * 64
    assert "timeouts" not in join


@pytest.mark.parametrize(
    ("given", "name"),
    [
        ({"provider": "vagrant"}, "stacked-uploaded-1.37-vagrant"),
        ({"provider": "vagrant", "hypervisor": "virtualbox"}, "stacked-uploaded-1.37-vagrant-virtualbox"),
        ({"provider": "vagrant", "box": "bento/debian-12"}, "stacked-uploaded-1.37-vagrant-bento-debian-12"),
        ({"control-planes": "5", "workers": "0"}, "stacked-uploaded-1.37-5cp-0w"),
    ],
)
def test_what_is_not_usual_is_part_of_the_id(given: dict[str, str], name: str) -> None:
    assert str(Settings.of(given).cluster_id("stacked", "1.37")) == name


def test_the_id_says_how_many_machines_there_are() -> None:
    roles = [spec.role for spec in ClusterId.parse("external-manual-1.37-5cp-0w").machines]
    assert [roles.count(role) for role in (Role.CONTROL_PLANE, Role.WORKER, Role.ETCD)] == [5, 0, 3]


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"control-planes": "0"}, "control-planes must be a number from 1 to 9, not '0'"),
        ({"memory": "2G"}, "memory must be a number from 1024 to 1048576, not '2G'"),
        ({"provider": "vagrant", "hypervisor": "virtualbox", "box": "local"}, "is for libvirt"),
        ({"hypervisor": "xen"}, "'xen' is not a value of hypervisor"),
    ],
)
def test_settings_that_do_not_exist_are_refused(given: dict[str, str], message: str) -> None:
    with pytest.raises(BadInput, match=message):
        Settings.of(given)


def _has_libvirts_plugin() -> bool:
    if not shutil.which("vagrant"):
        return False
    return "vagrant-libvirt" in subprocess.run(["vagrant", "plugin", "list"], capture_output=True, text=True).stdout


@pytest.mark.skipif(not _has_libvirts_plugin(), reason="vagrant and its plugin for libvirt are not on this host")
def test_the_vagrantfile_knows_every_machine_of_an_order(tmp_path: Path) -> None:
    vagrant = Vagrant(tmp_path, "libvirt")
    vagrant.write(order.render(_state(LOCAL), HOME))
    assert vagrant.running() == []


@pytest.mark.parametrize("left", [(), ("cp1", "w2")])
def test_machines_that_stay_on_after_halt_are_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, left: tuple[str, ...]
) -> None:
    monkeypatch.setattr(Vagrant, "halt", lambda _: None)
    monkeypatch.setattr(Vagrant, "running", lambda _: list(left))
    state, machines = _state(PUBLISHED_FOR_LIBVIRT), _machines(tmp_path)
    folder = tmp_path / "clusters" / state.id / order.FOLDER
    folder.mkdir(parents=True)
    if left:
        with pytest.raises(CommandFailed, match="these still run: cp1, w2"):
            machines.halt(state)
    else:
        machines.halt(state)
    assert (folder / "halted").exists() is not bool(left)


@pytest.mark.parametrize(("greeting", "known"), [("", True), ("Welcome to Debian\n", True), ("no key", False)])
def test_machines_are_met_from_a_folder_of_any_name(path: Path, greeting: str, known: bool) -> None:
    """The first login leaves a key there, and answers with the machine's own, whatever greets it before."""
    key = "ssh-ed25519 AAAA root@cp1" if known else ""
    _program(path, "vagrant", 'echo "Host *"')
    _program(path, "ssh", f'for last; do :; done; cat >> "{path}/left"; printf "%s" "{greeting}"; echo "{key}"')
    state, machines = _state(PUBLISHED_FOR_LIBVIRT), _machines(path / "my data")
    folder = path / "my data" / "clusters" / state.id
    if not known:
        with pytest.raises(CommandFailed, match="answers the first login without its host key"):
            machines.introduce(state, Vagrant(folder, "libvirt"))
        return
    machines.introduce(state, Vagrant(folder, "libvirt"))
    assert "198.18.7.11 ssh-ed25519 AAAA\n" in (folder / "ssh" / "known_hosts").read_text()
    assert (path / "left").read_text().count("ssh-ed25519") == len(state.addresses)


def test_machines_of_a_published_box_have_the_sandbox_image_of_their_kubeadm(tmp_path: Path) -> None:
    """Where they pull images: an empty name would keep every pod from starting."""
    chosen = Settings.of({"provider": "vagrant", "box": "bento/debian-12", "online": "yes"})
    supplies = VirtualMachines(Host(chosen, Home(tmp_path)))._supplies(Release(Version(37, 2), "official"))
    assert (supplies.pause, supplies.programs) == (Facts(Version(37, 2)).pause, None)
    assert re.fullmatch(r"registry\.k8s\.io/pause:[\d.]+", supplies.pause)
