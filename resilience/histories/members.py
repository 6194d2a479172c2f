"""What the etcd members hold at the end: hashes at one revision have to be equal."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from resilience.histories.records import Member
from resilience.histories.verdict import Broken, Violation, violation


def split(members: Sequence[Member]) -> list[Violation]:
    """Members whose hashes differ at the same revision, as far as they are compacted to the same one.

    A hash is of the revisions from the compacted one on, so that others cannot be compared.
    """
    alike: dict[tuple[int, int], list[Member]] = defaultdict(list)
    for member in members:
        alike[member.revision, member.compacted].append(member)
    return [
        violation(Broken.SPLIT_HASH, f"members have different hashes at revision {revision}", *those)
        for (revision, _), those in sorted(alike.items())
        if len({each.hash for each in those}) > 1
    ]


def undecided(members: Sequence[Member]) -> list[str]:
    """Why the members' data cannot be compared, or not all of it."""
    if not members:
        return ["no member's hash was recorded"]
    places = {(member.revision, member.compacted) for member in members}
    if len({member.name for member in members}) == 1:
        return [f"only one member's hash was recorded: that of {members[0].name}"]
    if all(len([each for each in members if (each.revision, each.compacted) == place]) == 1 for place in places):
        return ["no two members' hashes are of the same revision and compaction"]
    return []
