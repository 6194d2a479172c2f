"""What a member of etcd was, by its own log: leader, follower, learner, or without a leader. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from report.life.machines import Held, moment
from report.life.states import FOLLOWER, GONE, LEADER, LEARNER, NO_LEADER, Point, Row

NAME = "etcd's member"

_FILE = re.compile(r"^(/[^:]*\.log[^:]*):(.*)$")
_LED = re.compile(r"raft\.node: ([0-9a-f]+) (?:elected leader|changed leader from [0-9a-f]+ to) ([0-9a-f]+) at term")
_LOST = re.compile(r"raft\.node: ([0-9a-f]+) lost leader ")
_BECAME = re.compile(r"\b([0-9a-f]+) became (candidate|leader|follower) at term (\d+)")
_MEMBERS = re.compile(
    r"\b([0-9a-f]+) switched to configuration voters=\(([0-9a-f ]*)\)(?:.*? learners=\(([0-9a-f ]*)\))?"
)


def points(held: Held) -> Iterator[Point]:
    """What the member was, since when. Each container of it has a log, and begins without a leader."""
    files: dict[str, list[tuple[float, str]]] = {}
    for line in held.sections.get("etcd", ()):
        if (found := _FILE.match(line)) and (dated := moment(found[2])):
            files.setdefault(found[1], []).append((dated[0] - held.ahead, dated[1]))
    row = Row(held.machine, NAME)
    for lines in files.values():
        yield from (Point(row, at, state) for at, state in _states(lines))


def ended(programs: Iterable[Point]) -> Iterator[Point]:
    """When members were gone, by the containers of static pods."""
    return (replace(each, row=Row(each.row.machine, NAME)) for each in programs
            if each.row.name == "etcd" and each.state == GONE)  # fmt: skip


def _states(lines: Sequence[tuple[float, str]]) -> Iterator[tuple[float, str]]:
    member = _Member()
    for at, message in sorted(lines):
        if member.reads(message) and (role := member.role):
            yield at, role


@dataclass
class _Member:
    """What is known of a member at a line of its log. One that is new does not know at first whether it learns."""

    own: str = ""
    leader: str = ""
    learns: bool = False
    new: bool = False

    @property
    def role(self) -> str:
        """What it is; empty while that is not known."""
        if not self.leader:
            return NO_LEADER
        known = LEARNER if self.learns else FOLLOWER
        return LEADER if self.leader == self.own else "" if self.new else known

    def reads(self, message: str) -> bool:
        """Whether a line is about any of this."""
        if found := _LED.search(message):
            self.own, self.leader = found[1], found[2]
        elif found := _LOST.search(message):
            self.own, self.leader = found[1], ""
        elif found := _BECAME.search(message):
            self.own = found[1]
            self.new = self.new or found[3] == "0"
            if found[2] == "leader":
                self.leader = self.own
            elif found[2] == "candidate" or self.leader == self.own:
                self.leader = ""
        elif found := _MEMBERS.search(message):
            self.own, self.new = found[1], False
            # hexadecimal, and decimal in versions before 3.6
            self.learns = not {self.own, str(int(self.own, 16))}.isdisjoint((found[3] or "").split())
        return found is not None
