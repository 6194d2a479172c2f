"""The lists that are counted on: a line is a record, and the first that is not a remark names the fields.

A remark is a line that begins with "# ".
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

from tests.documentation_figures.checkout import At

CASES = Path(__file__).parent.parent / "documentation_cases"
LATEST = "HEAD"


def records(path: Path) -> list[dict[str, str]]:
    """The lines of a list, by the names of their fields."""
    lines = [line for line in path.read_text(encoding="utf-8").splitlines() if line and not line.startswith("# ")]
    names, *rows = (line.split("\t") for line in lines)
    return [dict(zip(names, [*row, *[""] * (len(names) - len(row))], strict=True)) for row in rows]


@dataclass(frozen=True)
class Revision:
    """One revision of a page, as pages.tsv has it; `number` counts those of a page and language from 0."""

    page: str
    language: str
    number: int
    date: str
    at: At


@dataclass(frozen=True)
class Sign:
    """What a finding of a reported error has to have, written by a person who read the fix.

    `slip` is what the page has while it is wrong, and `right` what it has afterwards; `sign` are words of another kind
    that only a finding of this error has. All are patterns. A finding has to be near a line that the fix changed, but
    where the error is one of the whole `page`. An error was `brought` by an edit, has `aged` with a release, or is
    something that was always `lacking`; one that was brought `here` came with the commit, which then does not fix it.
    """

    report: str
    page: str
    language: str
    commit: str
    wrong: str
    kind: str
    whole_page: bool
    slip: str
    right: str
    sign: str

    @property
    def name(self) -> str:
        """As people read it."""
        return f"{self.report} {self.page} {self.language}: {self.wrong}"

    def names(self, words: str, *, alone: bool) -> bool:
        """Whether these words are about what was wrong; those of the page `alone` cannot go by what is right."""
        patterns = (self.slip, self.sign) if alone and (self.slip or self.sign) else (self.slip, self.right, self.sign)
        return any(each and re.search(each, words, re.I | re.M) for each in patterns)


def revisions(name: str = "pages.tsv") -> list[Revision]:
    """All revisions of a list, in its order."""
    return [
        Revision(each["page"], each["language"], int(each["number"]), each["date"], At(each["commit"], each["path"]))
        for each in records(CASES / name)
    ]


def pairs(known: list[Revision]) -> Iterator[tuple[Revision, Revision]]:
    """Each revision with the one before it, of the same page and language."""
    for old, new in pairwise(known):
        if (old.page, old.language, old.number + 1) == (new.page, new.language, new.number):
            yield old, new


def signs() -> list[Sign]:
    """All signs of signs.tsv."""
    return [
        Sign(
            each["report"], each["page"], each["language"], each["commit"], each["wrong"], each["kind"],
            each["where"] == "page", each["slip"], each["right"], each["sign"],
        )
        for each in records(CASES / "signs.tsv")
    ]  # fmt: skip
