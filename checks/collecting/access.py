"""What was given to reach a cluster with: a kubeconfig, logins, an inventory."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from checks.collecting.api import Requests
from checks.collecting.discovery import Known
from provision.machines.machine import Machine


@dataclass
class Ways:
    """The ways in. `machines` are those that an inventory names, with their roles; `login` makes one of an address.

    `requests` is the way to the API by a kubeconfig; without it, it is reached on control planes. `whole_database` has
    etcd's data compared also where it is large. What a reader should know of how it went is added to `notes`. `spent`
    is how many seconds it took to open them: an exec plugin counts, since the whole is to end in time.
    """

    requests: Requests | None = None
    machines: Sequence[tuple[Machine, tuple[str, ...]]] = ()
    login: Callable[[Known], Machine] | None = None
    endpoint: str = ""
    access: tuple[str, ...] = ()
    notes: list[str] = field(default_factory=list)
    whole_database: bool = False
    spent: float = 0.0
