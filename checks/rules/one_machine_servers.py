"""API servers: the address that each advertises, and the members of etcd that it knows."""

from __future__ import annotations

from collections.abc import Iterator

from checks.facts.addresses import is_address
from checks.facts.cluster import Facts
from checks.facts.fact import Unknown
from checks.facts.machine import MachineFacts
from checks.findings import Found, Severity
from checks.rules.component_flags import API_SERVER, CONNECTED, command_of, flags_in, own_addresses
from checks.rules.edits import flag_edited
from checks.rules.hosts import host_of
from checks.rules.named_servers import shared_addresses
from checks.rules.own_places import api_server_at, hidden, manifest_of
from checks.rules.rule import about_each, control_planes
from checks.rules.sentences import listed
from checks.rules.standing_still import answers, unless_etcd_stands_still

_NOT_RUNNING = ("KHA-CP-001", "KHA-CP-002", "KHA-ETCD-004", "KHA-NODE-010", "KHA-NODE-012")


def _flag(facts: Facts, machine: MachineFacts, name: str) -> str:
    """A flag of the API server; empty where it is not given, or not known."""
    try:
        return flags_in(command_of(facts, machine, API_SERVER)).get(name, ("",))[-1]
    except Unknown:
        return ""


@about_each(
    control_planes, "KHA-ONE-005", Severity.WARNING,
    title="An API server advertises the address of another machine.",
    why="The Service `kubernetes` has fewer addresses than there are API servers: pods lose the API with that machine.",
    fix=flag_edited("advertise-address", "{address}") + "  # on {machine}",
    page="https://kubernetes.io/docs/reference/setup-tools/kubeadm/kubeadm-init/", because_of=_NOT_RUNNING,
)  # fmt: skip
def api_servers_advertise_their_own_addresses(facts: Facts, machine: MachineFacts) -> Iterator[Found]:
    advertised = _flag(facts, machine, "advertise-address")
    values = {"address": machine.address, **_manifest(machine)}
    evidence = (f"kube-apiserver on {machine.name}: --advertise-address={advertised}",)
    other = facts.owner(advertised) if advertised else None
    shared = own_addresses(machine) | shared_addresses(facts)
    if other and other.name != machine.name and advertised not in shared:
        what = f"The API server of {machine.name} advertises {advertised}, which is {other.name}'s address."
        yield Found(what, (machine.name,), evidence, values, about=(API_SERVER,))
        return
    if _flag(facts, machine, "endpoint-reconciler-type") == "none" or answers(facts, machine) is False:
        return
    listed_ones = _addresses_of_the_service(facts)
    if (advertised or machine.address) not in listed_ones and _too_few(facts, advertised, listed_ones):
        unless_etcd_stands_still(facts)
        yield Found(
            f"The Service `kubernetes` does not have the address of the API server of {machine.name}.",
            (machine.name,), (*evidence[: bool(advertised)], f"the Service's addresses: {', '.join(listed_ones)}"),
            values, fix=f"kubectl get --raw /readyz?verbose --server https://{api_server_at(facts, machine)}",
            about=(API_SERVER,), needs=CONNECTED[API_SERVER],
        )  # fmt: skip


def _manifest(machine: MachineFacts) -> dict[str, str]:
    manifest = manifest_of(machine, API_SERVER)
    return {"manifest": manifest, "hidden": hidden(manifest)}


def _addresses_of_the_service(facts: Facts) -> list[str]:
    slices = [
        each
        for each in facts.api.endpoint_slices.get()
        if each["metadata"].get("namespace") == "default"
        and "kubernetes" in (each["metadata"]["name"], *(each["metadata"].get("labels") or {}).values())
    ]
    if not slices:
        raise Unknown("the Service `kubernetes` has no EndpointSlice that was read")
    return sorted(address for each in slices for entry in each.get("endpoints") or () for address in entry["addresses"])


def _too_few(facts: Facts, advertised: str, addresses: list[str]) -> bool:
    """Where the flag is not known, another interface's address may be the one that is advertised: then they count."""
    return bool(advertised) or len(addresses) < len(facts.control_planes)


@about_each(
    control_planes, "KHA-ONE-006", Severity.WARNING,
    title="An API server does not know every member of etcd.",
    why="It goes down with the members that it knows, though etcd survives their loss.",
    fix=flag_edited("etcd-servers", "{servers}") + "  # on {machine}",
    page="https://kubernetes.io/docs/setup/production-environment/tools/kubeadm/high-availability/",
)  # fmt: skip
def api_servers_know_every_member(facts: Facts, machine: MachineFacts) -> Iterator[Found]:
    """A stacked API server has the member beside it. A name or proxy in front of etcd may stand for all members."""
    servers = flags_in(command_of(facts, machine, API_SERVER)).get("etcd-servers", ("",))[-1].split(",")
    hosts = {_owner(facts, host_of(each)) for each in servers if each}
    own = {_owner(facts, each) for each in own_addresses(machine)} | {"localhost"}
    members = _members(facts)
    known = set(members)
    if not hosts or hosts & own or not hosts <= known:
        return
    missing = sorted(known - hosts)
    if missing:
        values = {"servers": ",".join(members[each] for each in sorted(members))}
        yield Found(
            f"The API server of {machine.name} does not know {listed(missing)} of etcd.", (machine.name,),
            (f"--etcd-servers={','.join(servers)}",),
            {**values, **_manifest(machine)},
        )  # fmt: skip


def _owner(facts: Facts, host: str) -> str:
    """The machine of a host, so that its name and its addresses count as one; the host where it is none's."""
    found = facts.owner(host) if is_address(host) else None
    named = (each.name for each in facts.machines if host == each.name)
    return found.name if found else next(named, host)


def _members(facts: Facts) -> dict[str, str]:
    """The members that have started, by machine, with their client URL: as etcd says, or as kubeadm-config does."""
    for machine in facts.members:
        if machine.etcd.value:
            started = [each for each in machine.etcd.value.members if each.name and not each.learner]
            return {
                _owner(facts, host_of(each.client_urls[0])): each.client_urls[0] for each in started if each.client_urls
            }
    etcd = facts.api.cluster_configuration.get().get("etcd", {})
    urls = etcd.get("external", {}).get("endpoints", [])
    return {_owner(facts, host_of(each)): each for each in urls}
