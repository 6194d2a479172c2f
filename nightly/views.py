"""What the pages show, from attempts: clusters by path and version, the cells worth a page, runs. Pure."""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

from nightly.attempts import AFTERWARDS, STEP, VOID, Attempt, attempts
from nightly.history import FLAKY, GONE, NEWLY_RED, STATES, STILL_RED, Cell, absence, cells, made_by
from nightly.store import Data
from nightly.summary import BLOCKED, GREEN, OTHER, RED
from provision.config.versions import Version

TELLING = (NEWLY_RED, STILL_RED, FLAKY, GONE)
"""States whose cells have a page of their own."""


@dataclass(frozen=True)
class ClusterView:
    """One cluster id over the runs; `attempts` are newest first, `absence` as of `history.absence`."""

    id: str
    attempts: Sequence[Attempt]
    absence: str = ""

    @cached_property
    def cells(self) -> list[Cell]:
        """Every scenario of it, as written."""
        return cells(self.id, self.attempts)

    @cached_property
    def states(self) -> Counter[str]:
        """How many scenarios are in which state."""
        return Counter(cell.state for cell in self.cells)

    @property
    def path(self) -> str:
        """The id without its version: what is the same path through the documentation."""
        parsed = made_by(self.id)
        if not parsed:
            return self.id
        return "-".join(filter(None, (parsed.topology, parsed.certificates, parsed.variant)))

    @property
    def version(self) -> str:
        """The version in the id; of a cluster that was only checked, the minor that it last had, if known."""
        if parsed := made_by(self.id):
            return parsed.version
        minor = re.match(r"v?(1\.\d+)", str(self.attempts[0].data["version"]))
        return minor[1] if minor else "1.0"

    @property
    def missing(self) -> str:
        """Why the newest night has nothing of this cluster, which it should have; empty where it has."""
        return str(self.attempts[0].data.get("missing") or "")

    @cached_property
    def reds(self) -> int:
        """How many scenarios are red."""
        return self.states[NEWLY_RED] + self.states[STILL_RED]

    def files(self) -> list[tuple[str, list[Cell]]]:
        """Cells by the file of their scenario, those that need attention first; the procedure counts as a file."""
        found: dict[str, list[Cell]] = {}
        for cell in self.cells:
            found.setdefault(file_of(cell), []).append(cell)
        return sorted(found.items(), key=lambda file: all(cell.state not in TELLING for cell in file[1]))

    def seconds(self, newest: int) -> list[tuple[str, list[float | None]]]:
        """How long each step of the procedure took in so many runs, newest first; None where it did not end well."""
        recent = self.attempts[:newest]
        took = [
            {name: seconds for name, _, seconds, error in each.data["steps"] if not error and name not in AFTERWARDS}
            for each in recent
        ]
        names = dict.fromkeys(name for each in took for name in each)
        return [(name, [each.get(name) for each in took]) for name in names]


def clusters(runs: Sequence[tuple[str, Data]]) -> list[ClusterView]:
    """Every cluster of these runs, which are newest first; by name."""
    found = sorted(attempts(runs).items())
    return [ClusterView(name, tried, absence(tried[0], runs)) for name, tried in found]


def file_of(cell: Cell) -> str:
    """Where a scenario is written."""
    return "procedure" if cell.scenario.startswith(STEP) else cell.scenario.split("::")[0].removeprefix("scenarios/")


def title(scenario: str) -> str:
    """A scenario's name as words."""
    name = scenario.removeprefix(STEP).split("::")[-1]
    return re.sub(r"\[(.*)\]$", r" · \1", name.removeprefix("test_")).replace("_", " ")


def page_of(cell: Cell) -> str:
    """The path of a cell's page: stable as long as cluster id and scenario are."""
    words = re.sub(r"[^a-z0-9]+", "-", title(cell.scenario).lower()).strip("-")[:60]
    return f"cells/{cell.cluster}/{words}-{hashlib.sha256(cell.scenario.encode()).hexdigest()[:6]}.html"


def letter_of(attempt: Attempt) -> str:
    """The result of a cluster in one run, as one letter."""
    letters = set(attempt.letters.values())
    return next((letter for letter in (RED, BLOCKED, VOID, GREEN) if letter in letters), OTHER)


def matrix(clusters: Iterable[ClusterView]) -> tuple[list[str], dict[str, dict[str, ClusterView]]]:
    """Versions, newest first, and for each path its clusters by version."""
    rows: dict[str, dict[str, ClusterView]] = {}
    for each in clusters:
        rows.setdefault(each.path, {})[each.version] = each
    versions = {version for row in rows.values() for version in row}
    return sorted(versions, key=_age, reverse=True), dict(sorted(rows.items()))


def neighbours(view: ClusterView, clusters: Iterable[ClusterView]) -> list[Attempt]:
    """Attempts of the same path with other versions, the nearest older version first."""
    same = sorted((each for each in clusters if each.path == view.path), key=lambda each: _age(each.version))
    own = next(number for number, each in enumerate(same) if each.id == view.id)
    return [attempt for each in [*reversed(same[:own]), *same[own + 1 :]] for attempt in each.attempts]


def _age(version: str) -> Version:
    """For sorting: a minor comes after its patches. The store may have versions that can no longer be requested."""
    return Version.parse(version if version.count(".") > 1 else f"{version}.{10**6}")


def telling(clusters: Iterable[ClusterView]) -> list[Cell]:
    """The cells that need attention: newly red first, steps of the procedure before what follows from them."""
    found = [cell for view in clusters for cell in view.cells if cell.state in TELLING]
    return sorted(found, key=lambda cell: (STATES.index(cell.state), not cell.scenario.startswith(STEP), cell.cluster))


def reds(run: Data) -> int:
    """How many failures a run has, over all clusters."""
    return sum(len(each["failures"]) for each in run["clusters"].values())
