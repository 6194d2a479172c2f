"""What an inventory must say to be valid."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Mapping
from ipaddress import AddressValueError, IPv4Address
from pathlib import Path
from typing import Any

from provision.config.balancers import BY_NAME, HAPROXY
from provision.config.cluster_id import CERTIFICATES
from provision.config.inventory.model import KNOWN_HOSTS, WAYS, Host, Inventory
from provision.config.login import Jump
from provision.config.topology import Role
from provision.config.versions import Wanted
from provision.errors import BadInput

_ABOUT_THE_CLUSTER = {
    "name": str, "endpoint": str, "kubernetes": str, "certificates": str, "prepare": str,
    "load_balancer": str, "login": dict, "hosts": dict,
}  # fmt: skip
_ABOUT_LOGIN = {"user": str, "port": int, "key": str, "jump": str, "sudo": bool, "known_hosts": str}
_ABOUT_A_HOST = {"role": str, "address": str, "connect": str, **_ABOUT_LOGIN}
_WORDS = {str: "a text", int: "a number", bool: "true or false", dict: "a table"}

_ROLES = [role for role in Role if role is not Role.NAME_SERVER]  # yours is not one of the cluster's machines

_NAME = re.compile(r"[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*")
_ENDPOINT = re.compile(rf"(?P<name>{_NAME.pattern}):(?P<port>[0-9]{{1,5}})")
_JUMP = re.compile(r"(?P<user>[^-@\s][^@\s]*)@(?P<host>[\w.-]+)(?::(?P<port>[0-9]{1,5}))?")
_USER = re.compile(r"[^-\s]\S*")  # ssh would take what begins with a dash for an option
_CONNECT = re.compile(r"[\w:][\w.:%-]*")
_PORTS = range(1, 65536)


class Checking:
    """Goes through everything that a file says. `wrong` is what it should not say, one sentence each."""

    def __init__(self, raw: Mapping[str, Any], path: Path) -> None:
        self.wrong: list[str] = []
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
            _slug(str(raw.get("name", self._path.stem))), found, raw["endpoint"], raw.get("kubernetes", ""),
            raw.get("certificates", CERTIFICATES[0]), raw.get("prepare", WAYS[0]),
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
                self.wrong.append(f"{where}: '{key}' is not known{hint}")
            elif type(value) is not known[key]:
                self.wrong.append(f"{where}: {key} must be {_WORDS[known[key]]}, not {value!r}")
            else:
                kept[key] = value
        return kept

    def _is_table(self, name: str, value: object) -> bool:
        if not isinstance(value, dict):
            self.wrong.append(f"{name}: must be a table, as in [hosts.{name}]")
        return isinstance(value, dict)

    def _host(self, name: str, table: Mapping[str, Any]) -> Host | None:
        before = len(self.wrong)
        if not _NAME.fullmatch(name):
            self.wrong.append(f"{name}: is not a valid host name; lower-case letters, digits, '-' and '.'")
        self._among(table.get("role"), _ROLES, f"{name}: role")
        self._address(table.get("address"), f"{name}: address")
        if "user" not in table:
            self.wrong.append(
                f"{name}: no user to log in as; say it in [login] for all hosts, for Ansible as ansible_user"
            )
        elif not _USER.fullmatch(table["user"]):
            self.wrong.append(f"{name}: '{table['user']}' is an invalid user name")
        if not _CONNECT.fullmatch(table.get("connect", "localhost")):
            self.wrong.append(f"{name}: connect '{table['connect']}' is not a name or an address")
        if table.get("port", 22) not in _PORTS:
            self.wrong.append(f"{name}: {table['port']} is not a valid port")
        key = self._file(table["key"], f"{name}: key") if "key" in table else None
        if key and not _is_file(key):
            self.wrong.append(f"{name}: there is no key {key}")
        known = self._file(table.get("known_hosts", KNOWN_HOSTS), f"{name}: known_hosts")
        jump = _JUMP.fullmatch(table.get("jump", ""))
        if "jump" in table and not (jump and int(jump["port"] or 22) in _PORTS):
            self.wrong.append(f"{name}: jump '{table['jump']}' is not like user@bastion.example.org:22")
        if len(self.wrong) > before:
            return None
        return Host(
            name, Role(table["role"]), table["address"], table.get("connect", table["address"]), table["user"],
            table.get("port", 22), key, known,
            Jump(jump["user"], jump["host"], int(jump["port"] or 22)) if jump else None, table.get("sudo", True),
        )  # fmt: skip

    def _file(self, path: str, what: str) -> Path:
        try:
            return Path(path).expanduser()
        except RuntimeError as error:  # ~stranger
            self.wrong.append(f"{what} {path}: {error}")
            return Path(path)

    def _check_cluster(self, raw: Mapping[str, Any]) -> None:
        endpoint = _ENDPOINT.fullmatch(raw.get("endpoint", ""))
        if "endpoint" not in raw:
            self.wrong.append("the file: no endpoint; the load balancer's name and port, as in lb.example.org:6443")
        elif not endpoint or int(endpoint["port"]) not in _PORTS:
            self.wrong.append(f"the file: endpoint '{raw['endpoint']}' is not like lb.example.org:6443")
        self._among(raw.get("certificates", CERTIFICATES[0]), CERTIFICATES, "the file: certificates")
        self._among(raw.get("prepare", WAYS[0]), WAYS, "the file: prepare")
        self._among(raw.get("load_balancer", HAPROXY.name), BY_NAME, "the file: load_balancer")
        try:
            _ = raw.get("kubernetes") and Wanted.parse(raw["kubernetes"])
        except BadInput as problem:
            self.wrong.append(f"the file: kubernetes: {problem.what}")

    def _check_hosts(self, hosts: tuple[Host, ...]) -> None:
        roles = [host.role for host in hosts]
        for role, least in ((Role.CONTROL_PLANE, 3), (Role.ETCD, 3)):
            if roles.count(role) < least and (role is Role.CONTROL_PLANE or role in roles):
                self.wrong.append(
                    f"the file: {roles.count(role)} hosts with role {role}; the page asks for three or more"
                )
        balancers = roles.count(Role.LOAD_BALANCER)
        if kind := BY_NAME.get(self._raw.get("load_balancer", "")):
            if balancers != kind.machines:
                what = f"has {kind.machines} hosts with role load-balancer, and the file has {balancers}"
                self.wrong.append(f"the file: load_balancer {kind.name} {what}")
        elif balancers > 1:
            self.wrong.append("the file: more than one host with role load-balancer; the endpoint is one name")
        for address in _twice(host.address for host in hosts):
            both = " and ".join(host.name for host in hosts if host.address == address)
            self.wrong.append(f"{both} have the same address {address}")

    def _among(self, value: object, known: Iterable[str], what: str) -> None:
        if value not in list(known):
            fault = "is missing" if value is None else f"'{value}' does not exist"
            self.wrong.append(f"{what} {fault}; one of {', '.join(known)}")

    def _address(self, value: str | None, what: str) -> None:
        try:
            _ = IPv4Address(value or "")
        except AddressValueError:
            fault = "is missing" if value is None else f"'{value}' is none"
            self.wrong.append(f"{what} {fault}; an IPv4 address at which the other machines reach it")


def _is_file(path: Path) -> bool:
    """Also of what is in a folder that may not be read, or has a name that no file can have."""
    try:
        return path.is_file()
    except (OSError, ValueError):
        return False


def _twice(values: Iterable[str]) -> list[str]:
    seen = list(values)
    return sorted({value for value in seen if seen.count(value) > 1})


def _slug(text: str) -> str:
    return re.sub("[^a-z0-9]+", "-", text.lower()).strip("-") or "inventory"
