"""Comments of a page that have findings ignored: `<!-- documentation: ignore RULE: reason -->`.

One counts for what stands below it up to the next empty line; a fenced block is not ended by one. In the first line
after the front matter, with an empty line below it, it counts for the whole page.
"""

from __future__ import annotations

import re

from documentation.pages.block import Ignored

_COMMENT = re.compile(r"<!--\s*documentation:\s*ignore\s+(?P<rule>[\w-]+)\s*(?::\s*(?P<reason>.*?))?\s*-->")
_FENCE = re.compile(r"^\s*(?:[-*+]\s+|\d+[.)]\s+)?(?P<fence>`{3,}|~{3,})")


def ignored(text: str) -> tuple[Ignored, ...]:
    """What the comments of a page's text have ignored."""
    lines = text.splitlines()
    found = []
    for number, line in enumerate(lines):
        for match in _COMMENT.finditer(line):
            last = len(lines) if _begins(lines, number) else _end(lines, number)
            found.append(Ignored(number + 1, match["rule"], match["reason"] or "", number + 1, last))
    return tuple(found)


def _begins(lines: list[str], number: int) -> bool:
    """Whether nothing but the front matter and other such comments stand above a line, and an empty line below it."""
    above = [line for line in lines[:number] if line.strip() and not _COMMENT.fullmatch(line.strip())]
    if above and above[0].strip() == "---" and "---" in [line.strip() for line in above[1:]]:
        above = above[1 + [line.strip() for line in above[1:]].index("---") + 1 :]
    below = next((line for line in lines[number + 1 :] if not _COMMENT.fullmatch(line.strip())), "")
    return not above and not below.strip()


def _end(lines: list[str], number: int) -> int:
    """The last line, from 1, of what stands below a line."""
    fence, text = "", False
    for last in range(number + 1, len(lines)):
        line = lines[last]
        if fence:
            if line.strip().startswith(fence) and not line.strip().strip(fence[0]):
                fence = ""
        elif match := _FENCE.match(line):
            fence = match["fence"]
        elif not line.strip() and text:
            return last
        text = text or bool(line.strip())
    return len(lines)
