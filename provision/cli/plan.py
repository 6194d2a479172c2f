"""What would be made, in which order, with how much memory, and which commands would run. Makes nothing."""

from __future__ import annotations

import argparse

from provision.clusters.lifecycle import Clusters
from provision.config.settings import Settings


def plan(settings: Settings, options: argparse.Namespace) -> int:
    """The verb: prints the plan of each cluster that `up` or a test run would make."""
    for line in Clusters(settings).preview(options.cluster):
        print(line)
    return 0
