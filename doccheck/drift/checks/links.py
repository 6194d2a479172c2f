"""Links: to anchors that the page does not have, and relative ones, which break when a page moves or is translated."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import unquote

from doccheck.drift.finding import Finding, Weight
from doccheck.pages.block import Page


def check(page: Page) -> Iterator[Finding]:
    """Every link whose target can be judged without leaving the page."""
    for block in page.blocks:
        for link in map(unquote, block.links):
            if link.startswith("#") and link[1:] not in page.anchors:
                what = f"{link} is no anchor of this page"
                yield Finding(Weight.MISLEADS, "anchor", block.line, block.id, what, _near(link[1:], page))
            elif not link.startswith(("#", "/", "http:", "https:", "mailto:")):
                mend = "write it from the site's root, as in /docs/…"
                yield Finding(Weight.REMARK, "link", block.line, block.id, f"`{link}` is a relative link", mend)


def _near(anchor: str, page: Page) -> str:
    alike = sorted(page.anchors, key=lambda each: -len(set(each.split("-")) & set(anchor.split("-"))))
    return f"perhaps #{alike[0]}" if alike and set(alike[0].split("-")) & set(anchor.split("-")) else "name a heading"
