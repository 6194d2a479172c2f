"""Edits that people made: which are red, of those that changed words and links alone, and of those that changed code.

Not all were honest: some brought an error. Those are set apart by two lists: a revision brought a reported error where
its page has the slip of signs.tsv and the page before has not; and revisions.tsv names those that a reader judged.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum
from functools import cache

from markdown_it import MarkdownIt

from tests.documentation_figures.answers import Question
from tests.documentation_figures.checkout import Checkout
from tests.documentation_figures.lists import CASES, Revision, Sign, records

_FRONT_MATTER = re.compile(r"\A---\n.*?\n---\n", re.S)
_BROUGHT = "brought"


class Changed(Enum):
    """What an edit changed."""

    NOTHING = "nothing: the page was moved"
    WORDS = "words and links"
    CODE = "code"
    WORSE = "brought an error"
    UNKNOWN = "the checkout does not have both revisions"


@dataclass(frozen=True)
class Edit:
    """Two revisions of one page, one after the other."""

    old: Revision
    new: Revision

    @property
    def name(self) -> str:
        """As people read it."""
        return f"{self.new.page} {self.new.language} {self.new.at.commit}"

    @property
    def forwards(self) -> Question:
        """As it was made."""
        return Question(self.new.at, self.old.at)

    @property
    def backwards(self) -> Question:
        """As if it were taken back."""
        return Question(self.old.at, self.new.at)


def changed(edit: Edit, checkout: Checkout, signs: Iterable[Sign], worse: frozenset[tuple[str, str, str]]) -> Changed:
    """What an edit changed; `worse` are those that a reader judged to bring an error."""
    old, new = checkout.text(edit.old.at), checkout.text(edit.new.at)
    if old is None or new is None:
        return Changed.UNKNOWN
    if old == new:
        return Changed.NOTHING
    of_page = [sign for sign in signs if (sign.page, sign.language) == (edit.new.page, edit.new.language)]
    if _key(edit.new) in worse or any(brings(sign, old, new) for sign in of_page):
        return Changed.WORSE
    return Changed.WORDS if code(old) == code(new) else Changed.CODE


def brings(sign: Sign, old: str, new: str) -> bool:
    """Whether an edit brought a reported error, which no release made one later."""
    slip = sign.slip if sign.kind == _BROUGHT else ""
    return bool(slip and re.search(slip, new, re.M) and not re.search(slip, old, re.M))


@cache
def code(text: str) -> list[str]:
    """The code of a page: fences and indented blocks, by a parser that is not the product's."""
    tokens = MarkdownIt("commonmark").parse(_FRONT_MATTER.sub("", text))
    return [each.content.rstrip() for each in tokens if each.type in ("fence", "code_block")]


def judged_worse() -> frozenset[tuple[str, str, str]]:
    """The revisions that a reader judged to bring an error, by page, language and commit."""
    read = records(CASES / "revisions.tsv")
    return frozenset((each["page"], each["language"], each["commit"]) for each in read if each["verdict"] == "worse")


def _key(revision: Revision) -> tuple[str, str, str]:
    return revision.page, revision.language, revision.at.commit
