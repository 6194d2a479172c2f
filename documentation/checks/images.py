"""Images whose registry gets no new ones."""

from __future__ import annotations

import re
from collections.abc import Iterator

from documentation.checks.links import listed
from documentation.findings.rules import Found, Weight, rule
from documentation.pages.block import Block, Kind, Page

_TODAYS = "registry.k8s.io"


@rule("image", Weight.MISLEADS)
def an_image_of_a_frozen_registry(page: Page) -> Iterator[Found]:
    """An image by the name of such a registry; of one that is closed, what is typed or configured breaks.

    A line that names today's registry, too, is about the move.
    """
    for block in page.blocks:
        texts = block.text.splitlines() if block.kind.code else block.mentions
        for number, text in enumerate(texts):
            for registry, why in listed().registries.items():
                if re.search(rf"(?<![\w./-]){re.escape(registry)}/[\w<$]", text) and _TODAYS not in text:
                    line = block.line + (number if block.kind.code else 0)
                    yield _found(block, line, text, registry, why)


def _found(block: Block, line: int, text: str, registry: str, why: str) -> Found:
    what, _, fix = why.partition("; ")
    closed = registry in listed().hosts and block.kind in (Kind.COMMAND, Kind.CONFIG)
    weight = Weight.BREAKS if closed else None
    return Found(line, block.id, f"{registry} {what}", fix, weight=weight, about=f"{registry} in {text.strip()}")
