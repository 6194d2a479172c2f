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

_SEVERAL = 3
"""Blocks of code that a page has to have in common with an edition: one or two commands are on many pages."""
_SAME_CODE = 0.4
"""The share of its code. Of 160 pages about kubeadm none that is about something else has more than 0.11."""
_NAMES = 8
"""Names (of programs, flags, links) in common where there is less code, or all that the edition has."""
_SAME_NAMES = 0.33
"""The share of all names of both. Translations have 0.40 and more, pages about something else 0.26 and less."""
ORIGINAL = "en"
"""The language whose block ids claims name."""


@dataclass(frozen=True)
class Edition:
    """A page as it was read. `names` are its block ids → those of the original, where the original has the block.

    `since` is the month that it was last changed in, as its file's name has it; empty for the first of a language.
    """

    page: str
    language: str
    blocks: tuple[Outline, ...]
    names: dict[str, str]
    since: str = ""

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


def record(page: Page, prior: Edition | None) -> Edition:
    """Make an edition of a page that was read; `prior` is one that its blocks are named by, none for a new page.

    What only a later edition of the original has goes by its own id, where no other block has that name.
    """
    blocks = tuple(each.hidden() for each in outlines(page))
    if prior is None:
        return Edition(page.name.split(".")[0], page.language, blocks, {block.id: block.id for block in blocks})
    counterparts = align(prior.blocks, blocks).counterparts
    names = {own: prior.names[theirs] for theirs, own in counterparts.items() if theirs in prior.names}
    if page.language == ORIGINAL:
        known = set(prior.names.values())
        names |= {each.id: each.id for each in blocks if each.id not in names and each.id not in known}
    return Edition(prior.page, page.language, blocks, names)


def editions() -> Iterator[Edition]:
    """All stored editions: each is a file `PAGE.LANGUAGE.json`, further ones of a language have a month behind it."""
    for file in sorted(files("documentation.claims").joinpath("editions").iterdir(), key=lambda each: each.name):
        _, _, *since = file.name.removesuffix(".json").split(".")
        yield replace(parse(file.read_text("utf-8")), since="".join(since))


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
    """The edition to judge a page by; raises BadInput where none is of the same page."""
    found = fitting(page, known)
    if not found:
        raise BadInput(f"{page.name} has too few commands and names of any page that claims were read from")
    return found


def fitting(page: Page, known: Iterable[Edition]) -> Edition | None:
    """The edition of the same page that has most in common with it, in its language or the original.

    None where no edition is of the same page.
    """
    found, blocks = list(known), [each.hidden() for each in outlines(page)]
    same = [each for each in found if _same_page(blocks, each.blocks)]
    if not same:
        return None
    best = max(same, key=lambda each: _shared(_names(blocks), _names(each.blocks))).page
    of_page = [each for each in found if each.page == best]
    own = [each for each in of_page if each.language == page.language]
    hashes = {each.hash for each in blocks}
    return max(
        own or [each for each in of_page if each.language == ORIGINAL],
        key=lambda each: _shared(hashes, {block.hash for block in each.blocks}),
    )


def _same_page(one: Iterable[Outline], other: Iterable[Outline]) -> bool:
    """Whether a page has several blocks of code of the other one, or a third of the names in both."""
    code, theirs = ({each.hash for each in blocks if each.kind.code} for blocks in (one, other))
    several = len(code & theirs) >= _SEVERAL and len(code & theirs) >= _SAME_CODE * min(len(code), len(theirs))
    names, others = _names(one), _names(other)
    enough = len(names & others) >= min(_NAMES, len(others))
    return several or (enough and _shared(names, others) >= _SAME_NAMES)


def _names(blocks: Iterable[Outline]) -> set[str]:
    """Digests of all that survives translation."""
    return {token for each in blocks for token in each.tokens}


def _shared(one: set[str], other: set[str]) -> float:
    """The share of what two sets have in common."""
    return len(one & other) / max(len(one | other), 1)


def _stored(block: Outline, name: str | None) -> dict[str, object]:
    stored: dict[str, object] = {"id": block.id, "kind": str(block.kind), "hash": block.hash}
    stored |= {"as": name} if name else {}
    stored |= {"level": block.level} if block.level else {}
    stored |= {"comments": block.comment_hash} if block.comment_hash else {}
    stored |= {"inline": True} if block.inline else {}
    return stored | {"tokens": " ".join(sorted(block.tokens))}
