"""What of a block survives translation: names, flags, addresses, links. Enough to find its counterpart, and no text."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from documentation.pages.block import Block, Kind, Page, digest

# Words of Latin letters that no language translates: ABBREVIATIONS, CamelCase, anything with a digit or a sign inside,
# and the names of the programs that the pages are about.
_NAME = re.compile(r"[A-Za-z0-9_]+(?:[-./:@=_][A-Za-z0-9_]+)*")
_TECHNICAL = re.compile(r"[A-Z]{2,}|[a-z][A-Z]|\d|[-./:@=_]|^kube|^etcd$|^(?:ssh|scp|sudo|nc|apiserver|worker)$")
_SITE_LANGUAGE = re.compile(r"^/[a-z]{2}(?:-[a-z]{2,4})?(?=/docs/)")
_DIGITS = 6


@dataclass(frozen=True)
class Outline:
    """A block without its text. `tokens` are what survives translation, `words` all words for editions of one language.

    Stored outlines have digests for tokens, no words, and no steps; see `Outline.hidden`.
    """

    id: str
    kind: Kind
    section: str
    level: int
    hash: str
    comment_hash: str
    tokens: frozenset[str]
    words: frozenset[str] = frozenset()
    inline: bool = False
    step: bool = False

    def hidden(self) -> Outline:
        """The same with digests of a few digits for tokens: nothing of the text is in it."""
        return Outline(
            self.id, self.kind, self.section, self.level, self.hash, self.comment_hash,
            frozenset(digest(token, _DIGITS) for token in self.tokens), inline=self.inline,
        )  # fmt: skip


def outlines(page: Page) -> tuple[Outline, ...]:
    """The outlines of all blocks of a page, in order."""
    return tuple(
        Outline(
            block.id, block.kind, block.section, block.level, block.hash, block.comment_hash,
            frozenset(tokens(block)), frozenset(words(block)), block.inline, block.step,
        )
        for block in page.blocks
    )  # fmt: skip


def tokens(block: Block) -> Iterable[str]:
    """What of a block no translation may change; of code its words without comments."""
    if block.kind.code:
        return {word.strip("<>\"'`") for word in block.bare.split()} - {""}
    text = re.sub(r"\]\([^)]*\)", "]", block.text)
    named = {name for name in _NAME.findall(text) if _TECHNICAL.search(name)}
    return named | {f"link {target(link)}" for link in block.links}


def words(block: Block) -> set[str]:
    """All words of a block's text; where there are no blanks between words, pairs of neighbouring letters."""
    text = block.bare.lower()
    if text.isascii() or " " in text.strip():
        return set(re.findall(r"\w+", text))
    return {text[start : start + 2] for start in range(len(text) - 1)}


def target(link: str) -> str:
    """A link's target without the site's language and without an anchor, which translations may translate."""
    return _SITE_LANGUAGE.sub("", link).split("#")[0].rstrip("/") if not link.startswith("#") else link
