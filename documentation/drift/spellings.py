"""One command in several spellings: quotes, braces, long and short names, order of flags, lines that are broken."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from importlib.resources import files

from documentation.pages.shell import Command

Spelled = tuple[tuple[str, ...], ...]
"""Words up to the first flag, then each flag with what follows it, sorted: a program does not mind their order."""


_AND_SO_ON = ("...", "…")


@dataclass(frozen=True)
class Spellings:
    """What spellings.toml has: regular expressions of examples, and of commands that take something away.

    `aliases` are those of a program's words, by the program; `bundling` are programs to which -zv is -z -v, and `both`
    are commands, as regular expressions, with the two that they stand for.
    """

    examples: tuple[str, ...]
    removes: tuple[str, ...]
    aliases: Mapping[str, Mapping[str, str]]
    bundling: frozenset[str]
    both: Mapping[str, str]


@cache
def listed() -> Spellings:
    """The file, read once."""
    read = tomllib.loads(files("documentation.drift").joinpath("spellings.toml").read_text("utf-8"))
    both = {each["one"]: each["two"] for each in read["both"]}
    patterns = tuple(read["examples"]), tuple(read["removes"])
    return Spellings(*patterns, read["aliases"], frozenset(read["bundling"]), both)


def out(command: Command) -> Command:
    """The command in the spelling that all others are compared in."""
    assigns = tuple((name, _word(value)) for name, value in command.assigns)
    return replace(command, words=tuple(_words(command.words)), assigns=assigns)


def of(words: Iterable[str]) -> Spelled:
    """The words of a command or of a line of text, in that spelling."""
    groups: list[list[str]] = [[]]
    for word in _words(words):
        if re.match(r"--?\w", word):
            groups.append([])
        groups[-1].append(word)
    return (tuple(groups[0]), *sorted(tuple(each) for each in groups[1:]))


def same(one: Command, other: Command) -> bool:
    """Whether two commands do the same."""
    before, after = out(one), out(other)
    return (of(before.words), before.assigns) == (of(after.words), after.assigns)


def lines(text: Sequence[str]) -> list[tuple[int, str]]:
    """Lines as the shell sees them: what ends in a backslash goes on. Each with its number from 0."""
    found: list[tuple[int, str]] = []
    goes_on = False
    for number, line in enumerate(text):
        if goes_on:
            found[-1] = (found[-1][0], f"{found[-1][1]} {line.strip()}")
        else:
            found.append((number, line))
        goes_on = line.endswith("\\")
        found[-1] = (found[-1][0], found[-1][1].removesuffix("\\").rstrip())
    return found


def separate(text: str) -> str:
    """A script in which commands that do what two others do are these two, on the same line."""
    for one, two in listed().both.items():
        text = re.sub(one, two, text, flags=re.M)
    return text


def removes(command: Command) -> bool:
    """Whether a command takes something away."""
    return any(re.search(pattern, " ".join(command.bare)) for pattern in listed().removes)


def spread(words: Sequence[str]) -> list[str]:
    """Words in which one-letter flags stand apart, where a program takes them together."""
    bundles = any(word in listed().bundling for word in words)
    return [part for word in words for part in (_letters(word) if bundles else [word])]


def _words(words: Iterable[str]) -> list[str]:
    plain = spread([part for word in words if word not in _AND_SO_ON for part in _parts(_word(word))])
    aliases: Mapping[str, str] = next((listed().aliases[word] for word in plain if word in listed().aliases), {})
    return [aliases.get(word, word) for word in plain]


def _parts(word: str) -> list[str]:
    """`--flag=value` is a flag and its value."""
    flag, equals, value = word.partition("=")
    return [flag, value] if equals and flag.startswith("--") else [word]


def _letters(word: str) -> list[str]:
    """`-zv` is `-z` and `-v`."""
    return [f"-{letter}" for letter in word[1:]] if re.fullmatch(r"-[A-Za-z]{2,}", word) else [word]


def _word(word: str) -> str:
    """Without marks of a placeholder, quotes, and braces around a variable; to single quotes a variable is none."""
    plain = re.sub(r"<([A-Za-z][\w-]*)>", r"\1", word)
    plain = plain.replace('"', "") if "$" in plain else re.sub(r"[\"']", "", plain)
    return re.sub(r"\$\{(\w+)\}", r"$\1", plain)
