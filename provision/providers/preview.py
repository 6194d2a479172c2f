"""The plan of a cluster whose machines are made, in lines."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from provision.artifacts.catalog import Release
from provision.cluster import Cluster
from provision.config.balancers import HAPROXY
from provision.config.cluster_state import ClusterState
from provision.config.facts import Facts
from provision.config.topology import MachineSpec, Role, etcd_remark
from provision.kubeadm import configuration
from provision.procedure import dry_run, procedure_of
from provision.recording.journal import Journal


def lines(
    state: ClusterState, release: Release, journal: Journal, *, how: str, memory: int, joins: str
) -> Iterator[str]:  # fmt: skip
    """The plan. `release` is what the cluster has in the end, `how` its machines are made, `memory` in bytes.

    `joins` is as in `procedure_of`.
    """
    facts = Facts(release.version)
    yield f"{state.id}: Kubernetes {release.version} ({release.source}), {how}"
    yield from own_programs(release)
    yield f"memory: about {memory / 1024**3:.0f} GiB"
    yield f"machines in {state.subnet}:"
    yield from (f"  {spec.name:5} {spec.role:14} {_addresses(state, spec)}" for spec in state.specs)
    if state.balancer != HAPROXY:
        yield f"load balancer: {state.balancer.what}"
        yield f"endpoint: {state.endpoint}, at {state.balancer_address}"
    yield from etcd_members(state.specs)
    yield f"images: {facts.etcd}, {facts.coredns}, {facts.pause}, or what its kubeadm lists instead"
    if facts.remark:
        yield f"Kubernetes {release.version} is {facts.remark}"
    if state.workarounds:
        yield "host workarounds, because of this host:"
        yield from (f"  {name}: {reason}" for name, reason in state.workarounds.items())
    cluster = dry_run.planned(state, journal)
    yield from own_configuration(cluster)
    yield "procedure:"
    yield from dry_run.steps(cluster, procedure_of(state.cluster_id, joins, own_dns=state.own_dns))


def own_programs(release: Release) -> Iterator[str]:
    """A line for each program that is a user's own, and one for what is a release's beside them."""
    for each in release.own.programs if release.own else ():
        yield f"  {each.name} {each.version}, {each.file} (sha256 {each.digest[:12]})"
    if release.own and release.note:
        yield f"  {release.note}"


def _addresses(state: ClusterState, spec: MachineSpec) -> str:
    return ", ".join(str(each) for each in state.addresses_of(spec.name))


def own_configuration(cluster: Cluster) -> Iterator[str]:
    """What kubeadm gets that the user's own configuration does not say; raises BadInput for what cannot work."""
    if own := cluster.own_configuration:
        cluster.journal.redact.learn(*own.secrets)
        yield f"{own.name} is what kubeadm gets, and beside it:"
        yield from (
            dry_run.wrapped(f"  {cluster.journal.redact(str(each))}", 4) for each in configuration.merges(cluster)
        )


def etcd_members(specs: Iterable[MachineSpec]) -> Iterator[str]:
    """A line where so many members of etcd survive no loss. They are control planes where etcd has no machines."""
    roles = [spec.role for spec in specs if not spec.late]
    if remark := etcd_remark(roles.count(Role.ETCD) or roles.count(Role.CONTROL_PLANE)):
        yield remark
