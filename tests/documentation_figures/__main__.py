"""`python -m tests.documentation_figures CHECKOUT`: how well the checks of pages do, on a checkout of the website.

CHECKOUT is a clone or a fork of kubernetes/website with its history, bare or not. `--sample 20` takes minutes, all
of it more. An ended count goes on where it was.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from provision.util.arguments import WRONG, Parser
from provision.util.errors import BadInput
from provision.util.home import Home
from tests.documentation_figures import answers, table
from tests.documentation_figures.checkout import Checkout
from tests.documentation_figures.figures import Edits, Findings, OtherEdits, Part, Reported
from tests.documentation_figures.lists import LATEST, pairs, revisions

PARTS = ("reports", "edits", "other-edits", "findings")


def main(arguments: list[str] | None = None) -> int:
    """Count, and print what was counted; 2 for wrong arguments."""
    options = _parser().parse_args(arguments)
    checkout = Checkout(Path(options.checkout).absolute())
    try:
        commit = checkout.commit(options.revision)
        figures = [figure for name in options.only or PARTS for figure in count(name, checkout, commit, options)]
    except BadInput as problem:
        print(problem, file=sys.stderr)
        return WRONG
    print(table.text(figures, lists=options.lists), end="")
    if options.markdown:
        title = f"Checks of pages, counted on the website at {commit[:10]}"
        Path(options.markdown).write_text(table.markdown(figures, title), encoding="utf-8")
    return 0


def count(name: str, checkout: Checkout, commit: str, options: argparse.Namespace) -> list[table.Figure]:
    """Ask all that a part needs, and count."""
    part = _part(name, checkout, commit, options)
    return part.figures(answers.ask(part.questions(), checkout, Path(options.kept), options.processes))


def _part(name: str, checkout: Checkout, commit: str, options: argparse.Namespace) -> Part:
    if name == "other-edits":
        return OtherEdits(list(pairs(revisions("other_edits.tsv"))), checkout, options.sample)
    if name != "findings":
        return (Reported if name == "reports" else Edits)(list(pairs(revisions())), checkout, options.sample)
    pages = checkout.kubeadm_pages(commit)
    wanted = options.language or [each.language for each in pages]
    return Findings([each for each in pages if each.language in wanted], set(pages), options.sample)


def _parser() -> Parser:
    parser = Parser(prog="python -m tests.documentation_figures", description="count how well the checks of pages do")
    parser.add_argument("checkout", metavar="CHECKOUT", help="a clone or fork of kubernetes/website, with its history")
    only = f"one part: {', '.join(PARTS)}; may be given again; default: all"
    parser.add_argument("--only", metavar="PART", action="append", choices=PARTS, help=only)
    parser.add_argument("--revision", default=LATEST, help=f"whose findings are counted; default: {LATEST}")
    parser.add_argument("--language", action="append", help="of the pages whose findings are counted; default: all")
    parser.add_argument("--sample", type=int, default=0, metavar="N", help="at most so many of each list; default: all")
    parser.add_argument("--processes", type=int, default=1, choices=(1, 2), help="that answer; default: 1")
    parser.add_argument("--lists", action="store_true", help="print also what each figure was counted from")
    parser.add_argument("--markdown", default="", metavar="FILE", help="write the figures and their lists here, too")
    kept = Home.default().root / "documentation-figures"
    parser.add_argument("--kept", default=str(kept), metavar="DIR", help=f"where answers are kept; default: {kept}")
    return parser


if __name__ == "__main__":
    sys.exit(main())
