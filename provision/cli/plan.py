"""What would be made, in which order, with how much memory, and which commands would run. Makes nothing."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from ipaddress import IPv4Network
from pathlib import Path
from types import MappingProxyType

from provision.artifacts.catalog import Release
from provision.cli import dry_run
from provision.cli import plan_inventory as inventory
from provision.cli.dry_run import PlannedMachine
from provision.cluster import Cluster, Endpoint, Programs
from provision.clusters.lifecycle import Clusters
from provision.config.choices import topologies
from provision.config.facts import Facts
from provision.config.options import CONTAINER, INVENTORY, VAGRANT
from provision.config.settings import Settings
from provision.config.topology import ClusterId
from provision.config.versions import Wanted
from provision.loadbalancer.dns import ENDPOINT_NAME
from provision.procedure import procedure_of
from provision.providers.container import requirements
from provision.providers.vagrant import requirements as virtual
from provision.providers.vagrant import source
from provision.recording.journal import Journal
from provision.recording.redaction import Redactor


@dataclass(frozen=True)
class _Means:
    """What machines are made with. `memory` in bytes, `workarounds` name → reason."""

    how: str
    memory: int
    workarounds: Mapping[str, str]
    own_dns: bool = True


def plan(settings: Settings, options: argparse.Namespace) -> int:
    """The verb: prints the plan of each cluster that `up` or a test run would make."""
    for line in PLANS[settings.provider](Clusters(settings), options.cluster):
        print(line)
    return 0


def _made(clusters: Clusters, text: str) -> Iterator[str]:
    wanted = clusters.cluster_ids(text) if text in topologies() else [ClusterId.parse(text)]
    for cluster in wanted:
        yield from _described(clusters, cluster, clusters.release(Wanted.parse(cluster.version)))


PLANS: Mapping[str, Callable[[Clusters, str], Iterator[str]]] = MappingProxyType(
    {CONTAINER: _made, VAGRANT: _made, INVENTORY: inventory.described}
)
"""Each provider's plan: of a topology or a cluster id, in lines."""


def _described(clusters: Clusters, cluster: ClusterId, release: Release) -> Iterator[str]:
    subnet = clusters.subnet(str(cluster))
    means = _means(clusters, cluster, release)
    yield f"{cluster}: Kubernetes {release.version} ({release.source}), {means.how}"
    yield f"memory: about {means.memory / 1024**3:.0f} GiB"
    yield f"machines in {subnet}:"
    yield from (f"  {spec.name:5} {spec.role:14} {subnet[spec.host]}" for spec in cluster.machines)
    facts = Facts(release.version)
    yield f"images: {facts.etcd}, {facts.coredns}, {facts.pause}, or what its kubeadm lists instead"
    if facts.remark:
        yield f"Kubernetes {release.version} is {facts.remark}"
    if means.workarounds:
        yield "host workarounds, because of this host:"
        yield from (f"  {name}: {reason}" for name, reason in means.workarounds.items())
    yield "procedure:"
    procedure = procedure_of(cluster, clusters.settings.control_plane_joins, own_dns=means.own_dns)
    yield from dry_run.steps(_planned(clusters, cluster, release, subnet, means), procedure)


def _means(clusters: Clusters, cluster: ClusterId, release: Release) -> _Means:
    settings, machines = clusters.settings, len(cluster.machines)
    if settings.provider != VAGRANT:
        versions = (release.version, *(each.version for each in clusters.beside(cluster).values()))
        return _Means(clusters.engine.name, requirements.memory(machines), clusters.workarounds(*versions))
    how = f"Vagrant with {settings.hypervisor}, box {settings.vagrant_box}"
    driver = source.driver(settings)
    return _Means(how, virtual.memory(settings, machines), source.workarounds(driver), source.owns_dns(settings))


def _planned(
    clusters: Clusters, cluster: ClusterId, release: Release, subnet: IPv4Network, means: _Means
) -> Cluster:  # fmt: skip
    journal = Journal(str(cluster), Redactor())
    specs = {spec.name: spec for spec in cluster.machines}
    origin = clusters.release(Wanted.parse(cluster.origin)) if cluster.origin else None
    endpoint = Endpoint(ENDPOINT_NAME, str(subnet[cluster.machines[0].host]))
    return Cluster(
        id=cluster,
        version=(origin or release).version,
        endpoint=endpoint,
        machines={n: PlannedMachine(spec, str(subnet[spec.host]), endpoint, journal) for n, spec in specs.items()},
        journal=journal,
        host_address=str(subnet[1]),
        workarounds=frozenset(means.workarounds),
        network=clusters.settings.network,
        beside={
            name: Programs(each.version, Path(f"<programs of {each.version}>"))
            for name, each in clusters.beside(cluster).items()
        },
        dry_run=True,
    )
