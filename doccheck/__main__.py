"""`python -m doccheck VERB …`, or `./run documentation VERB …`: pages of the documentation.

A PAGE is a file, REPOSITORY@REVISION:PATH, or the URL of its Markdown source. Standard output carries only the answer.
"""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path

from doccheck import execute
from doccheck.claims import binding, edition, registry
from doccheck.claims.edition import ORIGINAL, edition_of, editions
from doccheck.drift import report
from doccheck.drift.oracle import Kubeadm
from doccheck.pages import source
from doccheck.verdicts import gather
from doccheck.verdicts import report as outcome_report
from provision.config.topology import CERTIFICATES, TOPOLOGIES
from provision.errors import BadInput, Problem
from provision.recording.redaction import Redactor, guard

NONE = "none"


def main(arguments: list[str] | None = None) -> int:
    """Run one verb; returns the exit status: 0 nothing that misleads, 1 something, 2 bad input, 130 interrupted."""
    options = _parser().parse_args(arguments)
    guard(sys.stderr, options.redact)  # a page on standard output may show a token, and is public
    try:
        return int(options.verb(options))
    except Problem as problem:
        print(f"{problem}", file=sys.stderr)
        return 2 if isinstance(problem, BadInput) else 1
    except BrokenPipeError:  # the reader has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except KeyboardInterrupt:
        print("interrupted", file=sys.stderr)
        return 130


def drift(options: argparse.Namespace) -> int:
    """What NEW, a later edition or a translation of OLD, does otherwise, and what is wrong with it."""
    old, new = source.read(options.old), source.read(options.new, options.language)
    return _answer(report.of_drift(old, new, _kubeadm(options)), options)


def check(options: argparse.Namespace) -> int:
    """What is wrong with one page, as far as it can be checked without a cluster."""
    return _answer(report.of_page(source.read(options.page, options.language), _kubeadm(options)), options)


def blocks(options: argparse.Namespace) -> int:
    """The blocks of a page: line, id, hash, and the first words."""
    for block in source.read(options.page, options.language).blocks:
        print(f"{block.line}\t{block.id}\t{block.hash}\t{' '.join(block.bare.split())[:60]}")
    return 0


def claims(options: argparse.Namespace) -> int:
    """What a page claims, whether it still says so, who decides it, and which commands no claim is about."""
    page = source.markdown_page(options.page, options.language)
    bindings = binding.bind(page, edition_of(page, editions()), registry.claims())
    print(binding.markdown(bindings) if options.markdown else binding.text(bindings), end="")
    return bindings.status


def record(options: argparse.Namespace) -> int:
    """A page's edition, to be kept in doccheck/claims/editions when a person has read it against the claims."""
    page = source.markdown_page(options.page, options.language)
    original = None if page.language == ORIGINAL else edition_of(page, editions())
    print(edition.record(page, original).dumped(), end="")
    return 0


def outcomes(options: argparse.Namespace) -> int:
    """The outcome of each claim of pages in runs that walked them: walks, scenarios, steps and drift rules together."""
    known = list(editions())
    read = [source.markdown_page(each, options.language) for each in options.pages]
    tables = gather.tables([(page, edition_of(page, known)) for page in read], gather.runs(map(Path, options.runs)))
    if options.html:
        Path(options.html).write_text(outcome_report.tables_html(tables), encoding="utf-8")
    print("\n".join(map(outcome_report.table_markdown, tables)), end="")
    return max(each.status for each in tables)


def _answer(found: report.Report, options: argparse.Namespace) -> int:
    print(found.markdown() if options.markdown else found.text(), end="")
    return found.status


def _kubeadm(options: argparse.Namespace) -> Kubeadm | None:
    return None if options.kubeadm == NONE else Kubeadm.find(options.kubeadm)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="./run documentation", description=__doc__, allow_abbrev=False)
    parser.set_defaults(redact=Redactor())
    common = argparse.ArgumentParser(add_help=False, allow_abbrev=False)
    common.add_argument("--language", default="", help="of the page, where its path does not tell: ja, pt-br")
    telling = argparse.ArgumentParser(add_help=False, allow_abbrev=False, parents=[common])
    telling.add_argument("--markdown", action="store_true", help="answer in Markdown, fit for an issue")
    asking = argparse.ArgumentParser(add_help=False, allow_abbrev=False, parents=[telling])
    asking.add_argument("--kubeadm", default="", help=f"the binary to ask; default: the newest kept here; {NONE}")
    verbs = parser.add_subparsers(metavar="VERB", required=True)
    sub = verbs.add_parser("drift", allow_abbrev=False, parents=[asking], help=drift.__doc__, description=drift.__doc__)
    sub.add_argument("old", metavar="OLD", help="a page")
    sub.add_argument("new", metavar="NEW", help="a later edition of it, or a translation")
    sub.set_defaults(verb=drift)
    of_page = (
        ("check", check, asking),
        ("claims", claims, telling),
        ("blocks", blocks, common),
        ("record", record, common),
    )
    for name, action, parent in of_page:
        sub = verbs.add_parser(
            name, allow_abbrev=False, parents=[parent], help=action.__doc__, description=action.__doc__
        )
        sub.add_argument("page", metavar="PAGE")
        sub.set_defaults(verb=action)
    sub = verbs.add_parser(
        "execute", allow_abbrev=False, parents=[common], help=execute.verb.__doc__, description=execute.verb.__doc__
    )
    sub.add_argument("pages", metavar="PAGE", nargs="+", help="walked together: the page, and the etcd page")
    sub.add_argument("--topology", default="stacked", choices=sorted(TOPOLOGIES), help="which way; default: stacked")
    sub.add_argument("--certificates", default=CERTIFICATES[0], choices=CERTIFICATES, help="which way through the page")
    sub.add_argument("--kubernetes", default="", help="a version, as in 1.37; default: the newest that can be had")
    sub.add_argument("--scenarios", action="store_true", help="have all scenarios look at what came of it")
    sub.add_argument("--run-dir", default="", metavar="DIR", help="where records and reports go; default: runs/<time>")
    sub.set_defaults(verb=execute.verb)
    sub = verbs.add_parser(
        "outcomes", allow_abbrev=False, parents=[common], help=outcomes.__doc__, description=outcomes.__doc__
    )
    sub.add_argument("pages", metavar="PAGE", nargs="+", help="a translation is compared with its original beside it")
    sub.add_argument("--runs", nargs="+", required=True, metavar="DIR", help="run directories, of `execute` and others")
    sub.add_argument("--html", default="", metavar="FILE", help="write the tables here, too")
    sub.set_defaults(verb=outcomes)
    return parser


if __name__ == "__main__":
    sys.exit(main())
