"""Defects to plant on real clusters, and the finding that each is to be found as: written before the rules were.

`defects/` has a file for each kind, `ids.toml` the findings, and `helpers.sh` what the scripts share. A finding may be
about two machines, as where they have one machine-id: `machine` is one that it has to name.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import MISSING, dataclass, fields
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

from provision.util.errors import BadInput

FOLDER = Path(__file__).parent

_Row = TypeVar("_Row")


@dataclass(frozen=True)
class Defect:
    """One defect: what is wrong, where, how it is planted and healed, and the finding that is expected.

    `report` is owner/repo#number or an address. `plant` and `heal` are bash, run behind helpers.sh on the machine `on`.
    `machine` is empty where the finding is about the cluster as a whole. `typed` says that the finding's fix is a
    harmless line that heals it; `by_hand` why it is none. No topology, or no kind of `balancer`, is any.
    """

    kind: str
    name: str
    report: str
    what: str
    on: str
    plant: str
    heal: str
    expects: str
    machine: str
    severity: str
    topology: str = "stacked"
    balancer: str = ""
    typed: bool = False
    by_hand: str = ""

    def fits(self, topology: str, balancer: str) -> bool:
        """Whether a cluster of this topology and kind of load balancer can have it."""
        return self.topology in ("", topology) and self.balancer in ("", balancer)

    def script(self, part: str) -> str:
        """What bash runs for `plant` or `heal`."""
        return f"{helpers()}\n{ {'plant': self.plant, 'heal': self.heal}[part] }"


@dataclass(frozen=True)
class Id:
    """A finding's stable id, what it says, and the page of the documentation that says so."""

    id: str
    title: str
    severity: str
    why: str
    page: str


@cache
def defects() -> tuple[Defect, ...]:
    """Every defect, kind by kind; raises BadInput for a key that is missing or unknown."""
    found: list[Defect] = []
    for file in sorted((FOLDER / "defects").glob("*.toml")):
        table = tomllib.loads(file.read_text())
        if set(table) != {"defect"}:
            raise BadInput(f"{file.name}: there are tables beside [[defect]], or none")
        found += [_row(Defect, each, file.name, kind=file.stem) for each in table["defect"]]
    return tuple(found)


@cache
def more() -> tuple[Defect, ...]:
    """Those beside the sixty, which came later."""
    table = tomllib.loads((FOLDER / "more.toml").read_text())
    return tuple(_row(Defect, each, "more.toml", kind="more") for each in table["defect"])


@cache
def ids() -> Mapping[str, Id]:
    """Every id; raises BadInput for a key that is missing or unknown."""
    table = tomllib.loads((FOLDER / "ids.toml").read_text())
    return {id: _row(Id, each, "ids.toml", id=id) for id, each in table.items()}


@cache
def helpers() -> str:
    """The functions that scripts may use."""
    return (FOLDER / "helpers.sh").read_text()


def _row(row: type[_Row], given: Mapping[str, Any], file: str, /, **more: str) -> _Row:
    """A row of a file, by a dataclass whose fields are text, true or false."""
    known = {each.name: each for each in fields(row) if each.name not in more}  # type: ignore[arg-type]
    needed = {name for name, each in known.items() if each.default is MISSING}
    which = f"{file}: {more.get('id') or given.get('name', 'an entry without a name')}"
    if unknown := sorted(set(given) - set(known)):
        raise BadInput(f"{which}: unknown key {unknown[0]}")
    if missing := sorted(needed - set(given)):
        raise BadInput(f"{which}: {missing[0]} is missing")
    for name, value in sorted(given.items()):
        if known[name].type == "bool" and not isinstance(value, bool):
            raise BadInput(f"{which}: {name} is neither true nor false")
        if known[name].type != "bool" and not isinstance(value, str):
            raise BadInput(f"{which}: {name} is not text")
    return row(**more, **given)
