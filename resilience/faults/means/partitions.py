"""Members of etcd of which each sees another majority, or hears another part of the members. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

T = TypeVar("T")


def unseen(members: Sequence[T], member: T) -> list[T]:
    """Those that a member does not see in a ring of majorities: each sees one, and no two see the same.

    Of five, each sees its neighbours in the ring. Of three, each would still see all by that: so the first and the last
    do not see each other, and the others stand between them. What one does not see does not see it.
    """
    count = len(members)
    near = -(-(count // 2) // 2)  # on each side, so that a majority is seen with oneself
    place = members.index(member)
    if 2 * near + 1 >= count:
        return {0: [members[-1]], count - 1: [members[0]]}.get(place, []) if count > 2 else []
    return [members[(place + step) % count] for step in range(near + 1, count - near)]


def unheard(members: Sequence[T], member: T) -> list[T]:
    """Those that a member does not hear where each hears as many as make up a majority with it, the next in the ring.

    Of three, each hears one, and is heard by the other.
    """
    count = len(members)
    place = members.index(member)
    return [members[(place + step) % count] for step in range(count // 2 + 1, count)]
