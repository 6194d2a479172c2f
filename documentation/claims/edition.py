"""Editions of pages that claims were read from: outlines with digests in place of words. No text of a page is kept.

An edition shows which block of another edition, or of a translation that no person has seen, a claim is about, and
whether that block still says what was read.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from importlib.resources import files

from documentation.pages.align import align
from documentation.pages.block import Kind, Page
from documentation.pages.outline import Outline, outlines
from provision.util.errors import BadInput

_SAME_PAGE = 0.4  # the share of a page's code that it has to have in common with an edition
ORIGINAL = "en"
"""The language whose block ids claims name."""


@dataclass(frozen=True)
class Edition:
    """A page as it was read. `names` are its block ids → those of the original, where the original has the block."""

    page: str
    language: str
    blocks: tuple[Outline, ...]
    names: dict[str, str]

    @property
    def own(self) -> dict[str, list[str]]:
        """Block ids of the original → those of this edition."""
        found: dict[str, list[str]] = {}
        for own, original in self.names.items():
            found.setdefault(original, []).append(own)
        return found

    def dumped(self) -> str:
        """As it is stored: JSON, a block a line."""
        lines = ",\n".join(
            json.dumps(_stored(block, self.names.get(block.id)), ensure_ascii=False) for block in self.blocks
        )
        head = f'"page": {json.dumps(self.page)}, "language": {json.dumps(self.language)}'
        return f'{{{head}, "blocks": [\n{lines}\n]}}\n'


def record(page: Page, original: Edition | None) -> Edition:
    """Make an edition of a page that was read; `original` is the original's, none for the original itself."""
    blocks = tuple(each.hidden() for each in outlines(page))
    if original is None:
        return Edition(page.name.split(".")[0], page.language, blocks, {block.id: block.id for block in blocks})
    counterparts = align(original.blocks, blocks).counterparts
    return Edition(original.page, page.language, blocks, {own: name for name, own in counterparts.items()})


def editions() -> Iterator[Edition]:
    """All stored editions."""
    for file in sorted(files("documentation.claims").joinpath("editions").iterdir(), key=lambda each: each.name):
        yield parse(file.read_text("utf-8"))


def parse(text: str) -> Edition:
    """The inverse of `Edition.dumped`."""
    stored = json.loads(text)
    blocks, names = [], {}
    for each in stored["blocks"]:
        tokens = frozenset(each["tokens"].split())
        blocks.append(
            Outline(
                each["id"], Kind(each["kind"]), each["id"].rpartition("/")[0], each.get("level", 0), each["hash"],
                each.get("comments", ""), tokens, inline=each.get("inline", False),
            )
        )  # fmt: skip
        if "as" in each:
            names[each["id"]] = each["as"]
    return Edition(stored["page"], stored["language"], tuple(blocks), names)


def edition_of(page: Page, known: Iterable[Edition]) -> Edition:
    """The edition to judge a page by: of the page that shares most code with it, in its language or the original.

    Raises BadInput where none shares enough to be the same page.
    """
    found = list(known)
    code = {block.hash for block in page.blocks if block.kind.code}
    shared = {each.page: 0.0 for each in found}
    for each in found:
        theirs = {block.hash for block in each.blocks if block.kind.code}
        share = len(code & theirs) / max(min(len(code), len(theirs)), 1)
        shared[each.page] = max(shared[each.page], share)
    best = max(shared, key=lambda name: shared[name], default="")
    if not best or shared[best] < _SAME_PAGE:
        raise BadInput(f"{page.name} has too few commands of any page that claims were read from")
    of_page = {each.language: each for each in found if each.page == best}
    return of_page.get(page.language) or of_page[ORIGINAL]


def renamed(edition: Edition, names: dict[str, str]) -> Edition:
    """The edition with other names for some of its blocks: what a person corrects."""
    return replace(edition, names=edition.names | names)


def _stored(block: Outline, name: str | None) -> dict[str, object]:
    stored: dict[str, object] = {"id": block.id, "kind": str(block.kind), "hash": block.hash}
    stored |= {"as": name} if name else {}
    stored |= {"level": block.level} if block.level else {}
    stored |= {"comments": block.comment_hash} if block.comment_hash else {}
    stored |= {"inline": True} if block.inline else {}
    return stored | {"tokens": " ".join(sorted(block.tokens))}
