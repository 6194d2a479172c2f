"""What run directories hold about a page, brought to its claims."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from documentation.claims.binding import Reading, bind
from documentation.claims.claim import Claim, claims
from documentation.claims.edition import ORIGINAL, Edition
from documentation.drift.compare import Comparison
from documentation.execution.plan import is_planned
from documentation.findings.rules import Needs
from documentation.pages.block import Page
from documentation.programs.programs import Programs
from documentation.reports import all_rules, ignoring
from documentation.reports.ignoring import Waived
from documentation.verdicts.decision import decide, of_other_languages
from documentation.verdicts.table import Table
from documentation.verdicts.walk_file import Walk, read, text_of
from documentation.verdicts.way import Evidence, Way, worst, worst_by_name
from provision.clusters_door import ClusterId
from provision.util.errors import BadInput
from provision.util.redaction import Redactor
from report import records
from report.reading import text
from report.records import Record, Records
from report.results import FAILED, PASSED, Result, results

T = TypeVar("T")
_ENDED = {"green": PASSED, "red": FAILED}
"""How a fault ended, as the outcome of a test: a void run says nothing, and what was skipped was not tried."""

Read = tuple[Page, Edition]
"""A page, and the edition that it is judged by."""


@dataclass(frozen=True)
class Runs:
    """What some runs left behind: walks, and tests and faults with the exact version of the cluster they ran on."""

    walks: tuple[Walk, ...]
    tests: tuple[tuple[ClusterId, str, Result], ...]
    faults: tuple[tuple[ClusterId, str, Record], ...] = ()

    @property
    def clusters(self) -> set[tuple[ClusterId, str]]:
        """The clusters that something was tried on, each with its version."""
        return {(cluster, version) for cluster, version, _ in (*self.tests, *self.faults)}


def runs(folders: Iterable[Path]) -> Runs:
    """Read run directories; raises BadInput for a folder that does not exist."""
    walks: list[Walk] = []
    tests: list[tuple[ClusterId, str, Result]] = []
    faults: list[tuple[ClusterId, str, Record]] = []
    for folder in folders:
        if not folder.is_dir():
            raise BadInput(f"there is no run in {folder}")
        walks += read(folder)
        found = records.read(folder, Redactor())
        tests += _on_clusters(found, ((each.cluster, each) for each in results(found.phases)))
        faults += _on_clusters(found, ((text(each, "cluster"), each) for each in found.faults))
    return Runs(tuple(walks), tuple(tests), tuple(faults))


def _on_clusters(run: Records, tried: Iterable[tuple[str, T]]) -> Iterator[tuple[ClusterId, str, T]]:
    """What was tried in a run, with its cluster; on one whose version is not recorded it proves nothing."""
    versions = {each["id"]: each["version"] for each in run.run.get("clusters", [])}
    for cluster, each in tried:
        if cluster in versions:
            yield ClusterId.parse(cluster), versions[cluster], each


def tables(pages: Sequence[Read], found: Runs) -> list[Table]:
    """The table of each page; a translation is compared with its original where that is among them.

    Raises BadInput for a page that no run walked.
    """
    originals = {edition.page: page for page, edition in pages if page.language == ORIGINAL}
    return [_table(page, edition, originals.get(edition.page), found) for page, edition in pages]


def _table(page: Page, edition: Edition, original: Page | None, found: Runs) -> Table:
    """All claims of a page on every way that it was walked."""
    walks = _walks(page, edition, found)
    bindings = bind(page, edition, claims())
    bound = {each.claim.id: each for each in bindings.bound}
    about = _in_order(page, edition)
    columns, waived = {}, list[Waived]()
    for way, walk in sorted(walks.items()):
        evidence = _evidence(way, walk, page, edition, original, found)
        waived += evidence.waived
        columns[way] = tuple(
            decide(bound[claim.id], evidence) if claim.id in bound else of_other_languages(claim, page.language)
            for claim in about
        )
    ignored = ignoring.limits(page, dict.fromkeys(waived))
    return Table(page, bindings, columns, tuple(walks[way] for way in columns), tuple(ignored))


def _in_order(page: Page, edition: Edition) -> list[Claim]:
    """All claims of a page as it comes to speak of them; what it never says comes last."""
    lines = {name: block.line for name, (block, _) in Reading(page, edition).named().items()}

    def first_line(claim: Claim) -> int:
        names = (*claim.blocks, *claim.own_blocks.get(page.language, ()), *claim.near)
        return min((lines[name] for name in names if name in lines), default=sys.maxsize)

    return sorted((each for each in claims().values() if each.page == edition.page), key=first_line)


def _walks(page: Page, edition: Edition, found: Runs) -> dict[Way, Walk]:
    """Walks by ways; of a page that nothing can be typed from empty ones, on the clusters of the runs.

    Raises BadInput where there are none.
    """
    if is_planned(edition.page) or any(each.page == edition.page for each in found.walks):
        return _walked(page, edition, found)
    walks = {
        way: Walk(edition.page, page.language, text_of(page), cluster, version, {}, {}, "")
        for cluster, version in sorted(found.clusters)
        if (way := Way.without_walk(cluster, version)).has(cluster, version)
    }
    if not walks:
        raise BadInput(f"nothing is typed from {page.name}, and these runs tried nothing on a cluster", fix="./run all")
    return walks


def _walked(page: Page, edition: Edition, found: Runs) -> dict[Way, Walk]:
    walks = {Way.of(each): each for each in found.walks if _is_of(each, page, edition)}
    if not walks:
        walked = ", ".join(sorted({f"{each.page} ({each.language})" for each in found.walks})) or "none"
        raise BadInput(
            f"no run walked {page.name} ({page.language}) as it is now",
            answer=f"pages of these runs: {walked}",
            fix=f"./run documentation execute {page.name}",
        )
    return walks


def _is_of(walk: Walk, page: Page, edition: Edition) -> bool:
    return (walk.page, walk.language, walk.text) == (edition.page, page.language, text_of(page))


def _evidence(way: Way, walk: Walk, page: Page, edition: Edition, original: Page | None, found: Runs) -> Evidence:
    compared = original if page.language != ORIGINAL else None
    programs = Programs.find(version=way.version)
    found_here = [*all_rules.found(page, programs), *(Comparison.of(compared, page).findings() if compared else ())]
    findings, waived = ignoring.parted(page, found_here)
    return Evidence(
        way,
        walk,
        worst(test for cluster, version, test in found.tests if way.has(cluster, version)),
        findings,
        all_rules.names(*_applied(compared, programs)),
        {name: block.id for name, (block, _) in Reading(page, edition).named().items()},
        worst_by_name(
            (text(each, "fault"), _ENDED.get(text(each, "ended"), ""))
            for cluster, version, each in found.faults
            if way.has(cluster, version) and each.get("interrupted") is not True
        ),
        waived,
    )


def _applied(compared: Page | None, programs: Programs) -> Iterator[Needs]:
    """What rules may need so that they can be applied."""
    yield Needs.PAGE
    if compared:
        yield Needs.OTHER_PAGE
    if programs.kubeadm:
        yield Needs.KUBEADM
        yield Needs.PROGRAMS
