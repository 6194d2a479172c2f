"""One check, from what was typed to the exit status."""

from __future__ import annotations

import argparse
import os
import shutil
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from checks import baseline, comparing, outcome
from checks.cli.options import parser
from checks.cli.ways import opened, refuse
from checks.collecting.collect import collected
from checks.comparing import Comparison
from checks.facts import bundle
from checks.facts.cluster import Facts
from checks.findings import Report, Severity
from checks.judging import judged
from checks.outputs import explaining, json_report, junit, page, prometheus, sarif, text
from provision.util.atomic_write import write_whole
from provision.util.concurrency import end_once
from provision.util.errors import Problem

WRONG, INTERRUPTED = 2, 130


@dataclass(frozen=True)
class Checked:
    """A report and the facts that it is about, what it is compared with, and which severities are a failure."""

    report: Report
    fail_on: Severity
    facts: Facts
    comparison: Comparison | None = None

    @property
    def status(self) -> int:
        """The exit status."""
        return outcome.status(self.report, self.fail_on)

    @property
    def remark(self) -> str:
        """Why too little could be checked; empty where enough was."""
        return outcome.too_little(self.report)


def main(typed: Sequence[str], shown: Callable[[argparse.Namespace, Checked], int] | None = None) -> int:
    """Check a cluster, and have the outcome shown, as text without `shown`; returns the exit status."""
    end_once()
    options = parser().parse_args(typed)
    try:
        if options.explain:
            print(explaining.explained(options.explain), end="")
            return 0
        return (shown or as_text)(options, checked(options, _Progress()))
    except Problem as problem:
        print(problem, file=sys.stderr)
        return WRONG
    except KeyboardInterrupt:
        print("interrupted", file=sys.stderr)
        return INTERRUPTED


def checked(options: argparse.Namespace, say: Callable[[str], None]) -> Checked:
    """The report of what the options name; raises BadInput where they cannot be, before anything is connected to."""
    accepted = baseline.load(options.baseline) if options.baseline else None
    earlier = json_report.load(options.compare) if options.compare else None
    facts = replace(facts_of(options, say), expires_within=options.expires_within)
    if options.bundle:
        bundle.save(facts, options.bundle)
    report = judged(facts)
    if accepted:
        report = baseline.applied(report, accepted, datetime.now(UTC).date())
    return Checked(report, options.fail_on, facts, comparing.compared(earlier, report) if earlier else None)


def facts_of(options: argparse.Namespace, say: Callable[[str], None]) -> Facts:
    """Facts of the cluster that the options name, or of a bundle."""
    if options.source:
        refuse(options)
        return bundle.load(options.source)
    with opened(options) as ways:
        return collected(ways, say)


def as_text(options: argparse.Namespace, made: Checked) -> int:
    """Write what the options ask for, and the text for people; returns the exit status."""
    if Path("-") not in write(options, made):
        _print(_text(options, made))
    return made.status


def write(options: argparse.Namespace, made: Checked) -> list[Path]:
    """Write what the options ask for; returns the files."""
    written = _documents(options, made)
    for file, document in written.items():
        _write(file, document)
    return list(written)


def _documents(options: argparse.Namespace, made: Checked) -> dict[Path, str]:
    """What is to be written, by file; `-` is standard output."""
    report, fail_on = made.report, made.fail_on
    wanted: dict[Path | None, Callable[[], str]] = {
        options.html: lambda: page.rendered(report, comparison=made.comparison, remark=made.remark),
        options.json: lambda: json_report.document(report, fail_on),
        options.sarif: lambda: sarif.document(report, fail_on),
        options.junit: lambda: junit.document(report, fail_on),
        options.prometheus: lambda: prometheus.document(report),
    }
    return {file: make() for file, make in wanted.items() if file}


def _text(options: argparse.Namespace, made: Checked) -> str:
    colour = text.wants_colour(sys.stdout, os.environ)
    if options.quiet:
        return text.short(made.report, made.fail_on, colour=colour)
    width = shutil.get_terminal_size().columns
    return text.rendered(
        made.report, width=width, colour=colour, comparison=made.comparison, remark=made.remark
    )  # fmt: skip


def _write(file: Path, document: str) -> None:
    if file == Path("-"):
        _print(document if document.endswith("\n") else f"{document}\n")
        return
    try:
        write_whole(file, document.encode())
    except OSError as error:
        raise Problem(f"{file} cannot be written", answer=str(error)) from None


def _print(text: str) -> None:
    """On standard output, in UTF-8 whatever the terminal is: documents say that they are."""
    sys.stdout.flush()
    sys.stdout.buffer.write(text.encode(errors="replace"))
    sys.stdout.buffer.flush()


class _Progress:
    """Lines on standard error: what was read, and how long it has been so far."""

    def __init__(self) -> None:
        self._began = time.monotonic()

    def __call__(self, line: str) -> None:
        print(f"check: {line} ({time.monotonic() - self._began:.1f} s)", file=sys.stderr, flush=True)
