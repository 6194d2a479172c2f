"""Which providers there are. Another one is a folder beside the others, and an entry here."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

from provision.config.options import CONTAINER, INVENTORY, VAGRANT
from provision.providers.container.containers import Containers
from provision.providers.host import Host
from provision.providers.inventory.provider import YourMachines
from provision.providers.provider import Provider
from provision.providers.vagrant.provider import VirtualMachines

PROVIDERS: Mapping[str, Callable[[Host], Provider]] = MappingProxyType(
    {CONTAINER: Containers, VAGRANT: VirtualMachines, INVENTORY: YourMachines}
)
"""By their names in `--ha-provider` and in what is remembered of a cluster."""
