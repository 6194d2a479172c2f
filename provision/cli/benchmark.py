"""How much of set-up's wall time is the harness: the same cluster by the harness and by a bare script, in turns."""

from __future__ import annotations

import argparse
import statistics
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from ipaddress import IPv4Network
from pathlib import Path

from provision.artifacts import Artifacts
from provision.clusters.lifecycle import Clusters
from provision.config.cluster_id import CERTIFICATES, ClusterId
from provision.config.facts import Facts
from provision.config.options import CONTAINER
from provision.config.settings import Settings
from provision.procedure.step import State
from provision.providers.container.containers import Containers
from provision.util import local
from provision.util.errors import BadInput

_USUAL = "./run benchmark  # with none but --ha-kubernetes, --ha-artifacts, --ha-engine and --ha-addresses"
_SCRIPT = Path(__file__).with_name("bare-cluster")
_SCRIPT_TIMEOUT = 900  # seconds; it takes one minute on two cores, and waits no longer than four for nodes


def benchmark(settings: Settings, options: argparse.Namespace) -> int:
    """Run both in turns; the last line of the answer is `set-up ÷ bare script = N.NN`, a ratio of medians."""
    if options.rounds < 1:
        raise BadInput("--rounds must be at least 1")
    clusters = Clusters(settings)
    ours, bare = _claimed(clusters)
    containers, release = Containers(clusters.host), clusters.selection.resolved[0].release
    made = containers.artifacts(release, containers.workarounds(release.version))
    ways: dict[str, Callable[[], float]] = {
        "set-up": lambda: _harness(clusters, ours),
        "bare script": lambda: _bare(clusters, bare, made),
    }
    times: dict[str, list[float]] = {name: [] for name in ways}
    for number in range(1, options.rounds + 1):
        for name, way in ways.items():
            times[name].append(way())
        latest = ", ".join(f"{name} {seconds[-1]:.1f} s" for name, seconds in times.items())
        print(f"round {number} of {options.rounds}: {latest}", file=sys.stderr, flush=True)
    for name, seconds in times.items():
        print(f"{name}: {' '.join(f'{each:.1f}' for each in seconds)} s")
    setup, without = (statistics.median(seconds) for seconds in times.values())
    print(f"set-up ÷ bare script = {setup / without:.2f}")
    return 0


def _claimed(clusters: Clusters) -> list[ClusterId]:
    """The harness's cluster and the bare one, this process's own until it ends: they are clusters like all others."""
    ids = [_id(clusters, variant) for variant in ("benchmark", "bare")]
    try:
        for cluster in ids:
            clusters.registry.lock(str(cluster))
    except BadInput:
        raise BadInput(
            "another benchmark is running, and each would slow the other down",
            fix="./run status  # shows its process; begin when that has ended",
        ) from None
    return ids


def _id(clusters: Clusters, variant: str) -> ClusterId:
    version = clusters.selection.resolved[0].version if clusters.selection.resolved else ""
    usual = ClusterId("stacked", CERTIFICATES[0], version, variant)
    chosen = replace(clusters.settings, variant=variant)
    if chosen.provider != CONTAINER or chosen.cluster_id("stacked", version) != usual:
        raise BadInput("the bare script makes the usual stacked cluster of containers, and no other", fix=_USUAL)
    return usual


def _harness(clusters: Clusters, cluster: ClusterId) -> float:
    start = time.monotonic()
    building = clusters.start(cluster)
    with clusters.registry.removed_at_the_end(str(cluster)):
        building.reach(State.READY)
        return time.monotonic() - start


def _bare(clusters: Clusters, cluster: ClusterId, made: Artifacts) -> float:
    engine, name, version = clusters.host.engine, f"kubeadm-ha-{cluster}", made.release.version
    state = clusters.reserve(cluster)
    with clusters.registry.removed_at_the_end(str(cluster)):
        ignore = f"--ignore-preflight-errors={Facts(version).system_check}" if "cgroup-v1" in state.workarounds else ""
        # What `clean` and `status` know machines by, whatever becomes of this process.
        labels = Containers(clusters.host).labels(str(cluster))
        flags = (*engine.machine_flags, *engine.limits(), *(f"--label={label}" for label in labels))
        folder = clusters.registry.states.folder(str(cluster)) / "disks"
        start = time.monotonic()
        local.run(engine.network_create(name, state.subnet, labels, online=False), root=True)
        local.run(
            [str(_SCRIPT), engine.name, name, made.image, str(made.store), str(folder), _octets(state.subnet),
             str(version), ignore, "--", *flags, "--", *engine.first_process],
            root=True, timeout=_SCRIPT_TIMEOUT,
        )  # fmt: skip
        return time.monotonic() - start


def _octets(subnet: str) -> str:
    return str(IPv4Network(subnet).network_address).rsplit(".", 1)[0]
