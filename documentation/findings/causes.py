"""What follows from what: a page is read again as if a cause were corrected, and the findings that go follow from it.

A conflict that was committed, or a note that is never closed, makes rules say much that is not the matter. No list of
what may follow from what is needed for that, and none would be complete.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace

from documentation.findings.edits import applied
from documentation.findings.grouping import identities
from documentation.findings.rules import Edit, Finding
from documentation.pages import markdown
from documentation.pages.block import Page

Check = Callable[[Page], Iterable[Finding]]
"""The rules as they were applied, to be applied to a corrected page."""


def folded(page: Page, found: Iterable[Finding], check: Check) -> list[Finding]:
    """Causes first, each with what follows from it, then all other findings."""
    found = list(found)
    causes = [each for each in found if each.supposed and not page.witness]
    others = [each for each in found if each not in causes]
    causes, others = attributed(page, causes, others, check)
    return [*causes, *others]


def attributed(
    page: Page, causes: list[Finding], others: list[Finding], check: Check
) -> tuple[list[Finding], list[Finding]]:
    """The causes with those of the others that follow from them, and the others that do not."""
    edits: list[Edit] = []
    explained = []
    for cause in causes:
        edits += cause.supposed  # with those of the causes before, since one may hide the effect of another
        left = identities(check(markdown.parse(applied(page.source, edits), page.name, page.language)))
        follows = tuple(each for each in others if each.identity not in left)
        others = [each for each in others if each.identity in left]
        explained.append(replace(cause, follows=(*cause.follows, *follows)))
    return explained, others
