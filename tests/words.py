"""`python -m tests.words [PATH …]`: where a word is that docs/contributing.md has a plainer one for.

Names are taken apart (`looked_at`, `CameOf`), so that they are read as text is.
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

FINE: Mapping[str, str] = MappingProxyType(
    {
        "there is no": "plain English; \"'x' is no port\" is not",
        "is no longer": "plain English",
        "is no more": "plain English",
        "is no less": "plain English",
        "style sheet": "CSS",
        "script user nobody": "a user of every Debian, in keepalived's configuration",
        '"lane"': "a field of walks that older versions have kept",
        '"mend"': "the same",
        '"accommodations"': "a field of run.json and of state.json",
        "cluster.accommodations": "that field, in a page's template",
    }
)
"""Phrase in which a word stays → why: plain English, terms of others, fields of records, what other programs print."""

NOT_OURS = (
    "LICENSE",
    LIST,
    "report/renamed.toml",  # names in older records
    "tests/scenarios_before.txt",  # the same
    "tests/pages/",  # made-up pages of another project
    "tests/words.py",
    "tests/test_words.py",
)
"""Files, and folders with their slash, that are not searched."""

_GAP = r"[\s#*]+"  # also from one line of a comment to the next


@cache
def words() -> tuple[str, ...]:
    """The words on the left of the list in docs/contributing.md."""
    rows = re.findall(r"^\| (.+?) \| .+? \|$", (ROOT / LIST).read_text().partition("\n## Words\n")[2], re.MULTILINE)
    return tuple(word.strip() for row in rows if row not in ("not", "---") for word in row.split(","))


def found(text: str) -> Iterator[tuple[int, str]]:
    """(line from 1, word) for each word of the list in a text."""
    plain = _plain(text)
    for match in _pattern().finditer(plain):
        if word := match["word"]:
            yield plain.count("\n", 0, match.start()) + 1, " ".join(re.split(_GAP, word))


def _plain(text: str) -> str:
    """The text with its names taken apart, in small letters, line by line."""
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", " ", text).replace("_", " ").lower()


@cache
def _pattern() -> re.Pattern[str]:
    """What is fine comes first, and so is passed over as a whole."""
    fine, wrong = ("|".join(_GAP.join(map(re.escape, each.split())) for each in phrases) for phrases in (FINE, words()))
    return re.compile(rf"(?:{fine})(?!\w)|\b(?P<word>{wrong})\b")


def files(*paths: str) -> Iterator[Path]:
    """The project's own texts, below `paths`."""
    for name in tracked(*paths):
        if not name.startswith(NOT_OURS) and not name.endswith(".png") and (ROOT / name).is_file():
            yield ROOT / name


def tracked(*paths: str) -> list[str]:
    """Every file of the project below `paths`, by its path from the root."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--", *paths], cwd=ROOT, capture_output=True, text=True, check=True, timeout=60
    )
    return list(filter(None, listed.stdout.split("\0")))


def places(*paths: str) -> list[str]:
    """`file:line: word` for each place below `paths`."""
    return [
        f"{file.relative_to(ROOT)}:{line}: {word}"
        for file in files(*paths)
        for line, word in found(file.read_text(encoding="utf-8", errors="replace"))
    ]


def main(paths: Sequence[str]) -> int:
    """Print each place; returns 1 where there is one."""
    listed = places(*paths)
    print("\n".join(listed))
    return bool(listed)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
