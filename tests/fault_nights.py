"""Nights of faults, made up: what their records say of each fault, and a test for each that ended as its fault did."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from nightly import summary
from nightly.faults import FaultCell, cells
from nightly.store import Store
from nightly.views import clusters
from tests.generated import NOW, lines, phase
from tests.histories import DAY, Night

CLUSTER = "stacked-uploaded-1.37-faults"
FAULT = "etcd-leader-killed"
_OUTCOMES = {"green": "passed", "red": "failed"}


def fault(ended: str = "green", gap: float = 3.0, healing: float | None = 5.0, **more: Any) -> dict[str, Any]:
    """The record of one fault, as in faults.jsonl, but for its cluster and when it began."""
    way = {"requests": 50, "longest": gap, "lost": {"refused": 2, "timeout": 1}, "spared": False}
    states = [("member of etcd", "cp1", "leader", -1.0, 2.0, True), ("member of etcd", "cp1", "none", 2.0, 9.0, False)]
    return {
        "fault": FAULT, "topology": "stacked", "version": "v1.37.2", "ended": ended, "machines": ["cp1"],
        "bound": {"seconds": 12.0}, "healing": healing, "times": {"in_effect": 0.1, "undone": 8.1},
        "ways": {"balancer-new": way, "service": way | {"longest": gap + 20},
                 "api/cp1": way | {"longest": 40.0, "spared": True}},
        "writes": {"ok": 40, "failed": 3, "unknown": 2, "appeared": 1}, "violations": [],
        "red": ["no answer for 13.0 s"] * (ended == "red"), "void": ["this host was too busy"] * (ended == "void"),
        "why": "", "inside": [inside(*each) for each in states],
    } | more  # fmt: skip


def inside(what: str, where: str, state: str, since: float, until: float, good: bool) -> dict[str, Any]:
    return {"what": what, "where": where, "state": state, "since": since, "until": until, "good": good}


def write(
    folder: Path, day: int, faults: Sequence[dict[str, Any]], cluster: str = CLUSTER, selection: str = ""
) -> Path:
    """Write the run directory of one night; each fault began five seconds after its test, which took thirty.

    Each cluster is a selection of its own: none is missed in the nights of another one.
    """
    run = Night(cluster=cluster, scenarios=(), keyword=selection or cluster).write(folder, day)
    began = NOW + day * DAY + 60
    records = [{"cluster": cluster, "began": began + 5 + 30 * n} | each for n, each in enumerate(faults)]
    tests = [_test(str(each["fault"]), str(each["ended"]), cluster, began + 30 * n) for n, each in enumerate(records)]
    lines(run / "faults.jsonl", records)
    lines(run / "tests.jsonl", [*tests, {"kind": "session", "exitstatus": 0, "collected": len(tests)}])
    return run


def _test(name: str, ended: str, cluster: str, start: float) -> dict[str, Any]:
    nodeid = f"scenarios/test_faults.py::test_promises[{cluster}:cluster-{name}]"
    outcome = _OUTCOMES.get(ended, "skipped")
    return phase(nodeid, outcome=outcome, reason=f"it is {ended}") | {
        "start": start, "stop": start + 30, "properties": {"cluster": cluster, "subject": "cluster"},
    }  # fmt: skip


def kept(folder: Path, *nights: Sequence[dict[str, Any]], cluster: str = CLUSTER) -> Store:
    """The store of nights, one a day, each with its faults."""
    store = Store(folder / "store")
    for day, faults in enumerate(nights):
        summary.add(write(folder, day, faults, cluster), store)
    return store


def cell(store: Store, name: str = FAULT, cluster: str = CLUSTER) -> FaultCell:
    """What a store has of a fault on a cluster."""
    found = cells(clusters(store.runs(100).runs))
    return next(each for each in found if (each.fault, each.view.id) == (name, cluster))
