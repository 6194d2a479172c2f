"""Trees of files as pages draw them, beside what lies on a machine. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping

_NODE = re.compile(r"^(?P<indent>(?:[│ ]\s{3})*)[├└]── (?P<name>\S+)")


def drawn(text: str, values: Mapping[str, str]) -> dict[str, set[str]]:
    """Each tree's folder, its variables replaced by `values` → the files below it, relative to it."""
    trees: dict[str, set[str]] = {}
    path: list[str] = []
    root = ""
    for line, following in zip(lines := text.splitlines(), [*lines[1:], ""], strict=True):
        node, below = _NODE.match(line), _NODE.match(following)
        if not node:
            if line.strip(" -"):
                root = _filled(line.strip(), values)
                trees[root] = set()
            continue
        depth = len(node["indent"]) // 4
        path[depth:] = [node["name"]]
        if not (below and len(below["indent"]) // 4 > depth):
            trees[root].add("/".join(path))
    return trees


def differences(expected: set[str], found: set[str]) -> list[str]:
    """What of a tree is missing, and what is there beside it."""
    missing = [f"{name} is missing" for name in sorted(expected - found)]
    return missing + [f"{name} is there, too" for name in sorted(found - expected)]


def _filled(text: str, values: Mapping[str, str]) -> str:
    return re.sub(r"\$\{?(\w+)\}?", lambda match: values.get(match[1], match[0]), text)
