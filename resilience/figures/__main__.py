"""`./run figures [RUN ...]`: add what faults did in runs to the figures, and write the tables of two pages anew.

Exit status: 0 where that was done, 2 where a folder has no records of faults, or what there is cannot be read.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

from provision.util.arguments import WRONG, Parser
from provision.util.atomic_write import write_whole
from provision.util.errors import BadInput
from resilience.faults.catalogue import KINDS
from resilience.figures import killed, lost, store
from resilience.figures.line import Line
from resilience.figures.page import written
from resilience.figures.table import is_about, table

DOCS = Path(__file__).resolve().parents[2] / "docs"
STORE = "faults/figures.jsonl"
"""In the folder of pages."""

_FAULTS = {fault.name: fault for faults in KINDS.values() for fault in faults}
_CHANGES = [*KINDS["life cycle"], *KINDS["killed commands"], *KINDS["upgrades"]]
_KILLED = [each for each in (*KINDS["killed commands"], *KINDS["upgrades"]) if "killed" in each.name]


def pages(lines: Sequence[Line]) -> dict[str, dict[str, str]]:
    """Page → its tables, by what they are of."""
    return {
        "faults/figures.md": {"all faults": table(lines, KINDS)},
        "life-cycle.md": {
            "restarts": lost.table(lines, KINDS["restarts"]), "changes": lost.table(lines, _CHANGES),
            "killed commands": killed.table(lines, _KILLED),
        },
    }  # fmt: skip


def main(arguments: Sequence[str] | None = None) -> int:
    """Add, and write; returns the exit status."""
    options = _parser().parse_args(arguments)
    docs: Path = options.docs
    try:
        for run in options.runs:
            print(_added(run, docs / STORE))
        for name, tables in pages(store.read(docs / STORE)).items():
            page = docs / name
            write_whole(page, written(page.read_text(encoding="utf-8"), tables).encode())
            print(page)
    except (BadInput, OSError) as problem:
        print(problem, file=sys.stderr)
        return WRONG
    return 0


def _added(run: Path, kept: Path) -> str:
    found = store.of_run(run)
    ended = [each for each in found if each]
    lines = [each for each in ended if each.fault not in _FAULTS or is_about(_FAULTS[each.fault], each)]
    added = store.add(kept, lines)
    parts = [f"{run}: {added} of {len(found)} runs of faults added"]
    parts += [f"{len(lines) - added} were there before"] if added < len(lines) else []
    parts += [f"{len(ended) - len(lines)} not about the load balancer"] if len(lines) < len(ended) else []
    parts += [f"{len(found) - len(ended)} did not come to their end"] if len(ended) < len(found) else []
    return ", ".join(parts)


def _parser() -> Parser:
    parser = Parser(
        prog="./run figures", description="add what faults did in runs to the figures, and write the tables"
    )
    parser.add_argument("runs", type=Path, nargs="*", metavar="RUN", help="a run's folder, as runs/last")
    parser.add_argument(
        "--docs", type=Path, default=DOCS, metavar="FOLDER", help=f"the pages, and the figures: {STORE} in it"
    )
    return parser


if __name__ == "__main__":
    sys.exit(main())
