"""What would be done with somebody's machines. Looks at those that answer, and changes nothing."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import groupby
from pathlib import Path

from provision.cli import dry_run
from provision.cli.dry_run import PlannedMachine
from provision.cluster import Cluster, Endpoint
from provision.clusters.lifecycle import Clusters
from provision.config.inventory.model import Host, Inventory
from provision.config.topology import ClusterId, Role
from provision.config.versions import Version, Wanted
from provision.errors import BadInput, Unreachable
from provision.procedure import procedure_of
from provision.providers import requests
from provision.providers.inventory import facts, in_use
from provision.providers.inventory.facts import Survey
from provision.providers.inventory.install import Supplies
from provision.providers.inventory.provider import Machines, looking_at
from provision.recording.journal import Journal
from provision.recording.redaction import Redactor


@dataclass(frozen=True)
class Known:
    """What is known before anything is done: the file, and what was found on the machines that answer.

    `silent` says why the others do not. `stands_in` is whether the version is only a guess.
    """

    inventory: Inventory
    surveys: Sequence[Survey]
    silent: Sequence[Unreachable]
    cluster: ClusterId
    version: Version
    stands_in: bool


def described(clusters: Clusters, text: str) -> Iterator[str]:
    """The plan, by the mode: what would be looked at, or what would be built; `text` is a topology or a cluster id."""
    known = _known(clusters, text)
    only = clusters.settings.looks_only
    yield f"{known.cluster}: {'a look at' if only else 'built on'} {len(known.inventory.hosts)} machines that are there"
    yield f"Kubernetes: {known.version}" + (
        ", which stands in for what the machines have: none of them says" if known.stands_in else ""
    )
    if known.silent:
        yield f"{len(known.silent)} machines do not answer; of them, this is what the file alone tells:"
        yield from (f"  {each.what}: {each.answer}" for each in known.silent)
    yield "machines:"
    yield from (f"  {host.name:14} {host.role:14} {host.address:15} {_login(host)}" for host in known.inventory.hosts)
    yield from _look(known) if only else _build(clusters, known)


def _known(clusters: Clusters, text: str) -> Known:
    inventory = clusters.settings.machines
    assert inventory
    with looking_at(inventory, Journal(inventory.name, Redactor())) as machines:
        found = in_use.looks(inventory, machines)
    surveys = [each for each in found if isinstance(each, Survey)]
    version, stands_in = _version(clusters, inventory, surveys)
    cluster = _cluster(clusters, inventory, version, text)
    silent = [each for each in found if isinstance(each, Unreachable)]
    return Known(inventory, surveys, silent, cluster, version, stands_in)


def _version(clusters: Clusters, inventory: Inventory, surveys: Sequence[Survey]) -> tuple[Version, bool]:
    """The release that the cluster has or gets, and whether that is only a guess."""
    theirs = clusters.settings.looks_only or inventory.prepare == "none"
    there = [requests.version_of(each) for each in surveys if each.version]
    if there and theirs:
        return max(there), False
    said = clusters.settings.kubernetes or inventory.kubernetes
    return (clusters.release(Wanted.parse(said)) if said else clusters.newest).version, theirs and not said


def _cluster(clusters: Clusters, inventory: Inventory, version: Version, text: str) -> ClusterId:
    said = clusters.settings.kubernetes or inventory.kubernetes or version.series
    cluster = clusters.settings.cluster_id(inventory.topology, said, inventory.certificates)
    if text not in (inventory.topology, str(cluster)):
        raise BadInput(
            f"{clusters.settings.inventory} is {cluster}, not {text}", fix=f"./run plan {inventory.topology}"
        )
    return cluster


def _login(host: Host) -> str:
    through = f" through {host.jump}" if host.jump else ""
    key = f"with {host.key}" if host.key else "with what the ssh-agent holds"
    return f"ssh {host.user}@{host.connect}:{host.port}{through} {key}{', sudo' if host.sudo else ''}"


def _look(known: Known) -> Iterator[str]:
    yield "asked first, of every machine (of the load balancer, for other packages):"
    yield dry_run.line("", facts.script(known.inventory.endpoint.split(":")[0], Role.CONTROL_PLANE).strip())
    yield "then whatever the scenarios ask. Each command is taken apart before it is sent, and refused unless all of it"
    yield "is listed as only reading; what would change something is skipped, and says so."


def _build(clusters: Clusters, known: Known) -> Iterator[str]:
    inventory, settings = known.inventory, clusters.settings
    told = settings.in_use == "reset"
    prepared = inventory.prepare == "none"
    wrong = [line for each in known.surveys for line in in_use.unready(inventory, each, prepared=prepared)]
    used = [line for each in known.surveys for line in in_use.in_use(inventory, each)]
    if wrong or used:
        yield "in the way now:"
        yield from (f"  {line}" for line in wrong)
        yield from (f"  {line}{', and will be reset' if told else ''}" for line in used)
    reasons = requests.reasons(known.surveys, known.version, swap=prepared)
    if reasons:
        yield "host workarounds, because of these machines:"
        yield from (f"  {name}: {reason}" for name, reason in reasons.items())
    cluster = _planned(clusters, known, reasons)
    yield from _preparation(known, cluster, told=told)
    yield "procedure:"
    yield from dry_run.steps(cluster, procedure_of(cluster.id, settings.control_plane_joins, own_dns=False))
    yield f"./run clean {cluster.id}  # would reset the machines; what was prepared would stay"


def _planned(clusters: Clusters, known: Known, reasons: dict[str, str]) -> Cluster:
    journal = Journal(str(known.cluster), Redactor())
    name, port = known.inventory.endpoint.split(":")
    balancers = [host.address for host in known.inventory.hosts if host.role is Role.LOAD_BALANCER]
    seen = sorted({address for each in known.surveys for address in each.endpoint})
    endpoint = Endpoint(name, (balancers or seen or [f"<address of {name}>"])[0], int(port))
    machines = {}
    for spec in known.inventory.specs:
        host = known.inventory.host(spec.name)
        machines[spec.name] = PlannedMachine(spec, host.address, endpoint, journal, host.user)
    return Cluster(
        known.cluster, known.version, endpoint, machines, journal, "", frozenset(reasons), clusters.settings.network,
        dry_run=True,
    )  # fmt: skip


def _preparation(known: Known, cluster: Cluster, *, told: bool) -> Iterator[str]:
    """What every machine is given, machines with the same commands together."""
    by_name = {each.machine.name: each for each in known.surveys}
    surveys = [by_name.get(name) or facts.unknown(machine) for name, machine in cluster.machines.items()]
    supplies = _supplies(known, cluster)
    provider = Machines(known.inventory, cluster.journal, surveys, supplies, reset=told)
    noted = dry_run.commands(cluster.journal, partial(provider.make_ready, cluster.machines))
    ran = {name: [command for machine, command in noted if machine == name] for name in cluster.machines}
    yield f'prepared (prepare = "{known.inventory.prepare}"):'
    for lines, names in groupby(sorted(ran, key=lambda name: ran[name]), key=lambda name: ran[name]):
        yield f"  {', '.join(names)}:" + ("" if lines else " nothing")
        yield from (dry_run.line("", command) for command in lines)


def _supplies(known: Known, cluster: Cluster) -> Supplies | None:
    if known.inventory.prepare == "none":
        return None
    carried = known.inventory.prepare == "artifacts"
    return Supplies(
        known.version, "<pause image>", Path("<programs>") if carried else None,
        (Path("<each archive of images>"),) if carried else (), cluster.workarounds,
    )  # fmt: skip
