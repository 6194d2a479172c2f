"""How many there are: control planes, and members of etcd, and what that means for the loss of one."""

from __future__ import annotations

from collections.abc import Iterator

from checks.facts.cluster import Facts
from checks.facts.fact import LOGIN, Unknown
from checks.facts.machine import ETCD
from checks.findings import Found, Severity
from checks.rules.rule import about_the_cluster
from checks.rules.standing_still import listed, some_api_server_is_ready, stopped_members, without_majority

_HA = "https://kubernetes.io/docs/setup/production-environment/tools/kubeadm/high-availability/"
_TOPOLOGY = "https://kubernetes.io/docs/setup/production-environment/tools/kubeadm/ha-topology/"
_ETCD = "https://kubernetes.io/docs/tasks/administer-cluster/configure-upgrade-etcd/"
_LABEL = "node-role.kubernetes.io/control-plane"


def _control_planes(facts: Facts) -> set[str]:
    """Those that the API has as well: a machine list may be shorter than the cluster."""
    nodes = facts.api.nodes.value or ()
    labelled = {each["metadata"]["name"] for each in nodes if _LABEL in (each["metadata"].get("labels") or {})}
    return labelled | {each.name for each in facts.control_planes}


def _members(facts: Facts) -> list[str]:
    """The members that were started, by name: as etcd says, or as machines and the stored configuration do.

    One stored address may be that of a balancer in front of several members; raises Unknown then.
    """
    for machine in facts.members:
        if machine.etcd.value:
            return sorted(each.name for each in machine.etcd.value.members if each.name and not each.learner)
    if not facts.external_etcd:
        return sorted(_control_planes(facts))
    if machines := facts.of(ETCD):
        return [each.name for each in machines]
    urls = facts.api.cluster_configuration.get().get("etcd", {}).get("external", {}).get("endpoints", [])
    if len(urls) < 2:
        raise Unknown("how many members etcd has was not read", LOGIN)
    return list(urls)


@about_the_cluster(
    "KHA-CP-005", Severity.WARNING,
    title="etcd needs every one of its members.",
    why="Of one or two members all are needed for a majority: the loss of a machine ends etcd, and the API with it.",
    fix="kubeadm token create --print-join-command  # on {machine}; then join one more, as the page says",
    page=_TOPOLOGY,
)  # fmt: skip
def etcd_survives_the_loss_of_a_member(facts: Facts) -> Iterator[Found]:
    """One control plane with etcd on it is KHA-CP-006."""
    members = _members(facts)
    if len(members) == 2 and not facts.external_etcd:
        yield Found(f"There are two control planes with etcd: the loss of {members[0]} or {members[1]} ends the API.")
    elif len(members) < 3 and facts.external_etcd:
        count = "one member" if len(members) == 1 else "two members"
        yield Found(f"External etcd has {count}, {listed(members)}: the loss of one ends the API.")


@about_the_cluster(
    "KHA-CP-006", Severity.WARNING,
    title="There is one control plane.",
    why="With its machine the API is gone, and with etcd on it the data as well.",
    fix="kubeadm token create --print-join-command  # on {machine}; then join two more, as the page says",
    page=_HA,
)  # fmt: skip
def there_are_several_control_planes(facts: Facts) -> Iterator[Found]:
    found = _control_planes(facts)
    if len(found) == 1:
        yield Found(f"{listed(found)} is the only control plane: with it the API is gone.")


@about_the_cluster(
    "KHA-CP-007", Severity.NOTICE,
    title="etcd has an even number of members.",
    why="It survives the loss of no more machines than with one member less, and has one more that may be lost.",
    fix="kubeadm token create --print-join-command  # on {machine}; then join one more, as the page says",
    page=_ETCD, because_of=("KHA-CP-005",),
)  # fmt: skip
def etcd_has_an_odd_number_of_members(facts: Facts) -> Iterator[Found]:
    members = _members(facts)
    if len(members) % 2 == 0 and len(members) > 2:
        yield Found(f"etcd has {len(members)} members, and survives the loss of {(len(members) - 1) // 2}.")


@about_the_cluster(
    "KHA-CP-008", Severity.CRITICAL,
    title="etcd has lost its majority.",
    why="The API takes no changes, and soon answers nothing: what runs goes on, and nothing is replaced.",
    fix="sudo crictl ps -a --name etcd  # on {machine}; start its machine or its member before anything is removed",
    page=_ETCD,
)  # fmt: skip
def etcd_has_its_majority(facts: Facts) -> Iterator[Found]:
    if some_api_server_is_ready(facts):
        return
    if stopped := without_majority(facts):
        yield Found(
            f"etcd has lost its majority: {listed(stopped)} of {len(facts.members)} members do not answer.", stopped,
            tuple(f"{name}: {_why(facts, name)}" for name in stopped),
        )  # fmt: skip
    elif not stopped_members(facts) and not any(each.etcd_status.known for each in facts.members):
        raise Unknown("no member of etcd was read, and no API server is ready", LOGIN)


def _why(facts: Facts, name: str) -> str:
    machine = facts.machine(name)
    return machine.unreachable or machine.etcd_status.missing
