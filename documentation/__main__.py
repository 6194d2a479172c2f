"""`python -m documentation VERB …`, or `./run documentation VERB …`: pages of the documentation.

A PAGE is a file, REPOSITORY@REVISION:PATH, the URL of its Markdown source, or - for standard input. Standard
output carries only the answer.
"""

from __future__ import annotations

import argparse
import os
import sys
import traceback
from collections.abc import Callable
from pathlib import Path

from documentation import review_verb
from documentation.claims import binding, claim, edition
from documentation.claims.edition import ORIGINAL, edition_of, editions, fitting
from documentation.pages import source
from documentation.pages.block import Page
from documentation.programs.programs import Programs
from documentation.reports import patch, report
from documentation.reports.standing import Standing
from documentation.reports.translation import followed_by, of_two
from documentation.site.place import place_of
from documentation.translations import history
from documentation.ways import CERTIFICATES, TOPOLOGIES
from provision.util.arguments import WRONG, Parser
from provision.util.errors import BadInput, Problem
from provision.util.redaction import Redactor, guard

NONE = "none"
CRASHED = 70
"""The exit status of a defect of the program, as sysexits.h has it."""


def typed(arguments: list[str] | None = None) -> int:
    """Run one verb as `main` does. A defect of the program has a status of its own: 1 is for what a page has wrong."""
    try:
        return main(arguments)
    except Exception:
        traceback.print_exc()
        return CRASHED


def main(arguments: list[str] | None = None) -> int:
    """Run one verb.

    Returns 0 where nothing misleads, 1 where something does, 2 for wrong arguments and where a page cannot be read, 130
    if ended.
    """
    options = _parser().parse_args(arguments)
    guard(sys.stderr, options.redact)  # a page on standard output may show a token, and is public
    try:
        return int(options.verb(options))
    except Problem as problem:
        print(problem, file=sys.stderr)
        return WRONG if isinstance(problem, BadInput) else int(options.unjudged)
    except RecursionError:
        print("the page nests too deeply to be checked", file=sys.stderr)
        return WRONG
    except BrokenPipeError:  # the reader has seen enough, as `head` has
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except KeyboardInterrupt:
        print("interrupted", file=sys.stderr)
        return 130


def drift(options: argparse.Namespace) -> int:
    """What NEW, a later edition or a translation of OLD, does otherwise, and what is wrong with it."""
    path = _patched(options, options.new)
    old, new = source.read(options.old), source.read(options.new, options.language)
    places = (place_of(options.old), place_of(options.new, options.site))
    found = of_two(old, new, (options.old, options.new), _programs(options), places)
    return _answer(found, new, path, options)


def behind(options: argparse.Namespace) -> int:
    """How far a translation in a checkout is behind its original: the commits since, and the lines to translate."""
    page, place = source.read(options.page, options.language), history.Place.of(options.page)
    if place is None:
        raise BadInput(f"{options.page} has no history", fix="name it as REPOSITORY@REVISION:PATH")
    original = history.Place.of(options.original) if options.original else place.original(page.language)
    followed = followed_by(page, original, place) if original else None
    if followed is None:
        raise BadInput(f"{options.page} has no original in that checkout", fix="name it by --original REPO@REV:PATH")
    answer = Standing.of(followed, page)
    print(answer.markdown() if options.markdown else answer.text(), end="")
    return answer.status


def check(options: argparse.Namespace) -> int:
    """What is wrong with one page, as far as it can be checked without a cluster."""
    path = _patched(options, options.page)
    page, place = source.read(options.page, options.language), place_of(options.page, options.site)
    return _answer(report.of_page(page, _programs(options), place), page, path, options)


def review(options: argparse.Namespace) -> int:
    """What a change brings to the pages of a site, in all languages: what is new there and wrong."""
    return review_verb.run(options, _programs(options))


def blocks(options: argparse.Namespace) -> int:
    """The blocks of a page: line, id, hash, and the first words."""
    for block in source.read(options.page, options.language).blocks:
        print(f"{block.line}\t{block.id}\t{block.hash}\t{' '.join(block.bare.split())[:60]}")
    return 0


def claims(options: argparse.Namespace) -> int:
    """What a page claims, whether it still says so, who decides it, and which commands no claim is about."""
    page = source.markdown_page(options.page, options.language)
    bindings = binding.bind(page, edition_of(page, editions()), claim.claims())
    print(binding.markdown(bindings) if options.markdown else binding.text(bindings), end="")
    return bindings.status


def record(options: argparse.Namespace) -> int:
    """A page's edition, to be kept in documentation/claims/editions when a person has read it against the claims."""
    page = source.markdown_page(options.page, options.language)
    prior = fitting(page, editions()) if page.language == ORIGINAL else edition_of(page, editions())
    print(edition.record(page, prior).dumped(), end="")
    return 0


def execute(options: argparse.Namespace) -> int:
    """Run pages' blocks as written on a cluster of their own, and the corrected ones where they fail."""
    from documentation import execute_verb  # with all of the harness, for which a check does not wait

    return execute_verb.execute(options)


def outcomes(options: argparse.Namespace) -> int:
    """The outcome of each claim of pages in runs that walked them: walks, scenarios, steps and drift rules together."""
    from documentation.verdicts import formats, gather  # these know clusters, too

    known = list(editions())
    read = [source.markdown_page(each, options.language) for each in options.pages]
    tables = gather.tables([(page, edition_of(page, known)) for page in read], gather.runs(map(Path, options.runs)))
    if options.html:
        Path(options.html).write_text(formats.tables_html(tables), encoding="utf-8")
    print("\n".join(map(formats.table_markdown, tables)), end="")
    return max(each.status for each in tables)


def _patched(options: argparse.Namespace, spec: str) -> str:
    """The path that a requested patch names: a page without one is refused before it is read."""
    return source.path_of(spec) if options.patch else ""


def _answer(found: report.Report, page: Page, path: str, options: argparse.Namespace) -> int:
    if options.patch:
        print(patch.of(page, found.findings, path), end="")
    else:
        print(found.markdown() if options.markdown else found.text(everything=options.all), end="")
    return found.status


def _programs(options: argparse.Namespace) -> Programs:
    return Programs() if options.kubeadm == NONE else Programs.find(options.kubeadm)


def _parser() -> Parser:
    page = "A PAGE is a file, REPOSITORY@REVISION:PATH, the URL of its Markdown source, or - for standard input."
    parser = Parser(
        prog="./run documentation", description="pages of the documentation, checked as they are written", epilog=page
    )
    parser.set_defaults(redact=Redactor(), unjudged=1)
    common = Parser(add_help=False)
    common.add_argument("--language", default="", help="of the page, where its path does not name it: ja, pt-br")
    answering = Parser(add_help=False, parents=[common])
    answering.add_argument("--markdown", action="store_true", help="answer in Markdown, fit for an issue")
    with_kubeadm = Parser(add_help=False)
    with_kubeadm.add_argument(
        "--kubeadm", default="", help=f"a binary to check with, and what belongs to it, or {NONE}; default: newest"
    )
    with_kubeadm.set_defaults(unjudged=WRONG)
    with_site = Parser(add_help=False, parents=[answering, with_kubeadm])
    with_site.add_argument("--site", default="", metavar="DIR", help="the site's folder, by which links are checked")
    with_site.add_argument("--all", action="store_true", help="list what follows from other findings, too")
    with_site.add_argument("--patch", action="store_true", help="print the sure corrections, for `git apply`")
    verbs = parser.add_subparsers(title="verbs", metavar="VERB", required=True)

    def verb(name: str, action: Callable[[argparse.Namespace], int], parent: Parser = common) -> Parser:
        sub: Parser = verbs.add_parser(name, parents=[parent], help=action.__doc__, description=action.__doc__)
        sub.set_defaults(verb=action)
        return sub

    sub = verb("drift", drift, with_site)
    sub.add_argument("old", metavar="OLD", help="a page")
    sub.add_argument("new", metavar="NEW", help="a later edition of it, or a translation")
    sub = verb("behind", behind, answering)
    sub.add_argument("page", metavar="PAGE", help="a translation, as REPOSITORY@REVISION:PATH")
    sub.add_argument("--original", default="", metavar="PAGE", help="its original, where the path does not name it")
    for name, action, parent in (
        ("check", check, with_site),
        ("claims", claims, answering),
        ("blocks", blocks, common),
        ("record", record, common),
    ):
        verb(name, action, parent).add_argument("page", metavar="PAGE")
    review_verb.add_options(verb("review", review, with_kubeadm))
    sub = verb("execute", execute)
    sub.add_argument("pages", metavar="PAGE", nargs="+", help="walked together: the page, and the etcd page")
    sub.add_argument("--topology", default="stacked", choices=TOPOLOGIES, help="which way; default: stacked")
    sub.add_argument("--certificates", default=CERTIFICATES[0], choices=CERTIFICATES, help="which way through the page")
    sub.add_argument("--kubernetes", default="", help="a version, as in 1.37; default: the newest that is available")
    sub.add_argument("--scenarios", action="store_true", help="check the cluster that results with all scenarios")
    sub.add_argument("--run-dir", default="", metavar="DIR", help="where records and reports go; default: runs/<time>")
    sub = verb("outcomes", outcomes)
    sub.add_argument("pages", metavar="PAGE", nargs="+", help="a translation is compared with its original beside it")
    sub.add_argument("--runs", nargs="+", required=True, metavar="DIR", help="run directories, of `execute` and others")
    sub.add_argument("--html", default="", metavar="FILE", help="write the tables here, too")
    return parser


if __name__ == "__main__":
    sys.exit(typed())
