"""Shell on a page: commands with their lines, comments, here-documents, by tree-sitter's grammar of bash."""

from __future__ import annotations

import re
from dataclasses import dataclass

from tree_sitter import Node

from documentation.pages.block import Block, Page
from provision.util import bash

_PREFIXES = ("sudo", "env", "time", "nohup", "exec")


@dataclass(frozen=True)
class Command:
    """A simple command as written.

    `line` and `end`, its first and last line, count from 0; `words` keep their quotes, `assigns` are (name, value).
    """

    line: int
    end: int
    words: tuple[str, ...]
    assigns: tuple[tuple[str, str], ...] = ()

    @property
    def sudo(self) -> bool:
        """Whether it is run by sudo."""
        return bool(self.words) and self.words[0] == "sudo"

    @property
    def bare(self) -> tuple[str, ...]:
        """The words from the program on, without sudo and its like."""
        words = list(self.words)
        while words and words[0] in _PREFIXES:
            words.pop(0)
            while words and words[0].startswith("-"):
                words.pop(0)
        return tuple(words)

    @property
    def program(self) -> str:
        """The program's name; empty for a bare assignment."""
        return self.bare[0] if self.bare else ""

    @property
    def flags(self) -> dict[str, str]:
        """Long and short options and the value that follows after `=`, as written."""
        return {word.partition("=")[0]: word.partition("=")[2] for word in self.bare[1:] if re.match(r"--?\w", word)}

    def __str__(self) -> str:
        assigns = [f"{name}={value}" for name, value in self.assigns]
        return " ".join([*self.words, *assigns] if self.declares else [*assigns, *self.words])

    @property
    def declares(self) -> bool:
        """Whether the assignments are what the command is about, as of `export`."""
        return not self.words or self.words[0] in ("export", "declare", "local", "readonly")


@dataclass(frozen=True)
class Script:
    """What a shell would run. `comments` and `documents` (bodies of here-documents) are (line from 0, text)."""

    commands: tuple[Command, ...]
    comments: tuple[tuple[int, str], ...]
    documents: tuple[tuple[int, str], ...]
    broken: bool


@dataclass(frozen=True)
class PageCommand:
    """A simple command and the block that has it; `line` is the page's."""

    block: Block
    command: Command

    @property
    def line(self) -> int:
        """Where the command begins."""
        return self.block.line + self.command.line


def simple_commands(page: Page) -> list[PageCommand]:
    """What a page has its reader type: the simple commands of all its command blocks, in order."""
    return [PageCommand(block, command) for block in page.commands for command in parse(block.text).commands]


def base(path: str) -> str:
    """A path's last part, quotes aside."""
    return path.strip("\"'").rstrip("/").rpartition("/")[2]


def parse(text: str) -> Script:
    """Take a script apart. `broken` says that the grammar did not understand all of it."""
    root = bash.tree(_readable(text))
    nodes = list(bash.nodes(root))
    return Script(
        tuple(_command(node) for node in nodes if _is_command(node)),
        tuple((node.start_point[0], _text(node)) for node in nodes if node.type == "comment"),
        tuple((node.start_point[0], _text(node)) for node in nodes if node.type == "heredoc_body"),
        root.has_error,
    )


def _readable(text: str) -> str:
    """`<NAME>` is a placeholder on pages, and a redirection to the shell: as many letters that are neither."""
    return re.sub(r"<([^\W\d_][\w-]*)>", lambda match: f"_{match[1]}_", text)


def _is_command(node: Node) -> bool:
    if node.type != "variable_assignment":
        return node.type in ("command", "declaration_command")
    return node.parent is not None and node.parent.type not in ("command", "declaration_command")


def _command(node: Node) -> Command:
    line, end = node.start_point[0], node.end_point[0]
    if node.type == "variable_assignment":
        return Command(line, end, (), (_assignment(node),))
    named = [child for child in node.named_children if "redirect" not in child.type]
    assigns = tuple(_assignment(child) for child in named if child.type == "variable_assignment")
    if node.type == "declaration_command":
        return Command(line, end, (_text(node).split()[0],), assigns)
    return Command(line, end, tuple(_text(child) for child in named if child.type != "variable_assignment"), assigns)


def _assignment(node: Node) -> tuple[str, str]:
    name, _, value = _text(node).partition("=")
    return name, value.strip("\"'")


def _text(node: Node) -> str:
    return re.sub(r"\b_([^\W\d_][\w-]*?)_\b", r"<\1>", bash.text(node))
