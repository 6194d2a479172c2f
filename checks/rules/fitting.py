"""Which nodes a pod may run on, as the scheduler decides it by names, labels and taints that last."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from checks.facts.cluster import Object

_PASSING = "node.kubernetes.io/"
"""The prefix of taints for what passes: not ready, unreachable, under pressure, cordoned."""


def fits(spec: Mapping[str, Any], node: Object) -> bool:
    """Whether a pod with this spec may run on a node; a nodeName is obeyed whatever taints there are."""
    name, labels = node["metadata"]["name"], node["metadata"].get("labels") or {}
    if spec.get("nodeName"):
        return bool(spec["nodeName"] == name)
    selected = all(labels.get(key) == value for key, value in (spec.get("nodeSelector") or {}).items())
    return selected and _attracted(spec, name, labels) and _tolerated(spec, node)


def _attracted(spec: Mapping[str, Any], name: str, labels: Mapping[str, str]) -> bool:
    """One term of the required affinity has to hold, and of a term each expression."""
    affinity = (spec.get("affinity") or {}).get("nodeAffinity") or {}
    terms = (affinity.get("requiredDuringSchedulingIgnoredDuringExecution") or {}).get("nodeSelectorTerms") or []
    return not terms or any(
        all(_holds(each, labels) for each in term.get("matchExpressions") or ())
        and all(_holds(each, {"metadata.name": name}) for each in term.get("matchFields") or ())
        for term in terms
    )


def _holds(expression: Mapping[str, Any], labels: Mapping[str, str]) -> bool:
    key, values = expression["key"], expression.get("values") or ()
    return {
        "In": key in labels and labels[key] in values, "NotIn": labels.get(key) not in values,
        "Exists": key in labels, "DoesNotExist": key not in labels,
    }.get(expression["operator"], True)  # fmt: skip


def _tolerated(spec: Mapping[str, Any], node: Object) -> bool:
    taints = node.get("spec", {}).get("taints") or []
    lasting = [
        each for each in taints if each["effect"] != "PreferNoSchedule" and not each["key"].startswith(_PASSING)
    ]  # fmt: skip
    return all(any(_tolerates(each, taint) for each in spec.get("tolerations") or ()) for taint in lasting)


def _tolerates(toleration: Mapping[str, Any], taint: Mapping[str, Any]) -> bool:
    if toleration.get("effect") and toleration["effect"] != taint["effect"]:
        return False
    if toleration.get("operator") == "Exists":
        return toleration.get("key") in (None, "", taint["key"])
    same_key = toleration.get("key") == taint["key"]
    return bool(same_key and toleration.get("value", "") == taint.get("value", ""))
