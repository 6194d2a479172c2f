"""How each host is logged in to, where its file leaves that to ssh: arguments, ssh's own configuration, names."""

from __future__ import annotations

import getpass
import re
import socket
from collections.abc import Mapping
from ipaddress import AddressValueError, IPv4Address
from pathlib import Path
from typing import Any

from provision.config.inventory.files import is_file
from provision.config.inventory.reading import Reading
from provision.config.inventory.ssh_arguments import NOWHERE, SAME_USER, Given
from provision.config.inventory.ssh_configuration import SshConfiguration

_CONNECT = re.compile(r"\w[\w.:-]*")


def completed(reading: Reading, folder: Path) -> Reading:
    """The same with whole logins; files that arguments name are below `folder`. What the file says goes first."""
    login, hosts = reading.raw.get("login", {}), reading.raw.get("hosts", {})
    if not isinstance(hosts, dict) or not isinstance(login, dict):
        return reading
    completing = _Completing(reading, folder, login)
    tables = {name: completing.host(name, each) if isinstance(each, dict) else each for name, each in hosts.items()}
    return Reading({**reading.raw, "hosts": tables}, {}, reading.wrong, reading.notes)


class _Completing:
    def __init__(self, reading: Reading, folder: Path, login: Mapping[str, Any]) -> None:
        self._reading = reading
        self._folder = folder
        self._login = login
        self._ssh = SshConfiguration()

    def host(self, name: str, own: Mapping[str, Any]) -> Mapping[str, Any]:
        """A host's table with what it does not say itself."""
        given = self._reading.arguments.get(name)
        table = {**self._login, **own}
        target = str(table.get("connect") or (name if given else table.get("address", "")))
        configured = self._configured(name, target, self._file(given.config if given else ""))
        if configured.host:
            own = {**own, "connect": configured.host}
        elif given and not table.keys() & {"connect", "address"}:
            own = {**own, "connect": name}
        added = {**_filled(configured), **(_filled(given) if given else {})}
        added |= self._jump(name, {**added, **table, **own}, given, configured)
        if given and "address" not in table:
            added |= self._address(name, str(own.get("connect", "")))
        if not {**table, **added}.keys() & {"key"} and (key := self._ssh.default_key()):
            added["key"] = key
        return {**{key: value for key, value in added.items() if key not in table}, **own}

    def _file(self, config: str) -> str:
        """The configuration of ssh that arguments name, `none` included; empty where they name none."""
        if config in NOWHERE:
            return "none"
        return str(self._folder.absolute() / Path(config).expanduser()) if config else ""

    def _is_missing(self, name: str, file: str) -> bool:
        missing = file not in ("", "none") and not is_file(Path(file))
        if missing:
            self._reading.wrong.say(name, f"there is no configuration of ssh {file}")
        return missing

    def _configured(self, name: str, target: str, file: str) -> Given:
        """What ssh's configuration says of where a host is connected to."""
        if not _CONNECT.fullmatch(target):
            return Given()
        if self._is_missing(name, file):
            return Given()
        given = self._ssh.of(target, file)
        for sentence in given.wrong:
            self._reading.wrong.say(name, f"in ssh's configuration: {sentence}")
        for option in given.dropped:
            self._reading.notes.say(
                name, f"{option} of ssh's configuration is not taken over: host keys have to be known"
            )
        if parts := [part for part, value in _parts(given).items() if value]:
            self._reading.notes.say(
                name, f"{', '.join(parts)} as ssh's own configuration has it, where the file does not"
            )
        return given

    def _address(self, name: str, connect: str) -> Mapping[str, str]:
        """The address of what ssh connects to, where that is one, or this host knows its address."""
        if _is_address(connect) or ":" in connect:
            return {"address": connect}
        if not _CONNECT.fullmatch(connect):
            return {}
        try:
            found = socket.getaddrinfo(connect, None, socket.AF_INET, socket.SOCK_STREAM)
        except (OSError, UnicodeError):
            return {}
        address = str(found[0][4][0])
        self._reading.notes.say(name, f"address {address} is what this host knows {connect} by")
        return {"address": address}

    def _jump(self, name: str, table: Mapping[str, Any], given: Given | None, configured: Given) -> Mapping[str, str]:
        """The jump host in the words of an inventory in TOML; an alias of ssh's configuration is what that says."""
        hop = given.jump if given and given.jump is not None else configured.jump
        if not hop or not hop.host or "jump" in table:
            return {}
        file = self._file(hop.config or (given.config if given else ""))
        known = Given() if self._is_missing(name, file) else self._ssh.of(hop.host, file)
        if known.jump and known.jump.host not in ("", hop.host):
            another = f"through {known.jump.host} by ssh's configuration, and jump hosts in a row are not supported"
            self._reading.wrong.say(name, f"its jump host {hop.host} is reached {another}")
        own = str(table.get("user", "")) if hop.user == SAME_USER else hop.user
        port, key = hop.port or known.port, hop.key or known.key
        jump = f"{own or known.user or getpass.getuser()}@{known.host or hop.host}" + (f":{port}" if port else "")
        return {"jump": jump, **({"jump_key": key} if key else {})}


def _parts(given: Given) -> Mapping[str, object]:
    return {
        "host name": given.host, "user": given.user, "port": given.port, "key": given.key,
        "known_hosts": given.known_hosts, "jump host": given.jump and given.jump.host,
    }  # fmt: skip


def _filled(given: Given) -> dict[str, Any]:
    found: dict[str, Any] = {"user": given.user, "key": given.key, "known_hosts": given.known_hosts}
    if given.port:
        found["port"] = int(given.port) if re.fullmatch("[0-9]{1,5}", given.port) else given.port
    return {key: value for key, value in found.items() if value}


def _is_address(text: str) -> bool:
    try:
        _ = IPv4Address(text)
    except AddressValueError:
        return False
    return True
