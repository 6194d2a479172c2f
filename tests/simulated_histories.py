"""Histories of a simulated store and its clients: true ones, and those that a fault of the store makes false."""

from __future__ import annotations

import random
from dataclasses import dataclass

from resilience.histories.records import Member, Record
from tests.simulated_clients import Clients
from tests.simulated_store import Logged, Plan, Store
from tests.simulated_time import Time
from tests.simulated_watches import Watches

MEMBERS = ("cp1", "cp2", "cp3")


@dataclass
class Simulated:
    """The records, what was really done, and by which operation the fault was done: 0 where it was not."""

    records: list[Record]
    log: list[Logged]
    faulty: int = 0


def simulated(plan: Plan, chance: random.Random) -> Simulated:
    """A history of a plan to its end, the final reads and the members' hashes included."""
    records: list[Record] = []
    time = Time(chance)
    store = Store(plan, chance, time)
    clients = Clients(plan, chance, time, store, records)
    clients.start()
    Watches(plan, chance, time, store, clients, records).start()
    time.until_quiet(store.perhaps_written_by_another)
    clients.start_final()
    time.until_quiet(store.perhaps_written_by_another)
    records += [Member(name, store.revision, 7) for name in MEMBERS]
    return Simulated(records, store.log, store.faulty)
