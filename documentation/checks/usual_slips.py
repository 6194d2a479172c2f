"""Usual slips of the pen in English sentences, by the list that codespell keeps."""

from __future__ import annotations

import importlib.util
import re
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path

from documentation.checks.slips import HIDDEN
from documentation.findings.edits import lines_of, replaced
from documentation.findings.rules import Edit, Found, Weight, rule
from documentation.pages.block import Block, Page

_LETTERS = re.compile(r"[A-Za-z]+")
_PLAIN = re.compile(r"(?<![\w./@'’$#&%\"“«„])(?<!--)[A-Za-z][a-z]{3,}(?![\w/@'’_(]|\.\w)")
_TITLE = re.compile(r"^title:", re.M)


@rule("spelling", Weight.REMARK)
def a_usual_slip(page: Page) -> Iterator[Found]:
    """A word of a sentence or of the title that the list of usual slips has."""
    if page.language not in ("", "en") or page.witness:
        return
    named = {word.lower() for block in page.blocks for text in _code(block) for word in _LETTERS.findall(text)}
    for line, block, text in _sentences(page):
        for word in dict.fromkeys(_PLAIN.findall(HIDDEN.sub(" ", text))):
            meant = usual().get(word.lower(), ())
            if meant and word.lower() not in named:
                yield _slip(page, line, block, word, meant)


@cache
def usual() -> Mapping[str, tuple[str, ...]]:
    """Slips with the words that may be meant, as codespell lists them; none where it is not installed.

    Its list is read and its code is not run: all that is wanted of it is data.
    """
    spec = importlib.util.find_spec("codespell_lib")
    folder = next(iter(spec.submodule_search_locations or ()), "") if spec else ""
    path = Path(folder, "data", "dictionary.txt")
    if not folder or not path.is_file():
        return {}
    rows = (line.partition("->")[::2] for line in path.read_text("utf-8").splitlines())
    return {wrong: words for wrong, right in rows if (words := _words(right))}


def _words(right: str) -> tuple[str, ...]:
    """The words of a row; none where a reason behind the last comma says that the slip may be a word, too."""
    words, comma, reason = right.rpartition(",")
    if not comma:
        return (right.strip(),)
    return () if reason.strip() else tuple(word.strip() for word in words.split(","))


def _code(block: Block) -> tuple[str, ...]:
    return (block.text,) if block.kind.code else block.mentions


def _sentences(page: Page) -> Iterator[tuple[int, Block | None, str]]:
    """The title, and all text that is not code, with the line where it begins."""
    title = _TITLE.search(page.source)
    if title and page.title:
        yield page.source.count("\n", 0, title.start()) + 1, None, page.title
    yield from ((block.line, block, block.text) for block in page.blocks if not block.kind.code)


def _slip(page: Page, line: int, block: Block | None, word: str, meant: tuple[str, ...]) -> Found:
    what = f"`{word}` is a slip of {' or '.join(meant)}"
    right = meant[0].capitalize() if word[0].isupper() else meant[0]
    if block is None:
        edits = _in_line(page, line, word, right)
    else:
        line = next((number for number, text in lines_of(page, block) if word in text), line)
        edits = replaced(page, block, word, right)
    sure = edits if len(meant) == 1 else ()
    return Found(line, block.id if block else "top", what, f"write {' or '.join(meant)}", edits=sure)


def _in_line(page: Page, number: int, word: str, right: str) -> tuple[Edit, ...]:
    line = page.lines[number - 1]
    return (Edit(number, line, re.sub(rf"\b{word}\b", right, line)),) if word in line else ()
