"""Clocks: how far apart they are, and whether something keeps them right.

etcd itself warns where the clocks of two members are more than a second apart (rafthttp, probing_status.go); leases,
tokens and the begin of certificates depend on them everywhere. Clocks that anything keeps are milliseconds apart, so
that half a second is worth a notice. Containers have the clock of their host and are left out.
"""

from __future__ import annotations

from collections.abc import Iterator
from statistics import median

from checks.facts.cluster import Facts
from checks.facts.fact import Unknown
from checks.facts.machine import Clock
from checks.findings import Found, Severity
from checks.rules.known import known_of_each
from checks.rules.rule import about_the_cluster
from checks.rules.sentences import listed

_PAGE = "https://etcd.io/docs/v3.6/op-guide/hardware/"
_NOTICE, _WARNING = 0.5, 1.0  # seconds


@about_the_cluster(
    "KHA-ID-006", Severity.WARNING,
    title="The clock of a machine is not that of the others.",
    why="Certificates and tokens are not valid yet, or no longer, depending on the machine; etcd warns of a second.",
    fix="sudo timedatectl set-ntp true  # on {machine}", page=_PAGE,
)  # fmt: skip
def clocks_apart(facts: Facts) -> Iterator[Found]:
    """Against the median of all, which one wrong clock does not move; with two machines, either may be wrong."""
    clocks, unknown = _clocks(facts)
    middle = median(each.ahead for each in clocks.values()) if clocks else 0.0
    doubt = min((each.uncertainty for each in clocks.values()), default=0.0)
    if len(clocks) == 2:
        yield from _two(clocks)
    else:
        for name, clock in clocks.items():
            apart = abs(clock.ahead - middle) - clock.uncertainty - doubt
            if apart > _NOTICE:
                direction = "ahead of" if clock.ahead > middle else "behind"
                what = f"{name}: its clock is {abs(clock.ahead - middle):.1f} s {direction} those of the others."
                yield Found(what, (name,), _evidence(clocks), severity=_severity(apart))
    if unknown:
        raise unknown


@about_the_cluster(
    "KHA-ID-007", Severity.NOTICE,
    title="Nothing keeps the clock of a machine right.",
    why="Clocks drift by seconds a week, until certificates and tokens are not valid on one machine.",
    fix="sudo timedatectl set-ntp true  # on {machine}", page=_PAGE, because_of=("KHA-ID-006",),
)  # fmt: skip
def not_synchronised(facts: Facts) -> Iterator[Found]:
    clocks, unknown = _clocks(facts)
    names = tuple(name for name, each in clocks.items() if each.synchronised is False)
    if names:
        yield Found(f"No time service runs on {listed(names)}.", names)
    if unknown:
        raise unknown


def _two(clocks: dict[str, Clock]) -> Iterator[Found]:
    first, second = clocks.values()
    apart = abs(first.ahead - second.ahead) - first.uncertainty - second.uncertainty
    if apart > _NOTICE:
        what = f"The clocks of {listed(clocks)} are {abs(first.ahead - second.ahead):.1f} s apart."
        yield Found(what, tuple(clocks), _evidence(clocks), severity=_severity(apart))


def _severity(apart: float) -> Severity:
    return Severity.WARNING if apart > _WARNING else Severity.NOTICE


def _evidence(clocks: dict[str, Clock]) -> tuple[str, ...]:
    return tuple(f"{name}: {each.ahead:+.3f} s, ±{each.uncertainty:.3f} s" for name, each in clocks.items())


def _clocks(facts: Facts) -> tuple[dict[str, Clock], Unknown | None]:
    machines = [each for each in facts.machines if not (each.identity.value and each.identity.value.container)]
    return known_of_each(machines, lambda machine: machine.clock.get())
