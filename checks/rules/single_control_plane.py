"""A cluster with one control plane. How many members etcd has, and whether it has its majority, are rules of etcd."""

from __future__ import annotations

from collections.abc import Iterator

from checks.facts.cluster import Facts
from checks.findings import Found, Severity
from checks.rules.rule import about_the_cluster

_LABEL = "node-role.kubernetes.io/control-plane"


@about_the_cluster(
    "KHA-CP-005", Severity.WARNING,
    title="There is one control plane.",
    why="With its machine the API is gone, and with etcd on it the data as well.",
    fix="sudo kubeadm token create --print-join-command  # on {machine}; then join two more, as the page says",
    page="https://kubernetes.io/docs/setup/production-environment/tools/kubeadm/high-availability/",
    because_of=("KHA-ETCD-008",),
)  # fmt: skip
def there_are_several_control_planes(facts: Facts) -> Iterator[Found]:
    """Those that the API has count as well: a list of machines may be shorter than the cluster."""
    nodes = facts.api.nodes.value or ()
    found = {each["metadata"]["name"] for each in nodes if _LABEL in (each["metadata"].get("labels") or {})}
    found |= {each.name for each in facts.control_planes}
    if len(found) == 1:
        yield Found(f"{found.pop()} is the only control plane: with it the API is gone.")
