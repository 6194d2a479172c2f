"""Histories of a store that was restored from a snapshot: what is lost by definition, and what must not be."""

from __future__ import annotations

import random
from collections.abc import Sequence

import pytest

from resilience.faults.forgetting import BUMP, Loss, judged
from resilience.histories.judging import judge
from resilience.histories.operations import FINAL
from resilience.histories.records import Answered, Change, Held, Invoked, Kind, Member, Outcome, Record, Watched
from tests.simulated_histories import simulated
from tests.simulated_store import Plan

SNAPSHOT = 100
LOSS = Loss(SNAPSHOT, 20.0)
NEW = SNAPSHOT + BUMP


class History:
    """Operations one after the other, each taking a tenth of a second."""

    def __init__(self) -> None:
        self.records: list[Record] = []
        self._id = 0

    def write(self, at: float, value: str, revision: int, expected: int = 0, outcome: Outcome = Outcome.OK) -> History:
        kind = Kind.UPDATE if expected else Kind.CREATE
        return self._both(Invoked(self._next(), "c", kind, at, "k", value, expected), outcome, revision)

    def delete(self, at: float, expected: int, outcome: Outcome = Outcome.OK) -> History:
        return self._both(Invoked(self._next(), "c", Kind.DELETE, at, "k", "", expected), outcome)

    def get(self, at: float, value: str = "", revision: int = 0, client: str = "c") -> History:
        shown = {"k": Held(value, revision)} if value else {}
        return self._both(Invoked(self._next(), client, Kind.GET, at, "k"), Outcome.OK, revision, shown)

    def watch(self, at: float, stream: int, after: int, *events: tuple[str, int], error: str = "") -> History:
        self.records.append(Watched("watch/servers", stream, Change.STARTED, at, after))
        for value, revision in events:
            self.records.append(Watched("watch/servers", stream, Change.MODIFIED, at + 0.1, revision, "k", value))
        self.records.append(Watched("watch/servers", stream, Change.ENDED, at + 0.2, after, error=error))
        return self

    def _next(self) -> int:
        self._id += 1
        return self._id

    def _both(
        self, invoked: Invoked, outcome: Outcome, revision: int = 0, shown: dict[str, Held] | None = None
    ) -> History:
        answered = Answered(
            invoked.id, outcome, invoked.at + 0.1, revision if outcome is Outcome.OK else 0, shown or {}
        )
        self.records += [invoked, answered]
        return self


def before() -> History:
    """Two writes that the snapshot has, and one behind it that was acknowledged, read and watched."""
    history = History().write(1, "a", 50).write(2, "b", 90, expected=50).write(3, "c", 110, expected=90)
    return history.get(4, "c", 110).watch(3.5, 1, 50, ("b", 90), ("c", 110))


def found(records: Sequence[Record]) -> list[str]:
    verdict, wrong = judged(records, LOSS)
    return [*(f"{each.kind}" for each in verdict.violations), *wrong]


def test_what_the_snapshot_has_is_there_and_what_is_behind_it_is_not() -> None:
    history = before().watch(25, 2, 110, error="410: too old").get(26, "b", 90)
    history.write(27, "d", NEW + 3, expected=90).get(28, "d", NEW + 3, "final")
    assert found(history.records) == []
    verdict, _ = judged(history.records, LOSS)
    assert "1 acknowledged writes are behind the snapshot's revision 100: lost by definition" in verdict.undecided
    assert "1 watches from before the restore were refused, and began anew (410)" in verdict.undecided
    assert verdict.operations[("update", "ok")] == 3


def test_the_same_history_contradicts_itself_where_nothing_was_lost() -> None:
    history = before().get(26, "b", 90).get(28, "b", 90, "final")
    assert judge(history.records).violations


def test_a_value_that_comes_back_from_behind_the_snapshot_is_found() -> None:
    assert "from-nowhere" in " ".join(found(before().get(26, "c", 110).records))


def test_a_write_of_the_snapshot_that_is_gone_is_found() -> None:
    assert found(before().get(26, "a", 50, "final").records) == ["lost-write"]
    assert found(before().get(26, client="final").records) == ["lost-write"]


def test_what_was_not_true_before_the_loss_is_found_though_it_is_lost() -> None:
    history = before().get(5, "b", 90).get(26, "b", 90)
    assert "stale-read" in found(history.records)


def test_a_write_whose_answer_was_lost_may_be_in_the_snapshot_or_not() -> None:
    unknown = before().write(2.5, "x", 0, expected=90, outcome=Outcome.UNKNOWN)
    assert found([*unknown.records, *_read_at_the_end("b", 90)]) == []
    perhaps = History().write(1, "a", 50).write(2, "b", 0, expected=50, outcome=Outcome.UNKNOWN)
    assert found([*perhaps.records, *_read_at_the_end("b", 95)]) == []
    assert found([*perhaps.records, *_read_at_the_end("a", 50)]) == []


def _read_at_the_end(value: str, revision: int) -> list[Record]:
    return [
        Invoked(99, "final", Kind.GET, 30, "k"),
        Answered(99, Outcome.OK, 30.1, revision, {"k": Held(value, revision)}),
    ]


@pytest.mark.parametrize("value", ["b", ""])
def test_a_delete_that_was_acknowledged_near_the_snapshot_is_in_it_or_not(value: str) -> None:
    history = History().write(1, "a", 50).write(2, "b", 90, expected=50).delete(3, 90).get(4)
    assert found(history.get(26, value, 90 if value else 0, "final").records) == []


def test_a_delete_that_the_snapshot_has_for_sure_stays_done() -> None:
    history = History().write(1, "a", 50).delete(2, 50).write(3, "b", 80).write(4, "c", 120, expected=80)
    assert found(history.get(26, "b", 80, "final").records) == []
    gone = History().write(1, "a", 50).delete(2, 50).write(3, "b", 80)
    assert found(gone.get(26, "a", 50, "final").records) != []


def test_a_watch_that_goes_on_as_if_nothing_had_been_is_found() -> None:
    history = before().write(25, "d", NEW + 3, expected=90).watch(25.5, 2, 110, ("d", NEW + 3))
    (sentence,) = found(history.records)
    assert "stream 2 of watch/servers went on from revision 110" in sentence


def test_revisions_that_clients_may_have_seen_before_are_found() -> None:
    (sentence,) = [each for each in found(before().write(25, "d", 111, expected=90).records) if "operation" in each]
    assert "its revision 111 is not above all" in sentence


def test_where_no_watch_was_answered_it_is_not_decided_whether_it_is_refused() -> None:
    verdict, wrong = judged(before().watch(25, 2, 110, error="refused: no").get(26, "b", 90).records, LOSS)
    assert wrong == []
    assert any("none was answered" in each for each in verdict.undecided)


# Histories of the simulated store, which is restored at the end from a snapshot of any revision that it had


class Restored:
    """A simulated history whose store is restored at its end, and what the snapshot has of each object."""

    def __init__(self, seed: int) -> None:
        chance = random.Random(seed)
        made = simulated(Plan(clients=5, operations=15, keys=3, lost=0.1), chance)
        self._final = {each.id for each in made.records if isinstance(each, Invoked) and each.client == FINAL}
        self.before = [each for each in made.records if not self._is_final(each)]
        self.log = made.log
        self.revision = chance.choice([each.revision for each in made.log])
        self.at = 1 + max(each.at for each in self.before if not isinstance(each, Member))
        self.held: dict[str, Held | None] = {}
        for each in made.log:
            if each.revision <= self.revision:
                self.held[each.key] = None if each.value is None else Held(each.value, each.revision)

    def _is_final(self, record: Record) -> bool:
        return isinstance(record, Member) or getattr(record, "id", None) in self._final

    def found(self, **instead: Held | None) -> list[str]:
        """What is found where the reads after the restore show what the snapshot has; or something else instead."""
        records: list[Record] = [*self.before]
        for number, (key, held) in enumerate((self.held | instead).items(), 100_000):
            shown = {} if held is None else {key: held}
            records.append(Invoked(number, FINAL, Kind.GET, self.at + 1, key))
            records.append(Answered(number, Outcome.OK, self.at + 2, held.revision if held else 0, shown))
        verdict, wrong = judged(records, Loss(self.revision, self.at))
        return [*(each.sentence for each in verdict.violations), *wrong]


@pytest.mark.parametrize("seed", range(150))
def test_a_true_history_with_a_loss_is_accepted(seed: int) -> None:
    assert Restored(seed).found() == []


def acknowledged(restored: Restored) -> dict[str, int]:
    """The values of acknowledged writes, and their revisions."""
    begun = {each.id: each for each in restored.before if isinstance(each, Invoked) and each.value}
    answers = [each for each in restored.before if isinstance(each, Answered) and each.outcome is Outcome.OK]
    return {begun[each.id].value: each.revision for each in answers if each.id in begun}


def test_what_comes_back_from_behind_the_snapshot_is_found_in_each() -> None:
    tried = 0
    for seed in range(60):
        restored = Restored(seed)
        behind = [
            (value, revision) for value, revision in acknowledged(restored).items() if revision > restored.revision
        ]
        for value, revision in behind[:3]:
            key = next(each.key for each in restored.log if each.value == value)
            assert restored.found(**{key: Held(value, revision)}) != []
            tried += 1
    assert tried > 100


def test_what_the_snapshot_has_and_is_gone_is_found_in_each() -> None:
    """Where no request to delete it can have been done, and no write after it."""
    tried = 0
    for seed in range(60):
        restored = Restored(seed)
        for key, held in restored.held.items():
            if held and acknowledged(restored).get(held.value) == held.revision:
                later = [each for each in restored.before if isinstance(each, Invoked) and each.key == key]
                if not any(each.kind is Kind.DELETE and each.expected in (0, held.revision) for each in later):
                    assert restored.found(**{key: None}) != []
                    tried += 1
    assert tried > 20
