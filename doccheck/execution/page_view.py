"""A page as it is walked: its blocks under the names that claims and plans use, and how each is run."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from doccheck.claims.binding import Reading, Status
from doccheck.claims.edition import Edition
from doccheck.claims.registry import HOME
from doccheck.drift.words import Words
from doccheck.execution.plan import Planned, plan_of
from doccheck.pages.block import Block, Page


@dataclass(frozen=True)
class Sheet:
    """One page of a walk. `blocks` are the page's by the original's ids, `stale` those that are not what was read."""

    page: Page
    name: str
    planned: tuple[Planned, ...]
    blocks: Mapping[str, Block]
    stale: frozenset[str]
    words: Words

    @classmethod
    def of(cls, page: Page, edition: Edition) -> Sheet:
        """The page by its edition and plan; raises BadInput where there is no plan."""
        there = Reading(page, edition).named()
        return cls(
            page,
            edition.page,
            tuple(plan_of(edition.page, page.language)),
            {name: block for name, (block, _) in there.items()},
            frozenset(name for name, (_, status) in there.items() if status is Status.STALE),
            Words.of(page.language),
        )


def page_of(section: str) -> str:
    """The name of the page that a step's section is on; `""` where it is no page that can be walked."""
    if section.startswith("/"):
        return ""
    return section.partition("/#")[0] if "#" in section else HOME if section else ""
