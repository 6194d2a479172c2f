"""Ansible's inventories, by what ansible-inventory really answers."""

from __future__ import annotations

import json
import stat
import sys
from pathlib import Path

import pytest

from provision.config.inventory import ansible, parse
from provision.config.inventory.model import Host
from provision.config.login import Jump
from provision.util.errors import BadInput, HostLacks

INI = """\
{"_meta": {"hostvars": {
   "cp1": {"ansible_become": "yes", "ansible_host": "127.0.0.11",
           "ansible_ssh_common_args": "-o ProxyJump=admin@127.0.0.9:2222 -o StrictHostKeyChecking=yes",
           "ansible_ssh_private_key_file": "/etc/hostname", "ansible_user": "admin",
           "ha_endpoint": "k8s.example.org:6443", "ha_kubernetes": 1.4, "ha_prepare": "packages"},
   "cp2": {"ansible_become": "yes", "ansible_host": "127.0.0.12", "ansible_user": "admin"},
   "cp3": {"ansible_become": "yes", "ansible_host": "127.0.0.13", "ansible_user": "admin"},
   "lb": {"ansible_host": "127.0.0.2", "ansible_user": "admin"},
   "w1": {"ansible_host": "203.0.113.7", "ansible_port": 2222, "ansible_user": "admin", "ip": "127.0.0.21"},
   "w2": {"ansible_become": "true", "ansible_host": "127.0.0.22", "ansible_user": "root"}}},
 "all": {"children": ["ungrouped", "load_balancer", "etcd", "k8s_cluster"]},
 "etcd": {"hosts": ["cp1", "cp2", "cp3"]},
 "k8s_cluster": {"children": ["kube_control_plane", "kube_node"]},
 "kube_control_plane": {"hosts": ["cp1", "cp2", "cp3"]},
 "kube_node": {"hosts": ["w1", "w2", "cp1"]},
 "load_balancer": {"hosts": ["lb"]}}
"""
"""What ansible-core 2.14 makes of an INI file: `ha_kubernetes=1.40` is a number to it, `ansible_become=yes` a text."""

YAML = """\
{"_meta": {"hostvars": {
   "cp1": {"ansible_become": true, "ansible_host": "127.0.0.11", "ansible_user": "admin", "ha_certificates": "manual",
           "ha_endpoint": "k8s.example.org:6443", "ha_kubernetes": "1.37"},
   "cp2": {"access_ip": "192.0.2.12", "ansible_host": "127.0.0.12", "ansible_user": "admin", "ip": "192.0.2.2"},
   "cp3": {"ansible_become": false, "ansible_host": "127.0.0.13", "ansible_user": "root"},
   "e1": {"ansible_host": "127.0.0.31", "ansible_user": "admin"},
   "e2": {"ansible_host": "127.0.0.32", "ansible_user": "admin"},
   "e3": {"ansible_host": "127.0.0.33", "ansible_user": "admin"},
   "lb": {"ansible_host": "127.0.0.2", "ansible_user": "admin"}}},
 "all": {"children": ["ungrouped", "load_balancer", "kube_control_plane", "etcd", "etcd_machines"]},
 "etcd": {"children": ["etcd_machines"]},
 "etcd_machines": {"hosts": ["e1", "e2", "e3"]},
 "kube_control_plane": {"hosts": ["cp1", "cp2", "cp3"]},
 "load_balancer": {"hosts": ["lb"]}}
"""
"""What it makes of a YAML file, in which etcd is a group of groups."""

UNPARSED = """\
[WARNING]:  * Failed to parse hosts.yml with yaml plugin: We were unable to read either as JSON nor YAML
[WARNING]: Unable to parse hosts.yml as an inventory source
[WARNING]: No inventory was parsed, only implicit localhost is available
"""
"""What it says of a file that it cannot read, with exit status 0."""


def _stand_in(folder: Path, monkeypatch: pytest.MonkeyPatch, script: str) -> Path:
    """A program that answers like `ansible-inventory --list`."""
    program = folder / "bin" / "ansible-inventory"
    program.parent.mkdir()
    program.write_text(f"#!/bin/sh\n{script}\n")
    program.chmod(program.stat().st_mode | stat.S_IXUSR)
    monkeypatch.setattr(sys, "executable", str(program.with_name("python")))
    path = folder / "hosts.ini"
    path.write_text("[kube_control_plane]\n")
    return path


def test_an_ini_file_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    found = parse.read(_stand_in(tmp_path, monkeypatch, f"cat <<'E'\n{INI}\nE"))
    assert (found.endpoint, found.topology, found.prepare) == ("k8s.example.org:6443", "stacked", "packages")
    roles = {host.name: host.role.value for host in found.hosts}
    assert roles.pop("lb") == "load-balancer"
    assert roles == dict.fromkeys(("cp1", "cp2", "cp3"), "control-plane") | dict.fromkeys(("w1", "w2"), "worker")
    one, worker = found.host("cp1"), found.host("w1")
    assert (one.jump, one.key, one.sudo) == (Jump("admin", "127.0.0.9", 2222), Path("/etc/hostname"), True)
    assert (worker.connect, worker.port, worker.address) == ("203.0.113.7", 2222, "127.0.0.21")


def test_a_version_that_looks_like_a_number_keeps_its_zero(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert parse.read(_stand_in(tmp_path, monkeypatch, f"cat <<'E'\n{INI}\nE")).kubernetes == "1.40"


def test_a_yaml_file_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    found = parse.read(_stand_in(tmp_path, monkeypatch, f"cat <<'E'\n{YAML}\nE"))
    assert (found.topology, found.certificates, found.kubernetes) == ("external", "manual", "1.37")
    assert [host.name for host in found.hosts if host.role == "etcd"] == ["e1", "e2", "e3"]
    assert (found.host("cp2").address, found.host("cp2").connect) == ("192.0.2.2", "127.0.0.12")
    assert [host.name for host in found.hosts if not host.sudo] == ["cp3"]


@pytest.mark.parametrize(
    "arguments",
    [
        "-o ProxyJump=me@bastion:22",
        "-J me@bastion",
        "-o ProxyCommand='ssh -o StrictHostKeyChecking=no -W %h:%p -q me@bastion'",
    ],
)
def test_a_jump_host_is_read_from_arguments_of_ssh(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: str
) -> None:
    found = _with_arguments(tmp_path, monkeypatch, arguments)
    assert found.jump == Jump("me", "bastion", 22)


def test_a_file_of_host_keys_is_read_from_arguments_of_ssh(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    known = tmp_path / "known"
    known.touch()
    found = _with_arguments(tmp_path, monkeypatch, f"-o UserKnownHostsFile={known} -o ProxyJump=me@bastion")
    assert (found.jump, found.known_hosts) == (Jump("me", "bastion", 22), known)


def _with_arguments(folder: Path, monkeypatch: pytest.MonkeyPatch, arguments: str) -> Host:
    """A host of an inventory with these arguments for ssh."""
    listed = json.loads(INI)
    listed["_meta"]["hostvars"]["cp2"]["ansible_ssh_common_args"] = arguments
    return parse.read(_stand_in(folder, monkeypatch, f"cat <<'E'\n{json.dumps(listed)}\nE")).host("cp2")


@pytest.mark.parametrize(
    ("variables", "message"),
    [({"ansible_user": "{{ unknown }}"}, "cp2: '{{ unknown }}' is an invalid user name"),
     ({"ansible_user": {"__ansible_vault": "$ANSIBLE_VAULT"}}, "cp2: ansible_user is in Ansible's vault"),
     ({"ansible_private_key_file": "{{ inventory_dir }}/lost"}, "cp2: there is no key {folder}/lost"),
     ({"ansible_user": "{{ a }}", "a": "{{ b }}", "b": "{{ a }}"}, "is an invalid user name")],
)  # fmt: skip
def test_a_variable_that_has_no_plain_value_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, variables: dict[str, object], message: str
) -> None:
    listed = json.loads(INI)
    listed["_meta"]["hostvars"]["cp2"] |= variables
    with pytest.raises(BadInput) as caught:
        parse.read(_stand_in(tmp_path, monkeypatch, f"cat <<'E'\n{json.dumps(listed)}\nE"))
    assert message.replace("{folder}", str(tmp_path)) in caught.value.answer


def test_a_file_that_ansible_cannot_read_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    script = f"""echo '{{"_meta": {{"hostvars": {{}}}}}}'; cat >&2 <<'E'\n{UNPARSED}\nE"""
    with pytest.raises(BadInput, match=r"Unable to parse hosts\.yml"):
        ansible.read(_stand_in(tmp_path, monkeypatch, script))


def test_hosts_whose_names_differ_in_nothing_that_counts_are_not_mixed_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    hosts = {
        name: {"ansible_host": f"10.0.0.{number}", "ansible_user": "me"} for number, name in enumerate(("CP_1", "cp_1"))
    }
    listed = {"_meta": {"hostvars": hosts}, "masters": {"hosts": list(hosts)}}
    with pytest.raises(BadInput, match="CP_1, cp_1: is not a valid host name"):
        parse.read(_stand_in(tmp_path, monkeypatch, f"cat <<'E'\n{json.dumps(listed)}\nE"))


def test_a_failure_of_ansible_is_shown(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = _stand_in(tmp_path, monkeypatch, "echo 'ERROR! no such plugin' >&2; exit 4")
    with pytest.raises(BadInput, match="no such plugin"):
        ansible.read(path)


def test_an_inventory_without_known_groups_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = _stand_in(tmp_path, monkeypatch, """echo '{"_meta": {"hostvars": {"x": {}}}, "web": {"hosts": ["x"]}}'""")
    with pytest.raises(BadInput, match="has no control planes: no group with hosts is called like one") as caught:
        ansible.read(path)
    assert caught.value.answer == "its groups: web\nhosts without a role: x"


def test_without_ansible_its_package_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "executable", str(tmp_path / "python"))
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(HostLacks, match="apt-get install -y --no-install-recommends ansible-core"):
        ansible.read(tmp_path / "hosts.ini")
