"""Text as tree-sitter's grammar of bash takes it apart: the one place where the project parses shell."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache

import tree_sitter_bash
from tree_sitter import Language, Node, Parser


def tree(script: str) -> Node:
    """The root of a script's tree; its `has_error` says that the grammar did not understand all of it."""
    return _parser().parse(script.encode()).root_node


def nodes(node: Node) -> Iterator[Node]:
    """A node and everything below it, in the order of the text."""
    waiting = [node]  # not by recursion: a text may nest deeper than Python's calls
    while waiting:
        each = waiting.pop()
        yield each
        waiting += reversed(each.children)


def text(node: Node) -> str:
    """What stands in the script for a node."""
    return (node.text or b"").decode()


@cache
def _parser() -> Parser:
    return Parser(Language(tree_sitter_bash.language()))
