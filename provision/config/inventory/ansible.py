"""Ansible's inventories, as Ansible itself reads them. Groups have the names that kubespray gives them."""

from __future__ import annotations

import json
import re
import shutil
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from provision.config.topology import Role
from provision.errors import BadInput, CommandFailed, HostLacks
from provision.util import local

_GROUPS = {
    Role.LOAD_BALANCER: ("load_balancer", "loadbalancer", "haproxy"),
    Role.CONTROL_PLANE: ("kube_control_plane", "kube-master", "control_plane", "masters"),
    Role.ETCD: ("etcd",),
    Role.WORKER: ("kube_node", "kube-node", "workers", "nodes"),
}
"""A host has the first of these roles whose group it is in: kubespray's etcd and workers may be control planes, too."""

PACKAGE = "ansible-core"
"""Debian's name of what brings ansible-inventory."""

_CLUSTER = {"ha_name": "name", "ha_endpoint": "endpoint", "ha_kubernetes": "kubernetes", "ha_prepare": "prepare",
            "ha_certificates": "certificates", "ha_load_balancer": "load_balancer"}  # fmt: skip
_KEYS = ("ansible_ssh_private_key_file", "ansible_private_key_file")
_JUMP = re.compile(r"(?:-J\s*|ProxyJump[= ]\s*|ProxyCommand[= ].*-W %h:%p (?:-\S+ )*)([^\s'\"]+)")
_KNOWN = re.compile(r"UserKnownHostsFile[= ]\s*([^\s'\"]+)")


def read(path: Path) -> Mapping[str, Any]:
    """What the file says, in the form of an inventory in TOML; raises BadInput and HostLacks."""
    found = program()
    if not found:
        raise HostLacks(
            "ansible-inventory is not there, which reads every inventory but TOML",
            fix=f"sudo apt-get install -y --no-install-recommends {PACKAGE}",
        )
    try:
        result = local.run([found, "-i", str(path), "--list"], timeout=60)
    except CommandFailed as failed:
        raise BadInput(f"ansible-inventory cannot read {path}", answer=failed.answer) from None
    listed = _listed(path, result.stdout)
    variables = _table(_table(listed.get("_meta")).get("hostvars"))
    roles = {name: role for role in reversed(_GROUPS) for name in _members(listed, _GROUPS[role])}
    if not roles:
        groups = ", ".join(names[0] for names in _GROUPS.values())
        warned = result.stderr.strip().splitlines()[:8]
        raise BadInput(f"inventory {path} has no host in a group {groups}", answer="\n".join(warned))
    shared = {name: value for of_host in variables.values() for name, value in _table(of_host).items()}
    return {
        **{ours: _text(shared[theirs]) for theirs, ours in _CLUSTER.items() if theirs in shared},
        "hosts": {name: dict(_host(_table(variables.get(name)))) | {"role": str(role)} for name, role in roles.items()},
    }


def _listed(path: Path, answer: str) -> Mapping[str, Any]:
    try:
        listed = json.loads(answer)
    except (ValueError, RecursionError) as error:
        raise BadInput(f"ansible-inventory --list -i {path} does not answer with JSON", answer=f"{error}") from None
    return _table(listed)


def _table(value: object) -> Mapping[str, Any]:
    """What should be a table, and else has nothing in it."""
    return value if isinstance(value, dict) else {}


def _names(value: object) -> list[str]:
    return [name for name in value if isinstance(name, str)] if isinstance(value, list) else []


def program() -> str:
    """The path of ansible-inventory, which may have been installed beside this Python; empty where there is none."""
    beside = Path(sys.executable).with_name("ansible-inventory")
    return str(beside) if beside.exists() else shutil.which("ansible-inventory") or ""


def _members(listed: Mapping[str, Any], groups: Sequence[str], above: tuple[str, ...] = ()) -> Iterator[str]:
    for group in groups:
        if group not in above:
            members = _table(listed.get(group))
            yield from _names(members.get("hosts"))
            yield from _members(listed, _names(members.get("children")), (*above, group))


def _text(value: object) -> str:
    """In INI files 1.40 is a number, and would come back as 1.4."""
    return f"{value:.2f}" if isinstance(value, float) else str(value)


def _host(variables: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    connect = variables.get("ansible_host")
    if address := variables.get("ip", variables.get("access_ip", connect)):
        yield "address", str(address)
    if connect:
        yield "connect", str(connect)
    if "ansible_user" in variables:
        yield "user", str(variables["ansible_user"])
    if "ansible_port" in variables:
        port = str(variables["ansible_port"])  # a text in INI files; a template stays one, and is refused as such
        yield "port", int(port) if re.fullmatch("[0-9]{1,5}", port) else port
    for name in _KEYS:
        if name in variables:
            yield "key", str(variables[name])
    arguments = str(variables.get("ansible_ssh_common_args", ""))
    if jump := _JUMP.search(arguments):
        yield "jump", jump[1]
    if known := _KNOWN.search(arguments):
        yield "known_hosts", known[1]
    if "ansible_become" in variables:
        yield "sudo", str(variables["ansible_become"]).lower() in ("true", "yes", "1")
    for name in variables:
        if name in ("ansible_password", "ansible_ssh_pass", "ansible_become_password"):
            yield "password", ""
