"""`python -m tests.seeded check|type|more|try [NAME …]`, `burn`, `unusual`, `plant|heal NAME`: on a kept cluster.

    ./run up stacked
    .tox/harness/bin/python -m tests.seeded try            # every defect of its topology: plant, heal, wait
    .tox/harness/bin/python -m tests.seeded plant coredns-runs-once

Where several clusters of the topology are kept, `--cluster ID` names one.
"""

from __future__ import annotations

import argparse
import itertools
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path

from provision.cluster import Cluster
from provision.clusters.lifecycle import Clusters
from provision.config.cluster_id import ClusterId
from provision.config.settings import Settings
from provision.util.concurrency import NotYet, end_once
from provision.util.errors import BadInput, Problem
from tests.seeded import Defect, burning, defects, healing, more, planting, rounds, state, written

_SEEN = 60
"""Seconds until a planted defect shows, or a healed one does not any more: a kubelet reports every ten."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Returns 0, 1 where a defect could not be planted or healed, or 2 for wrong arguments."""
    end_once()
    options = _parser().parse_intermixed_args(arguments)
    try:
        chosen = chosen_of([] if options.action in ("burn", "unusual") else options.name)
        clusters = Clusters(Settings.of({}))
        name = cluster_of(options.cluster, clusters.registry.ready(), chosen)
        clusters.registry.lock(name)
        cluster = clusters.attach(name).cluster
        if options.action == "unusual":
            return _unusual(cluster, options.facts)
        if options.action == "burn":
            return _burn(cluster, options.name, options.facts)
        return _ACTIONS[options.action](cluster, chosen, options.facts)
    except Problem as problem:
        print(problem, file=sys.stderr)
        return 2 if isinstance(problem, BadInput) else 1


def _parser() -> argparse.ArgumentParser:
    formatter = argparse.RawDescriptionHelpFormatter
    parser = argparse.ArgumentParser(
        prog="python -m tests.seeded", description=__doc__, formatter_class=formatter, allow_abbrev=False
    )
    parser.add_argument("action", choices=(*_ACTIONS, "burn", "unusual"))
    parser.add_argument("name", nargs="*", help="a defect; try without one: every defect of the cluster's topology")
    parser.add_argument("--cluster", default="", help="the id of a kept cluster")
    parser.add_argument("--facts", type=Path, metavar="FOLDER", help="check: keep the facts of each defect as a bundle")
    return parser


def chosen_of(names: Iterable[str]) -> list[Defect]:
    """The defects of these names; raises BadInput for an unknown one. Pure."""
    known = {each.name: each for each in (*defects(), *more())}
    if unknown := [name for name in names if name not in known]:
        raise BadInput(f"there is no defect {unknown[0]}", fix="one of " + ", ".join(known))
    return [known[name] for name in names]


def cluster_of(given: str, ready: Sequence[str], chosen: Sequence[Defect]) -> str:
    """The cluster that is meant; raises BadInput where that is not clear. Pure."""
    if given:
        return given
    topologies = {each.topology for each in chosen} - {""}
    fitting = [each for each in ready if not topologies or {ClusterId.parse(each).topology} == topologies]
    if len(fitting) != 1:
        found = f"several are kept: {', '.join(fitting)}" if fitting else "none is kept"
        wanted = " and ".join(sorted(topologies)) or "any"
        raise BadInput(f"the cluster is not clear: of topology {wanted}, {found}", fix="--cluster ID, or ./run up")
    return fitting[0]


def _plant(cluster: Cluster, chosen: Sequence[Defect], _facts: Path | None = None) -> int:
    for defect in chosen:
        planting.plant(cluster, defect)
    return 0


def _heal(cluster: Cluster, chosen: Sequence[Defect], _facts: Path | None = None) -> int:
    for defect in chosen:
        planting.heal(cluster, defect)
    planting.settled(cluster)
    return 0


def _try(cluster: Cluster, chosen: Sequence[Defect], _facts: Path | None = None) -> int:
    """Plant and heal one after the other; a line each. One that fails is healed, and the next one follows."""
    failed = 0
    planting.prepare(cluster)
    for defect in chosen or _fitting(cluster, defects()):
        try:
            print(f"{defect.name}: {tried(cluster, defect)}", flush=True)
        except Problem as problem:
            failed += 1
            print(f"{defect.name}: failed: {problem}", flush=True)
            _heal_after(cluster, defect)
    return int(failed > 0)


def _check(cluster: Cluster, chosen: Sequence[Defect], facts: Path | None) -> int:
    """Plant, check, type the fix, heal: a line for each defect and way, and then the counts.

    1 where one with a login is missed, or a typed fix did not heal.
    """
    return _round(cluster, chosen or _fitting(cluster, defects()), facts, rounds.WAYS)


def _more(cluster: Cluster, chosen: Sequence[Defect], facts: Path | None) -> int:
    """The same with those beside the sixty that the cluster can have, and with what is written into its facts."""
    red = _round(cluster, chosen or _fitting(cluster, more()), facts, rounds.WAYS)
    return red if chosen else _written(cluster, facts) or red


def _written(cluster: Cluster, kept: Path | None) -> int:
    wrong = 0
    planting.settled(cluster)
    with tempfile.TemporaryDirectory() as folder:
        for each, why in written.outcomes(rounds.facts_of(cluster), kept or Path(folder)):
            wrong += bool(why)
            print(written.row(each, why), flush=True)
    return int(wrong > 0)


def _type(cluster: Cluster, chosen: Sequence[Defect], facts: Path | None) -> int:
    """Plant, check, type what the finding prints, check, heal: of those alone whose fix is a harmless line."""
    wanted = [each for each in chosen or _fitting(cluster, defects()) if each.typed]
    return _round(cluster, wanted, facts, (rounds.LOGIN, healing.TYPED))


def _fitting(cluster: Cluster, listed: Sequence[Defect]) -> list[Defect]:
    return [each for each in listed if planting.fits(cluster, each)]


def _round(cluster: Cluster, wanted: Sequence[Defect], facts: Path | None, ways: Sequence[str]) -> int:
    outcomes = []
    with tempfile.TemporaryDirectory() as folder:
        for each in rounds.rounds(cluster, wanted, facts or Path(folder), ways):
            outcomes.append(each)
            print(rounds.line(each), flush=True)
    print(rounds.counted(outcomes))
    return int(any(map(rounds.red, outcomes)))


def _burn(cluster: Cluster, names: Sequence[str], facts: Path | None) -> int:
    """Burning clusters, all without a name: a line each. 1 where the first finding is not right, or took too long."""
    wrong = 0
    known = (*burning.fires(), *burning.more())
    chosen = [each for each in known if each.name in names] if names else burning.fires()
    with tempfile.TemporaryDirectory() as folder:
        for each in burning.burnt(cluster, chosen, facts or Path(folder)):
            wrong += not each.right or each.seconds > burning.LIMIT
            print(each.line, flush=True)
    return int(wrong > 0)


def _unusual(cluster: Cluster, facts: Path | None) -> int:
    """What is healthy and unlike the documented cluster, all at once: a line for each finding, where there is one."""
    with tempfile.TemporaryDirectory() as folder:
        found = burning.unalarmed(cluster, facts or Path(folder))
    for each in found:
        print(f"{each.id} {each.what}")
    print(f"{len(burning.unusual())} unusual things: {len(found)} findings at or above warning")
    return int(bool(found))


def tried(cluster: Cluster, defect: Defect) -> str:
    """Plant, see what changed, heal, and see that it is as before; the line about it. Raises Problem."""
    times = []
    before = _settled(cluster, defect)
    times.append(time.monotonic())
    planting.plant(cluster, defect)
    times.append(time.monotonic())
    changed: dict[str, tuple[str, str]] = {}

    def unchanged() -> NotYet | None:
        changed.update(_differences(cluster, defect, before))
        return None if changed else NotYet("nothing has changed")

    cluster.wait_until(unchanged, _SEEN, f"{defect.name} shows", every=1)
    times.append(time.monotonic())
    planting.heal(cluster, defect)
    times.append(time.monotonic())
    planting.settled(cluster)
    times.append(time.monotonic())

    def different() -> NotYet | None:
        left = _differences(cluster, defect, before)
        return NotYet(_shown(left)) if left else None

    cluster.wait_until(different, _SEEN, f"what {defect.name} changed is as before", every=1)
    planted, _, healed, whole = (after - start for start, after in itertools.pairwise(times))
    return f"planted in {planted:.1f} s, healed in {healed:.1f} s, whole after {whole:.1f} s more\n{_shown(changed)}"


def _settled(cluster: Cluster, defect: Defect) -> state.State:
    planting.settled(cluster)
    return state.of(cluster, cluster.machines[defect.on])


def _differences(cluster: Cluster, defect: Defect, before: state.State) -> dict[str, tuple[str, str]]:
    return state.differences(before, state.of(cluster, cluster.machines[defect.on]))


def _shown(changed: dict[str, tuple[str, str]]) -> str:
    return "\n".join(f"  {key}: {before} → {after}" for key, (before, after) in changed.items())


def _heal_after(cluster: Cluster, defect: Defect) -> None:
    try:
        planting.heal(cluster, defect)
        planting.settled(cluster)
    except Problem as problem:
        print(f"{defect.name}: it is not healed: {problem}", flush=True)


_ACTIONS: Mapping[str, Callable[[Cluster, Sequence[Defect], Path | None], int]] = {
    "plant": _plant, "heal": _heal, "try": _try, "check": _check, "type": _type, "more": _more,
}  # fmt: skip

if __name__ == "__main__":
    sys.exit(main())
