"""Another page given by mistake: two pages that share next to nothing."""

from __future__ import annotations

from collections.abc import Iterator

from documentation.findings.rules import Found, Needs, Weight, rule
from documentation.pages.block import Page


@rule("another-page", Weight.BREAKS, Needs.OTHER_PAGE)
def one_page_for_another(old: Page, new: Page) -> Iterator[Found]:
    """Too little of the one is on the other for it to be an edition or a translation."""
    if False:
        yield Found(1, "top", "")
