"""Links by a full path to the page that they stand on, with an anchor that it does not have."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import PurePosixPath
from urllib.parse import unquote

from documentation.findings.edits import lines_of
from documentation.findings.rules import Edit, Found, Weight, rule
from documentation.pages.block import Block, Page

_LINK = re.compile(
    r"(?:https?://kubernetes\.io)?/(?:[a-z]{2}(?:-[a-z]{2,4})?/)?(?P<path>docs/[^#?]+?)/?#(?P<anchor>.+)"
)
_ON_SITE = re.compile(r"(?:^|/)content/[a-z-]+/(?P<path>docs/.+)$")


@rule("anchor", Weight.MISLEADS)
def an_anchor_of_its_own_that_it_does_not_have(page: Page) -> Iterator[Found]:
    """As for links that begin with #. Of a file outside of a checkout only the name is known, and counts alone."""
    for block in () if page.witness else page.blocks:
        for link in dict.fromkeys(block.links):
            match = _LINK.fullmatch(unquote(link))
            if match and _own(page, match["path"]) and match["anchor"] not in page.anchors:
                what = f"this page does not have the anchor #{match['anchor']}, to which it links by its full path"
                what = what if _ON_SITE.search(page.path) else f"if this is the page /{match['path']}/: {what}"
                line, edits = corrected(page, block, link, match["anchor"])
                yield Found(line, block.id, what, "name a heading", edits=edits)


def _own(page: Page, path: str) -> bool:
    on_site = _ON_SITE.search(page.path)
    if on_site:
        own = on_site["path"].removesuffix(".md")
        return path == own.removesuffix("/_index").removesuffix("/index")
    return bool(page.path) and PurePosixPath(path).name == PurePosixPath(page.name).name.partition(".")[0]


def corrected(page: Page, block: Block, link: str, anchor: str) -> tuple[int, tuple[Edit, ...]]:
    """The link's line, and that line with the one anchor that differs by marks or by the case of its letters alone."""
    alike = [each for each in page.anchors if _letters(each) == _letters(anchor)]
    for number, line in lines_of(page, block):
        if f"({link}" in line:
            right = line.replace(f"({link}", f"({link.partition('#')[0]}#{alike[0]}") if len(alike) == 1 else line
            return number, (Edit(number, line, right),) if right != line else ()
    return block.line, ()


def _letters(anchor: str) -> str:
    return re.sub(r"[\W_]", "", anchor).lower()
