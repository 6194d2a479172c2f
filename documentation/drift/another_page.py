"""Another page given by mistake: two pages that share next to nothing."""

from __future__ import annotations

from collections.abc import Iterator

from documentation.findings.rules import Found, Needs, Weight, rule
from documentation.pages.block import Page
from documentation.pages.outline import outlines

_ENOUGH = 20  # names (commands, flags, addresses, links) of a page: with fewer, a new edition may well replace most
# The share of the shorter page's names that the other has, too. Of 58 translations of kubeadm's pages all but one, of
# which the English was rewritten, have 0.46 and more of their original; most pairs of other pages have less than 0.3.
_ANOTHER = 0.3
_SAME_FILE = 0.1  # where both files have one name: the rewritten one has 0.19


@rule("another-page", Weight.BREAKS, Needs.REPORT)
def one_page_for_another(old: Page, new: Page) -> Iterator[Found]:
    """Too little of the one is on the other for it to be an edition or a translation."""
    one, other = _names(old), _names(new)
    fewest = min(len(one), len(other))
    both = len(one & other)
    least = _SAME_FILE if _file(old) == _file(new) else _ANOTHER
    if fewest >= _ENOUGH and both < least * fewest:
        what = f"this is hardly the same page: it shares {both} of {fewest} commands, flags and links with {old.name}"
        yield Found(1, new.blocks[0].id, what, "give two editions, or languages, of one page")


def _names(page: Page) -> frozenset[str]:
    return frozenset(name for outline in outlines(page) for name in outline.tokens)


def _file(page: Page) -> str:
    """The file's name without its language and ending."""
    return page.name.partition(".")[0]
