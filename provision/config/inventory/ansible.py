"""Ansible's inventories, as Ansible itself reads them."""

from __future__ import annotations

import json
import shutil
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from provision.config.inventory import ansible_configuration, groups
from provision.config.inventory.ansible_host import AnsibleHost
from provision.config.inventory.endpoint import endpoint
from provision.config.inventory.groups import Grouped, table
from provision.config.inventory.reading import Reading
from provision.config.inventory.sentences import Sentences, listed
from provision.config.inventory.ssh_arguments import NO_HOP, Given, Hop
from provision.config.topology import Role
from provision.util import local
from provision.util.errors import BadInput, CommandFailed, HostLacks

PACKAGE = "ansible-core"
"""Debian's name of what brings ansible-inventory."""

_CLUSTER = {
    "ha_name": "name",
    "ha_kubernetes": "kubernetes",
    "ha_prepare": "prepare",
    "ha_configuration": "configuration",
    "ha_programs": "programs",
    "ha_certificates": "certificates",
    "ha_load_balancer": "load_balancer",
}
_GROUPS = "control_plane or masters, workers or nodes, load_balancer or lb, etcd, each also with kube_ or k8s_ in front"


def read(path: Path) -> Reading:
    """What the file says, in the form of an inventory in TOML; raises BadInput and HostLacks."""
    answer = _listed(path)
    found = groups.grouped(answer)
    if Role.CONTROL_PLANE not in found.roles.values():
        groups_, without = listed(found.names) or "none", listed(found.without) or "none"
        raise BadInput(
            f"inventory {path} has no control planes: no group with hosts is called like one",
            answer=f"its groups: {groups_}\nhosts without a role: {without}",
            fix=f"call its groups {_GROUPS}",
        )
    folder = path if path.is_dir() else path.parent
    configured, file = ansible_configuration.variables(folder)
    own = {name: table(each) for name, each in table(table(answer.get("_meta")).get("hostvars")).items()}
    usual = {"inventory_dir": str(folder.absolute()), **configured}
    all_of = {**own, **found.roles, **dict.fromkeys(found.jumps)}  # those without variables are not in `_meta`
    return _reading(found, {name: {**usual, **own.get(name, {})} for name in all_of}, configured, file)


def _reading(
    found: Grouped, variables: Mapping[str, Mapping[str, Any]], configured: Mapping[str, str], file: str
) -> Reading:
    wrong, notes = Sentences(), Sentences()
    if file:
        notes.say("the file", f"{', '.join(configured)} from {file}, where a host has none of its own")
    hosts = {name: AnsibleHost(name, variables, wrong, notes) for name in variables}
    tables = {name: {**dict(hosts[name].table()), "role": str(role)} for name, role in found.roles.items()}
    arguments = {name: hosts[name].arguments for name in tables}
    if found.jumps:
        arguments = dict(_through(found.jumps, arguments, hosts, notes))
    _say_of_groups(found, wrong, notes)
    names = {name: _host_name(name, tables) for name in tables}
    for name in (name for name in tables if names[name] != name):
        notes.say(name, f"is called {names[name]} here: host names have small letters and no '_'")
        tables[name].setdefault("connect", name)
    return Reading(
        {**_of_cluster(found, hosts, variables, notes), "hosts": {names[name]: each for name, each in tables.items()}},
        {names[name]: given for name, given in arguments.items()}, wrong, notes,
    )  # fmt: skip


def _host_name(name: str, all_of: Iterable[str]) -> str:
    """A host's name in the file as the name of a machine, unless another one would be called so, too."""
    small = [each.lower().replace("_", "-") for each in all_of]
    own = name.lower().replace("_", "-")
    return own if small.count(own) == 1 else name


def _of_cluster(
    found: Grouped, hosts: Mapping[str, AnsibleHost], variables: Mapping[str, Mapping[str, Any]], notes: Sentences
) -> Mapping[str, Any]:
    """What is known of the cluster, by the first host that says it."""
    given: dict[str, Any] = {}
    for name in found.roles:
        of_host = variables.get(name, {})
        for theirs, ours in _CLUSTER.items():
            if theirs in of_host:
                given.setdefault(ours, _text(of_host[theirs]))
        where, variable = endpoint(of_host, hosts[name].text, hosts[name].plain)
        if where and "endpoint" not in given:
            given["endpoint"] = where
            if not variable.startswith("ha_"):
                notes.say("the file", f"endpoint {where} from {variable}")
    return given


def _through(
    jumps: Sequence[str], arguments: Mapping[str, Given], hosts: Mapping[str, AnsibleHost], notes: Sentences
) -> Iterator[tuple[str, Given]]:
    """Hosts that say nothing of a jump host go through the first of a group of these, as kubespray has it."""
    bastion = dict(hosts[jumps[0]].table())
    hop = Hop(
        bastion.get("connect", jumps[0]), bastion.get("user", ""), str(bastion.get("port", "")), bastion.get("key", "")
    )
    for name, given in arguments.items():
        jumping = given.jump is None and name not in jumps
        if jumping:
            notes.say(name, f"through {jumps[0]}, which is in a group of jump hosts")
        yield (
            name,
            replace(given, jump=hop if jumping else NO_HOP if name in jumps and given.jump is None else given.jump),
        )


def _say_of_groups(found: Grouped, wrong: Sentences, notes: Sentences) -> None:
    if found.without:
        notes.say(
            "the file", f"no part for {listed(found.without)}, in no group with a role; groups: {listed(found.names)}"
        )
    for name, also in found.also.items():
        others = [role for role in also if not (role is Role.ETCD and found.roles[name] is Role.CONTROL_PLANE)]
        if others:
            notes.say(name, f"in a group of {' and '.join(others)}, too, and read as {found.roles[name]} alone")
    members = [name for name, also in found.also.items() if Role.ETCD in also]
    elsewhere = [name for name, role in found.roles.items() if role is Role.ETCD]
    if members and elsewhere:
        wrong.say(
            "the file",
            f"etcd is on the control planes {listed(members)} and on {listed(elsewhere)}: kubeadm's topologies have all"
            " of it on the control planes, or none",
        )


def _listed(path: Path) -> Mapping[str, Any]:
    """What ansible-inventory answers; raises as `read`."""
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
    try:
        answer = table(json.loads(result.stdout))
    except (ValueError, RecursionError) as error:
        raise BadInput(f"ansible-inventory --list -i {path} does not answer with JSON", answer=f"{error}") from None
    if not any(groups.names(table(group).get("hosts")) for group in answer.values()):
        warned = [line for line in result.stderr.strip().splitlines() if line.strip()][:8]
        raise BadInput(f"ansible-inventory finds no host in {path}", answer="\n".join(warned) or "it has none")
    return answer


def program() -> str:
    """The path of ansible-inventory, which may have been installed beside this Python; empty where there is none."""
    beside = Path(sys.executable).with_name("ansible-inventory")
    return str(beside) if beside.exists() else shutil.which("ansible-inventory") or ""


def _text(value: object) -> str:
    """In INI files 1.40 is a number, and would come back as 1.4."""
    return f"{value:.2f}" if isinstance(value, float) else str(value)
