"""What every source of machines does. It owns their whole path: what is needed, what is chosen, made and removed."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from enum import StrEnum
from functools import partial
from pathlib import Path
from typing import ClassVar, Protocol

from provision.config.cluster_id import ClusterId
from provision.config.cluster_state import ClusterState
from provision.machines.machine import Machine
from provision.providers.finding import Finding
from provision.providers.host import Host
from provision.recording.journal import Journal
from provision.util.errors import BadInput

Machines = dict[str, Machine]
"""A cluster's machines by name, load balancer first."""


class Power(StrEnum):
    """What is done to single machines from outside, as by a plug or a hypervisor."""

    OFF = "off"  # at once: nothing on them has time to end
    ON = "on"
    PAUSED = "paused"
    RESUMED = "resumed"


class Unready(Protocol):
    """What the caller does about machines that could not be made ready, while they exist."""

    def examine(self, error: BaseException, machines: Callable[[], Mapping[str, Machine]]) -> None:
        """Find out what they have to say, and note it on the error. Never raises because of the machines."""

    def stay(self, error: BaseException) -> bool:
        """Whether they are to stay as they are."""


class Provider(ABC):
    """Everything that it makes is labelled, so that it can be removed without any record."""

    makes: ClassVar[bool] = True
    """Whether machines are made, in a network of the cluster's own; else they are yours, and are reset in the end."""

    step: ClassVar[str] = "start the machines"
    """What `create` is called in records."""

    snapshots: ClassVar[bool] = False
    """Whether machines can be made what they were when they were prepared, instead of being made again."""

    def __init__(self, host: Host) -> None:
        self._host = host

    pauses: ClassVar[bool] = False
    """Whether its machines can be paused, frozen and thawed."""

    @abstractmethod
    def findings(self, machines: int) -> Iterator[Finding]:
        """Everything that a cluster of so many machines needs, in the order in which a person would fix things."""

    @abstractmethod
    def memory(self, machines: int) -> int:
        """Bytes of this host's memory that a cluster of so many machines needs."""

    @abstractmethod
    def preview(
        self, text: str, wanted: Callable[[], Sequence[ClusterId]], subnet: Callable[[str], str]
    ) -> Iterator[str]:
        """What `create` and the procedure would do, in lines; makes nothing.

        `text` is a topology or a cluster id, and `wanted` are the clusters of that name; `subnet` has the addresses
        that a cluster would get.
        """

    @abstractmethod
    def plan(self, cluster: ClusterId, others: Sequence[ClusterState], journal: Journal) -> ClusterState:
        """Everything that is chosen for a cluster, decided and refused before its machines are touched.

        `others` are the clusters that exist. What machines are made from is made here where it is missing. Raises
        HostLacks, BadInput and Unreachable.
        """

    def create(self, state: ClusterState, journal: Journal, unready: Unready) -> Machines:
        """Make all machines of a cluster and return them ready for commands.

        Where that fails, `unready` examines them first, and nothing is left unless they are to stay.
        """
        try:
            return self._create(state, journal)
        except BaseException as error:
            try:
                unready.examine(error, partial(self.inside, state, journal))
            finally:
                if not unready.stay(error):
                    with suppress(Exception):  # what is left is found, and named, when the cluster's folder is removed
                        self.remove(state.id, state)
            raise

    @abstractmethod
    def _create(self, state: ClusterState, journal: Journal) -> Machines:
        """The same, without a thought for what is left where it fails."""

    @abstractmethod
    def attach(self, state: ClusterState, journal: Journal) -> Machines:
        """The machines of a cluster that exists."""

    @abstractmethod
    def inside(self, state: ClusterState, journal: Journal) -> Machines:
        """The machines, for evidence where they did not start: by a way that needs no sshd, where there is one."""

    @abstractmethod
    def entry(self, state: ClusterState) -> str:
        """The command that enters the first control plane by that way."""

    def inspect(self, cluster: ClusterId, journal: Journal) -> tuple[ClusterState, Machines]:
        """An existing cluster that was not made here, and its machines, on which nothing runs but what only reads.

        Raises BadInput where there is none.
        """
        del journal
        raise BadInput(f"{cluster} is not a cluster on machines of an inventory", fix="--ha-inventory=FILE")

    def serves_again(self, state: ClusterState) -> bool:
        """Whether there are machines of this cluster that `create` makes what they were, instead of making others."""
        del state
        return False

    def halt(self, state: ClusterState) -> None:
        """Switch the machines off until they are used again. Raises BadInput where they cannot be."""
        fix = f"./run clean {state.id}  # removes its machines"
        raise BadInput(f"{state.id} has no virtual machines", fix=fix)

    def made_of(self, state: ClusterState) -> dict[str, str]:
        """What machines are made from, by what it is: names or digests that change where it changes."""
        del state
        return {}

    def pause(self, state: ClusterState) -> None:
        """Take the processors away from all machines until they are resumed; memory stays. Raises BadInput."""
        raise _no_container(state, "paused")

    def resume(self, state: ClusterState) -> None:
        """Give the processors back to those machines that have none; fine where all have them."""
        del state

    def switch(self, state: ClusterState, machines: Sequence[str], power: Power) -> None:
        """Switch machines off, on, to pause or to go on, by their names; those that are so already stay so.

        Raises BadInput where they cannot be, CommandFailed where it was not done.
        """
        del machines
        raise _no_container(state, f"switched {power} machine by machine")

    def switched_by(self, state: ClusterState, machines: Sequence[str], power: Power) -> str:
        """The command that does the same, for a person to type."""
        del machines
        raise _no_container(state, f"switched {power} machine by machine")

    def freeze(self, state: ClusterState, folder: Path) -> None:
        """Copy into a folder all that the machines have on disk, as it is at one moment. Raises BadInput, HostLacks."""
        del folder
        raise _no_container(state, "frozen")

    def thaw(self, state: ClusterState, folder: Path, journal: Journal) -> Machines:
        """Make machines with what `freeze` copied into a folder. Where that fails, what was made stays."""
        del folder, journal
        raise _no_container(state, "thawed")

    @abstractmethod
    def remove(self, cluster: str, state: ClusterState | None) -> None:
        """Remove every trace of a cluster's machines; fine where there is none.

        Without a state, as where nothing is remembered of it, they are known by their names and labels alone.
        """

    @abstractmethod
    def existing(self) -> set[str]:
        """The ids of all clusters of which a machine or a network exists."""

    def strangers(self) -> list[str]:
        """The names of machines that look like a cluster's, and that may be another user's."""
        return []


def _no_container(state: ClusterState, what: str) -> BadInput:
    return BadInput(
        f"{state.id} cannot be {what}: its machines are not containers", fix="--ha-provider container, for a new one"
    )
