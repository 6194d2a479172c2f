"""The verbs that make, show, enter and remove clusters."""

from __future__ import annotations

import argparse
import os
import sys
import time
from pathlib import Path

from provision import artifacts as artifacts_
from provision import evidence
from provision.clusters import Clusters
from provision.errors import BadInput
from provision.kubeadm.kubeconfig import for_the_host
from provision.listeners import Console
from provision.machines import openssh
from provision.machines.ssh import SshMachine
from provision.procedure import last_state
from provision.settings import Settings, topologies
from provision.topology import ClusterId
from provision.vagrant import boxes


def up(settings: Settings, options: argparse.Namespace) -> int:
    """Bring a cluster up and keep it; answers with its id."""
    clusters = _clusters(settings)
    wanted = _wanted(clusters, options.cluster)
    if options.cluster in topologies():
        _say_versions(clusters)
    for cluster in wanted:
        building = clusters.start(cluster)
        try:
            building.reach(last_state(cluster))
        except BaseException:
            if settings.keep == "never":
                clusters.existing.remove(str(cluster))
            else:
                clusters.existing.keep(str(cluster))
            raise
        clusters.existing.keep(str(cluster))
        print(cluster)
    return 0


def status(settings: Settings, _options: argparse.Namespace) -> int:
    """One line a cluster: id, version, state, age, who owns it."""
    existing = _clusters(settings).existing
    for cluster in existing.ids():
        state = existing.states.read(cluster)
        if state is None:
            print(f"{cluster}\t(left over: ./run clean {cluster})")
            continue
        owner = "kept" if state.kept else "abandoned" if existing.is_abandoned(cluster) else f"process {state.owner}"
        broken = f" at '{state.broken_at}'" if state.broken_at else ""
        minutes = (time.time() - state.created) / 60
        print(f"{cluster}\t{state.version}\t{state.status}{broken}\t{owner}\t{minutes:.0f} min\t{state.subnet}")
    return 0


def kubeconfig(settings: Settings, options: argparse.Namespace) -> int:
    """Print a kubeconfig whose server is the load balancer's address, with the certificate authority verified."""
    clusters = _clusters(settings)
    cluster = clusters.attach(_existing(clusters, options.cluster)).cluster
    print(for_the_host(cluster), end="")
    return 0


def ssh(settings: Settings, options: argparse.Namespace) -> int:
    """Become the host's ssh client, logged in to a machine."""
    clusters = _clusters(settings)
    cluster = _existing(clusters, options.cluster)
    machines = clusters.attach(cluster, any_status=True).cluster.machines
    machine = machines.get(options.machine)
    if not isinstance(machine, SshMachine):
        raise BadInput(f"{cluster} has no machine {options.machine}", remedy="one of " + ", ".join(machines))
    os.execvp("ssh", [*openssh.command(machine.login, machine.address), *options.command])


def logs(settings: Settings, options: argparse.Namespace) -> int:
    """Collect evidence from every machine; answers with the folder."""
    clusters = _clusters(settings)
    cluster = clusters.attach(_existing(clusters, options.cluster), any_status=True).cluster
    folder = Path("runs", "logs").absolute()  # `./run` may have been called from another folder
    evidence.collect(cluster, folder)
    print(folder / str(cluster.id))
    return 0


def halt(settings: Settings, options: argparse.Namespace) -> int:
    """Switch a kept cluster's virtual machines off; answers with its id."""
    clusters = _clusters(settings)
    cluster = _existing(clusters, options.cluster)
    clusters.existing.claim(cluster)
    clusters.existing.halt(cluster)
    print(cluster)
    return 0


def clean(settings: Settings, options: argparse.Namespace) -> int:
    """Remove clusters; answers with the ids of what was removed."""
    clusters = _clusters(settings)
    if options.cluster:
        chosen = [_existing(clusters, options.cluster)]
    else:
        chosen = clusters.existing.made_here() if options.all else clusters.existing.abandoned()
    for cluster in chosen:
        clusters.existing.claim(cluster)
        if options.forget:
            clusters.existing.states.forget(cluster)
        else:
            clusters.existing.remove(cluster)
        print(cluster)
    artifacts_.sweep(clusters.home, clusters.engine)
    return 0


def artifacts(settings: Settings, options: argparse.Namespace) -> int:
    """List, build or remove artifacts: all, or those that nothing used for some days."""
    clusters = _clusters(settings)
    if options.action == "build":
        _say_versions(clusters)
        for each in clusters.resolved:
            print(clusters.artifacts(each.release).image)
    elif options.action == "prune":
        for name in artifacts_.prune(clusters.home, lambda: clusters.engine.name, options.days):
            print(name)
    elif options.action == "remove":
        boxes.forget(clusters.home.root)
        artifacts_.remove(clusters.home, clusters.engine.name)
    else:
        for line in artifacts_.listing(clusters.home):
            print(line)
    return 0


def _clusters(settings: Settings) -> Clusters:
    return Clusters(settings, (Console(lambda line: print(line, file=sys.stderr, flush=True)),))


def _say_versions(clusters: Clusters) -> None:
    for each in clusters.resolved:
        print(each, file=sys.stderr)


def _wanted(clusters: Clusters, text: str) -> list[ClusterId]:
    return clusters.cluster_ids(text) if text in topologies() else [ClusterId.parse(text)]


def _existing(clusters: Clusters, text: str) -> str:
    """The id of a cluster that exists; `text` may be the start of it where that is unambiguous."""
    existing = clusters.existing.ids()
    found = [text] if text in existing else [cluster for cluster in existing if cluster.startswith(text)]
    if len(found) == 1:
        return found[0]
    if found:
        raise BadInput(f"'{text}' could be any of {', '.join(found)}", remedy="write more of the id")
    raise BadInput(f"there is no cluster {text}", remedy=f"./run up {text}" if text in topologies() else "./run status")
