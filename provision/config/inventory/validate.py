"""What an inventory must say to be valid."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Mapping
from ipaddress import ip_address
from pathlib import Path
from typing import Any

from provision.config.balancers import BY_NAME, HAPROXY
from provision.config.cluster_id import CERTIFICATES
from provision.config.inventory.files import is_file
from provision.config.inventory.model import KNOWN_HOSTS, WAYS, Host, Inventory
from provision.config.inventory.sentences import Sentences
from provision.config.login import Jump
from provision.config.topology import Role
from provision.config.versions import Wanted
from provision.util.errors import BadInput

_ABOUT_THE_CLUSTER = {
    "name": str, "endpoint": str, "kubernetes": str, "certificates": str, "prepare": str,
    "configuration": str, "programs": str, "load_balancer": str, "login": dict, "hosts": dict,
}  # fmt: skip
_ABOUT_LOGIN = {
    "user": str, "port": int, "key": str, "jump": str, "jump_key": str, "sudo": bool, "known_hosts": str
}  # fmt: skip
_ABOUT_A_HOST = {"role": str, "address": str, "connect": str, **_ABOUT_LOGIN}
_WORDS = {str: "a text", int: "a number", bool: "true or false", dict: "a table"}

_ROLES = [role for role in Role if role is not Role.NAME_SERVER]  # yours is not one of the cluster's machines

_NAME = re.compile(r"[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*")
_ENDPOINT = re.compile(rf"(?P<name>{_NAME.pattern}):(?P<port>[0-9]{{1,5}})")
_JUMP = re.compile(r"(?P<user>[^-@\s][^@\s]*)@(?P<host>[\w.-]+)(?::(?P<port>[0-9]{1,5}))?")
_USER = re.compile(r"[^-\s{][^\s{]*")  # ssh takes what begins with a dash for an option; a brace is a template's
_CONNECT = re.compile(r"[\w:][\w.:%-]*")
_PORTS = range(1, 65536)
_ADDRESS = "an IPv4 address at which the other machines reach it, for Ansible ip, or a name that this host knows"
_NO_USER = (
    "no user to log in as; say it in [login] for all hosts, for Ansible as ansible_user in [all:vars] or remote_user in"
    " ansible.cfg, or as User in ~/.ssh/config"
)


class Checking:
    """Goes through everything that a file says. `wrong` is what it should not say, one sentence a cause."""

    def __init__(self, raw: Mapping[str, Any], path: Path, wrong: Sentences) -> None:
        self.wrong = wrong
        self._raw = raw
        self._path = path

    def inventory(self) -> Inventory | None:
        """The inventory; None, or nonsense, where something is wrong."""
        raw = self._known(self._raw, _ABOUT_THE_CLUSTER, "the file")
        login = self._known(raw.get("login", {}), _ABOUT_LOGIN, "login")
        tables = {name: value for name, value in raw.get("hosts", {}).items() if self._is_table(name, value)}
        hosts = [self._host(name, login | self._known(value, _ABOUT_A_HOST, name)) for name, value in tables.items()]
        found = tuple(host for host in hosts if host)
        self._check_cluster(raw)
        if len(found) == len(tables):
            self._check_hosts(found)
        return None if self.wrong else Inventory(
            _slug(str(raw.get("name", self._path.stem))), found, raw.get("endpoint", ""), raw.get("kubernetes", ""),
            raw.get("certificates", CERTIFICATES[0]), raw.get("prepare", WAYS[0]),
            _file(raw, "configuration"), _file(raw, "programs"),
            BY_NAME[raw.get("load_balancer", HAPROXY.name)], self._raw,
        )  # fmt: skip

    def _known(self, table: Mapping[str, Any], known: Mapping[str, type], where: str) -> dict[str, Any]:
        """What of a table is known and of the right type; the rest is wrong."""
        kept = {}
        for key, value in table.items():
            if key not in known:
                near = difflib.get_close_matches(key, known, 1)
                hint = f"; did you mean '{near[0]}'?" if near else f"; there are {', '.join(known)}"
                if "pass" in key:
                    hint = ": passwords are not taken; use a key, or an ssh-agent"
                self.wrong.say(where, f"'{key}' is not known{hint}")
            elif type(value) is not known[key]:
                self.wrong.say(where, f"{key} must be {_WORDS[known[key]]}, not {value!r}")
            else:
                kept[key] = value
        return kept

    def _is_table(self, name: str, value: object) -> bool:
        if not isinstance(value, dict):
            self.wrong.say(name, f"must be a table, as in [hosts.{name}]")
        return isinstance(value, dict)

    def _host(self, name: str, table: Mapping[str, Any]) -> Host | None:
        before = len(self.wrong)
        if not _NAME.fullmatch(name):
            self.wrong.say(name, "is not a valid host name; lower-case letters, digits, '-' and '.'")
        self._among(table.get("role"), _ROLES, name, "role")
        self._address(table.get("address"), name)
        if "user" not in table:
            self.wrong.say(name, _NO_USER)
        elif not _USER.fullmatch(table["user"]):
            self.wrong.say(name, f"'{table['user']}' is an invalid user name")
        if not _CONNECT.fullmatch(table.get("connect", "localhost")):
            self.wrong.say(name, f"connect '{table['connect']}' is not a name or an address")
        if table.get("port", 22) not in _PORTS:
            self.wrong.say(name, f"{table['port']} is not a valid port")
        key, jump_key = self._key(name, table, "key"), self._key(name, table, "jump_key")
        known = self._file(table.get("known_hosts", KNOWN_HOSTS), name, "known_hosts")
        jump = self._jump(name, table, jump_key)
        if len(self.wrong) > before:
            return None
        return Host(
            name, Role(table["role"]), table["address"], table.get("connect", table["address"]), table["user"],
            table.get("port", 22), key, known, jump, table.get("sudo", table["user"] != "root"),
        )  # fmt: skip

    def _key(self, name: str, table: Mapping[str, Any], which: str) -> Path | None:
        key = self._file(table[which], name, which) if which in table else None
        if key and not is_file(key):
            self.wrong.say(name, f"there is no key {key}")
        return key

    def _jump(self, name: str, table: Mapping[str, Any], key: Path | None) -> Jump | None:
        jump = _JUMP.fullmatch(table.get("jump", ""))
        if "jump" in table and not (jump and int(jump["port"] or 22) in _PORTS):
            self.wrong.say(name, f"jump '{table['jump']}' is not like user@bastion.example.org:22")
        return Jump(jump["user"], jump["host"], int(jump["port"] or 22), key) if jump else None

    def _file(self, path: str, name: str, what: str) -> Path:
        try:
            return Path(path).expanduser()
        except RuntimeError as error:  # ~stranger
            self.wrong.say(name, f"{what} {path}: {error}")
            return Path(path)

    def _check_cluster(self, raw: Mapping[str, Any]) -> None:
        endpoint = _ENDPOINT.fullmatch(raw.get("endpoint", ""))
        if "endpoint" in raw and not (endpoint and int(endpoint["port"]) in _PORTS):
            self.wrong.say("the file", f"endpoint '{raw['endpoint']}' is not like lb.example.org:6443")
        self._among(raw.get("certificates", CERTIFICATES[0]), CERTIFICATES, "the file", "certificates")
        self._among(raw.get("prepare", WAYS[0]), WAYS, "the file", "prepare")
        self._among(raw.get("load_balancer", HAPROXY.name), BY_NAME, "the file", "load_balancer")
        try:
            _ = raw.get("kubernetes") and Wanted.parse(raw["kubernetes"])
        except BadInput as problem:
            self.wrong.say("the file", f"kubernetes: {problem.what}")

    def _check_hosts(self, hosts: tuple[Host, ...]) -> None:
        if not any(host.role is Role.CONTROL_PLANE for host in hosts):
            self.wrong.say("the file", "0 hosts with role control-plane; the page asks for three or more")
        for address in _twice(host.address for host in hosts):
            both = " and ".join(host.name for host in hosts if host.address == address)
            self.wrong.say(both, f"have the same address {address}")

    def _among(self, value: object, known: Iterable[str], about: str, what: str) -> None:
        if value not in list(known):
            fault = "is missing" if value is None else f"'{value}' does not exist"
            self.wrong.say(about, f"{what} {fault}; one of {', '.join(known)}")

    def _address(self, value: str | None, name: str) -> None:
        try:
            address = ip_address(value or "")
        except ValueError:
            fault = "is missing" if value is None else f"'{value}' is none"
            self.wrong.say(name, f"address {fault}; {_ADDRESS}")
            return
        if address.version != 4:
            self.wrong.say(name, f"its address is one of IPv6, which is not supported; {_ADDRESS}")


def _twice(values: Iterable[str]) -> list[str]:
    seen = list(values)
    return sorted({value for value in seen if seen.count(value) > 1})


def _slug(text: str) -> str:
    return re.sub("[^a-z0-9]+", "-", text.lower()).strip("-") or "inventory"


def _file(raw: Mapping[str, Any], key: str) -> Path | None:
    return Path(raw[key]) if key in raw else None
