"""Histories of a store that was restored from a snapshot: what was written behind it is lost by definition. Pure.

Two histories are judged. What clients did until the restore began has to be true by itself, all of it. And all of both
times has to be true without what was lost: after the restore, each object is what the snapshot has, or what was written
since. A value that comes back from behind the snapshot is from nowhere then, and what is gone of the snapshot is lost.

Beside these: revisions go on far above all that any client has seen, and no watch goes on from before as if nothing had
been. What is not judged: whether a delete that was acknowledged near the snapshot is in it, and what reads found absent
then, since the answers to both have no revision.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from resilience.histories.judging import judge
from resilience.histories.operations import WRITES, arranged
from resilience.histories.records import Answered, Change, Invoked, Kind, Member, Outcome, Record, Watched
from resilience.histories.verdict import Verdict

BUMP = 1_000_000_000
"""What the restore adds to revisions: etcd's page has this number, for a store with a thousand writes a second that is
restored from a snapshot of the week before."""

_GONE = "410"
"""The status of a watch whose revision is compacted."""


@dataclass(frozen=True)
class Loss:
    """The snapshot's revision, and when the restore began, by the history's clock."""

    revision: int
    at: float


def judged(records: Sequence[Record], loss: Loss) -> tuple[Verdict, list[str]]:
    """The verdict on a history with a loss, and what is wrong beside it, in sentences."""
    before, after = _apart(records, loss.at)
    kept = _without_the_lost(before, loss.revision)
    whole, rest = judge(before), judge([*kept, *_new(after, loss)])
    known = {each.sentence for each in whole.violations}
    counts = Counter((each.kind.value, each.outcome.value) for each in arranged(records).operations)
    verdict = Verdict(
        (*whole.violations, *(each for each in rest.violations if each.sentence not in known)), counts,
        whole.events + rest.events, rest.appeared, rest.unseen, (*rest.undecided, *_undecided(before, after, loss)),
    )  # fmt: skip
    return verdict, [*_too_low(after, loss), *_resumed(after, loss)]


def _apart(records: Sequence[Record], at: float) -> tuple[list[Record], list[Record]]:
    """What began before a time and after it; an answer, and what a watch sends, belong to where it began."""
    before, after = list[Record](), list[Record]()
    early: set[object] = set()
    for each in records:
        which: object = (each.client, each.stream) if isinstance(each, Watched) else getattr(each, "id", None)
        if isinstance(each, Invoked) or (isinstance(each, Watched) and each.change is Change.STARTED):
            early |= {which} if each.at < at else set()
        (before if which in early else after).append(each)
    return before, after


def _without_the_lost(before: Sequence[Record], revision: int) -> list[Record]:
    """What does not depend on anything behind the snapshot's revision."""
    begun = {each.id: each for each in before if isinstance(each, Invoked)}
    answers = {each.id: each for each in before if isinstance(each, Answered) and each.outcome is Outcome.OK}
    dated = [each for each in answers.values() if begun[each.id].kind is not Kind.GET]  # that shows an object's own one
    inside = [begun[each.id].at for each in dated if 0 < each.revision <= revision]
    until = max(inside, default=0.0)  # what was answered by then is in the snapshot
    lost = {number for number, each in answers.items() if _is_lost(begun[number], each, revision, until)}
    return [
        _perhaps(each, begun, until)
        for each in before
        if not (isinstance(each, Invoked | Answered) and each.id in lost)
        and not (isinstance(each, Watched) and each.change not in _ENDS and each.revision > revision)
        and not isinstance(each, Member)
    ]


_ENDS = (Change.STARTED, Change.ENDED)


def _is_lost(begun: Invoked, answered: Answered, revision: int, until: float) -> bool:
    """Whether an acknowledged operation is, or shows, what the snapshot does not have; or may show that time."""
    if begun.kind is Kind.DELETE:
        return False
    shown = max((answered.revision, *(each.revision for each in answered.objects.values())))
    return shown > revision or (begun.kind is Kind.GET and not answered.objects and answered.at > until)


def _perhaps(record: Record, begun: dict[int, Invoked], until: float) -> Record:
    """A delete that was acknowledged near the snapshot is in it, or not."""
    if isinstance(record, Answered) and record.outcome is Outcome.OK and begun[record.id].kind is Kind.DELETE:
        return replace(record, outcome=Outcome.UNKNOWN) if record.at > until else record
    return record


def _new(after: Sequence[Record], loss: Loss) -> Iterator[Record]:
    """All but watches that want to go on from before: these are judged by themselves."""
    old = {(each.client, each.stream) for each in _old(after, loss)}
    for each in after:
        if not (isinstance(each, Watched) and (each.client, each.stream) in old):
            yield each


def _old(after: Sequence[Record], loss: Loss) -> Iterator[Watched]:
    for each in after:
        if isinstance(each, Watched) and each.change is Change.STARTED and each.revision < loss.revision + BUMP:
            yield each


def _too_low(after: Sequence[Record], loss: Loss) -> Iterator[str]:
    """Writes after the restore whose revisions clients may have seen before it."""
    begun = {each.id: each for each in after if isinstance(each, Invoked) and each.kind in WRITES}
    for each in after:
        if isinstance(each, Answered) and each.id in begun and 0 < each.revision < loss.revision + BUMP:
            which = f"operation {each.id} of {begun[each.id].client}"
            yield f"{which}: its revision {each.revision} is not above all that were seen before the restore"


def _resumed(after: Sequence[Record], loss: Loss) -> Iterator[str]:
    """Watches that go on from before the restore and are sent events, as if nothing had been between."""
    old = {(each.client, each.stream): each for each in _old(after, loss)}
    sent = {(each.client, each.stream) for each in after if isinstance(each, Watched) and each.change not in _ENDS}
    for which, each in old.items():
        if which in sent:
            name = f"stream {each.stream} of {each.client}"
            yield f"{name} went on from revision {each.revision}, which was before the restore, and was sent events"


def _undecided(before: Sequence[Record], after: Sequence[Record], loss: Loss) -> Iterator[str]:
    """How much was lost by definition, and whether any watch was refused for it."""
    writes = {each.id for each in before if isinstance(each, Invoked) and each.kind in WRITES}
    answers = [each for each in before if isinstance(each, Answered) and each.id in writes]
    lost = sum(each.outcome is Outcome.OK and each.revision > loss.revision for each in answers)
    yield f"{lost} acknowledged writes are behind the snapshot's revision {loss.revision}: lost by definition"
    old = {(each.client, each.stream) for each in _old(after, loss)}
    ends = [each for each in after if isinstance(each, Watched) and each.change is Change.ENDED]
    refused = sum((each.client, each.stream) in old and _GONE in each.error for each in ends)
    if refused:
        yield f"{refused} watches from before the restore were refused, and began anew ({_GONE})"
    else:
        yield "whether a watch from before the restore is refused: none was answered"
