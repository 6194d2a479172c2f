"""etcd, as one of its members sees it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Member:
    """One entry of the list of members. `id` is hexadecimal. A member that never started has no name."""

    id: str
    name: str
    peer_urls: tuple[str, ...]
    client_urls: tuple[str, ...]
    learner: bool = False


@dataclass(frozen=True)
class Status:
    """A member about itself: sizes in bytes, ids hexadecimal; `quota` is 0 where it is not configured (2 GiB then).

    `leader` is empty or 0 where it has none. `cluster` is the id of the cluster that it belongs to.
    """

    id: str
    version: str
    leader: str
    term: int
    revision: int
    size: int
    size_in_use: int
    quota: int = 0
    learner: bool = False
    errors: tuple[str, ...] = ()
    cluster: str = ""


@dataclass(frozen=True)
class Alarm:
    """An alarm: `kind` as etcd names it (NOSPACE, CORRUPT), and the member that raised it, hexadecimal."""

    kind: str
    member: str


@dataclass(frozen=True)
class EtcdMetrics:
    """A few of a member's own metrics since its start. Durations are seconds."""

    leader_changes: float = 0.0
    fsync_p99: float | None = None
    has_leader: bool = True
    uptime: float | None = None


@dataclass(frozen=True)
class Hash:
    """The hash of a member's data at a revision."""

    hash: int
    revision: int
    compacted: int = 0


@dataclass(frozen=True)
class EtcdView:
    """What the member on a machine says of all members, with its alarms.

    `answers` has the id of each member that was sent a request from this machine, and the error, or nothing where it
    answered; members of machines that are not known are not heard of otherwise.
    """

    members: tuple[Member, ...]
    alarms: tuple[Alarm, ...] = ()
    answers: Mapping[str, str] = field(default_factory=dict)
    extra: Mapping[str, str] = field(default_factory=dict)
