"""The verbs that make, show and enter clusters, and those of artifacts."""

from __future__ import annotations

import argparse
import os
import shutil
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

from provision.artifacts import housekeeping
from provision.artifacts.catalog import Release
from provision.cli import fixes
from provision.clusters import evidence
from provision.clusters.lifecycle import Clusters
from provision.clusters.pausing import Pauser
from provision.clusters.record import Record
from provision.clusters.registry import ClusterRegistry
from provision.clusters.state import RECORD, States
from provision.config.choices import topologies
from provision.config.cluster_id import ClusterId
from provision.config.cluster_state import PAUSED, READY, ClusterState
from provision.config.settings import Settings
from provision.kubeadm.kubeconfig import for_the_host
from provision.machines import openssh
from provision.machines.ssh import SshMachine
from provision.procedure import last_state
from provision.providers.container.containers import Containers
from provision.providers.vagrant import boxes
from provision.recording.journal import Listener
from provision.recording.listeners import Console
from provision.util.durations import duration
from provision.util.errors import BadInput, Problem
from provision.util.home import Home


def up(settings: Settings, options: argparse.Namespace) -> int:
    """Bring a cluster up and keep it; answers with its id, and says on standard error what can be done with it.

    With `--ha-reuse yes` a kept cluster of the same id that is ready is left as it is.
    """
    clusters = clusters_of(settings, options, Record(States(Home.default().clusters)))
    if options.pause and not clusters.provider.pauses:
        raise BadInput("--pause needs machines that are containers", fix="--ha-provider container")
    wanted = clusters.selection.named(options.cluster)
    if options.cluster in topologies():
        _say_versions(clusters)
    for cluster in wanted:
        start = time.monotonic()
        if not (settings.reuse == "yes" and _is_ready(clusters, str(cluster))):
            _make(clusters, cluster)
        clusters.registry.keep(str(cluster))
        print(cluster, flush=True)
        if options.pause:
            Pauser(clusters).pause(str(cluster))
            print(f"made in {duration(time.monotonic() - start)}, and paused: ./run resume {cluster}", file=sys.stderr)
            continue
        first = clusters.registry.expect_ready(str(cluster)).first
        line = fixes.next_commands(str(cluster), first, clusters.registry.ids(), fixes.given(options))
        print(f"ready in {duration(time.monotonic() - start)}: {line}", file=sys.stderr)
    return 0


def _is_ready(clusters: Clusters, cluster: str) -> bool:
    """Whether a cluster exists and can be used as it is; raises BadInput where it is kept, but broken or paused."""
    state = clusters.registry.states.read(cluster)
    if state and state.status == PAUSED:
        clusters.registry.expect_ready(cluster)
    if state and state.kept and state.status != READY:
        raise BadInput(
            f"{cluster} is kept, but it is not ready: {_reached(state)}", fix=f"./run clean {cluster}  # removes it"
        )
    if not state or state.status != READY:
        return False
    clusters.registry.lock(cluster)
    clusters.attach(cluster)
    return True


def _make(clusters: Clusters, cluster: ClusterId) -> None:
    building = clusters.start(cluster)
    try:
        building.reach(last_state(cluster))
    except BaseException as error:
        if clusters.settings.keep == "never":
            clusters.registry.remove_after(error, str(cluster))
        else:
            clusters.registry.keep(str(cluster))
        raise


_COLUMNS = ("cluster", "version", "state", "owner", "age", "network")


def status(settings: Settings, options: argparse.Namespace) -> int:
    """One line a cluster: id, version, state, who owns it, age, network; aligned below a header on a terminal."""
    clusters = clusters_of(settings, options)
    unreadable = clusters.registry.states.unreadable()
    rows = [
        tuple(str(unreadable[cluster]).splitlines())
        if cluster in unreadable
        else (cluster, *_standing(clusters.registry, cluster))
        for cluster in clusters.registry.ids()
    ]
    rows += strangers(clusters)
    if not rows:
        print("no clusters", file=sys.stderr)
    for line in _aligned([_COLUMNS, *rows]) if rows and sys.stdout.isatty() else map("\t".join, rows):
        print(line)
    return 0


def _aligned(rows: Sequence[Sequence[str]]) -> Iterator[str]:
    """Rows in columns. One that is shorter than the first is a remark, and takes the place that it needs."""
    whole = [row for row in rows if len(row) == len(rows[0])]
    widths = [max(map(len, column)) for column in zip(*whole, strict=True)]
    for row in rows:
        yield "  ".join(f"{cell:{width}}" for cell, width in zip(row, widths, strict=False)).rstrip()


def _standing(registry: ClusterRegistry, cluster: str) -> tuple[str, ...]:
    state = registry.states.read(cluster)
    if state is None:
        free = registry.is_free(cluster)
        return (f"(left over: ./run clean {cluster})" if free else "(another process is using it)",)
    owner = "kept" if state.kept else "abandoned" if registry.is_abandoned(cluster) else f"process {state.owner}"
    minutes = (time.time() - state.created) / 60
    return state.version, _reached(state), owner, f"{minutes:.0f} min", state.subnet


def _reached(state: ClusterState) -> str:
    return f"{state.status} at '{state.broken_at}'" if state.broken_at else state.status


def strangers(clusters: Clusters) -> list[tuple[str, str]]:
    """Each virtual machine that may be another user's, and a remark: it has no part in any verb."""
    return [
        (name, "(not remembered here, and its name does not say whose it is: left alone)")
        for name in clusters.registry.strangers()
    ]


def kubeconfig(settings: Settings, options: argparse.Namespace) -> int:
    """Print a kubeconfig whose server is the load balancer's address, with the certificate authority verified."""
    clusters = clusters_of(settings, options)
    cluster = clusters.attach(existing_id(clusters, options.cluster)).cluster
    print(for_the_host(cluster), end="")
    return 0


def ssh(settings: Settings, options: argparse.Namespace) -> int:
    """Become the host's ssh client, logged in to a machine; without one, list the machines."""
    clusters = clusters_of(settings, options)
    cluster = existing_id(clusters, options.cluster)
    machines = clusters.attach_as_it_is(cluster).cluster.machines
    if not options.machine:
        for line in _aligned([(each.name, each.spec.role, each.address) for each in machines.values()]):
            print(line)
        return 0
    if options.machine not in machines:
        raise BadInput(f"{cluster} has no machine {options.machine}", fix="one of " + ", ".join(machines))
    machine = machines[options.machine]
    assert isinstance(machine, SshMachine), "every provider's machines are entered by SSH"
    return os.execvp("ssh", [*openssh.command(machine.login, machine.address), *options.command])


def logs(settings: Settings, options: argparse.Namespace) -> int:
    """Collect evidence from every machine, and the record of what `up` did; answers with the folder."""
    clusters = clusters_of(settings, options)
    cluster = clusters.attach_as_it_is(existing_id(clusters, options.cluster)).cluster
    folder = Path("runs", "logs").absolute()  # `./run` may have been called from another folder
    evidence.collect(cluster, folder)
    record = clusters.registry.states.folder(str(cluster.id)) / RECORD
    if record.exists():
        shutil.copy(record, folder / str(cluster.id))
    print(folder / str(cluster.id))
    return 0


def halt(settings: Settings, options: argparse.Namespace) -> int:
    """Switch a kept cluster's virtual machines off; answers with its id."""
    clusters = clusters_of(settings, options)
    cluster = existing_id(clusters, options.cluster)
    clusters.registry.lock(cluster)
    clusters.registry.halt(cluster)
    print(cluster)
    return 0


def artifacts(settings: Settings, options: argparse.Namespace) -> int:
    """List, build or remove artifacts: all, or those that nothing used for some days."""
    clusters = clusters_of(settings, options)
    if options.action == "build":
        _say_versions(clusters)
        containers = Containers(clusters.host)
        for each in clusters.selection.resolved:
            release = each.release
            print(containers.artifacts(release, containers.workarounds(release.version)).image)
            _describe_api(containers, release)
    elif options.action == "prune":
        for name in housekeeping.prune(clusters.host.home, lambda: clusters.host.engine.name, options.days):
            print(name)
    elif options.action == "remove":
        return _remove_artifacts(clusters)
    else:
        for line in housekeeping.listing(clusters.host.home):
            print(line)
    return 0


def _describe_api(containers: Containers, release: Release) -> None:
    """Keep the description of a release's API, which no cluster needs: a mirror may not have it."""
    try:
        containers.api(release)
    except Problem as problem:
        print(f"{problem}\nObjects on pages will not be validated.", file=sys.stderr)


def _remove_artifacts(clusters: Clusters) -> int:
    """Remove all artifacts; 1 where some are left, which are named."""
    boxes.forget(clusters.host.home.root, housekeeping.boxes(clusters.host.home))
    left = housekeeping.remove(clusters.host.home, lambda: clusters.host.engine.name)
    for name, why in left.items():
        print(f"{clusters.host.home.artifacts / name} is left: {why}", file=sys.stderr)
    return int(bool(left))


def clusters_of(settings: Settings, options: argparse.Namespace, *others: Listener) -> Clusters:
    console = Console(lambda line: print(line, file=sys.stderr, flush=True))
    return Clusters(settings, (console, *others), redact=options.redact)


def _say_versions(clusters: Clusters) -> None:
    for each in clusters.selection.resolved:
        print(each, file=sys.stderr)


def existing_id(clusters: Clusters, text: str, *others: str) -> str:
    """The id of a cluster that exists, or one of `others`; `text` may be the start of it where that is unambiguous."""
    if text in clusters.registry.states.ids():
        return text  # without its provider, which may need more than this user is allowed
    existing = sorted({*clusters.registry.ids(), *others})
    found = [text] if text in existing else [cluster for cluster in existing if cluster.startswith(text)]
    if len(found) == 1:
        return found[0]
    if found:
        raise BadInput(f"'{text}' could be any of {', '.join(found)}", fix="write more of the id")
    raise BadInput(f"there is no cluster {text}", fix=f"./run up {text}" if text in topologies() else "./run status")
