"""The English that a translation keeps above its paragraphs, compared with the original's of today."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from documentation.pages.align import pair
from documentation.pages.block import Block, Page
from documentation.pages.outline import target

_LIKE = 0.4  # the share of its words by which a paragraph is known again
_SAME = 0.92  # the share from which on a difference may be a slip of the copy, where no older revision has it


@dataclass(frozen=True)
class Outdated:
    """A kept paragraph that today's original has in other words, or no more. `line` is the translation's."""

    kept: Block
    today: Block | None

    @property
    def line(self) -> int:
        """Where the translation keeps it."""
        return self.kept.line


def current(translation: Page, today: Page) -> frozenset[str]:
    """The ids of today's blocks whose English the translation keeps as it is."""
    kept = {plain(each.text) for each in translation.kept}
    whole = " ".join(plain(each.text) for each in translation.kept)
    return frozenset(each.id for each in today.blocks if not each.kind.code and _in(plain(each.text), kept, whole))


def outdated(translation: Page, today: Page, before: Sequence[str] = ()) -> list[Outdated]:
    """The kept paragraphs that are not today's; `before` are the texts of older revisions, where they are known.

    Where they are, a paragraph that none of them has is a slip of the copy, and says nothing about its translation.
    """
    whole = " ".join(plain(each.text) for each in today.blocks)
    old = [each for each in translation.kept if plain(each.text) not in whole]
    have = current(translation, today)
    new = [each for each in today.blocks if not each.kind.code and each.id not in have]
    texts = [plain(text) for text in before]
    found = []
    for kept, other in pair(old, new, _likeness):
        if kept and (any(plain(kept.text) in text for text in texts) if texts else other and not _slip(kept, other)):
            found.append(Outdated(kept, other))
    return found


def plain(text: str) -> str:
    """A text as it is compared: without comments, blanks, marks of lists, and the language and anchors of links."""
    text = re.sub(r"(?s)<!--.*?-->", " ", text)
    text = re.sub(r"(?m)^\s*(?:[-*+]|\d+\.)\s+", "", text)
    text = re.sub(r"\]\(([^)\s]*)\)", lambda match: f"]({target(match[1])})", text)
    return " ".join(re.sub(r"\{\{[<%].*?[%>]\}\}", " ", text).split())


def _in(text: str, paragraphs: set[str], whole: str) -> bool:
    return text in paragraphs or (len(text.split()) > 2 and text in whole)


def _slip(kept: Block, today: Block) -> bool:
    return _likeness(kept, today) >= _SAME


def _likeness(one: Block, other: Block) -> float:
    before, after = (set(plain(each.text).lower().split()) for each in (one, other))
    shared = len(before & after) / max(len(before | after), 1)
    return shared if shared >= _LIKE else 0.0
