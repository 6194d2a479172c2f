"""Output that a page shows as kubeadm's."""

from __future__ import annotations

import re
from collections.abc import Iterator

from documentation.findings.rules import Found, Needs, Weight, rule
from documentation.pages import shell
from documentation.pages.block import Block, Kind, Page
from documentation.pages.shell import Command
from documentation.programs.kubeadm import Kubeadm

_EXAMPLE = re.compile(r"sha256:|[0-9a-f]{32,}|\d{1,3}(?:\.\d{1,3}){3}|\[[^\]]*\]|\bkubeadm join\b|/etc/kubernetes/")
_COLUMNS = re.compile(r"\S {3,}\S")  # a table, whose words are a cluster's
_WORDS = 5  # a line of fewer words is not one that only one program prints


@rule("output", Weight.REMARK, Needs.KUBEADM)
def a_line_that_kubeadm_does_not_print(page: Page, kubeadm: Kubeadm) -> Iterator[Found]:
    """Lines shown as kubeadm's output that are not in the program."""
    last: Command | None = None
    behind = True  # nothing between the command and the output
    for block in page.blocks:
        if block.kind is Kind.COMMAND and not block.inline:
            commands = shell.parse(block.text).commands
            last, behind = (commands[-1] if commands else None), True
        elif block.kind is not Kind.OUTPUT:
            behind = False
        elif last and last.program == "kubeadm":
            found = list(_not_printed(block, kubeadm))
            # Behind a sentence it may be another program's, unless something of it is kubeadm's.
            if behind or len(found) < len(_lines(block)) or any(nearest for _, nearest in found):
                for number, nearest in found:
                    what = f"{kubeadm.version} does not print this line" + (f", but: {nearest}" if nearest else "")
                    yield Found(block.line + number, block.id, what, "show what it prints")


def _not_printed(block: Block, kubeadm: Kubeadm) -> Iterator[tuple[int, str]]:
    """The numbers of lines that kubeadm does not print, with what it prints instead."""
    return ((number, kubeadm.nearest(line)) for number, line in _lines(block) if not kubeadm.prints(line))


def _lines(block: Block) -> list[tuple[int, str]]:
    """The lines that only one program would print."""
    lines = [(number, line) for number, line in enumerate(block.text.splitlines()) if len(line.split()) >= _WORDS]
    return [(number, line) for number, line in lines if not _EXAMPLE.search(line) and not _COLUMNS.search(line)]
