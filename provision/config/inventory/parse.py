"""From a file to an inventory. Everything that is wrong with it is in one message, in the file's own words."""

from __future__ import annotations

import os
import tomllib
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from provision.config.inventory import ansible, locked_keys, logins
from provision.config.inventory.counts import meaning, unsuited
from provision.config.inventory.model import Inventory
from provision.config.inventory.reading import Reading
from provision.config.inventory.sentences import Sentences
from provision.config.inventory.validate import Checking
from provision.util.errors import BadInput

_FILES = ("key", "known_hosts", "jump_key")
_EXAMPLE = "docs/machines.md shows one that works"


def read(path: Path) -> Inventory:
    """The inventory in a file: TOML by its name, else what `ansible-inventory` makes of it, a folder included.

    Raises BadInput naming everything that is wrong.
    """
    if not os.path.lexists(path):
        raise BadInput(f"there is no inventory {path}", fix=_EXAMPLE)
    folder = path if path.is_dir() else path.parent
    reading = Reading(_toml(path)) if path.suffix == ".toml" else ansible.read(path)
    reading = logins.completed(reading, folder)
    raw = locked_keys.left_to_the_agent(_anchored(reading.raw, folder), reading.notes)
    inventory = parse(raw, path, reading.wrong)
    return replace(inventory, notes=reading.notes.lines + meaning(inventory))


def parse(raw: Mapping[str, Any], path: Path, wrong: Sentences | None = None) -> Inventory:
    """The inventory that a file's content describes; raises BadInput naming everything that is wrong.

    `wrong` is what is known to be wrong already.
    """
    checking = Checking(raw, path, wrong or Sentences())
    inventory = checking.inventory()
    if inventory is None:
        raise BadInput(f"inventory {path} is not valid", answer="\n".join(checking.wrong.lines), fix=_EXAMPLE)
    return inventory


def to_be_built(inventory: Inventory, path: Path) -> Inventory:
    """The same, for a cluster that is to be built; raises BadInput where it can only be one that exists."""
    if wrong := list(unsuited(inventory)):
        raise BadInput(f"no cluster is built from inventory {path}", answer="\n".join(wrong), fix=_EXAMPLE)
    return inventory


def _anchored(raw: Mapping[str, Any], folder: Path) -> Mapping[str, Any]:
    """The same, with files named from the root: a relative one is meant as seen from the inventory's folder.

    What is remembered of an inventory is read again where that folder is not known.
    """

    def anchored(table: object) -> object:
        if not isinstance(table, dict):
            return table
        files = {key: _from(folder, table[key]) for key in _FILES if key in table}
        return table | files

    hosts = raw.get("hosts")
    tables = {"login": anchored(raw["login"])} if "login" in raw else {}
    if isinstance(hosts, dict):
        tables["hosts"] = {name: anchored(host) for name, host in hosts.items()}
    return {**raw, **tables}


def _from(folder: Path, name: object) -> object:
    return str(folder.absolute() / name) if isinstance(name, str) and not name.startswith("~") else name


def _toml(path: Path) -> Mapping[str, Any]:
    try:
        return tomllib.loads(path.read_text())
    except (OSError, UnicodeDecodeError) as error:
        raise BadInput(f"inventory {path} cannot be read", answer=str(error)) from None
    except (ValueError, RecursionError) as error:  # TOMLDecodeError is one, and so is a number without end
        raise BadInput(f"inventory {path} is not valid TOML", answer=str(error), fix=_EXAMPLE) from None
