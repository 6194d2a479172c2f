"""A host of Ansible's inventory: what its variables say, in the words of an inventory in TOML. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import reduce
from typing import Any

from provision.config.inventory import ssh_arguments
from provision.config.inventory.ansible_configuration import Configured
from provision.config.inventory.sentences import Sentences
from provision.config.inventory.ssh_arguments import Given

_CONNECT = ("ansible_host", "ansible_ssh_host")
_USER = ("ansible_user", "ansible_ssh_user")
_PORT = ("ansible_port", "ansible_ssh_port")
_KEY = ("ansible_private_key_file", "ansible_ssh_private_key_file")
"""Of these Ansible takes the last one that is there: those with `ssh` are older, and still valid."""

_ADDRESS = ("ip", "access_ip", "main_ip", "private_ip", "private_ip_address", "ip_private", "internal_ip",
            "internal_address", "private_address", "node_ip", "k8s_ip", "k8s_node_ip", "kubelet_node_ip",
            "cluster_ip", "advertise_address", "apiserver_advertise_address")  # fmt: skip
"""Variables that hold the address at which the other machines see one: kubespray's first, then what others use."""

_ARGUMENTS = ("ansible_ssh_args", "ansible_ssh_common_args", "ansible_ssh_extra_args")
_PASSWORDS = ("ansible_password", "ansible_ssh_pass", "ansible_ssh_password", "ansible_pass")
_SUDO_PASSWORDS = ("ansible_become_password", "ansible_become_pass", "ansible_sudo_pass")
_OVER_SSH = ("ssh", "smart", "paramiko", "paramiko_ssh", "ansible.builtin.ssh", "ansible.builtin.paramiko_ssh")
_TEMPLATE = re.compile(
    r"\{\{\s*(?:hostvars\[['\"](?P<host>[^'\"]+)['\"]\](?:\.|\[['\"]))?(?P<name>\w+)(?:['\"]\])?\s*\}\}"
)
_DEEP = 5  # templates in templates; Ansible has no limit, and files need no more


class AnsibleHost:
    """One host. What is not supported goes into `wrong`, what is left out into `notes`."""

    def __init__(self, name: str, all_of: Mapping[str, Mapping[str, Any]], wrong: Sentences, notes: Sentences) -> None:
        self._name = name
        self._all = all_of
        self._wrong = wrong
        self._notes = notes

    @property
    def arguments(self) -> Given:
        """What its arguments for ssh say."""
        given = reduce(ssh_arguments.together, map(self._given, _ARGUMENTS))
        for sentence in given.wrong:
            self._wrong.say(self._name, sentence)
        for option in given.dropped:
            self._notes.say(self._name, f"{option} is not taken over: host keys have to be in known_hosts")
        return given

    def table(self) -> Iterator[tuple[str, Any]]:
        """What else is known of it, but its role."""
        if connect := self._last(_CONNECT):
            yield "connect", connect
        if address := next((text for name in _ADDRESS if (text := self.plain(name))), ""):
            yield "address", address
        if user := self._last(_USER):
            yield "user", user
        if port := self._last(_PORT):  # a text in INI files; a template stays one, and is refused as such
            yield "port", int(port) if re.fullmatch("[0-9]{1,5}", port) else port
        if key := self._last(_KEY):
            yield "key", key
        self._unsupported()
        if any(name in self._variables for name in _PASSWORDS):
            yield "password", ""

    def text(self, name: str) -> str:
        """A variable's text, with the variables that it names; empty where there is none."""
        value = self._variables.get(name)
        if isinstance(value, dict) and "__ansible_vault" in value:
            self._wrong.say(self._name, f"{name} is in Ansible's vault, which is not opened here")
            return ""
        if isinstance(value, dict):
            value = value.get("__ansible_unsafe")
        return "" if value is None else self._rendered(str(value))

    def plain(self, name: str) -> str:
        """The same, and empty, with a note, where only Ansible itself can fill it in."""
        text = self.text(name)
        if "{{" not in text and "{%" not in text:
            return text
        self._notes.say(self._name, f"{name} is left out: only Ansible itself can fill in `{text}`")
        return ""

    def _given(self, name: str) -> Given:
        """What a variable with arguments says; its files are the inventory's where the inventory says it."""
        given, value = ssh_arguments.read(self.text(name)), self._variables.get(name)
        return ssh_arguments.anchored(given, value.folder) if isinstance(value, Configured) else given

    @property
    def _variables(self) -> Mapping[str, Any]:
        return self._all.get(self._name, {})

    def _last(self, names: tuple[str, ...]) -> str:
        return next((text for name in reversed(names) if (text := self.text(name))), "")

    def _rendered(self, text: str) -> str:
        """A text with plain variables in it; every other template stays."""
        for _ in range(_DEEP):
            text, changed = _TEMPLATE.subn(self._variable, text)
            if not changed:
                break
        return text

    def _variable(self, match: re.Match[str]) -> str:
        host = match["host"] or self._name
        variables = {
            "inventory_hostname": host,
            "inventory_hostname_short": host.split(".")[0],
            **self._all.get(host, {}),
        }
        value = variables.get(match["name"])
        return str(value) if isinstance(value, str | int) else match[0]

    def _unsupported(self) -> None:
        connection = self.text("ansible_connection")
        if connection and connection not in _OVER_SSH:
            self._wrong.say(
                self._name, f"ansible_connection {connection} is not supported: machines are reached over SSH"
            )
        if any(name in self._variables for name in _SUDO_PASSWORDS):
            self._notes.say(self._name, "the password for sudo is not taken over: sudo must not ask for one")
