"""Keys with a passphrase: nothing here can open them, but the user's ssh-agent may hold them."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from provision.config.inventory.files import is_file
from provision.config.inventory.sentences import Sentences
from provision.util import local


def left_to_the_agent(raw: Mapping[str, Any], notes: Sentences) -> Mapping[str, Any]:
    """The same inventory without the keys that have a passphrase, each with a note.

    That of a jump host stays where its machine keeps a key: without one, a jump host takes the machine's.
    """
    return _Leaving(notes).inventory(raw)


class _Leaving:
    def __init__(self, notes: Sentences) -> None:
        self._notes = notes
        self._locked: dict[str, bool] = {}

    def inventory(self, raw: Mapping[str, Any]) -> Mapping[str, Any]:
        login, hosts = raw.get("login", {}), raw.get("hosts", {})
        if not isinstance(login, dict) or not isinstance(hosts, dict):
            return raw
        left = self._table("login", login, {})
        tables = {name: self._table(name, each, left) if isinstance(each, dict) else each
                  for name, each in hosts.items()}  # fmt: skip
        return {**raw, **({"login": left} if login else {}), **({"hosts": tables} if hosts else {})}

    def _table(self, name: str, table: Mapping[str, Any], usual: Mapping[str, Any]) -> Mapping[str, Any]:
        table = self._without("key", name, table)
        return table if {**usual, **table}.get("key") else self._without("jump_key", name, table)

    def _without(self, which: str, name: str, table: Mapping[str, Any]) -> Mapping[str, Any]:
        key = table.get(which)
        if not isinstance(key, str) or not self._has_passphrase(key):
            return table
        self._notes.say(name, f"{key} has a passphrase: instead of the file, what the ssh-agent holds is taken")
        return {each: value for each, value in table.items() if each != which}

    def _has_passphrase(self, key: str) -> bool:
        if key not in self._locked:
            self._locked[key] = _has_passphrase(key)
        return self._locked[key]


def _has_passphrase(key: str) -> bool:
    """False also for a file without a key, or that may not be read: logging in with it shows that."""
    try:
        path = Path(key).expanduser()
    except RuntimeError:  # ~stranger
        return False
    if not is_file(path) or not shutil.which("ssh-keygen"):
        return False
    result = local.run(["ssh-keygen", "-y", "-P", "", "-f", str(path)], timeout=20, check=False)
    return not result.ok and "incorrect passphrase" in result.stderr
