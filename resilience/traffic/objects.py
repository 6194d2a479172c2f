"""The objects that clients write, as requests to the API, and what its answers say of them. Pure.

They are ConfigMaps with one value each, in a namespace of their own.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from resilience.histories.records import Held, Kind, Loss, Outcome
from resilience.traffic.outcomes import of_status
from resilience.traffic.transport import Request, Response

_VALUE = "value"
_SHOWN = 200  # characters of a refusal's message: a line


@dataclass(frozen=True)
class Wanted:
    """What a client wants done. The fields are those of `records.Invoked`."""

    kind: Kind
    key: str = ""
    value: str = ""
    expected: int = 0


@dataclass(frozen=True)
class Answer:
    """What an answer says. The fields are those of `records.Answered`."""

    outcome: Outcome
    revision: int = 0
    objects: dict[str, Held] = field(default_factory=dict)
    status: int = 0
    error: str = ""
    loss: Loss = Loss.NONE


def request(namespace: str, wanted: Wanted) -> Request:
    """The request for what is wanted. Reads name no resourceVersion, so that their answer is a quorum's:
    https://kubernetes.io/docs/reference/using-api/api-concepts/#semantics-for-get-and-list
    """
    every = _every(namespace)
    one = f"{every}/{wanted.key}"
    match wanted.kind:
        case Kind.CREATE:
            return Request("POST", every, _config_map(wanted))
        case Kind.UPDATE:
            return Request("PUT", one, _config_map(wanted))
        case Kind.DELETE:
            return Request("DELETE", one, _delete_options(wanted.expected))
        case Kind.GET:
            return Request("GET", one)
        case Kind.LIST:
            return Request("GET", every)


def watch(namespace: str, revision: int, seconds: int) -> Request:
    """The request for all events after a revision, which the server ends after as many seconds."""
    query = {"watch": "1", "resourceVersion": revision, "allowWatchBookmarks": "true", "timeoutSeconds": seconds}
    return Request("GET", f"{_every(namespace)}?{urlencode(query)}")


def answer(wanted: Wanted, response: Response) -> Answer:
    """What a complete answer says of what was wanted."""
    try:
        body = json.loads(response.body or b"null")
    except ValueError:
        body = None
    found = body if isinstance(body, dict) else {}
    judged = of_status(response.status)
    if judged.outcome is not Outcome.OK:
        if wanted.kind is Kind.GET and _says_absent(found, wanted.key, response.status):
            return Answer(Outcome.OK, status=response.status)  # it shows that there is nothing
        lost = Loss.OTHER if response.status == 404 and found.get("reason") != "NotFound" else judged.loss
        message = " ".join(str(found.get("message") or response.body[:_SHOWN].decode(errors="replace")).split())
        return Answer(judged.outcome, status=response.status, error=message[:_SHOWN], loss=lost)
    try:
        return _shown(wanted, found, response.status)
    except (KeyError, ValueError, TypeError, AttributeError):
        why = "the answer is not what was requested"
        return Answer(Outcome.UNKNOWN, status=response.status, error=why, loss=Loss.OTHER)


def is_ours(item: dict[str, Any]) -> bool:
    """Whether clients wrote it: a controller puts kube-root-ca.crt into every namespace."""
    return _VALUE in item.get("data", {})


def held(item: dict[str, Any]) -> Held:
    """An object as it is shown. Raises KeyError, ValueError and TypeError for what is not one."""
    return Held(item["data"][_VALUE], int(item["metadata"]["resourceVersion"]))


def _every(namespace: str) -> str:
    return f"/api/v1/namespaces/{namespace}/configmaps"


def _config_map(wanted: Wanted) -> dict[str, Any]:
    metadata: dict[str, Any] = {"name": wanted.key}
    if wanted.expected:
        metadata["resourceVersion"] = str(wanted.expected)
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata, "data": {_VALUE: wanted.value}}


def _delete_options(expected: int) -> dict[str, Any]:
    options: dict[str, Any] = {"apiVersion": "v1", "kind": "DeleteOptions"}
    return options | ({"preconditions": {"resourceVersion": str(expected)}} if expected else {})


def _says_absent(status: dict[str, Any], key: str, code: int) -> bool:
    """Whether it is this object that is not there: a server that has just started may not know the path either."""
    return code == 404 and status.get("reason") == "NotFound" and (status.get("details") or {}).get("name") == key


def _shown(wanted: Wanted, body: dict[str, Any], status: int) -> Answer:
    match wanted.kind:
        case Kind.LIST:
            shown = {item["metadata"]["name"]: held(item) for item in body["items"] if is_ours(item)}
            return Answer(Outcome.OK, int(body["metadata"]["resourceVersion"]), shown, status)
        case Kind.GET:
            found = held(body)
            return Answer(Outcome.OK, found.revision, {wanted.key: found}, status)
        case Kind.DELETE:  # a Status, which has no revision; an object where something holds it back
            if body["kind"] != "Status" or body["status"] != "Success":
                raise ValueError(body["kind"])
            return Answer(Outcome.OK, status=status)
        case Kind.CREATE | Kind.UPDATE:
            written = held(body)
            if written.value != wanted.value:
                raise ValueError(written.value)
            return Answer(Outcome.OK, written.revision, status=status)
