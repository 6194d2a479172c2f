"""Groups by their names, arguments of ssh by their options, and what configurations add to a login."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from provision.config.inventory import ansible_configuration, logins, ssh_arguments, ssh_configuration
from provision.config.inventory.ansible_host import AnsibleHost
from provision.config.inventory.groups import grouped, role_of
from provision.config.inventory.reading import Reading
from provision.config.inventory.sentences import Sentences
from provision.config.inventory.ssh_arguments import NO_HOP, Given, Hop
from provision.config.topology import Role

GROUPS = {
    Role.CONTROL_PLANE: "control-plane control_planes controlplane controlplanes kube_control_plane kube-master masters"
    " k8s_master k8s-masters kubernetes-master k8s.control.plane MASTERS kubernetes_control_planes kubemasters",
    Role.WORKER: "worker workers kube_node kube-nodes k8s_worker nodes k8s-nodes minions worker-nodes compute"
    " kubeworkers",
    Role.LOAD_BALANCER: "load-balancer load_balancers loadbalancer lb lbs balancers haproxy ha-proxy k8s_lb"
    " api_lb loadbalancer_nodes lb_servers ha_lb load-balancer-servers",
    Role.ETCD: "etcd kube-etcd k8s_etcd etcds etcd_nodes",
    None: "k8s_cluster k8s kubernetes kube calico_rr bastion storage nfs all web cluster albs"
    " kubeflow servers ha nfs_servers",
}

HOP = Hop("gate", "me")
ARGUMENTS = {
    "-o ProxyJump=me@gate": HOP, '-o ProxyJump="me@gate"': HOP, "-oProxyJump=me@gate": HOP, "-J me@gate": HOP,
    "-Jme@gate": HOP, "-o 'ProxyJump me@gate'": HOP, "-o proxyjump=ssh://me@gate": HOP, "-qCJ me@gate": HOP,
    "-o ProxyCommand='ssh -W %h:%p me@gate'": HOP, '-o ProxyCommand="ssh me@gate -W %h:%p"': HOP,
    "-o ProxyCommand='ssh -l me -o StrictHostKeyChecking=no -W %h:%p -q gate'": HOP,
    "-o ProxyCommand='/usr/bin/ssh -o User=me gate -W [%h]:%p'": HOP,
    "-o ProxyCommand='exec ssh -q me@gate nc -w 5 %h %p 2>/dev/null'": HOP,
    "-o ProxyCommand='ssh -W %h:%p -p 2200 -i a/key me@gate'": Hop("gate", "me", "2200", "a/key"),
    "-o ProxyCommand='ssh -o Port=2200 -o IdentityFile=a/key me@gate -W %h:%p'": Hop("gate", "me", "2200", "a/key"),
    "-o ProxyCommand='ssh -o ProxyJump=none -W %h:%p me@gate'": HOP,
    "-o ProxyCommand='ssh -F a/file -W %h:%p me@gate'": Hop("gate", "me", config="a/file"),
    "-o ProxyCommand='ssh -W %h:%p %r@gate'": Hop("gate", "%r"),
    "-J gate:2200": Hop("gate", "", "2200"), "-J me@gate -o ProxyJump=other": HOP,
    "-o ProxyCommand=none": NO_HOP, "-o ProxyJump=none": NO_HOP, "-o ForwardAgent=yes -C -tt": None, "": None,
}  # fmt: skip

NOT_UNDERSTOOD = {
    "-J a@one,b@two": "jump hosts in a row, `a@one,b@two`, are not supported",
    "-o ProxyCommand='nc -x proxy:1080 %h %p'": "ProxyCommand `nc -x proxy:1080 %h %p` is not understood",
    "-o ProxyCommand='ssh -J other -W %h:%p me@gate'": "is not understood: it is not ssh to one jump host",
    "-o ProxyCommand='ssh -W %h:%p'": "is not understood: it is not ssh to one jump host",
    "-o ProxyCommand='ssh me@gate'": "is not understood: it is not ssh to one jump host",
    "-o ProxyCommand='ssh me@gate -W %h:%p -o BindInterface=x'": "option of ssh `BindInterface=x` is not understood",
    "-o BindAddress=10.0.0.1": "option of ssh `BindAddress=10.0.0.1` is not understood",
    "-J -oProxyCommand=x": "jump host `-oProxyCommand=x` is not understood",
    "me@gate": "argument for ssh `me@gate` is not understood",
    "-o 'ProxyJump": "are not words",
    "-Z": "argument for ssh `-Z` is not understood",
}


@pytest.mark.parametrize("role", GROUPS)
def test_a_groups_name_says_its_role(role: Role | None) -> None:
    assert {name: role_of(name) for name in GROUPS[role].split()} == dict.fromkeys(GROUPS[role].split(), role)


def test_a_control_plane_keeps_its_place_whatever_else_it_is() -> None:
    listed = {
        "all": {"children": ["nodes", "etcd", "masters"]},
        "nodes": {"hosts": ["c", "b", "w"]}, "etcd": {"hosts": ["c", "a", "b"]}, "masters": {"hosts": ["a", "b", "c"]},
    }  # fmt: skip
    found = grouped(listed)
    assert [name for name, role in found.roles.items() if role is Role.CONTROL_PLANE] == ["a", "b", "c"]
    assert (found.roles["w"], found.without, list(found.also)) == (Role.WORKER, [], ["a", "b", "c"])


def test_nodes_are_all_machines_beside_a_group_of_workers() -> None:
    listed = {"masters": {"hosts": ["a"]}, "workers": {"hosts": ["w"]}, "nodes": {"hosts": ["a", "w", "nfs"]}}
    assert (dict(grouped(listed).roles), grouped(listed).without) == ({"a": "control-plane", "w": "worker"}, ["nfs"])


def test_groups_may_hold_each_other() -> None:
    listed = {"a": {"children": ["masters"]}, "masters": {"children": ["a"], "hosts": ["one"]}}
    assert dict(grouped(listed).roles) == {"one": Role.CONTROL_PLANE}


@pytest.mark.parametrize("text", ARGUMENTS)
def test_a_jump_host_is_understood_in_every_spelling(text: str) -> None:
    given = ssh_arguments.read(text)
    assert (given.jump, given.wrong) == (ARGUMENTS[text], ())


@pytest.mark.parametrize("text", NOT_UNDERSTOOD)
def test_what_is_not_understood_is_refused_by_name(text: str) -> None:
    [wrong] = ssh_arguments.read(text).wrong
    assert NOT_UNDERSTOOD[text] in wrong


def test_other_arguments_are_taken_or_named() -> None:
    given = ssh_arguments.read(
        "-i a/key -l me -p 2222 -F ssh.cfg -o UserKnownHostsFile=known -o StrictHostKeyChecking=no"
    )
    assert given == Given("", "me", "2222", "a/key", "known", "ssh.cfg", None, ["StrictHostKeyChecking=no"], ())
    assert ssh_arguments.read("-o UserKnownHostsFile=/dev/null").dropped == ["UserKnownHostsFile=/dev/null"]


def test_ansibles_configuration_is_the_nearest_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "project" / "inventory"
    folder.mkdir(parents=True)
    monkeypatch.chdir(tmp_path)
    for name in ("ANSIBLE_CONFIG", "ANSIBLE_REMOTE_USER"):
        monkeypatch.delenv(name, raising=False)
    file = tmp_path / "project" / "ansible.cfg"
    file.write_text("[defaults]\nremote_user = ops\nprivate_key_file = keys/id\n")
    expected = {"ansible_user": "ops", "ansible_private_key_file": f"{file.parent}/keys/id"}
    assert ansible_configuration.variables(folder) == (expected, str(file))
    monkeypatch.setenv("ANSIBLE_REMOTE_USER", "another")
    assert ansible_configuration.variables(folder)[0]["ansible_user"] == "another"


def test_files_of_the_environment_are_named_from_the_working_directory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    project = tmp_path / "project"
    project.mkdir()
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("ANSIBLE_CONFIG", raising=False)
    monkeypatch.setenv("ANSIBLE_PRIVATE_KEY_FILE", "keys/id")
    monkeypatch.setenv("ANSIBLE_SSH_EXTRA_ARGS", "-F ssh.cfg -i ~/id -o UserKnownHostsFile=/etc/known")
    found, _ = ansible_configuration.variables(project)
    assert found["ansible_private_key_file"] == f"{tmp_path}/keys/id"
    given = AnsibleHost("a", {"a": found}, Sentences(), Sentences()).arguments
    assert (given.config, given.key, given.known_hosts) == (f"{tmp_path}/ssh.cfg", "~/id", "/etc/known")


def test_a_configuration_that_anybody_may_write_is_not_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("ANSIBLE_CONFIG", raising=False)
    (tmp_path / "ansible.cfg").write_text("[defaults]\nremote_user = stranger\n")
    tmp_path.chmod(0o777)
    assert "stranger" not in ansible_configuration.variables(tmp_path)[0].values()


def _key(path: Path, passphrase: str) -> Path:
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", passphrase, "-f", path], check=True)
    return path


def _ssh_with(folder: Path, monkeypatch: pytest.MonkeyPatch, configuration: str) -> None:
    """The host's ssh, whose user has this configuration."""
    (folder / "ssh_config").write_text(configuration)
    program = folder / "ssh"
    program.write_text(f'#!/bin/sh\nexec {shutil.which("ssh")} -F {folder}/ssh_config "$@"\n')
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(folder), prepend=":")


def test_a_key_of_sshs_configuration_is_taken_unless_it_has_a_passphrase(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    plain, locked = _key(tmp_path / "plain", ""), _key(tmp_path / "locked", "a passphrase")
    _ssh_with(tmp_path, monkeypatch, f"Host a\n IdentityFile {plain}\nHost b\n IdentityFile {locked}\n")
    ssh = ssh_configuration.SshConfiguration()
    assert (ssh.of("a").key, ssh.of("b").key, ssh.of("c")) == (str(plain), "", Given())


def test_the_usual_key_is_taken_where_no_agent_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / ".ssh").mkdir()
    key = _key(tmp_path / ".ssh" / "id_ed25519", "")
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.delenv("SSH_AUTH_SOCK", raising=False)
    assert ssh_configuration.SshConfiguration().default_key() == str(key)
    monkeypatch.setenv("SSH_AUTH_SOCK", "/nowhere")
    assert ssh_configuration.SshConfiguration().default_key() == ""


def test_without_ssh_nothing_is_configured(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv("SSH_AUTH_SOCK", raising=False)
    ssh = ssh_configuration.SshConfiguration()
    assert (ssh.of("a"), ssh.default_key()) == (Given(), "")


def test_what_the_file_says_goes_before_sshs_configuration(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _ssh_with(tmp_path, monkeypatch, "Host 10.0.0.*\n User other\n Port 2222\n ProxyJump j@gate\n")
    monkeypatch.setenv("SSH_AUTH_SOCK", "/nowhere")
    raw = {"login": {"user": "admin"}, "hosts": {"a": {"address": "10.0.0.1", "jump": "me@here:22"}, "odd": 1}}
    found = logins.completed(Reading(raw), tmp_path).raw["hosts"]
    assert found == {"a": {"address": "10.0.0.1", "jump": "me@here:22", "port": 2222}, "odd": 1}


def test_a_jump_host_may_have_a_configuration_of_ssh_of_its_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSH_AUTH_SOCK", "/nowhere")
    (tmp_path / "gate.cfg").write_text("Host gate\n HostName 198.51.100.7\n User jumper\nHost 10.*\n User other\n")
    jumps = {"a": "gate.cfg", "b": "none", "c": "lost.cfg"}
    hosts = {name: {"address": "10.0.0.1", "user": "me"} for name in jumps}
    reading = Reading({"hosts": hosts}, {n: Given(jump=Hop("gate", "j", config=f)) for n, f in jumps.items()})
    found = logins.completed(reading, tmp_path).raw["hosts"]
    assert [found[name]["jump"] for name in "ab"] == ["j@198.51.100.7", "j@gate"]
    assert reading.wrong.lines == (f"c: there is no configuration of ssh {tmp_path}/lost.cfg",)


def test_a_jump_host_may_have_the_machines_user(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _ssh_with(tmp_path, monkeypatch, "Host 10.*\n User core\n")
    hosts = {"a": {"address": "10.0.0.1"}, "b": {"address": "10.0.0.2", "user": "me"}}
    arguments = dict.fromkeys(hosts, Given(jump=Hop("gate", "%r")))
    found = logins.completed(
        Reading({"hosts": {n: {"connect": h["address"], **h} for n, h in hosts.items()}}, arguments), tmp_path
    )
    assert [each["jump"] for each in found.raw["hosts"].values()] == ["core@gate", "me@gate"]


def test_a_jump_host_behind_another_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _ssh_with(tmp_path, monkeypatch, "Host gate\n ProxyJump outer\n")
    reading = Reading({"hosts": {"a": {"address": "10.0.0.1"}}}, {"a": Given(jump=Hop("gate"))})
    [wrong] = logins.completed(reading, tmp_path).wrong.lines
    assert wrong.startswith("a: its jump host gate is reached through outer by ssh's configuration")


def test_a_configuration_that_arguments_name_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SSH_AUTH_SOCK", "/nowhere")
    (tmp_path / "bastion.conf").write_text(
        "Host 10.*\n User core\n ProxyJump gate\nHost gate\n HostName 192.0.2.7\n User me\n"
    )
    reading = Reading({"hosts": {"a": {"connect": "10.0.0.1"}}}, {"a": Given(config="bastion.conf")})
    assert logins.completed(reading, tmp_path).raw["hosts"]["a"] == {
        "connect": "10.0.0.1", "address": "10.0.0.1", "user": "core", "jump": "me@192.0.2.7"
    }  # fmt: skip
    missing = Reading({"hosts": {"a": {}}}, {"a": Given(config="lost.conf")})
    assert logins.completed(missing, tmp_path).wrong.lines == (
        f"a: there is no configuration of ssh {tmp_path}/lost.conf",
    )
