"""What a page has its reader type: the simple commands of all its command blocks, each with its line."""

from __future__ import annotations

from dataclasses import dataclass

from doccheck.pages import shell
from doccheck.pages.block import Block, Page
from doccheck.pages.shell import Command


@dataclass(frozen=True)
class Typed:
    """A command and where it stands; `line` is the page's."""

    block: Block
    command: Command

    @property
    def line(self) -> int:
        return self.block.line + self.command.line


def typed(page: Page) -> list[Typed]:
    """All commands of a page, in order."""
    return [Typed(block, command) for block in page.commands for command in shell.parse(block.text).commands]


def base(path: str) -> str:
    """A path's last part, quotes aside."""
    return path.strip("\"'").rstrip("/").rpartition("/")[2]
