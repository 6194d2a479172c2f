"""Links by reference, `[words][name]`, whose name the page defines nowhere: a reader sees the brackets."""

from __future__ import annotations

import re
from collections.abc import Iterator

from markdown_it.common.utils import normalizeReference

from documentation.findings.rules import Found, Weight, rule
from documentation.pages.block import Kind, Page

_CODE = re.compile(r"(`+).*?\1", re.DOTALL)
_REFERENCE = re.compile(r"(?<![\]\\\w!])\[(?P<words>[^\[\]\\]+)\]\[(?P<name>[^\[\]]*)\]")
_INDEX = re.compile(r"^[\d\s*:.,-]*$|^[a-z_]\w*$|[\"'=()]")  # what programs, not writers, put between brackets


@rule("reference", Weight.MISLEADS)
def a_reference_that_is_defined_nowhere(page: Page) -> Iterator[Found]:
    """Markdown leaves `[words][name]` as it is where no line `[name]: address` is on the page."""
    for block in page.of_kind(Kind.PROSE, Kind.NOTE, Kind.CAUTION, Kind.WARNING):
        text = _CODE.sub(lambda match: " " * len(match[0]), block.text) if "][" in block.text else ""
        for match in _REFERENCE.finditer(text):
            name = " ".join((match["name"] or match["words"]).split())
            if normalizeReference(name) not in page.references and not _INDEX.search(match["words"]):
                line = block.line + text[: match.start()].count("\n")
                what = f"the reference [{name}] is defined nowhere on this page"
                yield Found(line, block.id, what, f"add a line `[{name}]: ADDRESS`")
