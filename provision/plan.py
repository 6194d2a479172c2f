"""What would be made, in which order, with how much memory, and which commands would run. Makes nothing."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from ipaddress import IPv4Network

from provision import requirements
from provision.artifacts.catalog import Release
from provision.cluster import Cluster, Endpoint
from provision.clusters import Clusters
from provision.errors import BadInput
from provision.journal import CommandRecord, Journal, StepRecord
from provision.kubeadm.facts import Facts
from provision.loadbalancer.dns import ENDPOINT_NAME
from provision.machines.machine import Machine, Result
from provision.procedure import procedure_of
from provision.procedure.step import Alongside, Procedure, Step
from provision.redaction import Redactor
from provision.settings import Settings, topologies
from provision.topology import ClusterId, MachineSpec
from provision.versions import Wanted

_PRINTED = """
  kubeadm join {endpoint} --token <token> --discovery-token-ca-cert-hash sha256:<hash> \\
    --control-plane --certificate-key <certificate key>

  kubeadm join {endpoint} --token <token> --discovery-token-ca-cert-hash sha256:<hash>
"""


class PlannedMachine(Machine):
    """A machine that does not exist: commands are only noted, and `kubeadm init` prints what it would."""

    def __init__(self, spec: MachineSpec, address: str, endpoint: Endpoint, journal: Journal) -> None:
        super().__init__(spec, address)
        self._answer = Result(0, _PRINTED.format(endpoint=endpoint), "")
        self._journal = journal

    def run(
        self, command: str, *, timeout: float = 60, stdin: bytes = b"", secret: bool = False, agent: bool = False
    ) -> Result:
        self._journal.command(self.name, command, 0, "", "", 0)
        return self._answer

    def close(self) -> None:
        """There is nothing to let go of."""


class _Commands:
    """Notes every command as `machine  command`."""

    def __init__(self) -> None:
        self.lines: list[tuple[str, str]] = []

    def step_started(self, step: StepRecord) -> None: ...

    def step_finished(self, step: StepRecord) -> None: ...

    def command_finished(self, command: CommandRecord) -> None:
        self.lines.append((command.machine, command.command))


def plan(settings: Settings, options: argparse.Namespace) -> int:
    """The verb: prints the plan of each cluster that `up` or a test run would make."""
    clusters = Clusters(settings)
    text = options.cluster
    wanted = clusters.cluster_ids(text) if text in topologies() else [ClusterId.parse(text)]
    for cluster in wanted:
        release = clusters.release(Wanted.parse(cluster.version))
        for line in _described(clusters, cluster, release):
            print(line)
    return 0


def _described(clusters: Clusters, cluster: ClusterId, release: Release) -> Iterator[str]:
    if clusters.settings.machines:
        raise BadInput("a plan is of machines that are made here", remedy="leave the inventory out")
    subnet = clusters.subnet(str(cluster))
    gibibytes = requirements.memory(len(cluster.machines)) / 1024**3
    yield f"{cluster}: Kubernetes {release.version} ({release.source}), {clusters.engine.name}"
    yield f"memory: about {gibibytes:.0f} GiB"
    yield f"machines in {subnet}:"
    yield from (f"  {spec.name:5} {spec.role:14} {subnet[spec.host]}" for spec in cluster.machines)
    facts = Facts(release.version)
    yield f"images: {facts.etcd}, {facts.coredns}, {facts.pause}, or what its kubeadm lists instead"
    if facts.remark:
        yield f"Kubernetes {release.version} is {facts.remark}"
    if accommodations := clusters.accommodations(release.version):
        yield "accommodations, because of this host:"
        yield from (f"  {name}: {reason}" for name, reason in accommodations.items())
    yield "procedure:"
    procedure = procedure_of(cluster, clusters.settings.control_plane_joins)
    yield from _steps(_planned(clusters, cluster, release, subnet), procedure)


def _planned(clusters: Clusters, cluster: ClusterId, release: Release, subnet: IPv4Network) -> Cluster:
    journal = Journal(str(cluster), Redactor())
    specs = {spec.name: spec for spec in cluster.machines}
    endpoint = Endpoint(ENDPOINT_NAME, str(subnet[cluster.machines[0].host]))
    return Cluster(
        id=cluster,
        version=release.version,
        endpoint=endpoint,
        machines={n: PlannedMachine(spec, str(subnet[spec.host]), endpoint, journal) for n, spec in specs.items()},
        journal=journal,
        host_address=str(subnet[1]),
        accommodations=frozenset(clusters.accommodations(release.version)),
        network=clusters.settings.network,
    )


def _steps(cluster: Cluster, procedure: Procedure) -> Iterator[str]:
    order = list(cluster.machines)
    for number, entry in enumerate(procedure, 1):
        for step in entry.steps if isinstance(entry, Alongside) else (entry,):
            alongside = "  (alongside)" if isinstance(entry, Alongside) else ""
            yield f"  {number}. {step.name}{alongside}" + (f"  [{step.section}]" if step.section else "")
            # Sorted, since what runs at once is noted in any order.
            if step.correction:
                yield f"       (the page, corrected: {step.correction})"
            noted = sorted(_commands(cluster, step), key=lambda line: order.index(line[0]))
            yield from (f"       {machine:5} {command}".replace("\n", "\n             ") for machine, command in noted)


def _commands(cluster: Cluster, step: Step) -> list[tuple[str, str]]:
    noted = _Commands()
    with cluster.journal.heard_by(noted):
        step.action(cluster)
    return noted.lines
