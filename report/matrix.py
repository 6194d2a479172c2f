"""Scenarios as tables: a file's test functions down, the machines of a cluster across. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from report.results import FAILED, Result, counts


@dataclass(frozen=True)
class Row:
    """A test function; one cell a column, None where it does not apply."""

    title: str
    cells: tuple[Result | None, ...]

    @property
    def all(self) -> list[Result]:
        """The results that there are."""
        return [cell for cell in self.cells if cell]


@dataclass(frozen=True)
class Table:
    """The tests of one file on one cluster."""

    cluster: str
    columns: tuple[str, ...]
    rows: tuple[Row, ...]

    @property
    def counts(self) -> Counter[str]:
        """Tests by outcome."""
        return counts(cell for row in self.rows for cell in row.all)

    @property
    def failed(self) -> bool:
        """Whether any of its tests failed."""
        return bool(self.counts[FAILED])


@dataclass(frozen=True)
class File:
    """A file of scenarios, or a kind of fault, with a table a cluster; `faults` says that rows must not be so."""

    name: str
    tables: tuple[Table, ...]
    faults: bool = False

    @property
    def counts(self) -> Counter[str]:
        """Tests by outcome."""
        return sum((table.counts for table in self.tables), Counter())

    @property
    def failed(self) -> bool:
        """Whether any of its tests failed."""
        return bool(self.counts[FAILED])

    @property
    def seconds(self) -> float:
        """What its tests took, in seconds."""
        return sum(cell.seconds for table in self.tables for row in table.rows for cell in row.all)


def files(tests: Sequence[Result], machines: Sequence[str]) -> list[File]:
    """Files in the order they ran. Columns are in the order of `machines`, what is about the whole cluster first."""
    by_file: dict[str, dict[str, list[Result]]] = {}
    for test in tests:
        by_file.setdefault(test.group, {}).setdefault(test.cluster, []).append(test)
    order = {name: position for position, name in enumerate(("cluster", *machines))}
    return [
        File(
            name,
            tuple(_table(cluster, own, order) for cluster, own in by_cluster.items()),
            any(test.kind for own in by_cluster.values() for test in own),
        )
        for name, by_cluster in by_file.items()
    ]


def _table(cluster: str, tests: Sequence[Result], order: dict[str, int]) -> Table:
    columns = sorted({test.subject for test in tests}, key=lambda name: (order.get(name, len(order)), name))
    rows: dict[str, dict[str, Result]] = {}
    for test in tests:
        rows.setdefault(test.title, {})[test.subject] = test
    shown = [Row(title, tuple(cells.get(column) for column in columns)) for title, cells in rows.items()]
    return Table(cluster, tuple(columns), tuple(shown))
