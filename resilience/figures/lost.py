"""How many requests each way lost while people changed a cluster, as a table of Markdown. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from resilience.availability import API, BALANCER_KEPT, BALANCER_NEW, SERVICE
from resilience.faults.fault import Fault
from resilience.figures.line import Line
from resilience.figures.table import label, verdicts

_WAYS = {
    BALANCER_NEW: "by the balancer, new connections",
    BALANCER_KEPT: "by the balancer, kept connection",
    SERVICE: "by the Service, from a pod",
    API: "each API server",
}
_NONE = "–"


def table(lines: Sequence[Line], faults: Sequence[Fault]) -> str:
    """A row for each fault and kind of cluster that it was tried on; one that was not tried has a row, too.

    A cell says how many requests of how many were lost in all runs that say something, and the longest gap.
    """
    head = f"| fault | clusters | kubeadm | {' | '.join(_WAYS.values())} | verdicts |\n|{' --- |' * (len(_WAYS) + 4)}\n"
    return head + "".join(row for fault in faults for row in _rows(fault, [e for e in lines if e.fault == fault.name]))


def _rows(fault: Fault, lines: Sequence[Line]) -> Iterator[str]:
    for on in sorted({label(each) for each in lines}) or [", ".join(fault.topologies)]:
        runs = [each for each in lines if label(each) == on]
        versions = ", ".join(sorted({each.kubeadm.lstrip("v") for each in runs})) or _NONE
        cells = [cell(way, [each for each in runs if each.measured]) for way in _WAYS]
        yield f"| {fault.name} | {on} | {versions} | {' | '.join(cells)} | {verdicts(runs)} |\n"


def cell(way: str, lines: Sequence[Line]) -> str:
    """What one way lost in all runs: requests of so many, and the longest gap."""
    met = [(each, name) for each in lines for name in each.requests if name == way or name.startswith(f"{way}/")]
    if not met:
        return _NONE
    lost = sum(each.lost.get(name, 0) for each, name in met)
    requests = sum(each.requests[name] for each, name in met)
    return f"{lost} of {requests}, {max(each.gaps.get(name, 0.0) for each, name in met):.1f} s"
