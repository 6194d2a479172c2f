"""Whether the API holds nodes for ready. Pure, but for the request."""

from __future__ import annotations

import json

from resilience.inside.intervals import ANSWERS, Thing
from resilience.traffic.transport import Lost, Request, Transport

API, NODE = "API, for nodes", "node"
READY = "Ready"

REQUEST = Request("GET", "/api/v1/nodes?resourceVersion=0")
"""From an API server's memory: no read of etcd for it."""


def current(ways: list[Transport]) -> dict[Thing, str] | None:
    """The states of all nodes, by the first way that answers; None where none does."""
    for way in ways:
        try:
            answer = way.exchange(REQUEST)
        except Lost:
            continue
        if answer.status == 200:
            return read(answer.body)
    return None


def read(body: bytes) -> dict[Thing, str] | None:
    """The states of all nodes in an answer; None where it is none. Pure."""
    try:
        states = {Thing(NODE, each["metadata"]["name"]): _state(each) for each in json.loads(body)["items"]}
    except (ValueError, KeyError, TypeError):
        return None
    return {Thing(API, ""): ANSWERS} | states


def _state(node: dict[str, dict[str, list[dict[str, str]]]]) -> str:
    """Kubernetes' own words: a node whose kubelet is not heard of has the condition with the status Unknown."""
    conditions = {each["type"]: each["status"] for each in node.get("status", {}).get("conditions", [])}
    return {"True": READY, "False": "NotReady"}.get(conditions.get(READY, ""), "Unknown")
