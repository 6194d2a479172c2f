"""One check, from what was typed to the exit status."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Sequence
from dataclasses import replace

from checks import baseline, comparing, outcome
from checks.cli.options import parser
from checks.cli.ways import opened, refuse
from checks.collecting.collect import collected
from checks.facts import bundle
from checks.facts.cluster import Facts
from checks.judging import judged
from checks.outputs import explain, json_report, text
from provision.errors import BadInput

WRONG, INTERRUPTED = 2, 130


def main(typed: Sequence[str]) -> int:
    """Check a cluster; returns the exit status."""
    options = parser().parse_args(typed)
    try:
        return _checked(options)
    except BadInput as problem:
        print(problem, file=sys.stderr)
        return WRONG
    except KeyboardInterrupt:
        print("interrupted", file=sys.stderr)
        return INTERRUPTED


def _checked(options: argparse.Namespace) -> int:
    if options.explain:
        print(explain.explained(options.explain), end="")
        return 0
    facts = replace(facts_of(options, _progress), expires_within=options.expires_within)
    if options.bundle:
        _written(options.bundle, bundle.dumped(facts))
    report = judged(facts)
    if options.baseline:
        report = baseline.applied(report, baseline.read(options.baseline))
    _write_all(options, report)
    if not options.quiet:
        print(text.rendered(report, colour=sys.stdout.isatty()), end="")
    if options.compare:
        print(comparing.rendered(comparing.compared(json_report.load(options.compare), report)), end="")
    return outcome.status(report, options.fail_on)


def facts_of(options: argparse.Namespace, say: Callable[[str], None]) -> Facts:
    """Facts of the cluster that the options name; raises BadInput where they do not go together."""
    if options.source:
        refuse(options)
        return bundle.load(options.source)
    with opened(options) as ways:
        return collected(ways, say)


def _progress(line: str) -> None:
    print(f"check: {line}", file=sys.stderr, flush=True)
