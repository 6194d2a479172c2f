"""What a change of a translation took back: code that was today's original's, and is that of an older one again."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from documentation.findings.rules import Found, Needs, Weight, rule
from documentation.pages.block import Page
from documentation.translations.behind import Part


@rule("taken-back", Weight.MISLEADS, Needs.REVISIONS)
def taken_back(before: Page, after: Page, changed: Sequence[Part]) -> Iterator[Found]:
    """Code of today's original that the translation had before a change, and does not have any more.

    `changed` is what it lacks after the change.
    """
    had, has = ({block.hash for block in page.blocks if block.kind.code} for page in (before, after))
    for part in changed:
        if part.after and part.after.hash in had - has:
            what = f"this was up to date before the change, and is not any more: {part.what}"
            yield Found(part.line, part.block, what, "keep what the page had", about=f"taken back {part.after.hash}")
