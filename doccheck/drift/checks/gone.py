"""What a page points at or names, and what is not there any more: by a list, since a check reaches nothing."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from importlib.resources import files

from doccheck.drift.finding import Finding, Weight
from doccheck.pages.block import Block, Page

_HOST = re.compile(r"https?://([A-Za-z0-9.-]+)")
_CODE = re.compile(r"`[^`]*`|\]\([^)]*\)|https?://\S+")


def check(page: Page) -> Iterator[Finding]:
    """Every link, address and name of which the list says that it is gone."""
    gone = tomllib.loads(files("doccheck.drift").joinpath("gone.toml").read_text("utf-8"))
    for block in page.blocks:
        for host in dict.fromkeys(_HOST.findall(" ".join((block.text, *block.links)))):
            if host in gone["hosts"]:
                weight = Weight.BREAKS if block.kind.code else Weight.MISLEADS
                what, _, mend = gone["hosts"][host].partition("; ")
                yield Finding(weight, "gone", _line(block, host), block.id, f"{host} {what}", mend)
        for word, why in gone["words"].items():
            if not block.kind.code and re.search(rf"(?<![\w.-]){word}(?![A-Za-z0-9_.-])", _CODE.sub("", block.text)):
                yield Finding(Weight.REMARK, "vocabulary", _line(block, word), block.id, f"`{word}` {why}")


def _line(block: Block, word: str) -> int:
    lines = block.text.splitlines()
    return block.line + next((number for number, line in enumerate(lines) if word in line), 0)
