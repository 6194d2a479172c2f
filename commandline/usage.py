"""What help says: of everything, and of one use. Help of a verb is its own parser's."""

from __future__ import annotations

from commandline.words import BY_HAND, USES, WORDS
from provision.util.arguments import Parser, listed

_PYTEST = "Everything else is given to pytest: -k and -m choose within it, -x stops at the first failure."


def overview() -> str:
    """All uses, and then all verbs, a line each."""
    width = max(map(len, WORDS))
    parts = [
        listed(title, [(name, word.help) for name, word in words.items()], width)
        for title, words in (("uses", USES), ("clusters by hand", BY_HAND))
    ]
    head, tail = "usage: ./run WORD [ARGUMENTS ...]", "./run WORD --help says more of each. README.md has examples."
    return "\n\n".join([head, *parts, tail])


def parser(name: str) -> Parser:
    """A use that pytest gets, without the settings: these need the harness's environment to be listed."""
    word = WORDS[name]
    return Parser(prog=f"./run {name}", usage=f"./run {name} {word.arguments}", description=word.help, epilog=_PYTEST)
