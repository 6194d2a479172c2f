"""Versions of control planes: that they are one, go together, and are what the configuration has.

The policy: https://kubernetes.io/releases/version-skew-policy/. It counts minors; a patch may be any.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from checks.facts.cluster import Facts
from checks.facts.fact import Unknown
from checks.facts.machine import MachineFacts
from checks.findings import Found, Severity
from checks.rules.component_flags import API_SERVER, COMPONENTS, CONTROLLER_MANAGER, SCHEDULER
from checks.rules.components import flags
from checks.rules.edits import VERSION, edited
from checks.rules.hosts import host_of
from checks.rules.known import known_of_each
from checks.rules.own_places import manifest_of
from checks.rules.releases import api_servers, release, release_of
from checks.rules.rule import about_each, about_the_cluster, control_planes
from checks.rules.sentences import listed
from provision.config.versions import Version

_UPGRADE = "https://kubernetes.io/docs/tasks/administer-cluster/kubeadm/kubeadm-upgrade/"
_POLICY = "https://kubernetes.io/releases/version-skew-policy/"


@about_the_cluster(
    "KHA-VER-001", Severity.NOTICE,
    title="Control planes run different versions.",
    why="An upgrade was begun and not finished; it is to be, before the next one.",
    fix="sudo kubeadm upgrade node  # on {machine}", page=_UPGRADE,
)  # fmt: skip
def different_versions(facts: Facts) -> Iterator[Found]:
    """What is older than the newest API server is left behind; more than a minor is beyond what is supported."""
    versions, unknown = _versions(facts)
    newest = max((each for (_, component), each in versions.items() if component == API_SERVER), default=None)
    behind = {where: each for where, each in versions.items() if newest and each < newest}
    if newest and behind:
        machines = tuple(dict.fromkeys(name for name, _ in behind))
        parts = listed(f"{component} of {name} ({each})" for (name, component), each in behind.items())
        far = any(newest.minor - each.minor > 1 for each in behind.values())
        what = f"API servers run {newest}, but {parts} {'are' if len(behind) > 1 else 'is'} older."
        yield Found(what, machines, severity=Severity.WARNING if far else None)
    if unknown:
        raise unknown


@about_each(
    control_planes, "KHA-VER-002", Severity.WARNING,
    title="A component is newer than an API server that it connects to.",
    why="It may use what that API server does not know; no release is tested like that.",
    fix="sudo grep image: {manifest}  # on {machine}: bring it back to {supported}, or "
    "finish the upgrade of API servers", page=_POLICY,
)  # fmt: skip
def newer_than_its_api_server(facts: Facts, machine: MachineFacts) -> Iterator[Found]:
    for component in (CONTROLLER_MANAGER, SCHEDULER):
        servers = _servers_of(facts, machine, component)
        own = release_of(facts, machine, component)
        if own and servers and own.minor > min(servers).minor:
            what = f"{machine.name}: {component} is {own}, and connects to an API server that is {min(servers)}."
            values = {"manifest": manifest_of(machine, component), "supported": str(min(servers))}
            yield Found(what, (machine.name,), values=values)


@about_the_cluster(
    "KHA-VER-004", Severity.WARNING,
    title="The stored configuration has another version than the control planes.",
    why="A control plane that joins, as after a loss, gets the stored version.",
    fix=edited("kube-system", "kubeadm-config", VERSION), page=_UPGRADE,
)  # fmt: skip
def other_version_stored(facts: Facts) -> Iterator[Found]:
    """While an upgrade is on its way it is one of the versions that run. Another patch is no more than a notice."""
    stored = release(str(facts.api.cluster_configuration.get().get("kubernetesVersion", "")))
    running = api_servers(facts)
    if stored and running and stored not in running.values():
        newest = max(running.values())
        what = f"kubeadm-config has kubernetesVersion {stored}, and API servers run {newest}."
        severity = Severity.NOTICE if stored.minor in {each.minor for each in running.values()} else None
        yield Found(what, (), values={"running": str(newest)}, severity=severity)


def _versions(facts: Facts) -> tuple[dict[tuple[str, str], Version], Unknown | None]:
    found: dict[tuple[str, str], Version] = {}
    unknown = None
    for component in COMPONENTS:
        read, missing = known_of_each(facts.control_planes, partial(release_of, facts, component=component))
        found |= {(name, component): each for name, each in read.items() if each}
        unknown = unknown or missing
    return found, unknown


def _servers_of(facts: Facts, machine: MachineFacts, component: str) -> list[Version]:
    """The API servers that a component connects to: that of its machine, as kubeadm has it, or any behind the endpoint.

    Without a login it is taken for the first, since during an upgrade the second would be alarmed at.
    """
    if machine.kubeconfigs.known:
        place = flags(machine, component).get("kubeconfig", "")
        hosts = [host_of(each.server) for each in machine.kubeconfigs.get() if each.place == place]
        if hosts and facts.owner(hosts[0]) is not machine and not hosts[0].startswith("127."):
            return list(api_servers(facts).values())
    own = release_of(facts, machine, API_SERVER)
    return [own] if own else []
