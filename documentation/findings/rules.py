"""What a rule is, and what it finds.

A rule is a generator that `@rule` decorates, anywhere in `documentation.checks`, `documentation.drift` and
`documentation.translations`: that is all it takes to add one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import Enum, IntEnum, auto
from typing import Generic, ParamSpec

P = ParamSpec("P")


class Weight(IntEnum):
    """How much a finding matters to a reader who follows the page."""

    REMARK = 1
    MISLEADS = 2
    BREAKS = 3


class Needs(Enum):
    """What a rule judges a page by."""

    PAGE = auto()  # nothing else; called with the page
    KUBEADM = auto()  # a kubeadm; called with the page and the kubeadm
    PROGRAMS = auto()  # any of the programs; called with the page and with those that there are
    SITE = auto()  # the site around the page; called with the page and its place on the site
    CHANGE = auto()  # what a change took away; called by `documentation.review`
    REVISIONS = auto()  # the revisions of a translation's original; called where these are known
    REPORT = auto()  # all of two pages, and what was found on them; called by a report on both
    OTHER_PAGE = auto()  # an earlier edition or the original; called where two pages are compared


@dataclass(frozen=True)
class Edit:
    """A line of a page, as it is and as it should be; `new` is none for a line that goes, and may be several lines."""

    line: int
    old: str
    new: str | None


@dataclass(frozen=True)
class Found:
    """What a rule yields: where, what is wrong in a sentence, and how to fix it.

    `line` is the page's, `block` the block's id; `others` are blocks that it concerns as well, and `lines` all other
    lines of the same cause. `about` identifies the finding on another edition of the page, where the sentence does not,
    since it names lines. `weight` is given where it is not the rule's usual one. `edits` correct it, where the rule is
    sure. `supposed` are edits of a cause that other findings may follow from: one of the ways to correct it, by which
    those findings would go. `improves` says that the new edition is better here: what it has is right, and what the old
    one had is not.
    """

    line: int
    block: str
    what: str
    fix: str = ""
    others: tuple[str, ...] = ()
    about: str = ""
    weight: Weight | None = None
    lines: tuple[int, ...] = ()
    edits: tuple[Edit, ...] = ()
    improves: bool = False
    supposed: tuple[Edit, ...] = ()


@dataclass(frozen=True)
class Finding:
    """One thing for a writer or translator to know.

    `check` names the rule, and `follows` are findings that would go with this one; all else is as in `Found`.
    """

    weight: Weight
    check: str
    line: int
    block: str
    what: str
    fix: str = ""
    others: tuple[str, ...] = ()
    about: str = ""
    lines: tuple[int, ...] = ()
    edits: tuple[Edit, ...] = ()
    improves: bool = False
    supposed: tuple[Edit, ...] = ()
    follows: tuple[Finding, ...] = ()

    @property
    def identity(self) -> tuple[str, str]:
        """What two editions of a page have in common where both have this fault."""
        return self.check, self.about or self.what


@dataclass(frozen=True)
class Rule(Generic[P]):
    """A rule by its name, and the weight that its findings usually have; several functions may be one rule."""

    name: str
    weight: Weight
    needs: Needs
    find: Callable[P, Iterator[Found]]

    def __call__(self, *args: P.args, **kwargs: P.kwargs) -> Iterator[Finding]:
        """The findings of the rule."""
        for each in self.find(*args, **kwargs):
            weight = self.weight if each.weight is None else each.weight
            yield Finding(
                weight, self.name, each.line, each.block, each.what, each.fix, each.others, each.about,
                each.lines, each.edits, each.improves, each.supposed,
            )  # fmt: skip


def rule(
    name: str, weight: Weight, needs: Needs = Needs.PAGE
) -> Callable[[Callable[P, Iterator[Found]]], Rule[P]]:  # fmt: skip
    """Make a generator of `Found` a rule."""
    return lambda find: Rule(name, weight, needs, find)
