"""What ssh's own configuration says of a host, by ssh itself: `ssh -G`."""

from __future__ import annotations

import os
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from provision.config.inventory import ssh_arguments
from provision.config.inventory.files import is_file
from provision.config.inventory.ssh_arguments import NOWHERE, Given
from provision.util import local
from provision.util.errors import Problem

_ABOUT = ("user", "hostname", "port", "identityfile", "proxyjump", "proxycommand", "userknownhostsfile")

_ANY = "localhost"  # what ssh does with no configuration is the same for all hosts


class SshConfiguration:
    """The user's configuration of ssh, where there is an ssh; each host is looked up once."""

    def __init__(self) -> None:
        self._answers: dict[tuple[str, str], Mapping[str, Sequence[str]]] = {}
        self._default: str | None = None

    def of(self, host: str, file: str = "") -> Given:
        """What is configured for a host, or an alias, in ssh's usual files or in one that is named."""
        configured, usual = self._settings(host, file), {**self._settings(_ANY, "none"), "hostname": [host]}
        if configured == usual or not configured:
            return Given()
        differing = {name: values for name, values in configured.items() if values != usual.get(name)}
        given = _given({name: values[0] for name, values in differing.items() if name != "identityfile"})
        return replace(
            given,
            host=differing.get("hostname", [""])[0],
            user=configured.get("user", [""])[0],
            key=_usable(differing.get("identityfile", ())),
        )

    def default_key(self) -> str:
        """The private key that ssh takes where none is named; empty where an ssh-agent holds keys, which go first."""
        if self._default is None:
            files = self._settings(_ANY, "none").get("identityfile", ())
            self._default = "" if os.environ.get("SSH_AUTH_SOCK") and not _agent_is_empty() else _usable(files)
        return self._default

    def _settings(self, host: str, file: str) -> Mapping[str, Sequence[str]]:
        if (host, file) not in self._answers:
            self._answers[host, file] = _answer(host, file)
        return self._answers[host, file]


def _answer(host: str, file: str) -> Mapping[str, Sequence[str]]:
    """Nothing where there is no ssh, or it refuses the name: that is found out where it is logged in to."""
    if not shutil.which("ssh"):
        return {}
    try:
        result = local.run(["ssh", *(("-F", file) if file else ()), "-G", "--", host], timeout=20, check=False)
    except Problem:
        return {}
    found: dict[str, list[str]] = {}
    for line in result.stdout.splitlines() if result.ok else ():
        name, _, value = line.partition(" ")
        if name in _ABOUT:
            found.setdefault(name, []).append(value)
    return found


def _agent_is_empty() -> bool:
    """Whether an ssh-agent answers that it holds no key, as that of a desktop does at first; ssh-add(1)."""
    return bool(shutil.which("ssh-add")) and local.run(["ssh-add", "-l"], timeout=10, check=False).rc == 1


def _given(values: Mapping[str, str]) -> Given:
    line = ssh_arguments.Arguments()
    for name in ("port", "proxyjump", "proxycommand", "userknownhostsfile"):
        if name in values:
            line.set(name, values[name], f"{name} {values[name]}")
    return line.given


def _usable(files: Sequence[str]) -> str:
    """The first of these private keys that exists; empty where it has a passphrase, and an agent has to hold it."""
    paths = [Path(file).expanduser() for file in files if file not in NOWHERE and "%" not in file]
    for path in paths:
        if is_file(path):
            plain = local.run(["ssh-keygen", "-y", "-P", "", "-f", str(path)], timeout=20, check=False).ok
            return str(path) if plain else ""
    return ""
