"""The verbs that make, show, enter and remove clusters."""

from __future__ import annotations

import argparse
import os
import sys
import time
from pathlib import Path

from provision import artifacts as artifacts_
from provision.clusters import evidence
from provision.clusters.lifecycle import Clusters
from provision.clusters.registry import Existing
from provision.config.choices import topologies
from provision.config.settings import Settings
from provision.errors import BadInput, Problem
from provision.kubeadm.kubeconfig import for_the_host
from provision.machines import openssh
from provision.machines.ssh import SshMachine
from provision.procedure import last_state
from provision.providers.container.containers import Containers
from provision.providers.vagrant import boxes
from provision.recording.listeners import Console


def up(settings: Settings, options: argparse.Namespace) -> int:
    """Bring a cluster up and keep it; answers with its id."""
    clusters = _clusters(settings, options)
    wanted = clusters.selection.named(options.cluster)
    if options.cluster in topologies():
        _say_versions(clusters)
    for cluster in wanted:
        building = clusters.start(cluster)
        try:
            building.reach(last_state(cluster))
        except BaseException as error:
            if settings.keep == "never":
                clusters.existing.remove_after(error, str(cluster))
            else:
                clusters.existing.keep(str(cluster))
            raise
        clusters.existing.keep(str(cluster))
        print(cluster)
    return 0


def status(settings: Settings, options: argparse.Namespace) -> int:
    """One line a cluster: id, version, state, age, who owns it."""
    clusters = _clusters(settings, options)
    unreadable = clusters.existing.states.unreadable()
    for cluster in clusters.existing.ids():
        print(f"{cluster}\t{_standing(clusters.existing, cluster)}" if cluster not in unreadable
              else "\t".join(str(unreadable[cluster]).splitlines()))  # fmt: skip
    for line in _strangers(clusters):
        print(line)
    return 0


def _standing(existing: Existing, cluster: str) -> str:
    state = existing.states.read(cluster)
    if state is None:
        return f"(left over: ./run clean {cluster})" if existing.is_free(cluster) else "(another process is at it)"
    owner = "kept" if state.kept else "abandoned" if existing.is_abandoned(cluster) else f"process {state.owner}"
    broken = f" at '{state.broken_at}'" if state.broken_at else ""
    minutes = (time.time() - state.created) / 60
    return f"{state.version}\t{state.status}{broken}\t{owner}\t{minutes:.0f} min\t{state.subnet}"


def _strangers(clusters: Clusters) -> list[str]:
    """A line for each virtual machine that may be another user's: it has no part in any verb."""
    return [
        f"{name}\t(not remembered here, and its name does not say whose it is: left alone)"
        for name in clusters.existing.strangers()
    ]


def kubeconfig(settings: Settings, options: argparse.Namespace) -> int:
    """Print a kubeconfig whose server is the load balancer's address, with the certificate authority verified."""
    clusters = _clusters(settings, options)
    cluster = clusters.attach(_existing(clusters, options.cluster)).cluster
    print(for_the_host(cluster), end="")
    return 0


def ssh(settings: Settings, options: argparse.Namespace) -> int:
    """Become the host's ssh client, logged in to a machine."""
    clusters = _clusters(settings, options)
    cluster = _existing(clusters, options.cluster)
    machines = clusters.attach(cluster, any_status=True).cluster.machines
    machine = machines.get(options.machine)
    if not isinstance(machine, SshMachine):
        raise BadInput(f"{cluster} has no machine {options.machine}", fix="one of " + ", ".join(machines))
    os.execvp("ssh", [*openssh.command(machine.login, machine.address), *options.command])


def logs(settings: Settings, options: argparse.Namespace) -> int:
    """Collect evidence from every machine; answers with the folder."""
    clusters = _clusters(settings, options)
    cluster = clusters.attach(_existing(clusters, options.cluster), any_status=True).cluster
    folder = Path("runs", "logs").absolute()  # `./run` may have been called from another folder
    evidence.collect(cluster, folder)
    print(folder / str(cluster.id))
    return 0


def halt(settings: Settings, options: argparse.Namespace) -> int:
    """Switch a kept cluster's virtual machines off; answers with its id."""
    clusters = _clusters(settings, options)
    cluster = _existing(clusters, options.cluster)
    clusters.existing.lock(cluster)
    clusters.existing.halt(cluster)
    print(cluster)
    return 0


def clean(settings: Settings, options: argparse.Namespace) -> int:
    """Remove clusters; answers with the ids of what was removed, and 1 where something is left that was to go.

    What cannot be read or is another process's is named and left.
    """
    clusters = _clusters(settings, options)
    if options.forget and not options.cluster:
        raise BadInput("--forget is for one cluster, on machines of an inventory", fix="./run clean ID --forget")
    if options.cluster:
        _clean(clusters.existing, _existing(clusters, options.cluster), forget=options.forget)
        left = 0
    else:
        left = _clean_all(clusters, everything=options.all)
    if engine := clusters.host.installed_engine:
        artifacts_.sweep(clusters.host.home, engine)
    return min(left, 1)


def _clean(existing: Existing, cluster: str, *, forget: bool = False) -> None:
    if forget:
        existing.forget(cluster)
    else:
        existing.remove(cluster, kept_too=True)
    print(cluster)


def _clean_all(clusters: Clusters, *, everything: bool) -> int:
    """Remove all clusters that were made here, or only the abandoned ones; how many of these are left."""
    existing, left = clusters.existing, 0
    unreadable = existing.states.unreadable()
    for line in [*map(str, unreadable.values()), *_strangers(clusters)]:
        print(line, file=sys.stderr)
    for cluster in existing.made_here() if everything else existing.abandoned():
        try:
            existing.remove(cluster, kept_too=everything)
            print(cluster)
        except (Problem, OSError) as problem:
            print(f"{cluster} is left: {problem}", file=sys.stderr)
            left += 1
    return left + len(unreadable) if everything else left


def artifacts(settings: Settings, options: argparse.Namespace) -> int:
    """List, build or remove artifacts: all, or those that nothing used for some days."""
    clusters = _clusters(settings, options)
    if options.action == "build":
        _say_versions(clusters)
        containers = Containers(clusters.host)
        for each in clusters.selection.resolved:
            release = each.release
            print(containers.artifacts(release, containers.workarounds(release.version)).image)
    elif options.action == "prune":
        for name in artifacts_.prune(clusters.host.home, lambda: clusters.host.engine.name, options.days):
            print(name)
    elif options.action == "remove":
        return _remove_artifacts(clusters)
    else:
        for line in artifacts_.listing(clusters.host.home):
            print(line)
    return 0


def _remove_artifacts(clusters: Clusters) -> int:
    """Remove all artifacts; 1 where some are left, which are named."""
    boxes.forget(clusters.host.home.root, artifacts_.boxes(clusters.host.home))
    left = artifacts_.remove(clusters.host.home, lambda: clusters.host.engine.name)
    for name, why in left.items():
        print(f"{clusters.host.home.artifacts / name} is left: {why}", file=sys.stderr)
    return int(bool(left))


def _clusters(settings: Settings, options: argparse.Namespace) -> Clusters:
    console = Console(lambda line: print(line, file=sys.stderr, flush=True))
    return Clusters(settings, (console,), redact=options.redact)


def _say_versions(clusters: Clusters) -> None:
    for each in clusters.selection.resolved:
        print(each, file=sys.stderr)


def _existing(clusters: Clusters, text: str) -> str:
    """The id of a cluster that exists; `text` may be the start of it where that is unambiguous."""
    existing = clusters.existing.ids()
    found = [text] if text in existing else [cluster for cluster in existing if cluster.startswith(text)]
    if len(found) == 1:
        return found[0]
    if found:
        raise BadInput(f"'{text}' could be any of {', '.join(found)}", fix="write more of the id")
    raise BadInput(f"there is no cluster {text}", fix=f"./run up {text}" if text in topologies() else "./run status")
