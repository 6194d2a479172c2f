"""The words of one program, compared with what is listed for it."""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from provision.readonly.shell import GLOB, MANY, ONE, Refused


@dataclass(frozen=True)
class Usage:
    """The options and words that a program, or a subcommand of it, may be given; everything else is refused.

    `flags` are its options without a value, with spaces between them. `values` has patterns of values, each with the
    options that take such a value. `words` is the pattern of each other word, of which there are `least` to `most`.
    One of `needed` must be given.
    """

    flags: str = ""
    values: Mapping[str, str] = field(default_factory=dict)
    words: str = ""
    least: int = 0
    most: int = 1000
    needed: str = ""


@dataclass(frozen=True)
class Program:
    """Usages by subcommand, "" without one. `leading` are options that may stand anywhere, also before a subcommand.

    `clusters`: `-ab` means `-a -b`, and `-n5` means `-n 5`. `harmless` is a program that no option at all makes write,
    so that it may be given words that are only known when it runs.
    """

    usages: Mapping[str, Usage]
    leading: Usage = Usage()
    clusters: bool = True
    harmless: bool = False


@dataclass(frozen=True)
class Parsed:
    """What a program is given: options, in order and with their values, and the other words."""

    options: list[tuple[str, str]] = field(default_factory=list)
    words: list[str] = field(default_factory=list)

    def given(self, *names: str) -> list[str]:
        """The values of all options with one of these names; "" for one that takes none."""
        return [value for name, value in self.options if name in names]


def parse(name: str, program: Program, words: Sequence[str]) -> Parsed:
    """Take a program's words apart; raises Refused for everything that is not listed."""
    return _Parsing(name, program, words).parse()


class _Parsing:
    def __init__(self, name: str, program: Program, words: Sequence[str]) -> None:
        self._name = name
        self._program = program
        self._left = deque(words)
        self._parsed = Parsed()
        self._usages = [program.leading]

    def parse(self) -> Parsed:
        path = self._find_subcommand()
        if path not in self._program.usages:
            raise Refused(f"{self._name} {path or 'without a subcommand'} is not known to only read")
        usage = self._program.usages[path]
        self._usages.append(usage)
        while self._left:
            word = self._left.popleft()
            if not self._took_options(word):
                self._check_word(word, usage)
                self._parsed.words.append(word)
        self._check_whole(usage)
        return self._parsed

    def _find_subcommand(self) -> str:
        paths, path = set(self._program.usages) - {""}, ""
        while self._left and any(each.startswith(f"{path} ".lstrip()) for each in paths):
            word = self._left.popleft()
            if not self._took_options(word):
                path = f"{path} {word}".lstrip()
        return path

    def _took_options(self, word: str) -> bool:
        if not word.startswith("-"):
            return False
        name, joined, value = word.partition("=")
        if self._takes_none(word):
            self._parsed.options.append((word, ""))
        elif self._pattern(word) is not None:
            self._take_value(word, self._next(word))
        elif joined and name.startswith("--") and self._pattern(name) is not None:
            self._take_value(name, value)
        elif self._program.clusters and not word.startswith("--") and len(word) > 2:
            self._take_cluster(word)
        else:
            raise self._unlisted(word)
        return True

    def _take_cluster(self, word: str) -> None:
        for at, letter in enumerate(word[1:], 2):
            option = f"-{letter}"
            if self._pattern(option) is not None:
                self._take_value(option, word[at:] or self._next(option))
                return
            if not self._takes_none(option):
                raise self._unlisted(option if option == word else f"{option} in {word}")
            self._parsed.options.append((option, ""))

    def _takes_none(self, option: str) -> bool:
        return any(option in usage.flags.split() for usage in self._usages)

    def _pattern(self, option: str) -> str | None:
        tables = (pattern for usage in self._usages for pattern in usage.values.items())
        return next((pattern for pattern, options in tables if option in options.split()), None)

    def _next(self, option: str) -> str:
        if not self._left:
            raise Refused(f"{self._name}: option {option} lacks its value")
        value = self._left.popleft()
        if value.startswith("-") and not re.fullmatch(r"-\d+", value):  # programs differ in what they take it for
            raise Refused(f"{self._name}: {_shown(value)} behind {option} may be an option, or its value")
        return value

    def _take_value(self, option: str, value: str) -> None:
        several = MANY in value or GLOB in value
        if several or not re.fullmatch(self._pattern(option) or "", value, re.DOTALL):
            raise Refused(f"{self._name}: option {option} may not have the value {_shown(value)}")
        self._parsed.options.append((option, value))

    def _check_word(self, word: str, usage: Usage) -> None:
        if not self._program.harmless and (MANY in word or word[:1] in (ONE, GLOB)):
            raise Refused(f"{self._name} {_shown(word)}: what is only known when it runs may be an option")
        if not re.fullmatch(usage.words, word, re.DOTALL):
            raise Refused(f"{self._name} may not be given {_shown(word)}")

    def _check_whole(self, usage: Usage) -> None:
        if not usage.least <= len(self._parsed.words) <= usage.most:
            raise Refused(f"{self._name} may not be given {len(self._parsed.words)} words")
        if usage.needed and not self._parsed.given(*usage.needed.split()):
            raise Refused(f"{self._name} without {usage.needed.replace(' ', ' or ')} is not known to only read")

    def _unlisted(self, option: str) -> Refused:
        return Refused(f"{self._name}: option {_shown(option)} is not listed as one that only reads")


def _shown(word: str) -> str:
    return word.translate({ord(each): "…" for each in (ONE, MANY, GLOB)}) or "an empty word"
