"""Planted defects and the check between planting and healing: what it finds, and what it finds besides.

Facts of each are kept as a bundle: rules are judged by them again without a cluster.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from checks.cli.logins import entries_of
from checks.collecting.collect import Ways, collected
from checks.collecting.kubeconfig import ByKubeconfig
from checks.facts import bundle
from checks.facts.cluster import Facts
from checks.findings import Finding, Report, Severity
from checks.judging import judged
from provision.cluster import Cluster
from provision.kubeadm.kubeconfig import for_the_host
from provision.util.errors import Problem
from tests.seeded import Defect, healing, planting
from tests.seeded.healing import TYPED, Typed

LOGIN, ALONE = "login", "kubeconfig"
"""With a login on each machine, and by a kubeconfig alone."""

WAYS = (LOGIN, ALONE, TYPED)

_SEEN = 30
"""Seconds that a planted defect may take to show: etcd's alarm, a balancer's checks, a kubelet's report every ten."""


@dataclass(frozen=True)
class Outcome:
    """One defect in one way: whether it was found, and what else was found at or above warning.

    `missed` says why it counts as missed: nothing, another severity, or another machine. `decided` of `judged` verdicts
    were not undecided.
    """

    name: str
    way: str
    found: bool
    missed: str
    noise: tuple[str, ...]
    decided: int
    judged: int
    seconds: float


def outcome(defect: Defect, way: str, report: Report, seconds: float) -> Outcome:
    """Compare a report with what is expected of a defect. Pure."""
    matching = [each for each in report.findings if each.id == defect.expects]
    missed = _missed(defect, matching)
    others = [each for each in report.at_least(Severity.WARNING) if each.id != defect.expects]
    noise = tuple(f"{each.id} {each.what}" for each in others)
    decided = sum(not each.undecided for each in report.verdicts)
    return Outcome(defect.name, way, not missed, missed, noise, decided, len(report.verdicts), round(seconds, 1))


def _missed(defect: Defect, matching: Iterable[Finding]) -> str:
    found = list(matching)
    if not found:
        return "not found"
    if not any(each.severity.value == defect.severity for each in found):
        return f"found as {found[0].severity.value}"
    if defect.machine and not any(defect.machine in each.machines for each in found):
        return f"found on {', '.join(found[0].machines) or 'no machine'}"
    return ""


def facts_of(cluster: Cluster) -> Facts:
    """Facts with a login on each machine."""
    return collected(Ways(machines=entries_of(cluster), access=("inventory",)))


def facts_by_kubeconfig(config: str) -> Facts:
    """Facts by a kubeconfig alone; `config` is a secret, and is gone again when this returns."""
    with tempfile.NamedTemporaryFile("w", suffix=".conf") as file:
        file.write(config)
        file.flush()
        return collected(Ways(ByKubeconfig.load(Path(file.name)), access=("kubeconfig",)))


def planted(cluster: Cluster, defect: Defect, folder: Path, ways: Sequence[str] = WAYS) -> Iterator[Outcome | Typed]:
    """Plant, check in each way, type the fix, heal, and wait; bundles are kept in the folder. Raises Problem."""
    config = for_the_host(cluster)
    planting.settled(cluster)
    try:
        planting.plant(cluster, defect)
        seen, report = _seen(cluster, defect, folder)
        yield seen
        if ALONE in ways:
            yield _alone(config, defect, folder)
        if defect.typed and TYPED in ways and seen.found:
            yield healing.healing(cluster, defect, report, lambda: judged(facts_of(cluster)))
    finally:
        planting.heal(cluster, defect)


def _alone(config: str, defect: Defect, folder: Path) -> Outcome:
    began = time.monotonic()
    facts = facts_by_kubeconfig(config)
    bundle.save(facts, folder / f"{defect.name}.{ALONE}.json")
    return outcome(defect, ALONE, judged(facts), time.monotonic() - began)


def _seen(cluster: Cluster, defect: Defect, folder: Path) -> tuple[Outcome, Report]:
    """The check again until the defect shows, and it alone, or is late: what was just restarted shows for a while."""
    deadline = time.monotonic() + _SEEN
    while True:
        began = time.monotonic()
        facts = facts_of(cluster)
        bundle.save(facts, folder / f"{defect.name}.{LOGIN}.json")
        report = judged(facts)
        found = outcome(defect, LOGIN, report, time.monotonic() - began)
        if (found.found and not found.noise) or time.monotonic() > deadline:
            return found, report


def again(defect: Defect, folder: Path) -> Iterator[Outcome]:
    """The outcomes by the bundles of an earlier round, with the rules as they are now."""
    for way in (LOGIN, ALONE):
        file = folder / f"{defect.name}.{way}.json"
        if file.exists():
            facts = bundle.load(file)
            yield outcome(defect, way, judged(facts), facts.seconds)


def line(each: Outcome | Typed) -> str:
    """A row of a table: defect, way, found, what else was found, decided, seconds; of what was typed, one like it."""
    if isinstance(each, Typed):
        return healing.row(each)
    noise = "; ".join(each.noise) or "–"
    reported = f"{each.decided}/{each.judged} | {each.seconds}"
    return f"| {each.name} | {each.way} | {each.missed or 'yes'} | {noise} | {reported} |"


def red(each: Outcome | Typed) -> bool:
    """Whether it makes a round fail: a defect that a check with a login misses, or a typed fix that did not heal."""
    return not each.healed if isinstance(each, Typed) else each.way == LOGIN and not each.found


def counted(outcomes: Sequence[Outcome | Typed]) -> str:
    """How many were found, and how many alone, in each way; and how many were healed by what their findings print."""
    lines = []
    for way in (LOGIN, ALONE):
        mine = [each for each in outcomes if isinstance(each, Outcome) and each.way == way]
        alone = sum(not each.noise for each in mine)
        decided, of = sum(each.decided for each in mine), sum(each.judged for each in mine)
        lines.append(
            f"{way}: {sum(each.found for each in mine)} of {len(mine)} found, {alone} with nothing else at or above"
            f" warning; {decided} of {of} verdicts decided"
        )
    lines_typed = [each for each in outcomes if isinstance(each, Typed)]
    healed = sum(each.healed for each in lines_typed)
    lines.append(f"{TYPED}: {healed} of {len(lines_typed)} healed by the line that the finding prints")
    return "\n".join(lines)


def rounds(
    cluster: Cluster, chosen: Iterable[Defect], folder: Path, ways: Sequence[str] = WAYS
) -> Iterator[Outcome | Typed]:
    """All outcomes; a defect that cannot be planted or healed is one that was missed, with the reason."""
    folder.mkdir(parents=True, exist_ok=True)
    planting.prepare(cluster)
    for defect in chosen:
        try:
            yield from planted(cluster, defect, folder, ways)
        except Problem as problem:
            yield Outcome(defect.name, LOGIN, False, f"failed: {problem}".splitlines()[0], (), 0, 0, 0.0)
