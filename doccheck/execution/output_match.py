"""Sample output beside what came back: compared by shape, since tokens, hashes, keys and addresses vary. Pure."""

from __future__ import annotations

import re
from collections import Counter

_VARIES = (
    (re.compile(r"\b[a-z0-9]{6}\.[a-z0-9]{16}\b"), "‹token›"),
    (re.compile(r"\b(?:sha256:)?[0-9a-f]{64}\b"), "‹digits›"),
    (re.compile(r"(?<=join )\S+:\d+"), "‹endpoint›"),
    (re.compile(r"\d{1,3}(?:\.\d{1,3}){3}|\[[^\]]*IP\]"), "‹address›"),
    (re.compile(r"\d+(?:\.\d+)?(?:ms|µs|s)\b"), "‹time›"),
    (re.compile(r"[\\\"'\s]+"), " "),  # lines are broken elsewhere, and quotes come and go
)


def shape(text: str) -> str:
    """A text without what is another one each time."""
    for pattern, name in _VARIES:
        text = pattern.sub(name, text)
    return text.strip()


def missing(sample: str, output: str) -> list[str]:
    """The lines of a page's sample that did not come back, or not as often, as the page has them."""
    there, seen = shape(output), Counter[str]()
    lost = []
    for line in (line.strip() for line in sample.splitlines()):
        if line in ("", "...", "…"):
            continue
        seen[shape(line)] += 1
        if there.count(shape(line)) < seen[shape(line)]:
            lost.append(line)
    return lost
