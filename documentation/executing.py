"""The verb that needs a cluster: a page's blocks on machines that are made for it."""

from __future__ import annotations

import argparse
import signal
import sys
from pathlib import Path
from types import FrameType

from documentation import registry
from documentation.binding import bind, coverage
from documentation.drift import checks
from documentation.drift.oracle import Kubeadm
from documentation.edition import edition_of, editions
from documentation.lanes import html, markdown
from documentation.lanes.execution import execute
from documentation.pages import source
from provision.clusters import Clusters
from provision.listeners import Console
from provision.options import OPTIONS
from provision.settings import Settings
from provision.topology import ClusterId

_VARIANT = "page"  # a cluster that a page was tried on is no cluster that scenarios look at


def verb(options: argparse.Namespace) -> int:
    """Run a page's blocks as written on a cluster of its own, and the corrected ones where they fail."""
    page = source.markdown_page(options.page, options.language)
    edition = edition_of(page, editions())
    clusters = Clusters(
        Settings.of({option.name: None for option in OPTIONS}),
        (Console(lambda line: print(line, file=sys.stderr, flush=True)),),
    )
    version = options.kubernetes or clusters.versions[0]
    cluster = ClusterId(options.topology, options.certificates, version, _VARIANT)
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, _interrupt)
    building = clusters.start(cluster)
    try:
        done = execute(building.cluster, page, edition)
    finally:
        clusters.existing.remove(str(cluster))
    claims = coverage(bind(page, edition, registry.claims()))
    if options.html:
        findings = checks.check(page, Kubeadm.find())
        Path(options.html).write_text(html.render(done, findings, claims), encoding="utf-8")
    print(f"{markdown.render(done)}{claims}.")
    return done.status


def _interrupt(_signal: int, _frame: FrameType | None) -> None:
    """End, but let the cluster be removed without being interrupted again."""
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_IGN)
    raise KeyboardInterrupt
