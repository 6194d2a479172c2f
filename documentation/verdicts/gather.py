"""What run directories hold about a page, brought to its claims."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from documentation.claims.binding import Reading, bind
from documentation.claims.claim import Claim, claims
from documentation.claims.edition import ORIGINAL, Edition
from documentation.drift.compare import Comparison
from documentation.findings.rules import Needs
from documentation.pages.block import Page
from documentation.programs.programs import Programs
from documentation.reports import all_rules
from documentation.verdicts.decision import decide, of_other_languages
from documentation.verdicts.table import Table
from documentation.verdicts.walk_file import Walk, read, text_of
from documentation.verdicts.way import Evidence, Way, worst
from provision.clusters_door import ClusterId
from provision.util.errors import BadInput
from provision.util.redaction import Redactor
from report import records
from report.results import Result, results

Read = tuple[Page, Edition]
"""A page, and the edition that it is judged by."""


@dataclass(frozen=True)
class Runs:
    """What some runs left behind: walks, and tests with the exact version of the cluster they ran on."""

    walks: tuple[Walk, ...]
    tests: tuple[tuple[ClusterId, str, Result], ...]


def runs(folders: Iterable[Path]) -> Runs:
    """Read run directories; raises BadInput for a folder that does not exist."""
    walks: list[Walk] = []
    tests: list[tuple[ClusterId, str, Result]] = []
    for folder in folders:
        if not folder.is_dir():
            raise BadInput(f"there is no run in {folder}")
        walks += read(folder)
        tests += _tests(folder)
    return Runs(tuple(walks), tuple(tests))


def _tests(folder: Path) -> Iterator[tuple[ClusterId, str, Result]]:
    """The tests of a run; those of a cluster whose version is not recorded prove nothing."""
    found = records.read(folder, Redactor())
    versions = {each["id"]: each["version"] for each in found.run.get("clusters", [])}
    for each in results(found.phases):
        if each.cluster in versions:
            yield ClusterId.parse(each.cluster), versions[each.cluster], each


def tables(pages: Sequence[Read], found: Runs) -> list[Table]:
    """The table of each page; a translation is compared with its original where that is among them.

    Raises BadInput for a page that no run walked.
    """
    originals = {edition.page: page for page, edition in pages if page.language == ORIGINAL}
    return [_table(page, edition, originals.get(edition.page), found) for page, edition in pages]


def _table(page: Page, edition: Edition, original: Page | None, found: Runs) -> Table:
    """All claims of a page on every way that it was walked."""
    walks = {Way.of(each): each for each in found.walks if _is_of(each, page, edition)}
    if not walks:
        walked = ", ".join(sorted({f"{each.page} ({each.language})" for each in found.walks})) or "none"
        raise BadInput(
            f"no run walked {page.name} ({page.language}) as it is now",
            answer=f"pages of these runs: {walked}",
            fix=f"./run documentation execute {page.name}",
        )
    bindings = bind(page, edition, claims())
    bound = {each.claim.id: each for each in bindings.bound}
    about = _in_order(page, edition)
    columns = {}
    for way, walk in sorted(walks.items()):
        evidence = _evidence(way, walk, page, edition, original, found)
        columns[way] = tuple(
            decide(bound[claim.id], evidence) if claim.id in bound else of_other_languages(claim, page.language)
            for claim in about
        )
    return Table(page, bindings, columns, tuple(walks[way] for way in columns))


def _in_order(page: Page, edition: Edition) -> list[Claim]:
    """All claims of a page as it comes to speak of them; what it never says comes last."""
    lines = {name: block.line for name, (block, _) in Reading(page, edition).named().items()}

    def first_line(claim: Claim) -> int:
        names = (*claim.blocks, *claim.own_blocks.get(page.language, ()), *claim.near)
        return min((lines[name] for name in names if name in lines), default=sys.maxsize)

    return sorted((each for each in claims().values() if each.page == edition.page), key=first_line)


def _is_of(walk: Walk, page: Page, edition: Edition) -> bool:
    return (walk.page, walk.language, walk.text) == (edition.page, page.language, text_of(page))


def _evidence(way: Way, walk: Walk, page: Page, edition: Edition, original: Page | None, found: Runs) -> Evidence:
    compared = original if page.language != ORIGINAL else None
    programs = Programs.find(version=way.version)
    findings = [*all_rules.check(page, programs), *(Comparison.of(compared, page).findings() if compared else ())]
    return Evidence(
        way,
        walk,
        worst(test for cluster, version, test in found.tests if way.has(cluster, version)),
        findings,
        all_rules.names(*_applied(compared, programs)),
        {name: block.id for name, (block, _) in Reading(page, edition).named().items()},
    )


def _applied(compared: Page | None, programs: Programs) -> Iterator[Needs]:
    """What rules may need so that they can be applied."""
    yield Needs.PAGE
    if compared:
        yield Needs.OTHER_PAGE
    if programs.kubeadm:
        yield Needs.KUBEADM
        yield Needs.PROGRAMS
