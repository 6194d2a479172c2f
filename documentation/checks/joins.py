"""What a page says of joining machines: without contradiction, with the command of each way, and its lifetime."""

from __future__ import annotations

import re
from collections.abc import Iterator

from documentation.findings.rules import Found, Needs, Weight, rule
from documentation.language.words import Words
from documentation.pages.block import Kind, Page
from documentation.pages.shell import PageCommand, base, simple_commands
from documentation.programs.kubeadm import Kubeadm

_PROSE = (Kind.PROSE, Kind.NOTE, Kind.CAUTION, Kind.WARNING)
_RENEWS = re.compile(r"\bkubeadm token\b|--print-join-command|--ttl\b")


@rule("contradiction", Weight.MISLEADS)
def at_once_and_one_at_a_time(page: Page) -> Iterator[Found]:
    """At once in one place, and one at a time in another. By words: silent for a language without them."""
    words = Words.of(page.language)
    about = [block for block in page.of_kind(*_PROSE) if words.has("joining", block.text)]
    at_once = [block for block in about if words.has("at_once", block.text)]
    for block in about:
        if at_once and words.has("one_by_one", block.text) and block not in at_once:
            yield Found(
                block.line, block.id,
                f"machines are to join one at a time here, and may join at once elsewhere (line {at_once[0].line})",
                "say what makes the difference",
                others=tuple(each.id for each in at_once),
                about="one at a time, and at once",
            )  # fmt: skip


@rule("join-form", Weight.REMARK)
def only_the_form_with_a_certificate_key(page: Page) -> Iterator[Found]:
    """Where certificates are carried by hand, init prints a join command without a key, which a page had better show.

    It misleads no reader who types what was printed, as the page advises.
    """
    shown = [each for each in _joins(page) if "--control-plane" in each.command.flags]
    by_hand = any(each.command.program == "scp" and _carries_authority(each) for each in simple_commands(page))
    if by_hand and shown and all("--certificate-key" in each.command.flags for each in shown):
        what = "is the form with --certificate-key, and where certificates are carried by hand it has none"
        yield Found(shown[0].line, shown[0].block.id, what, "show the form without --certificate-key, too")


@rule("lifetime", Weight.MISLEADS, Needs.KUBEADM)
def a_token_that_expires_unmentioned(page: Page, kubeadm: Kubeadm) -> Iterator[Found]:
    """Join commands with a token, on a page that says nowhere how to get another one."""
    commands = [each for each in _joins(page) if "--token" in each.command.flags]
    lifetime = kubeadm.default("--ttl", "token", "create")
    if commands and lifetime and not any(_RENEWS.search(block.text) for block in page.blocks):
        first = commands[0]
        what = f"the token of this command is good for {lifetime}, and nothing says so, nor how to get another"
        fix = "name `kubeadm token create --print-join-command`"
        yield Found(first.line, first.block.id, what, fix, others=tuple(each.block.id for each in commands[1:]))


def _joins(page: Page) -> list[PageCommand]:
    return [each for each in simple_commands(page) if each.command.bare[:2] == ("kubeadm", "join")]


def _carries_authority(each: PageCommand) -> bool:
    return "ca.key" in [base(word) for word in each.command.bare[1:]]
