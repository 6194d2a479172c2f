"""From a file to an inventory. Whatever is wrong with it is said at once, all of it, in the file's own words."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from provision.errors import BadInput
from provision.inventory import ansible
from provision.inventory.checking import Checking
from provision.inventory.model import Inventory

_EXAMPLE = "docs/machines.md shows one that works"


def read(path: Path) -> Inventory:
    """The inventory in a file: TOML by its name, else what `ansible-inventory` makes of it, a folder included.

    Raises BadInput naming everything that is wrong.
    """
    if not path.exists():
        raise BadInput(f"there is no inventory {path}", remedy=_EXAMPLE)
    return parse(_toml(path) if path.suffix == ".toml" else ansible.read(path), path)


def parse(raw: Mapping[str, Any], path: Path) -> Inventory:
    """The inventory that a file's content describes; raises BadInput naming everything that is wrong."""
    checking = Checking(raw, path)
    inventory = checking.inventory()
    if inventory is None:
        raise BadInput(f"inventory {path} makes no sense", answer="\n".join(checking.wrong), remedy=_EXAMPLE)
    return inventory


def _toml(path: Path) -> Mapping[str, Any]:
    try:
        return tomllib.loads(path.read_text())
    except (OSError, UnicodeDecodeError) as error:
        raise BadInput(f"inventory {path} cannot be read", answer=str(error)) from None
    except tomllib.TOMLDecodeError as error:
        raise BadInput(f"inventory {path} is no TOML", answer=str(error), remedy=_EXAMPLE) from None
