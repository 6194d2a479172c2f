"""What a client knows after its request was answered, or lost: the rules, each with its reason. Pure.

The reasons are those of Kubernetes' source, below staging/src/k8s.io/apiserver/pkg, where no other place is named. One
thing stands behind all of them: the API server's client of etcd repeats a write by itself only where it was not sent
(client/v3/retry_interceptor.go, isSafeRetryMutableRPC), so a refusal never follows a write that had an effect.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from resilience.histories.records import Loss, Outcome

WITHOUT_EFFECT: Mapping[int, str] = MappingProxyType(
    {
        400: "decoding and admission come before storage (endpoints/handlers/create.go)",
        401: "authentication is a filter before all handlers (endpoints/filters/authentication.go)",
        403: "so is authorization; admission refuses before storage (endpoints/filters/authorization.go)",
        404: "storage found nothing by that key, or no resource has that path (storage/errors.go, NewKeyNotFoundError)",
        405: "a resource without that verb (endpoints/installer.go)",
        406: "the answer's media type is negotiated first (endpoints/handlers/negotiation)",
        409: "etcd's transaction compared and did not write; or its key exists (storage/etcd3/store.go, Succeeded)",
        410: "a list or a watch from a revision that was compacted; it writes nothing (storage/etcd3/errors.go)",
        413: "the body is limited before it is decoded; etcd refuses a large one before it is proposed",
        415: "the body's media type is negotiated first (endpoints/handlers/negotiation)",
        422: "validation comes before storage (registry/rest/create.go, update.go)",
        429: "flow control, a server that ends and storage that starts refuse before a handler writes "
        "(server/filters/priority-and-fairness.go, with_retry_after.go; storage/cacher)",
    }
)
"""Status → why a request that was answered with it had surely no effect.

408 is not here: the API server does not send it, and what a proxy means by it is not known. Neither is anything from
500: 504 is sent when a handler that goes on was given up (server/filters/timeout.go), and 500 when etcd did not answer.
"""

_LOST: Mapping[int, Loss] = MappingProxyType(
    {401: Loss.UNAUTHORIZED, 403: Loss.UNAUTHORIZED, 408: Loss.TIMEOUT, 429: Loss.THROTTLED}
)
_ABOUT_OBJECTS = (404, 409, 410, 422)
"""Refusals that a request deserved: the API works."""


@dataclass(frozen=True)
class Judged:
    """An outcome, and how the request was lost, if it was."""

    outcome: Outcome
    loss: Loss = Loss.NONE


def of_status(status: int) -> Judged:
    """What a complete answer with this HTTP status means for a request."""
    if 200 <= status < 300:
        return Judged(Outcome.OK)
    outcome = Outcome.FAILED if status in WITHOUT_EFFECT else Outcome.UNKNOWN
    if status in _ABOUT_OBJECTS:
        return Judged(outcome)
    return Judged(outcome, Loss.SERVER if status >= 500 else _LOST.get(status, Loss.OTHER))


def without_answer(loss: Loss, *, sent: bool) -> Judged:
    """What a request is that has no complete answer. What was sent may have been done, or may be done yet."""
    return Judged(Outcome.UNKNOWN if sent else Outcome.FAILED, loss)
