"""What a page shows, compared with what machines have: sample output by its shape, trees of files exactly. Pure."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping

_VARIES = (
    (re.compile(r"\b[a-z0-9]{6}\.[a-z0-9]{16}\b"), "‹token›"),
    (re.compile(r"\b(?:sha256:)?[0-9a-f]{64}\b"), "‹digits›"),
    (re.compile(r"(?<=join )\S+:\d+"), "‹endpoint›"),
    (re.compile(r"\d{1,3}(?:\.\d{1,3}){3}|\[[^\]]*IP\]"), "‹address›"),
    (re.compile(r"\d+(?:\.\d+)?(?:ms|µs|s)\b"), "‹time›"),
    (re.compile(r"[\\\"'\s]+"), " "),  # lines are broken elsewhere, and quotes come and go
)

"""What is another one each time."""

_NODE = re.compile(r"^(?P<indent>(?:[│ ]\s{3})*)[├└]── (?P<name>\S+)")


def shape(text: str) -> str:
    """A text without what is another one each time."""
    for pattern, name in _VARIES:
        text = pattern.sub(name, text)
    return text.strip()


def missing_lines(sample: str, output: str) -> list[str]:
    """The lines of a page's sample that did not come back, or not as often, as the page has them."""
    printed, seen = shape(output), Counter[str]()
    lost = []
    for line in (line.strip() for line in sample.splitlines()):
        if line in ("", "...", "…"):
            continue
        seen[shape(line)] += 1
        if printed.count(shape(line)) < seen[shape(line)]:
            lost.append(line)
    return lost


def trees(text: str, values: Mapping[str, str]) -> dict[str, set[str]]:
    """The trees that a page draws: folder, its variables replaced by `values` → the files below it, relative to it."""
    found: dict[str, set[str]] = {}
    path: list[str] = []
    root = ""
    for line, following in zip(lines := text.splitlines(), [*lines[1:], ""], strict=True):
        node, below = _NODE.match(line), _NODE.match(following)
        if not node:
            if line.strip(" -"):
                root = _filled(line.strip(), values)
                found[root] = set()
            continue
        depth = len(node["indent"]) // 4
        path[depth:] = [node["name"]]
        if not (below and len(below["indent"]) // 4 > depth):
            found[root].add("/".join(path))
    return found


def tree_differences(expected: set[str], found: set[str]) -> list[str]:
    """What of a tree is missing, and what lies beside it."""
    missing = [f"{name} is missing" for name in sorted(expected - found)]
    return missing + [f"{name} lies there, too" for name in sorted(found - expected)]


def _filled(text: str, values: Mapping[str, str]) -> str:
    return re.sub(r"\$\{?(\w+)\}?", lambda match: values.get(match[1], match[0]), text)
