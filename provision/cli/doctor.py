"""What this host lacks, and the one command that fixes it."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from provision.clusters.selection import planned
from provision.config.choices import topologies
from provision.config.cluster_id import ClusterId
from provision.config.options import INVENTORY
from provision.config.settings import Settings
from provision.providers import table
from provision.providers.finding import Finding, unknown
from provision.providers.host import Host
from provision.util import local
from provision.util.errors import Problem


@dataclass(frozen=True)
class Diagnosis:
    """All findings of one check of this host."""

    findings: tuple[Finding, ...]

    @property
    def lacking(self) -> tuple[Finding, ...]:
        """What stands in the way."""
        return tuple(finding for finding in self.findings if not finding.ok)

    @property
    def packages(self) -> list[str]:
        """The system packages whose installation would fix something, each once."""
        return sorted({package for finding in self.lacking for package in finding.packages})

    @property
    def settings(self) -> list[str]:
        """The kernel settings that would fix something, as `name=value`."""
        return [finding.setting for finding in self.lacking if finding.setting]

    @property
    def install(self) -> str:
        """The one command that installs them; empty where none is missing."""
        return f"sudo apt-get install -y --no-install-recommends {' '.join(self.packages)}" if self.packages else ""


def examine(settings: Settings, cluster: str = "") -> Diagnosis:
    """Check everything that a cluster needs from this host, and from machines that exist. Changes nothing, and ends
    well on every host.

    `cluster` is a topology or a cluster id; without one, it is the largest topology that has to fit. Raises BadInput
    for what is neither.
    """
    counts = {} if settings.provider == INVENTORY else _counts(settings, cluster)
    machines = ", ".join(f"{count} for {name}" for name, count in counts.items())
    found = [Finding(True, f"machines: {machines}")] if counts else []
    if settings.part:
        found.append(Finding(True, f"shard {settings.part} of a night: a plan says which clusters it has"))
    try:
        found += table.PROVIDERS[settings.provider](Host(settings)).findings(max(counts.values(), default=0))
    except Exception as error:
        found.append(unknown("what else this host lacks", error))
    return Diagnosis(tuple(found))


def _counts(settings: Settings, cluster: str) -> dict[str, int]:
    """How many machines the largest cluster has of each topology, or of the one that was named."""
    if cluster and cluster not in topologies():
        return {cluster: len(ClusterId.parse(cluster).machines)}
    sizes = {
        topology: max((len(each.machines) for each in planned(settings, topology)), default=0)
        for topology in ([cluster] if cluster else topologies())
    }
    return {topology: size for topology, size in sizes.items() if size}


def doctor(settings: Settings, options: argparse.Namespace) -> int:
    """The verb: prints one line a finding; with `--fix` installs missing packages and checks again.

    With `--quiet`, only what is missing is printed, or one line where nothing is.
    """
    diagnosis = examine(settings, options.cluster)
    if options.fix and (diagnosis.packages or diagnosis.settings):
        _fix(diagnosis)
        diagnosis = examine(settings, options.cluster)
    if options.quiet and not diagnosis.lacking:
        print("host: ok (./run doctor)")
    else:
        print("\n".join(_lines(diagnosis.lacking if options.quiet else diagnosis.findings, diagnosis.install)))
    return 1 if diagnosis.lacking else 0


_INSTALL = 1800  # seconds, for what apt fetches over a slow line


def _fix(diagnosis: Diagnosis) -> None:
    for setting in diagnosis.settings:
        print(f"setting: {setting}, until the next boot", file=sys.stderr, flush=True)
        _try(["sysctl", "-q", "-w", setting], f"sudo sysctl -w {setting}")
    if diagnosis.packages:
        print(f"installing: {' '.join(diagnosis.packages)}", file=sys.stderr, flush=True)
        install = ["apt-get", "install", "-y", "-q", "--no-install-recommends", *diagnosis.packages]
        _ = _try(["apt-get", "update", "-q"], diagnosis.install) and _try(install, diagnosis.install)


def _try(command: list[str], by_hand: str) -> bool:
    try:
        local.run(command, root=True, env=dict(os.environ, DEBIAN_FRONTEND="noninteractive"), timeout=_INSTALL)
    except Problem as failed:
        failed.fix = failed.fix or by_hand
        print(failed, file=sys.stderr)
        return False
    return True


def _lines(findings: Iterable[Finding], install: str) -> Iterator[str]:
    for finding in findings:
        yield f"{'ok ' if finding.ok else 'NO '} {finding.what}"
        if finding.fix and not finding.ok and not finding.packages:
            yield f"      fix: {finding.fix}"
    if install:
        yield f"install all missing packages with: {install}"
