"""`./run results VERB`: runs are added to a store, which a page and durations are made of; or are exported for Prow.

Standard output carries only the answer: the file that was made, the page's index, or the text of an issue.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from nightly import durations, page, prow
from nightly.causes import issue, keeping
from nightly.store import Store
from provision.util.arguments import WRONG, Parser
from provision.util.errors import BadInput, Problem


def main(arguments: list[str] | None = None) -> int:
    """Run one verb; returns the exit status: 0 done, 1 not, 2 for wrong arguments."""
    options = _parser().parse_args(arguments)
    try:
        print(options.verb(options))
    except Problem as problem:
        print(problem, file=sys.stderr)
        return WRONG if isinstance(problem, BadInput) else 1
    except OSError as error:  # no space left, or no permission
        print(f"the store or the page cannot be read or written: {error}", file=sys.stderr)
        return 1
    return 0


def _parser() -> Parser:
    parser = Parser(prog="./run results", description="results of runs, night after night")
    verbs = parser.add_subparsers(title="verbs", metavar="VERB", required=True)
    text = "add the results of runs to the store, as of all shards of a night; in any order, and again"
    add = verbs.add_parser("add", help=text, description=text)
    add.add_argument("run", type=Path, nargs="+", metavar="RUN_DIR", help="the directory of a run, as in runs/last")
    add.set_defaults(verb=_add)
    text = "draw the page of the runs in the store"
    draw = verbs.add_parser("page", help=text, description=text)
    draw.add_argument("--out", type=Path, required=True, metavar="FOLDER", help="the folder of the page; drawn anew")
    draw.add_argument("--runs", type=_number, default=400, metavar="N", help="how many runs it shows (400)")
    draw.set_defaults(verb=lambda options: page.draw(Store(options.store), options.out, options.runs))
    text = "print a text for an issue about a cause of failures, in Markdown"
    tell = verbs.add_parser("issue", help=text, description=text)
    tell.add_argument("cause", metavar="CAUSE", help="the id of the cause, as its page shows it")
    tell.set_defaults(verb=lambda options: issue.about(options.cause, Store(options.store)))
    text = "write how long each cluster takes, for --ha-shard-durations"
    took = verbs.add_parser("durations", help=text, description=text)
    took.add_argument("--out", type=Path, required=True, metavar="FILE", help="the file that is written")
    took.set_defaults(verb=lambda options: durations.write(Store(options.store), options.out))
    text = "write a run as Prow keeps builds, for TestGrid and Spyglass"
    export = verbs.add_parser("prow", help=text, description=text)
    export.add_argument("run", type=Path, metavar="RUN_DIR", help="the directory of a run, as in runs/last")
    export.add_argument("--out", type=Path, required=True, metavar="FOLDER", help="the folder of the build")
    export.set_defaults(verb=lambda options: prow.export(options.run, options.out))
    for each in (add, draw, tell, took):
        each.add_argument("--store", type=Path, required=True, metavar="DIR", help="the folder of the store")
    return parser


def _add(options: argparse.Namespace) -> str:
    """Add all runs that can be added; returns their files. Raises what the first of the others says."""
    files, problems = [], []
    for run in options.run:
        try:
            files.append(str(keeping.add(run, Store(options.store))))
        except Problem as problem:
            problems.append(problem)
    if not problems:
        return "\n".join(files)
    if files:
        print("\n".join(files))
    for other in problems[1:]:
        problems[0].add_note(str(other))
    raise problems[0]


def _number(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"'{text}' is not a number of runs; try --runs 400")
    return int(text)


if __name__ == "__main__":
    sys.exit(main())
