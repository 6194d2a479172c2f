"""How much of set-up's wall time is the harness: the same cluster by the harness and by a bare script, in turns."""

from __future__ import annotations

import argparse
import statistics
import sys
import time
from dataclasses import replace
from ipaddress import IPv4Network
from pathlib import Path

from provision import host
from provision.artifacts import Artifacts
from provision.clusters import Clusters
from provision.errors import BadInput
from provision.kubeadm.facts import Facts
from provision.machines import subnets
from provision.procedure.step import State
from provision.settings import Settings

_BARE = "bare"
_SCRIPT = Path(__file__).with_name("bare-cluster")


def benchmark(settings: Settings, options: argparse.Namespace) -> int:
    """Run both in turns; the last line of the answer is `set-up ÷ bare script = N.NN`, a ratio of medians."""
    if options.rounds < 1:
        raise BadInput("--rounds must be at least 1")
    clusters = Clusters(settings)
    made = clusters.artifacts(clusters.resolved[0].release)
    times: dict[str, list[float]] = {"set-up": [], "bare script": []}
    for number in range(1, options.rounds + 1):
        times["set-up"].append(_harness(clusters, made))
        times["bare script"].append(_bare(clusters, made))
        latest = ", ".join(f"{name} {seconds[-1]:.1f} s" for name, seconds in times.items())
        print(f"round {number} of {options.rounds}: {latest}", file=sys.stderr, flush=True)
    for name, seconds in times.items():
        print(f"{name}: {' '.join(f'{each:.1f}' for each in seconds)} s")
    setup, bare = (statistics.median(seconds) for seconds in times.values())
    print(f"set-up ÷ bare script = {setup / bare:.2f}")
    return 0


def _harness(clusters: Clusters, made: Artifacts) -> float:
    cluster = replace(clusters.settings, variant="benchmark").cluster_id("stacked", made.release.version.series)
    start = time.monotonic()
    building = clusters.start(cluster)
    with clusters.existing.removed_at_the_end(str(cluster)):
        building.reach(State.READY)
        return time.monotonic() - start


def _bare(clusters: Clusters, made: Artifacts) -> float:
    engine = clusters.engine
    subnet = subnets.choose(clusters.settings.addresses, _BARE, subnets.taken())
    reasons, facts = clusters.accommodations(made.release.version), Facts(made.release.version)
    ignore = f"--ignore-preflight-errors={facts.system_check}" if "cgroup-v1" in reasons else ""
    folder = clusters.existing.states.folder(_BARE)
    clusters.existing.remove(_BARE)
    folder.mkdir(parents=True)
    with clusters.existing.removed_at_the_end(_BARE):
        answer = host.run(
            [str(_SCRIPT), engine.name, made.image, str(made.store), str(folder / "disks"), _octets(subnet),
             str(made.release.version), ignore, "--", *engine.machine_flags, *engine.limits()],
            root=True, timeout=900,
        )  # fmt: skip
        return float(answer.stdout.split()[-1])


def _octets(subnet: IPv4Network) -> str:
    return str(subnet.network_address).rsplit(".", 1)[0]
