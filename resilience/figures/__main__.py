"""`./run figures [RUN ...]`: add what faults did in runs to the figures, and write the table of docs/faults.md anew.

Exit status: 0 where that was done, 2 where a folder has no records of faults, or what there is cannot be read.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

from provision.cli.arguments import WRONG, Parser
from provision.errors import BadInput
from provision.util.atomic_write import write_whole
from resilience.faults.catalogue import KINDS
from resilience.figures import store
from resilience.figures.page import written
from resilience.figures.table import table

_DOCS = Path(__file__).resolve().parents[2] / "docs"
STORE, PAGE = _DOCS / "faults" / "figures.jsonl", _DOCS / "faults.md"
"""Of this checkout."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Add, and write; returns the exit status."""
    options = _parser().parse_args(arguments)
    try:
        for run in options.runs:
            print(_added(run, options.store))
        page = written(options.page.read_text(encoding="utf-8"), table(store.read(options.store), KINDS))
        write_whole(options.page, page.encode())
    except (BadInput, OSError) as problem:
        print(problem, file=sys.stderr)
        return WRONG
    print(options.page)
    return 0


def _added(run: Path, kept: Path) -> str:
    found = store.of_run(run)
    lines = [each for each in found if each]
    added = store.add(kept, lines)
    parts = [f"{run}: {added} of {len(found)} runs of faults added"]
    parts += [f"{len(lines) - added} were there before"] if added < len(lines) else []
    parts += [f"{len(found) - len(lines)} did not come to their end"] if len(lines) < len(found) else []
    return ", ".join(parts)


def _parser() -> Parser:
    parser = Parser(prog="./run figures", description="add what faults did in runs to the figures, and write the table")
    parser.add_argument("runs", type=Path, nargs="*", metavar="RUN", help="a run's folder, as runs/last")
    parser.add_argument(
        "--store", type=Path, default=STORE, metavar="FILE", help="the figures (docs/faults/figures.jsonl)"
    )
    parser.add_argument(
        "--page", type=Path, default=PAGE, metavar="FILE", help="the page of the table (docs/faults.md)"
    )
    return parser


if __name__ == "__main__":
    sys.exit(main())
