"""What etcd's members hold at the end: the hash of all keys at one revision, of each (HashKV)."""

from __future__ import annotations

import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from provision.cluster import Cluster
from provision.etcd.members import etcdctl
from provision.machines.machine import Machine
from provision.util.concurrency import NotYet, together
from resilience.histories.records import Member

_EQUAL = 60
"""Seconds until every member has the revision, and has compacted as far as the others: an API server compacts every
five minutes, and a member that was away for long catches up within seconds."""


@dataclass(frozen=True)
class _Hash:
    """What a member answered. Hashes of different compactions cannot be compared: what was compacted is not in them."""

    machine: str
    hash: int
    compacted: int


def hashes(cluster: Cluster, revision: int, gone: Collection[str] = ()) -> list[Member]:
    """Each member's hash at a revision, but those of machines that are gone.

    Raises TimedOut where a member does not come to it.
    """
    machines = [each for each in cluster.etcd_members if each.name not in gone]
    found: list[_Hash] = []

    def differs() -> NotYet | None:
        nonlocal found
        answers = together(lambda machine: _hash_of(machine, revision), machines)
        refusals = [each for each in answers if isinstance(each, NotYet)]
        if refusals:
            return refusals[0]
        found = [each for each in answers if isinstance(each, _Hash)]
        return _uneven(found)

    cluster.wait_until(differs, _EQUAL, f"every member of etcd has revision {revision}", every=0.5)
    return [Member(each.machine, revision, each.hash, each.compacted) for each in found]


def _hash_of(machine: Machine, revision: int) -> _Hash | NotYet:
    command = etcdctl(machine, "endpoint", "hashkv", f"--rev={revision}", "--write-out=json")
    answered = machine.run(command)
    if answered.refusal is not None:
        return NotYet(f"{machine.name}: {answered.refusal.reason}")
    return read(machine.name, answered.stdout)


def read(machine: str, printed: str) -> _Hash | NotYet:
    """What `etcdctl endpoint hashkv` printed. Pure."""
    try:
        (only,) = json.loads(printed)
        found = only["HashKV"]
        return _Hash(machine, int(found["hash"]), int(found.get("compact_revision", 0)))
    except (ValueError, KeyError, TypeError):
        return NotYet(f"{machine}: etcdctl printed no hash: {printed[:200]}")


def _uneven(found: Sequence[_Hash]) -> NotYet | None:
    if len({each.compacted for each in found}) > 1:
        return NotYet("compacted at " + ", ".join(f"{each.compacted} ({each.machine})" for each in found))
    return None
