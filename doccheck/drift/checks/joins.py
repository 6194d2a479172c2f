"""What a page says of joining control planes: that it does not contradict itself, and shows the command of each way."""

from __future__ import annotations

from collections.abc import Iterator

from doccheck.drift.checks.typed import Typed, base, typed
from doccheck.drift.finding import Finding, Weight
from doccheck.drift.words import Words
from doccheck.pages.block import Block, Kind, Page

_PROSE = (Kind.PROSE, Kind.NOTE, Kind.CAUTION, Kind.WARNING)


def check(page: Page) -> Iterator[Finding]:
    """Both, where the page is about joining at all."""
    yield from _contradiction(page)
    yield from _form(page)


def of(page: Page) -> list[Typed]:
    """The commands of a page that join a machine."""
    return [each for each in typed(page) if each.command.bare[:2] == ("kubeadm", "join")]


def _contradiction(page: Page) -> Iterator[Finding]:
    """At once in one place, and one at a time in another. By words: silent for a language without them."""
    words = Words.of(page.language)
    about = [block for block in page.of_kind(*_PROSE) if words.says("joining", block.text)]
    at_once = [block for block in about if words.says("at_once", block.text)]
    for block in about:
        if at_once and words.says("one_by_one", block.text) and block not in at_once:
            what = f"machines are to join one at a time here, and may join at once elsewhere (line {at_once[0].line})"
            yield Finding(
                Weight.MISLEADS, "contradiction", block.line, block.id, what, "say what makes the difference",
                others=tuple(each.id for each in at_once),
            )  # fmt: skip


def _form(page: Page) -> Iterator[Finding]:
    """Where certificates are carried by hand, init prints a join command without a key; a page has to show that one."""
    shown = [each for each in of(page) if "--control-plane" in each.command.flags]
    by_hand = any(each.command.program == "scp" and _carries_authority(each) for each in typed(page))
    if by_hand and shown and all("--certificate-key" in each.command.flags for each in shown):
        first: Block = shown[0].block
        what = "is the form with --certificate-key, and where certificates are carried by hand it has none"
        mend = "show the form without --certificate-key, too"
        yield Finding(Weight.MISLEADS, "join-form", shown[0].line, first.id, what, mend)


def _carries_authority(each: Typed) -> bool:
    return "ca.key" in [base(word) for word in each.command.bare[1:]]
