"""What this host lacks, and the one command that mends it."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from provision import host, requirements
from provision.errors import CommandFailed
from provision.inventory import findings as inventory
from provision.options import CONTAINER, INVENTORY, VAGRANT
from provision.requirements import Finding
from provision.settings import Settings
from provision.vagrant import requirements as virtual

FINDINGS: Mapping[str, Callable[[Settings], Iterable[Finding]]] = MappingProxyType(
    {CONTAINER: requirements.all_findings, VAGRANT: virtual.all_findings, INVENTORY: inventory.all_findings}
)
"""Each provider's looks, in the order in which a person would mend things."""


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
    def settings(self) -> list[str]:
        """The kernel settings that would mend something, as `name=value`."""
        return [finding.setting for finding in self.lacking if finding.setting]

    @property
    def install(self) -> str:
        """The one command that installs them; empty where none is missing."""
        return f"sudo apt-get install -y --no-install-recommends {' '.join(self.packages)}" if self.packages else ""


def examine(settings: Settings) -> Diagnosis:
    """Look at everything that a cluster needs from this host, and from machines that are there. Changes nothing."""
    return Diagnosis(tuple(FINDINGS[settings.provider](settings)))


def doctor(settings: Settings, options: argparse.Namespace) -> int:
    """The verb: prints one line a finding; with `--fix` installs missing packages and looks again."""
    diagnosis = examine(settings)
    if options.fix and (diagnosis.packages or diagnosis.settings):
        _mend(diagnosis)
        diagnosis = examine(settings)
    for line in _lines(diagnosis):
        print(line)
    return 1 if diagnosis.lacking else 0


_INSTALL = 1800  # seconds, for what apt fetches over a slow line


def _mend(diagnosis: Diagnosis) -> None:
    for setting in diagnosis.settings:
        print(f"setting: {setting}, until the next boot", file=sys.stderr, flush=True)
        _try(["sysctl", "-q", "-w", setting], f"sudo sysctl -w {setting}")
    if diagnosis.packages:
        print(f"installing: {' '.join(diagnosis.packages)}", file=sys.stderr, flush=True)
        install = ["apt-get", "install", "-y", "-q", "--no-install-recommends", *diagnosis.packages]
        _ = _try(["apt-get", "update", "-q"], diagnosis.install) and _try(install, diagnosis.install)


def _try(command: list[str], by_hand: str) -> bool:
    try:
        host.run(command, root=True, env=dict(os.environ, DEBIAN_FRONTEND="noninteractive"), timeout=_INSTALL)
    except CommandFailed as failed:
        print(f"{failed}\nTry: {by_hand}", file=sys.stderr)
        return False
    return True


def _lines(diagnosis: Diagnosis) -> Iterator[str]:
    for finding in diagnosis.findings:
        yield f"{'ok ' if finding.ok else 'NO '} {finding.what}"
        if finding.mend and not finding.ok and not finding.packages:
            yield f"      mend: {finding.mend}"
    if diagnosis.install:
        yield f"mend all missing packages with: {diagnosis.install}"
