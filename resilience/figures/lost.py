"""`python -m resilience.figures.lost RECORDS…`: how many requests each way lost, as a table of Markdown.

RECORDS are files of a fault's records (`faults.jsonl`). Runs of one fault on one topology add up in one row; a row says
how many of so many requests were lost, and the longest gap in seconds.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from resilience.availability import API, BALANCER_KEPT, BALANCER_NEW, SERVICE
from resilience.faults.catalogue import FAULTS
from resilience.faults.outcome import Ended

Rows = Mapping[tuple[str, str], Sequence[Mapping[str, Any]]]

_WAYS = {
    BALANCER_NEW: "by the balancer, new connections",
    BALANCER_KEPT: "by the balancer, kept connection",
    SERVICE: "by the Service, from a pod",
    API: "each API server",
}
_COUNTED = frozenset({Ended.GREEN, Ended.RED})
"""A run that is void, or was skipped, says nothing of what is lost."""


def read(lines: Iterable[str]) -> list[dict[str, Any]]:
    """The records of runs that say something; raises ValueError for a line that is none."""
    return [each for each in map(json.loads, lines) if each["ended"] in _COUNTED and each["ways"]]


def rows(records: Iterable[Mapping[str, Any]]) -> Rows:
    """Fault and topology → its runs, in the order of the catalogue."""
    order = {fault.name: number for number, fault in enumerate(FAULTS)}
    found: dict[tuple[str, str], list[Mapping[str, Any]]] = {}
    for each in sorted(records, key=lambda each: (order.get(each["fault"], len(order)), each["topology"])):
        found.setdefault((each["fault"], each["topology"]), []).append(each)
    return found


def table(found: Rows) -> Iterator[str]:
    """The lines of the table. Pure."""
    yield f"| fault | topology | runs | {' | '.join(_WAYS.values())} | verdict |"
    yield "|" + " --- |" * (len(_WAYS) + 4)
    for (fault, topology), runs in found.items():
        verdicts = ", ".join(sorted({each["ended"] for each in runs}))
        yield f"| {fault} | {topology} | {len(runs)} | {' | '.join(cell(way, runs) for way in _WAYS)} | {verdicts} |"


def cell(way: str, runs: Sequence[Mapping[str, Any]]) -> str:
    """What one way lost in all runs: requests of so many, and the longest gap. Pure."""
    met = [each for run in runs for name, each in run["ways"].items() if name == way or name.startswith(f"{way}/")]
    if not met:
        return "–"
    lost, requests = sum(sum(each["lost"].values()) for each in met), sum(each["requests"] for each in met)
    return f"{lost} of {requests}, {max(each['longest'] for each in met):.1f} s"


def parser() -> argparse.ArgumentParser:
    """What is typed."""
    found = argparse.ArgumentParser("python -m resilience.figures.lost", description="requests lost, as a table")
    found.add_argument("records", nargs="+", type=Path, help="files of faults' records: runs/last/faults.jsonl")
    return found


def main(arguments: Sequence[str]) -> int:
    """Print the table of the records in some files."""
    files = parser().parse_args(arguments).records
    lines = [line for file in files for line in file.read_text(encoding="utf-8").splitlines()]
    print("\n".join(table(rows(read(lines)))))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
