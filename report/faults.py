"""Faults that were tried in a run, as the report shows them: the verdict with its reasons, and each way to the API."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from report.fault_times import Timeline, timeline
from report.reading import counts, mapping, number, text, texts
from report.records import Record

_CLASSES = {"green": "passed", "red": "failed", "void": "undecided", "skipped": "skipped"}
"""Of the page's style, by how a run of a fault ended."""

_WORDS = {"ok": "acknowledged", "failed": "refused", "unknown": "unknown"}
"""The word for writes, by what clients were answered."""


@dataclass(frozen=True)
class WayShown:
    """One way to the API. `lost` is in words; `share` is the longest gap over its bound, which may be `spared`."""

    name: str
    requests: int
    lost: str
    lost_requests: int
    longest: float
    limit: float
    spared: bool
    served_again: float | None
    served_at_the_end: bool

    @property
    def share(self) -> float:
        """The longest gap over its bound: above 1, the run is red."""
        return self.longest / self.limit if self.limit else 0.0

    @property
    def held(self) -> bool:
        """Whether the bound holds, and it was served in the end."""
        return self.share <= 1 and self.served_at_the_end


@dataclass(frozen=True)
class FaultShown:
    """One run of a fault. `reasons` are (kind, sentence): why it is red, void or skipped, and what stays to be done."""

    record: Record
    reasons: Sequence[tuple[str, str]]
    ways: Sequence[WayShown]
    timeline: Timeline | None
    writes: str
    logs: Sequence[tuple[str, str]]

    @property
    def name(self) -> str:
        """What the fault is called."""
        return str(self.record["fault"])

    @property
    def cluster(self) -> str:
        """The id of the cluster."""
        return text(self.record, "cluster")

    @property
    def about(self) -> str:
        """Where it was tried, what was done, and on which machines."""
        machines = ", ".join(texts(self.record, "machines"))
        what = text(self.record, "what")
        return " · ".join(filter(None, (self.cluster, f"{what} on {machines}" if machines else what)))

    @property
    def verdict(self) -> str:
        """How it ended, in one word."""
        return text(self.record, "ended") or "unfinished"

    @property
    def style(self) -> str:
        """The class of its verdict."""
        return _CLASSES.get(self.verdict, "unfinished")

    @property
    def closest(self) -> WayShown | None:
        """The way that came closest to its bound, or went beyond it; those that are spared come last."""
        return max(self.ways, key=lambda way: (not way.spared, way.share), default=None)

    @property
    def lost_requests(self) -> int:
        """Requests that were lost, on all ways."""
        return sum(way.lost_requests for way in self.ways)

    @property
    def requests(self) -> int:
        """Requests, on all ways."""
        return sum(way.requests for way in self.ways)

    @property
    def facts(self) -> list[tuple[str, str]]:
        """What is known of it, in words, by name; without what is not known."""
        record, bound, heals = self.record, mapping(self.record, "bound"), mapping(self.record, "heals")
        known = [
            ("Proof", text(record, "proof")),
            ("Must hold", text(record, "holds")),
            ("Bound", _bound(bound)),
            ("Healthy within", _bound(heals)),
            ("Writes", self.writes),
            ("History", _history(record)),
            ("Where", text(record, "place")),
            ("Conditions", _conditions(record)),
            ("Not recorded", "; ".join(texts(record, "inside_gaps"))),
        ]
        return [(name, words) for name, words in known if words]

    @property
    def files(self) -> list[tuple[str, str]]:
        """The history, and what lies beside it: name and path."""
        history = text(self.record, "history")
        inside = text(self.record, "inside_file")
        return [(path.rpartition("/")[2], path) for path in (history, inside) if path]

    @property
    def links(self) -> list[str]:
        """Who else has this fault; addresses alone."""
        return [each for each in texts(self.record, "links") if each.startswith("https://")]

    @property
    def healing(self) -> float | None:
        """Seconds from when it was undone until the cluster was healthy."""
        return number(self.record, "healing")


def faults(records: Iterable[Record]) -> list[FaultShown]:
    """All faults of a run, in their order."""
    return [_shown(each) for each in records]


def _shown(record: Record) -> FaultShown:
    ways = [_way(name, each) for name, each in mapping(record, "ways").items() if isinstance(each, dict)]
    return FaultShown(
        record, list(_reasons(record)), ways, timeline(record), _writes(record),
        [(str(name), str(path)) for name, path in mapping(record, "logs").items()],
    )  # fmt: skip


def _reasons(record: Record) -> Iterator[tuple[str, str]]:
    if why := text(record, "why"):
        yield "skipped", why
    yield from (("red", each) for each in texts(record, "red"))
    shown = " ".join(texts(record, "red"))
    yield from (("violation", each) for each in texts(record, "violations") if each not in shown)
    yield from (("void", each) for each in texts(record, "void"))
    yield from (("undecided", each) for each in texts(record, "undecided"))
    yield from (("left behind", each) for each in texts(record, "left"))


def _way(name: str, each: Record) -> WayShown:
    lost = counts(each, "lost")
    return WayShown(
        name, int(number(each, "requests") or 0), ", ".join(f"{count} × {kind}" for kind, count in lost.items()),
        sum(lost.values()), number(each, "longest") or 0.0, number(each, "limit") or 0.0, each.get("spared") is True,
        number(each, "served_again"), each.get("served_at_the_end") is not False,
    )  # fmt: skip


def _bound(bound: Record) -> str:
    """Seconds, and why so many."""
    seconds = number(bound, "seconds")
    return "" if seconds is None else f"{seconds:g} s: {text(bound, 'reason')}"


def _history(record: Record) -> str:
    """What its check says."""
    operations = int(number(record, "operations") or 0)
    if not operations:
        return ""
    broken = len(texts(record, "violations"))
    parts = f"{broken or 'no'} {'promise was' if broken < 2 else 'promises were'} broken"
    return f"{operations} operations, {parts}"


def _conditions(record: Record) -> str:
    """What may have disturbed it."""
    load, processors = number(record, "load"), int(number(record, "processors") or 0)
    known = [
        f"seed {record['seed']}" if "seed" in record else "",
        f"load {load:.1f} on {processors} processors" if load is not None and processors else "",
        f"the harness was late by {delay:.2f} s at most" if (delay := number(record, "delay")) is not None else "",
    ]
    return ", ".join(filter(None, known))


def _writes(record: Record) -> str:
    """Writes by what clients were answered, and what became of unknown ones."""
    counted = counts(record, "writes")
    parts = [f"{counted[key]} {word}" for key, word in _WORDS.items() if counted.get(key)]
    if counted.get("unknown"):  # the last of these words
        parts[-1] += f" ({counted.get('appeared', 0)} of these appeared)"
    return ", ".join(parts)
