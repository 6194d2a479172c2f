"""A history to its verdict. Pure: every check gets what the ones before it made of the records."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from resilience.histories import members
from resilience.histories.known import Known, known
from resilience.histories.lists import listed
from resilience.histories.lives import Lives, lives
from resilience.histories.operations import FINAL, WRITES, History, arranged
from resilience.histories.reached import Reached
from resilience.histories.reads import read
from resilience.histories.records import Change, Kind, Record
from resilience.histories.verdict import STARTS_ANYWHERE, Verdict
from resilience.histories.watches import watched


def judge(records: Iterable[Record]) -> Verdict:
    """Whether all that these records say can be true; raises BadHistory where they do not belong together."""
    return judge_history(arranged(records))


def judge_history(history: History) -> Verdict:
    """The same of a history that is arranged."""
    reached, facts = Reached(history), known(history)
    found = lives(history, facts, reached)
    lists = listed(history, facts, found.objects, reached)
    violations = [
        *facts.violations,
        *found.violations,
        *lists.violations,
        *read(history, facts, found.objects, lists.refuted),
        *watched(history, facts, found.objects, reached, lists),
        *members.split(history.members),
    ]
    unknown = [each for each in history.operations if each.perhaps and each.kind in WRITES]
    return Verdict(
        tuple(violations),
        Counter((each.kind.value, each.outcome.value) for each in history.operations),
        sum(each.change is not Change.BOOKMARK for stream in history.streams for each in stream.events),
        len(found.appeared),
        len(unknown) - len(found.appeared),
        (*_undecided(history, facts, found), *members.undecided(history.members)),
    )


def _undecided(history: History, facts: Known, lives: Lives) -> Iterable[str]:
    """What this history cannot show, either way."""
    final = [each for each in history.operations if each.client == FINAL and each.acknowledged]
    keys = {each.key for each in final if each.kind is Kind.GET}
    unread = [] if any(each.kind is Kind.LIST for each in final) else sorted({*lives.objects} - keys)
    if unread:
        yield f"whether all acknowledged values are there at the end: {', '.join(unread)} were not read then"
    anywhere = sum(stream.after == STARTS_ANYWHERE for stream in history.streams)
    if anywhere:
        yield f"order and completeness of {anywhere} streams of watches that name no revision to start after"
    done = {write.writer.id for write in facts.writes.values() if write.writer}
    loose = [each for each in history.operations if each.kind is Kind.DELETE and each.acknowledged]
    loose = [each for each in loose if not each.expected and each.id not in done]
    if loose:
        yield f"when {len(loose)} acknowledged deletes were done that have no precondition, and that no watch shows"
