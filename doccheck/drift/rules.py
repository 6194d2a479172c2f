"""What a rule is, what it finds, and all of them.

A rule is a generator that `@rule` decorates, anywhere in `doccheck.drift`: that is all it takes to add one.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import Enum, IntEnum, auto
from functools import cache
from typing import Generic, ParamSpec

from doccheck import drift
from doccheck.drift.oracle import Kubeadm
from doccheck.pages.block import Page

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
    OTHER_PAGE = auto()  # an earlier edition or the original; called by `doccheck.drift.compare`


@dataclass(frozen=True)
class Found:
    """What a rule yields: where, what is wrong in a sentence, and how to fix it.

    `line` is the page's, `block` the block's id; `others` are blocks that it concerns as well. `about` identifies the
    finding on another edition of the page, where the sentence does not, since it names lines. `weight` is given where
    it is not the rule's usual one.
    """

    line: int
    block: str
    what: str
    fix: str = ""
    others: tuple[str, ...] = ()
    about: str = ""
    weight: Weight | None = None


@dataclass(frozen=True)
class Finding:
    """One thing for a writer or translator to know. `check` names the rule; all else as in `Found`."""

    weight: Weight
    check: str
    line: int
    block: str
    what: str
    fix: str = ""
    others: tuple[str, ...] = ()
    about: str = ""

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
            yield Finding(weight, self.name, each.line, each.block, each.what, each.fix, each.others, each.about)


def rule(
    name: str, weight: Weight, needs: Needs = Needs.PAGE
) -> Callable[[Callable[P, Iterator[Found]]], Rule[P]]:  # fmt: skip
    """Make a generator of `Found` a rule."""
    return lambda find: Rule(name, weight, needs, find)


@cache
def rules() -> tuple[Rule[...], ...]:
    """All rules of all modules of `doccheck.drift`, in the order of the modules' names, then as they stand there."""
    modules = sorted(each.name for each in pkgutil.walk_packages(drift.__path__, f"{drift.__name__}."))
    return tuple(
        each
        for name in modules
        for each in vars(importlib.import_module(name)).values()
        if isinstance(each, Rule) and each.find.__module__ == name
    )


def names(*needs: Needs) -> frozenset[str]:
    """The names of all rules that need one of these."""
    return frozenset(each.name for each in rules() if each.needs in needs)


def check(page: Page, kubeadm: Kubeadm | None) -> list[Finding]:
    """All findings of one page, by line. Without a kubeadm, what only it can decide is not checked."""
    found = [finding for each in rules() if each.needs is Needs.PAGE for finding in each(page)]
    if kubeadm:
        found += [finding for each in rules() if each.needs is Needs.KUBEADM for finding in each(page, kubeadm)]
    return sorted(found, key=lambda finding: (finding.line, -finding.weight, finding.check))
