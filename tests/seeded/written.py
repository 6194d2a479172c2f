"""What cannot be planted on containers, since they share it with their host: written into the facts of a real cluster.

These are stand-ins. Everything but the one value is what a real cluster answered; the value was never read from a
machine, so that they show the rules and not the collecting.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from checks.facts import bundle
from checks.facts.cluster import Facts
from checks.facts.fact import Fact
from checks.facts.machine import Clock, Identity, MachineFacts, Swap
from checks.findings import Severity
from checks.judging import judged

_EXACT = Clock(0.0, 0.01, True)
"""A clock that is kept right, and was read within ten milliseconds."""


@dataclass(frozen=True)
class Written:
    """One value that is wrong on one machine, and the finding that is expected."""

    name: str
    machine: str
    change: Callable[[MachineFacts], MachineFacts]
    expects: str
    severity: str


def _given(machine: MachineFacts, **values: object) -> MachineFacts:
    """The machine with other values, each with `written` as its source."""
    return replace(machine, **{name: Fact("written", value) for name, value in values.items()})  # type: ignore[arg-type]


def _identity(machine: MachineFacts, product_uuid: str) -> MachineFacts:
    identity: Identity = machine.identity.get()
    return _given(machine, identity=replace(identity, container="", product_uuid=product_uuid))


def _swap_is_on(machine: MachineFacts) -> MachineFacts:
    at_start = machine.swap.get().at_start
    return _given(machine, swap=Swap(("/dev/vda3",), at_start))


WRITTEN = (
    Written("product-uuid-is-anothers", "w2", lambda each: _identity(each, "uuid of w1"), "KHA-ID-004", "warning"),
    Written(
        "clock-is-five-seconds-ahead", "cp2", lambda each: _given(each, clock=Clock(5.0, 0.01, True)), "KHA-ID-006",
        "warning",
    ),
    Written(
        "nothing-keeps-a-clock-right", "w1", lambda each: _given(each, clock=Clock(0.0, 0.01, False)), "KHA-ID-007",
        "notice",
    ),
    Written("swap-is-on", "w3", _swap_is_on, "KHA-NODE-008", "critical"),
)  # fmt: skip


def as_machines(facts: Facts) -> Facts:
    """Facts of containers as those of machines: each with a product_uuid and a clock of its own."""
    return replace(
        facts,
        machines=tuple(_given(_identity(each, f"uuid of {each.name}"), clock=_EXACT) for each in facts.machines),
    )


def written(facts: Facts, each: Written) -> Facts:
    """Facts of containers as those of machines, one of which has something wrong."""
    whole = as_machines(facts)
    return replace(
        whole, machines=tuple(each.change(one) if one.name == each.machine else one for one in whole.machines)
    )


def outcomes(facts: Facts, folder: Path) -> Iterator[tuple[Written, str]]:
    """Each, through a bundle in the folder, and what is wrong with what was found; empty where nothing is."""
    for each in WRITTEN:
        file = folder / f"{each.name}.written.json"
        bundle.save(written(facts, each), file)
        yield each, wrong(each, bundle.load(file))


def wrong(each: Written, facts: Facts) -> str:
    """What is wrong with what is found in the facts: it has to be the finding that is expected, and nothing else."""
    report = judged(facts)
    found = [(one.severity.value, each.machine in one.machines) for one in report.findings if one.id == each.expects]
    others = [f"{one.id} {one.what}" for one in report.at_least(Severity.WARNING) if one.id != each.expects]
    if found != [(each.severity, True)]:
        return f"{each.expects} was found as {found}"
    return "; ".join(others)


def row(each: Written, why: str) -> str:
    """A row of a table."""
    return f"| {each.name} | written | {'no' if why else 'yes'} | {why or '–'} |"
