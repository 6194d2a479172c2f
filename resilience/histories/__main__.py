"""`./run judge RUN`: are the histories of a run free of contradictions? A run's folder, or a history's file.

Exit status: 0 where they are, 1 where something in them cannot be true, 2 where there is no history to read.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

from provision.util.arguments import WRONG, Parser
from resilience.histories.files import HISTORY, BadHistory, read
from resilience.histories.judging import judge
from resilience.histories.records import Outcome
from resilience.histories.text import render


def main(arguments: Sequence[str] | None = None) -> int:
    """Judge every history that is named; returns the exit status."""
    options = _parser().parse_args(arguments)
    try:
        files = _files(options.run)
        verdicts = [(file, judge(read(file))) for file in files]
    except (BadHistory, OSError) as problem:
        print(problem, file=sys.stderr)
        return WRONG
    for file, verdict in verdicts:
        if not any(outcome == Outcome.OK for _, outcome in verdict.operations):
            print(f"{file}: no operation in it was answered: there is nothing to judge", file=sys.stderr)
            return WRONG
        print(render(str(file), verdict, everything=options.all))
    return int(any(verdict.violations for _, verdict in verdicts))


def _files(run: Path) -> list[Path]:
    """The file itself, or all histories below a folder; raises BadHistory where there is none."""
    if not run.is_dir():
        return [run]
    found = sorted(run.rglob(HISTORY))
    if not found:
        raise BadHistory(f"{run}: there is no {HISTORY} in it: the run had no traffic")
    return found


def _parser() -> Parser:
    parser = Parser(prog="./run judge", description="check again what clients recorded in a run under faults")
    parser.add_argument("run", type=Path, metavar="RUN", help=f"a run's folder, as runs/last, or a {HISTORY}")
    parser.add_argument("--all", action="store_true", help="every violation, not only the first of each kind")
    return parser


if __name__ == "__main__":
    sys.exit(main())
