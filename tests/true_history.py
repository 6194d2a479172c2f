"""A true history, with what is looked up in it by those who change a record of it."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from typing import TypeVar

from resilience.histories.records import Answered, Invoked, Kind, Outcome, Record, Watched
from tests.simulated_histories import Simulated
from tests.simulated_store import Logged

Item = TypeVar("Item")


class TrueHistory:
    """One that was simulated; `chance` chooses in it."""

    def __init__(self, simulated: Simulated, chance: random.Random) -> None:
        self.records, self.log, self.chance = simulated.records, simulated.log, chance
        self.invoked = {each.id: each for each in self.records if isinstance(each, Invoked)}
        self.answers = {each.id: each for each in self.records if isinstance(each, Answered)}
        self.ok = [each for each in self.answers.values() if each.outcome is Outcome.OK]
        self.acknowledged = {each.revision: each for each in self.ok if self.invoked[each.id].value}

    def reads(self, *kinds: Kind) -> list[Answered]:
        return self.shuffled(
            [each for each in self.ok if self.invoked[each.id].kind in (kinds or (Kind.GET, Kind.LIST))]
        )

    def shuffled(self, items: Sequence[Item]) -> list[Item]:
        return self.chance.sample(items, len(items))

    def before(self, key: str, revision: int) -> Logged | None:
        """The write of an object before a revision."""
        return next((each for each in reversed(self.log) if each.key == key and each.revision < revision), None)

    def known_by(self, read: Answered, key: str, revision: int) -> bool:
        """Whether a write was acknowledged before a read began."""
        answer = self.acknowledged.get(revision)
        return answer is not None and answer.at < self.invoked[read.id].at and self.invoked[answer.id].key == key

    def perhaps_deleted(self, key: str, revision: int, at: float) -> bool:
        """Whether a delete may have been done by a time, of an object that was at a revision before."""
        deletes = [each for each in self.invoked.values() if each.kind is Kind.DELETE and each.key == key]
        late = [each for each in deletes if each.at <= at and (not each.expected or each.expected >= revision)]
        outcomes = [self.answers[each.id].outcome if each.id in self.answers else Outcome.UNKNOWN for each in late]
        return any(each is not Outcome.FAILED for each in outcomes)

    def with_answer(self, answer: Answered) -> list[Record]:
        return [answer if isinstance(each, Answered) and each.id == answer.id else each for each in self.records]

    def events(self) -> Iterator[tuple[int, Watched]]:
        """Events of objects, with their place."""
        for place, each in enumerate(self.records):
            if isinstance(each, Watched) and each.key:
                yield place, each

    def neighbours(self) -> Iterator[tuple[int, Watched, int, Watched]]:
        """Two records of a stream, one after the other."""
        last: dict[tuple[str, int], int] = {}
        for place, each in enumerate(self.records):
            if isinstance(each, Watched):
                before = last.get((each.client, each.stream))
                if before is not None:
                    other = self.records[before]
                    assert isinstance(other, Watched)
                    yield before, other, place, each
                last[each.client, each.stream] = place
