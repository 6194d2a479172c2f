"""The machines of a cluster, switched by the provider that made them."""

from __future__ import annotations

from collections.abc import Sequence

from provision.config.cluster_state import ClusterState
from provision.providers.provider import Power, Provider


class ByProvider:
    """Machines of one cluster."""

    def __init__(self, provider: Provider, state: ClusterState) -> None:
        self._provider, self._state = provider, state

    def switch(self, machines: Sequence[str], power: Power) -> None:
        """Do it; raises a Problem."""
        self._provider.switch(self._state, machines, power)

    def by_hand(self, machines: Sequence[str], power: Power) -> str:
        """The command that does it."""
        return self._provider.switched_by(self._state, machines, power)
