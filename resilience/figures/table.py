"""The table of figures: every fault of the catalogue on every topology that it is about, run or not. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from statistics import median

from provision.config.balancers import HAPROXY
from provision.config.cluster_id import ClusterId
from provision.util.errors import BadInput
from resilience.availability import SERVICE
from resilience.faults.fault import Fault, Spared
from resilience.faults.means.releases import not_upgraded
from resilience.faults.outcome import Ended
from resilience.figures.line import Line

_HEAD = (
    "fault", "clusters", "runs", "verdicts", "bound", "longest gap: p50", "worst", "by the Service: worst",
    "writes: acknowledged / found / unknown", "healed: p50", "worst",
)  # fmt: skip
_NUMBERS = ("runs", "bound", "longest gap: p50", "worst", "by the Service: worst", "healed: p50")
_ORDER = (Ended.GREEN, Ended.RED, Ended.VOID, Ended.SKIPPED)
_NONE = "–"
_LONGEST = 400  # letters of a reason: the record has all of it


def table(lines: Sequence[Line], kinds: Mapping[str, Sequence[Fault]]) -> str:
    """The whole text, in Markdown: a table for each kind of faults, and why which runs were red."""
    known = {fault.name for faults in kinds.values() for fault in faults}
    parts = [_table(kind, list(_rows(faults, lines))) for kind, faults in kinds.items()]
    others = [each for each in lines if each.fault not in known]
    if others:
        groups = sorted({(each.fault, label(each)) for each in others})
        rows = [_row(name, on, [each for each in others if (each.fault, label(each)) == (name, on)], None)
                for name, on in groups]  # fmt: skip
        parts.append(_table("others: no longer in the catalogue, or mixed by chance", rows))
    reds = [_why(each, each.date[:10]) for each in lines if each.verdict == Ended.RED]
    skips = {(each.fault, *each.why): _why(each) for each in lines if each.verdict == Ended.SKIPPED}
    parts += [_list("red runs", reds)] if reds else []
    parts += [_list("skipped", skips.values())] if skips else []
    return "\n".join(parts)


def is_about(fault: Fault, line: Line) -> bool:
    """Whether a fault is about the kind of load balancer that a run's cluster has."""
    try:
        return fault.kinds(ClusterId.parse(line.cluster).balancer)
    except BadInput:
        return True


def label(line: Line) -> str:
    """What kind of cluster it was tried on: the topology, and what else is unlike the usual in its id."""
    try:
        parts = ClusterId.parse(line.cluster).parts
    except BadInput:
        return line.topology
    unusual = replace(parts, faults=False, workers=None, control_planes=None, free="")
    return f"{line.topology}, {unusual}" if str(unusual) else line.topology


def _table(title: str, rows: Sequence[Sequence[str]]) -> str:
    marks = ["---:" if name in _NUMBERS else "---" for name in _HEAD]
    return f"### {title}\n\n" + "".join(f"| {' | '.join(each)} |\n" for each in (_HEAD, marks, *rows))


def _list(title: str, items: Iterable[str]) -> str:
    return f"### {title}\n\n" + "".join(f"- {each}\n" for each in items)


def _rows(faults: Sequence[Fault], lines: Sequence[Line]) -> Iterator[list[str]]:
    for fault in faults:
        own = [each for each in lines if each.fault == fault.name]
        found = {label(each) for each in own}
        usual = [on for on in fault.topologies if _may_be_usual(fault, on, found)]
        for on in [*usual, *sorted(found - set(usual))]:
            yield _row(fault.name, on, [each for each in own if label(each) == on], fault)


def _may_be_usual(fault: Fault, topology: str, found: Iterable[str]) -> bool:
    """Whether a cluster of a topology without other choices has a row: not where such a one cannot show the fault."""
    if fault.lacking is not_upgraded:
        return not any(each.startswith(f"{topology}, ") for each in found)
    return fault.kinds(HAPROXY) or not found


def _row(name: str, on: str, lines: Sequence[Line], fault: Fault | None) -> list[str]:
    measured = [each for each in lines if each.measured]
    gaps = [each.longest for each in measured]
    service = [each.gaps[SERVICE] for each in measured if SERVICE in each.gaps and SERVICE not in each.spared]
    healing = [each.healing for each in measured if each.healing is not None]
    return [
        name, on, str(sum(each.verdict != Ended.SKIPPED for each in lines)), verdicts(lines),
        _bound(fault, on.split(",", maxsplit=1)[0], lines), *_middle_and_worst(gaps),
        _seconds(max(service, default=None)), _writes(measured), *_middle_and_worst(healing),
    ]  # fmt: skip


def verdicts(lines: Sequence[Line]) -> str:
    """How many runs ended how."""
    if not lines:
        return "not run"
    counted = Counter(each.verdict for each in lines)
    return ", ".join(f"{counted[each]} {each}" for each in _ORDER if counted[each])


def _bound(fault: Fault | None, topology: str, lines: Sequence[Line]) -> str:
    """Seconds; where every way may be gone as long as it lasts, that, and how long it may take to heal."""
    if fault is None:
        return _seconds(max((each.bound for each in lines), default=None))
    if Spared.ALL in fault.spared:
        return f"lasts + {fault.heals.seconds:g} s"
    return f"{fault.bound_on(topology).seconds:g} s"


def _middle_and_worst(seconds: Sequence[float]) -> tuple[str, str]:
    return _seconds(median(seconds) if seconds else None), _seconds(max(seconds, default=None))


def _writes(lines: Sequence[Line]) -> str:
    if not lines:
        return _NONE
    return " / ".join(str(sum(getattr(each, name) for each in lines)) for name in ("acknowledged", "found", "unknown"))


def _why(line: Line, *more: str) -> str:
    """Why a run was red or skipped, in one line."""
    why = " ".join("; ".join(line.why).split()).replace("|", "/")
    shown = why if len(why) <= _LONGEST else why[: _LONGEST - 1] + "…"
    return f"{', '.join((f'{line.fault} on {label(line)}', *more))}: {plain(shown)}"


def plain(text: str) -> str:
    """What is markup nowhere: a reason quotes what machines print."""
    return "".join(f"\\{letter}" if letter in "\\`*_<>[]" else letter for letter in text)


def _seconds(seconds: float | None) -> str:
    return _NONE if seconds is None else f"{seconds:.1f} s"
