"""Commands that no shell would read: a quote, a loop or a here-document that does not end."""

from __future__ import annotations

from collections.abc import Iterator

from doccheck.drift.finding import Finding, Weight
from doccheck.pages import shell
from doccheck.pages.block import Page


def check(page: Page) -> Iterator[Finding]:
    """Every block of commands that the shell's grammar does not understand: what it is, the other rules cannot see."""
    for block in page.commands:
        if not block.inline and shell.parse(block.text).broken:
            what = "is no script that a shell can read as a whole, so that its commands were not all looked at"
            mend = "see that quotes, brackets, loops and here-documents end"
            yield Finding(Weight.MISLEADS, "script", block.line, block.id, what, mend)
