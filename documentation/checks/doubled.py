"""Words that stand twice in a row, in languages that put blanks between words."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from itertools import pairwise

from documentation.findings.edits import lines_of
from documentation.findings.rules import Edit, Found, Weight, rule
from documentation.pages.block import Block, Page

_WORD = r"[^\W\d_]+(?:['’][^\W\d_]+)?"
_BEFORE, _AFTER = r"(?<![\w.\-/'’$])", r"(?![\w\-/'’]|\.\w)"
_ONE = re.compile(rf"{_BEFORE}(?P<words>{_WORD})(?:[ \t]+|[ \t]*\n[ \t]*)(?P<again>(?P=words)){_AFTER}", re.I)
# "See the see the", also where a link begins between them.
_TWO = re.compile(
    rf"{_BEFORE}(?P<words>(?P<one>{_WORD})[ \t]+(?P<two>{_WORD}))[ \t]+"
    rf"(?P<again>\[?(?P=one)[ \t]+\[?(?P=two)){_AFTER}",
    re.I,
)
_HIDDEN = re.compile(r"`[^`\n]*`|\]\([^)\n]*\)|<[^>\n]*>|https?://\S+|\{\{.*?\}\}")


@dataclass(frozen=True)
class Twice:
    """What may stand twice: words by language, and the languages in which all may."""

    twice: Mapping[str, list[str]]
    any: Mapping[str, list[str]]

    def may(self, language: str, word: str) -> bool:
        """Whether a language doubles this word."""
        base = language.partition("-")[0] or "en"
        return base in self.any["languages"] or word in self.twice.get(base, ())


@cache
def listed() -> Twice:
    """The list of doubled.toml."""
    return Twice(**tomllib.loads(files("documentation.checks").joinpath("doubled.toml").read_text("utf-8")))


@rule("twice", Weight.REMARK)
def a_word_twice(page: Page) -> Iterator[Found]:
    """A word, or two words, that follow themselves; not in code, nor where the language does so on purpose."""
    for block in page.blocks:
        if block.kind.code or page.witness:
            continue
        text = _HIDDEN.sub(lambda match: "\0" * len(match[0]), block.text)
        for match in (*_ONE.finditer(text), *_TWO.finditer(text)):
            words = " ".join(match["words"].split())
            if not listed().may(page.language, words.lower()) and not _on_purpose(match, text):
                edits = tuple(_without(page, block, match))
                line = edits[0].line if edits else block.line + text.count("\n", 0, match.start("again"))
                yield Found(line, block.id, f"`{words}` stands twice", "remove one of them", edits=edits)


def _a_name(match: re.Match[str]) -> bool:
    """One letter, a sign of counting (`A A`), or a word that is written small and then great, as a name is."""
    words, again = match["words"], match["again"].lstrip("[")
    return len(words) == 1 or words.isupper() or (words != again and words[0].islower())


def _on_purpose(match: re.Match[str], text: str) -> bool:
    """A name, a term above what it means, or a sound: a word that stands three times."""
    word = re.escape(match["words"].split()[-1])
    before, behind = text[: match.start()], text[match.end() :]
    sound = re.search(rf"\b{word}\W+$", before, re.I) or re.match(rf"\W+{word}\b", behind, re.I)
    same = len({*match["words"].lower().split()}) < len(match["words"].split())
    return bool(sound) or same or _a_name(match) or _a_term(match, text)


def _a_term(match: re.Match[str], text: str) -> bool:
    """Whether the first stands alone on its line, as a term does above what it means."""
    return "\n" in match[0] and not text[: match.start()].rpartition("\n")[2].strip(" *_:")


def _without(page: Page, block: Block, match: re.Match[str]) -> Iterator[Edit]:
    """The line with them once; where they stand on two lines, the second without them."""
    written, words, again = match[0], match["words"], match["again"]
    if "\n" in written:
        yield from _without_on_the_second_line(page, block, words, again)
        return
    bracket = len(again) - len(again.lstrip("["))
    kept = again[:bracket] + words[0] + again[bracket + 1 :]  # a sentence's capital stays
    for number, line in lines_of(page, block):
        if line.count(written) == 1:
            yield Edit(number, line, line.replace(written, kept))
            return


def _without_on_the_second_line(page: Page, block: Block, words: str, again: str) -> Iterator[Edit]:
    for (_, line), (number, following) in pairwise(lines_of(page, block)):
        begins = re.match(rf"(\s*){re.escape(again)}\s+(?=\S)", following)
        if begins and line.rstrip().endswith(words):
            yield Edit(number, following, begins[1] + following[begins.end() :])
            return
