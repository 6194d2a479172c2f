"""Flags that the kubelet does not have, wherever a page gives it some, and variables that its service does not read."""

from __future__ import annotations

import re
from collections.abc import Iterator

from documentation.checks import yaml_documents
from documentation.checks.commands import ELLIPSIS, found_in, unknown_in
from documentation.checks.yaml_documents import Document
from documentation.findings.rules import Found, Needs, Weight, rule
from documentation.pages.block import Block, Page
from documentation.programs.program import Program
from documentation.programs.programs import Programs

_FLAG = re.compile(r"--[a-z][a-z0-9-]*")
# What hands flags to the kubelet: a variable that its service reads, or the line of a unit that starts it. It may go on
# behind backslashes.
_ARGUMENTS = re.compile(r"(?:\bKUBELET_\w+=|^[ \t]*ExecStart=(?:/\S*/)?kubelet[ \t])(?P<words>(?:.*\\\n)*.*)$", re.M)
_EXTRA = re.compile(r"\b(KUBELET_\w+_EXTRA_ARGS)=")


@rule("kubelet", Weight.MISLEADS, Needs.PROGRAMS)
def a_variable_that_its_service_does_not_read(page: Page, programs: Programs) -> Iterator[Found]:
    """Almost KUBELET_EXTRA_ARGS, which kubeadm's unit of the service reads, unless the page's own unit reads it."""
    for block in page.blocks if programs.kubelet else ():
        for name in dict.fromkeys(_EXTRA.findall(block.text)) if block.kind.code else ():
            if not re.search(rf"\$\{{?{name}\b", page.source):
                what = f"the kubelet's service does not read `{name}`"
                yield Found(block.line_of(name), block.id, what, "write `KUBELET_EXTRA_ARGS`")


@rule("kubelet", Weight.BREAKS, Needs.PROGRAMS)
def a_flag_that_the_kubelet_does_not_have(page: Page, programs: Programs) -> Iterator[Found]:
    """In a command, in its service's unit and the variables that this takes flags from, in kubeadm's configuration."""
    if programs.kubelet:
        yield from unknown_in(page, programs.kubelet)
        for block in page.blocks:
            yield from _of_the_service(block, programs.kubelet)
        for document in yaml_documents.documents(page):
            yield from _configured(document, programs.kubelet)


def _of_the_service(block: Block, kubelet: Program) -> Iterator[Found]:
    for match in _ARGUMENTS.finditer(block.text) if block.kind.code else ():
        words = [word for word in match["words"].strip("\"'").split() if word != "\\"]
        if not any(map(ELLIPSIS.search, words)):
            yield from found_in(block, ["kubelet", *words], kubelet, block.text[: match.start()].count("\n"))


def _configured(document: Document, kubelet: Program) -> Iterator[Found]:
    """Flags that kubeadm hands on, which are named without dashes."""
    node = document.content.get("nodeRegistration")
    given = node.get("kubeletExtraArgs") if isinstance(node, dict) else None
    for each in given if isinstance(given, list) else ():
        flag = f"--{each.get('name')}" if isinstance(each, dict) else ""
        if _FLAG.fullmatch(flag) and not kubelet.takes(flag):
            what = f"kubelet has no flag {flag} in {kubelet.version}"
            yield Found(document.line_with(f"name: {flag[2:]}"), document.block.id, what, "see `kubelet --help`")
