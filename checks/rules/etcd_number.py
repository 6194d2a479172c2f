"""How many members etcd has: what may be lost of them."""

from __future__ import annotations

from collections.abc import Iterator

from checks.facts.cluster import Facts
from checks.facts.fact import Unknown
from checks.facts.quorum import listed
from checks.findings import Found, Severity
from checks.rules.rule import about_the_cluster


@about_the_cluster(
    "KHA-ETCD-008", Severity.NOTICE,
    title="etcd has an even number of members that vote, or one.",
    why="Of two members none may be lost, of four one: no more than with one member less.",
    fix="sudo kubeadm token create --print-join-command  # on a control plane; then what it prints, with "
    "--control-plane, on one machine more",
    page="https://kubernetes.io/docs/setup/production-environment/tools/kubeadm/ha-topology/",
    because_of=("KHA-ETCD-001", "KHA-ETCD-006", "KHA-ETCD-007", "KHA-ETCD-009"),
)  # fmt: skip
def number_of_voters(facts: Facts) -> Iterator[Found]:
    """With one or two members the loss of one machine ends the API; with four it is a matter of advice."""
    voters = _voters(facts)
    if voters == 1:
        yield Found("etcd has one member: the API and its data end with its machine.", severity=Severity.WARNING)
    elif voters == 2:
        text = "etcd has two members: the loss of either machine ends the API."
        yield Found(text, severity=Severity.WARNING)
    elif voters % 2 == 0:
        yield Found(f"etcd has {voters} members: no more may be lost than of {voters - 1}.")


def _voters(facts: Facts) -> int:
    """As many as members list; else as there are control planes, where the cluster says that etcd is on them."""
    try:
        return sum(not each.learner for each in listed(facts))
    except Unknown:
        if "local" in facts.api.cluster_configuration.get().get("etcd", {}):
            return len(facts.control_planes)
        raise
