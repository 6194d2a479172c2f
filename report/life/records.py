"""What the harness itself wrote down of a cluster: steps, tests, faults and requests to its API. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from provision.loadbalancer.availability import Sample, outages
from provision.recording.journal import CommandRecord, StepRecord
from provision.util.durations import duration
from report.life.addresses import anchor_of_step, anchor_of_test
from report.life.drawn import CLUSTER, Bar, Change
from report.reading import mapping, number, numbers, text, texts
from report.records import Record
from report.results import FAILED, SKIPPED, Result

_VERDICTS = {"green": "passed", "red": "failed"}


def steps(found: Iterable[StepRecord], end: float) -> Iterator[tuple[Bar, list[Change]]]:
    """Steps, with their beginnings and what became of them; their numbers are those of the report."""
    for place, step in enumerate(found, 1):
        stop = step.stop or max(end, step.start)
        failed = bool(step.error) and not step.interrupted
        mark = anchor_of_step(place) if failed else ""
        tone = "failed" if failed else "odd" if step.stop is None or step.interrupted else "step"
        took, what = duration(stop - step.start), f"step “{step.name}”"
        how = f"fails: {_first(step.error)}" if failed else "is interrupted" if step.interrupted else "is done"
        changes = [Change(step.start, CLUSTER, what, "begins")]
        if step.stop is not None:
            changes.append(Change(stop, CLUSTER, what, f"{how}, after {took}", "failed" if failed else "", mark))
        yield Bar(step.start, stop, tone, f"{step.name}, {took}", mark), changes


def commands(found: Iterable[CommandRecord]) -> dict[str, list[Bar]]:
    """Machine → when the commands of each step ran on it, as one bar for a step."""
    spans: dict[tuple[str, str], list[float]] = {}
    for each in found:
        span = spans.setdefault((each.machine, each.step), [each.start, each.stop])
        span[0], span[1] = min(span[0], each.start), max(span[1], each.stop)
    bars: dict[str, list[Bar]] = {}
    for (machine, step), (start, stop) in spans.items():
        bars.setdefault(machine, []).append(Bar(start, stop, "step", f"{step}, {duration(stop - start)}"))
    return bars


def tests(found: Iterable[Result], phases: Iterable[Record]) -> Iterator[tuple[Bar, list[Change]]]:
    """Tests that ran, without their fixtures; of those that failed, the failure is a change."""
    spans = _spans(phases)
    for test in found:
        if test.outcome == SKIPPED or test.nodeid not in spans:
            continue
        start, stop = spans[test.nodeid]
        mark = anchor_of_test(test.scenario, test.subject) if test.outcome == FAILED else ""
        what = f"test “{test.title}” ({test.subject})"
        changes = [
            Change(start, CLUSTER, what, "begins"),
            Change(stop, CLUSTER, what, f"fails: {_first(test.summary)}", "failed", mark),
        ]
        yield Bar(start, stop, test.outcome, f"{what}: {test.outcome}", mark), changes if mark else []


def _spans(phases: Iterable[Record]) -> dict[str, tuple[float, float]]:
    """Node id → when the test itself ran, or else what failed before: to bring a cluster up is a fixture of a test."""
    spans: dict[str, tuple[float, float]] = {}
    for phase in phases:
        start, stop = number(phase, "start"), number(phase, "stop")
        if start and stop and (phase.get("when") == "call" or phase.get("outcome") == FAILED):
            spans.setdefault(str(phase["nodeid"]), (start, stop))
    return spans


def faults(found: Iterable[Record]) -> Iterator[tuple[Bar, list[Change]]]:
    """Faults that were injected: while they last, and while the cluster heals."""
    for fault in found:
        times, name = mapping(fault, "times"), text(fault, "fault")
        wall = number(times, "wall")
        if not wall:
            continue
        moments = {key: wall + at for key in ("undone", "healthy", "ended") if (at := number(times, key)) is not None}
        machines = ", ".join(texts(fault, "machines"))
        what, verdict = f"fault “{name}”", text(fault, "ended") or "unfinished"
        undone = moments.get("undone", moments.get("ended", wall))
        yield (
            Bar(wall, undone, "fault", f"{name} on {machines}: {verdict}"),
            [Change(wall, CLUSTER, what, f"begins on {machines}", "failed")],
        )
        if "undone" in moments:
            healthy = moments.get("healthy", moments.get("ended", undone))
            yield (
                Bar(undone, healthy, "heals", f"healing after {name}, {duration(healthy - undone)}"),
                [
                    Change(undone, CLUSTER, what, "is undone"),
                    *([Change(healthy, CLUSTER, what, "the cluster is healthy again")] if "healthy" in moments else []),
                ],
            )


def api(described: Record, found: Iterable[Record]) -> dict[tuple[str, str], list[tuple[Bar, list[Change]]]]:
    """(machine or the whole cluster, way to the API) → when requests were sent, and gaps in which none was answered.

    A way to a single API server is its machine's.
    """
    ways: dict[tuple[str, str], list[tuple[Bar, list[Change]]]] = {}
    for fault in found:
        wall = number(mapping(fault, "times"), "wall")
        for name, way in mapping(fault, "ways").items():
            strip = mapping(way, "strip") if isinstance(way, dict) else {}
            if wall is not None and strip:
                of_one, _, machine = name.partition("/")
                where, shown = (machine, "its API server") if of_one == "api" and machine else (CLUSTER, f"API, {name}")
                ways.setdefault((where, shown), []).extend(_way(where, shown, strip, wall))
    if upgrade := list(_upgrade(described.get("availability") or [])):
        ways[CLUSTER, "API, by the balancer"] = upgrade
    return ways


def _way(where: str, name: str, strip: Record, wall: float) -> Iterator[tuple[Bar, list[Change]]]:
    begin, every = wall + (number(strip, "begin") or 0.0), number(strip, "every") or 0.0
    end = begin + every * max(len(numbers(strip, "answered")), len(numbers(strip, "lost")))
    yield Bar(begin, end, "good", f"{name}: requests were sent"), []
    for gap in strip.get("gaps") or ():
        if isinstance(gap, list) and len(gap) == 2 and all(isinstance(each, (int, float)) for each in gap):
            yield _gap(where, name, wall + gap[0], wall + gap[1])


def _upgrade(requests: Sequence[Sequence[float]]) -> Iterator[tuple[Bar, list[Change]]]:
    sent = [Sample(at, took, bool(ok)) for at, took, ok in requests]
    if not sent:
        return
    name, answered = "API, by the balancer", sum(each.ok for each in sent)
    title = f"{name}: {answered} of {len(sent)} requests were answered"
    yield Bar(sent[0].at, sent[-1].at + sent[-1].took, "good", title), []
    for outage in outages(sent):
        yield _gap(CLUSTER, name, outage.at, outage.at + outage.seconds)


def _gap(where: str, name: str, since: float, until: float) -> tuple[Bar, list[Change]]:
    words = f"no answer for {duration(until - since)}"
    return Bar(since, until, "bad", f"{name}: {words}"), [Change(since, where, name, words, "bad")]


def _first(words: str) -> str:
    """The first line of what was wrong, as far as a list has room for it."""
    line = next(iter(words.strip().splitlines()), "")
    return line if len(line) <= 200 else f"{line[:199]}…"
