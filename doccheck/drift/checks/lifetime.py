"""How long what a page has its reader keep is good for. Only a real kubeadm can tell."""

from __future__ import annotations

import re
from collections.abc import Iterator

from doccheck.drift.checks import joins
from doccheck.drift.finding import Finding, Weight
from doccheck.drift.oracle import Kubeadm
from doccheck.pages.block import Page

_RENEWS = re.compile(r"\bkubeadm token\b|--print-join-command|--ttl\b")


def check(page: Page, kubeadm: Kubeadm) -> Iterator[Finding]:
    """Join commands with a token, on a page that says nowhere how to get another one."""
    commands = [each for each in joins.of(page) if "--token" in each.command.flags]
    lifetime = kubeadm.default("--ttl", "token", "create")
    if commands and lifetime and not any(_RENEWS.search(block.text) for block in page.blocks):
        first = commands[0]
        what = f"the token of this command is good for {lifetime}, and nothing says so, nor how to get another"
        mend = "name `kubeadm token create --print-join-command`"
        others = tuple(each.block.id for each in commands[1:])
        yield Finding(Weight.MISLEADS, "lifetime", first.line, first.block.id, what, mend, others)
