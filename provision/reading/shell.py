"""Shell commands taken apart, with tree-sitter's grammar of bash."""

from __future__ import annotations

import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

import tree_sitter_bash
from tree_sitter import Language, Node, Parser

Words = list[str | None]
"""The words of a simple command; None stands for one that is only known when it runs, as in `"$file"`."""


@dataclass(frozen=True)
class Simple:
    """A simple command: its variables, its words, and the words of what is piped into it."""

    variables: tuple[str, ...]
    words: Words
    fed_by: Words


@dataclass(frozen=True)
class Script:
    """All that a script would run, substitutions included. `targets` are files that output is sent to."""

    commands: list[Simple]
    targets: Words


class Unclear(Exception):
    """The text cannot be taken apart, or holds something that hides what is run."""


def parse(text: str) -> Script:
    """Take a script apart; raises Unclear."""
    root = _parser().parse(text.encode()).root_node
    if root.has_error:
        raise Unclear("is no shell command")
    script = Script([], [])
    for node in _walk(root):
        if node.type == "function_definition":
            raise Unclear("defines a function")
        if node.type == "command":
            script.commands.append(_simple(node))
        elif node.type in ("declaration_command", "unset_command"):
            script.commands.append(Simple((), [_text(node).split()[0]], []))
        elif node.type == "file_redirect" and any(">" in _text(child) for child in node.children if not child.is_named):
            script.targets.append(_word(node.children[-1]))
    return script


@cache
def _parser() -> Parser:
    return Parser(Language(tree_sitter_bash.language()))


def _walk(node: Node) -> Iterator[Node]:
    yield node
    for child in node.children:
        yield from _walk(child)


def _simple(node: Node) -> Simple:
    named = [child for child in node.named_children if "redirect" not in child.type]
    variables = tuple(_text(each).split("=")[0] for each in named if each.type == "variable_assignment")
    words = [_word(each) for each in named if each.type != "variable_assignment"]
    return Simple(variables, words, _feeding(node))


def _feeding(node: Node) -> Words:
    outer = node.parent if node.parent and node.parent.type == "redirected_statement" else node
    pipeline = outer.parent
    if pipeline is None or pipeline.type != "pipeline":
        return []
    before = pipeline.named_children[: pipeline.named_children.index(outer)]
    return _simple(before[-1]).words if before and before[-1].type == "command" else []


def _word(node: Node) -> str | None:
    if any(each.type.endswith(("expansion", "substitution")) for each in _walk(node)):
        return None
    parts = shlex.split(_text(node))
    return parts[0] if len(parts) == 1 else None


def _text(node: Node) -> str:
    return (node.text or b"").decode()
