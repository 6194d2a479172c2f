"""What this host lacks, and the one command that mends it."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from provision import host, requirements
from provision.errors import CommandFailed
from provision.requirements import Finding
from provision.settings import Settings


@dataclass(frozen=True)
class Diagnosis:
    """All findings of one look at this host."""

    findings: tuple[Finding, ...]

    @property
    def lacking(self) -> tuple[Finding, ...]:
        """What stands in the way."""
        return tuple(finding for finding in self.findings if not finding.ok)

    @property
    def packages(self) -> list[str]:
        """The system packages whose installation would mend something, each once."""
        return sorted({package for finding in self.lacking for package in finding.packages})

    @property
    def install(self) -> str:
        """The one command that installs them; empty where none is missing."""
        return f"sudo apt-get install -y --no-install-recommends {' '.join(self.packages)}" if self.packages else ""


def examine(settings: Settings) -> Diagnosis:
    """Look at everything that a cluster needs from this host. Changes nothing."""
    return Diagnosis(tuple(requirements.all_findings(settings)))


def doctor(settings: Settings, options: argparse.Namespace) -> int:
    """The verb: prints one line a finding; with `--fix` installs missing packages and looks again."""
    diagnosis = examine(settings)
    if options.fix and diagnosis.packages:
        _install(diagnosis)
        diagnosis = examine(settings)
    for line in _lines(diagnosis):
        print(line)
    return 1 if diagnosis.lacking else 0


def _install(diagnosis: Diagnosis) -> None:
    print(f"installing: {' '.join(diagnosis.packages)}", file=sys.stderr, flush=True)
    quiet = dict(os.environ, DEBIAN_FRONTEND="noninteractive")
    install = ["apt-get", "install", "-y", "-q", "--no-install-recommends", *diagnosis.packages]
    steps: list[Callable[[], object]] = [
        lambda: host.run(["apt-get", "update", "-q"], root=True, env=quiet),
        lambda: host.run(install, root=True, env=quiet),
    ]
    try:
        for step in steps:
            step()
    except CommandFailed as failed:
        print(f"{failed}\nTry: {diagnosis.install}", file=sys.stderr)


def _lines(diagnosis: Diagnosis) -> Iterator[str]:
    for finding in diagnosis.findings:
        yield f"{'ok ' if finding.ok else 'NO '} {finding.what}"
        if not finding.ok and not finding.packages:
            yield f"      mend: {finding.mend}"
    if diagnosis.install:
        yield f"mend all missing packages with: {diagnosis.install}"
