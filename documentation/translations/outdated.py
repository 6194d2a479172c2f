"""The English that a translation keeps above its paragraphs, compared with the original's of today."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache

from documentation.drift.compare import Comparison
from documentation.findings.rules import Found, Needs, Weight, rule
from documentation.pages.align import pair
from documentation.pages.block import Block, Page
from documentation.pages.outline import target

_SHOWN = 60  # letters of a paragraph that are shown
_FEW = 3  # paragraphs that are shown
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


@rule("outdated", Weight.MISLEADS, Needs.REPORT)
def kept_english(translation: Page, today: Page) -> Iterator[Found]:
    """Paragraphs that keep other English than the other page has, as one finding with all their lines."""
    found = outdated(translation, today)
    if not found:
        return
    first = found[0]
    shown = "; ".join(f"`{_shown(each.kept.text)}`" for each in found[:_FEW])
    count = "1 paragraph keeps" if len(found) == 1 else f"{len(found)} paragraphs keep"
    yield Found(
        first.line, first.kept.id, f"{count} English that the other page has otherwise: {shown}",
        "translate these paragraphs again, and replace the English above them",
        lines=tuple(each.line for each in found[1:]),
        weight=max(weight(each.kept, each.today) for each in found), about="outdated",
    )  # fmt: skip


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


@cache
def weight(old: Block | None, new: Block | None) -> Weight:
    """How much it weighs that the translation does not have the change."""
    both = [replace(each, id="top/block-1", section="top") for each in (old, new) if each]
    kinds = {each.kind.code or each.kind.admonition or each.step for each in both}
    if len(both) == 1:
        return Weight.MISLEADS if True in kinds else Weight.REMARK
    then, now = (Page("page", "en", "", (each,), frozenset()) for each in both)
    # What a later edition may well add is missing in the translation, and what it gave up is still there.
    found = [*Comparison.of(then, now).findings(), *Comparison.of(now, then).findings()]
    return min(max((each.weight for each in found), default=Weight.REMARK), Weight.MISLEADS)


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


def _shown(text: str) -> str:
    bare = plain(text)
    return f"{bare[:_SHOWN]}…" if len(bare) > _SHOWN else bare


def _likeness(one: Block, other: Block) -> float:
    before, after = (set(plain(each.text).lower().split()) for each in (one, other))
    shared = len(before & after) / max(len(before | after), 1)
    return shared if shared >= _LIKE else 0.0
