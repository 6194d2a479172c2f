"""What would be done with your machines, in lines. Reads those that answer, and changes nothing."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import groupby
from pathlib import Path

from provision.cluster import Cluster
from provision.config.cluster_id import ClusterId
from provision.config.cluster_state import ClusterState
from provision.config.inventory import described
from provision.config.inventory.model import Inventory
from provision.config.options import INVENTORY, ROUTES
from provision.config.settings import Settings
from provision.config.topology import Role
from provision.config.versions import Version
from provision.procedure import dry_run, procedure_of
from provision.providers.host import Host
from provision.providers.inventory import facts, findings, identity, in_use, install, machines
from provision.providers.inventory.facts import Survey
from provision.providers.inventory.identity import Recognised
from provision.providers.inventory.install import Supplies
from provision.providers.inventory.preparation import Preparation, Touched
from provision.providers.preview import own_configuration
from provision.util.errors import BadInput, Unreachable


@dataclass(frozen=True)
class _Known:
    """What is known before anything is done: the file, and what was found on the machines that answer.

    `silent` says why the others do not. `stands_in` is whether the version is only a guess. `wrong` is what keeps the
    cluster from being checked.
    """

    inventory: Inventory
    surveys: Sequence[Survey]
    silent: Sequence[Unreachable]
    cluster: ClusterId
    version: Version
    stands_in: bool
    wrong: Sequence[str] = ()


def lines(host: Host, inventory: Inventory, text: str) -> Iterator[str]:
    """The plan, by the mode: how the cluster would be checked, or built; `text` is a topology or a cluster id.

    Raises BadInput where the inventory is another cluster.
    """
    known, settings = _known(host, inventory, text), host.settings
    doing = "a check of" if settings.read_only else "built on"
    inventory = known.inventory
    yield f"{known.cluster}: {doing} {len(inventory.hosts)} machines of the inventory"
    yield f"Kubernetes: {known.version}" + (
        ", which stands in for what the machines have: none of them says" if known.stands_in else ""
    )
    if known.silent:
        yield f"{len(known.silent)} machines do not answer; what follows about them is from the file alone:"
        yield from (f"  {each.what}: {each.answer}" for each in known.silent)
    yield "machines:"
    yield from (f"  {line}" for line in described.lines(inventory))
    yield from _check(known) if settings.read_only else _build(settings, known, host)


def _known(host: Host, inventory: Inventory, text: str) -> _Known:
    with machines.read_for_a_while(inventory, host.journal(inventory.name)) as reached:
        recognised = identity.recognised(inventory, reached) if host.settings.read_only else Recognised(inventory, ())
        found = facts.surveys_or_silence(recognised.inventory, reached)
    surveys = [each for each in found if isinstance(each, Survey)]
    version, stands_in = _version(host, inventory, surveys)
    cluster = _cluster(host.settings, inventory, version, text)
    silent = [each for each in found if isinstance(each, Unreachable)]
    return _Known(recognised.inventory, surveys, silent, cluster, version, stands_in, recognised.wrong)


def _version(host: Host, inventory: Inventory, surveys: Sequence[Survey]) -> tuple[Version, bool]:
    """The release that the cluster has or gets, and whether that is only a guess."""
    theirs = host.settings.read_only or inventory.prepare == "none"
    installed = [facts.version_of(each) for each in surveys if each.version]
    if installed and theirs:
        return max(installed), False
    if host.settings.own_build:
        return host.own.version, False
    chosen = host.settings.kubernetes or inventory.kubernetes
    return (host.release(chosen) if chosen else host.newest).version, theirs and not chosen


def _cluster(settings: Settings, inventory: Inventory, version: Version, text: str) -> ClusterId:
    chosen = ("" if settings.own_build else settings.kubernetes or inventory.kubernetes) or version.series
    cluster = settings.cluster_id(inventory.topology, chosen, inventory.certificates)
    if text not in (inventory.topology, str(cluster)):
        raise BadInput(f"{settings.inventory} is {cluster}, not {text}", fix=f"./run plan {inventory.topology}")
    return cluster


def _check(known: _Known) -> Iterator[str]:
    if known.wrong:
        yield "in the way of a check:"
        yield from (f"  {line}" for line in known.wrong)
    yield "first, on every machine (on the load balancer, for other packages):"
    yield dry_run.line(
        "", facts.script(known.inventory.endpoint.split(":")[0] or "<endpoint>", Role.CONTROL_PLANE).strip()
    )
    yield "then the commands of the scenarios. Each is taken apart before it is sent, and refused unless all of it"
    yield "is listed as only reading; what would change something is skipped, and says so."


def _build(settings: Settings, known: _Known, host: Host) -> Iterator[str]:
    inventory, reset = known.inventory, settings.in_use == "reset"
    prepared = inventory.prepare == "none"
    wrong = [line for each in known.surveys for line in in_use.unready(inventory, each, prepared=prepared)]
    wrong += in_use.unsuited(inventory, known.surveys, carried=findings.carried(settings, inventory))
    used = [line for each in known.surveys for line in in_use.in_use(inventory, each)]
    if wrong or used:
        yield "in the way now:"
        yield from (f"  {line}" for line in wrong)
        yield from (f"  {line}{', and will be reset' if reset else ''}" for line in used)
    reasons = facts.workarounds(known.surveys, known.version, swap=prepared)
    if reasons:
        yield "host workarounds, because of these machines:"
        yield from (f"  {name}: {reason}" for name, reason in reasons.items())
    cluster = dry_run.planned(_state(settings, known, reasons), host.journal(str(known.cluster)))
    yield from own_configuration(cluster)
    yield from _prepared(settings, known, cluster, reset=reset)
    yield "procedure:"
    yield from dry_run.steps(cluster, procedure_of(cluster.id, settings.control_plane_joins, own_dns=False))
    yield f"./run clean {cluster.id}  # would reset the machines; what was prepared would stay"


def _state(settings: Settings, known: _Known, reasons: dict[str, str]) -> ClusterState:
    """The cluster as it would be, with what the file and the machines that answer say of its endpoint."""
    own = not known.inventory.balancer.virtual
    balancers = [host.address for host in known.inventory.hosts if own and host.role is Role.LOAD_BALANCER]
    seen = sorted({address for each in known.surveys for address in each.endpoint})
    name = known.inventory.endpoint.split(":")[0]
    return ClusterState(
        str(known.cluster), str(known.version), 0, 0.0, provider=INVENTORY, inventory=dict(known.inventory.content),
        endpoint_address=(balancers or seen or [f"<address of {name}>"])[0], own_dns=False, workarounds=reasons,
        network=settings.network, configuration=settings.stored_configuration,
    )  # fmt: skip


def _prepared(settings: Settings, known: _Known, cluster: Cluster, *, reset: bool) -> Iterator[str]:
    """What every machine is given; machines with the same commands are listed as one."""
    by_name = {each.machine.name: each for each in known.surveys}
    surveys = {name: by_name.get(name) or facts.unknown(machine) for name, machine in cluster.machines.items()}
    supplies = _supplies(settings, known, cluster)
    network = cluster.network == ROUTES and not (supplies and supplies.images)
    preparation = Preparation(known.inventory, surveys, supplies, reset, network)
    noted = dry_run.commands(cluster.journal, partial(preparation.apply, cluster.machines, Touched(None)))
    ran = {name: [command for machine, command in noted if machine == name] for name in cluster.machines}
    yield f'prepared (prepare = "{known.inventory.prepare}"):'
    for commands, names in groupby(sorted(ran, key=lambda name: ran[name]), key=lambda name: ran[name]):
        yield f"  {', '.join(names)}:" + ("" if commands else " nothing")
        yield from (dry_run.line("", command) for command in commands)


def _supplies(settings: Settings, known: _Known, cluster: Cluster) -> Supplies | None:
    if known.inventory.prepare == "none":
        return None
    programs = Path("<programs>") if known.inventory.prepare == "artifacts" else None
    return Supplies(
        known.version, "<pause image>", programs,
        (Path("<each archive of images>"),) if findings.carried(settings, known.inventory) else (),
        cluster.workarounds, settings.packages or install.OFFICIAL_PACKAGES,
    )  # fmt: skip
