"""`python -m tests.words [PATH …]`: where a word is that docs/contributing.md has a plainer one for.

Names are taken apart (`looked_at`, `CameOf`), so that what is true of text is true of them.
"""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path
from types import MappingProxyType

ROOT = Path(__file__).parent.parent
LIST = "docs/contributing.md"

# "There is no cluster" and "is no longer" are plain English; "'x' is no port" is not.
_UNLESS: Mapping[str, str] = MappingProxyType({"is no": r"(?<!there )is no(?! (?:longer|more|less)\b)"})

QUOTED: Mapping[str, Sequence[str]] = MappingProxyType(
    {
        "lane, mend": ('"form": "lane", "fix": "mend"',),  # fields of walks that older versions have kept
        "accommodations": ('"accommodations"', "cluster.accommodations"),  # a field of run.json and of state.json
    }
)
"""Quotations in which a word stays: fields of records that others read, and what other programs print."""

NOT_OURS = ("LICENSE", LIST, "tests/words.py", "tests/test_words.py")


@cache
def words() -> tuple[str, ...]:
    """The words on the left of the list in docs/contributing.md."""
    rows = re.findall(r"^\| (.+?) \| .+? \|$", (ROOT / LIST).read_text().partition("\n## Words\n")[2], re.MULTILINE)
    return tuple(word.strip() for row in rows if row not in ("not", "---") for word in row.split(","))


def found(text: str) -> Iterator[tuple[int, str]]:
    """(line from 1, word) for each word of the list in a text."""
    for phrases in QUOTED.values():
        for phrase in phrases:
            text = text.replace(phrase, "")
    plain = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", " ", text).replace("_", " ").lower()
    for match in _pattern().finditer(plain):
        yield plain.count("\n", 0, match.start()) + 1, match[0]


@cache
def _pattern() -> re.Pattern[str]:
    each = (_UNLESS.get(word, re.escape(word)).replace(r"\ ", r"\s+") for word in words())
    return re.compile(rf"\b(?:{'|'.join(each)})\b")


def files(*paths: str) -> Iterator[Path]:
    """The project's own texts, below `paths`."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--", *paths], cwd=ROOT, capture_output=True, text=True, check=True, timeout=60
    )
    for name in filter(None, listed.stdout.split("\0")):
        if name not in NOT_OURS and not name.endswith(".png") and (ROOT / name).is_file():
            yield ROOT / name


def main(paths: Sequence[str]) -> int:
    """Print each place; returns 1 where there is one."""
    places = [
        f"{file.relative_to(ROOT)}:{line}: {word}"
        for file in files(*paths)
        for line, word in found(file.read_text(encoding="utf-8", errors="replace"))
    ]
    print("\n".join(places))
    return bool(places)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
