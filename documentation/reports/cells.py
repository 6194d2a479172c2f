"""Sentences of findings as cells of a Markdown table: what stands between backticks as code, all else as letters."""

from __future__ import annotations

import re

_MARKUP = re.compile(r"[\\`*_~<>\[\]|!#&]")
_RUNS = re.compile(r"`+")


def cell(sentence: str) -> str:
    """The sentence on one line; nothing that a page's value has in it acts as markup."""
    text = " ".join(sentence.split())
    return "".join(_code(part) if inside else _escaped(part) for part, inside in _parts(text))


def _parts(text: str) -> list[tuple[str, bool]]:
    """The text in parts, and which are values between backticks. A value may have backticks itself, as a command has.

    So a backtick opens where a blank, a bracket or nothing stands before it, and else closes what was opened last.
    Where this does not come out even, nothing is a value.
    """
    parts: list[tuple[str, bool]] = []
    depth, start = 0, 0
    for at, sign in enumerate(text):
        if sign != "`":
            continue
        opens = (not depth or text[at - 1] in " (=\"'") and at + 1 < len(text) and text[at + 1] != " "
        depth += 1 if opens else -1
        if depth == (1 if opens else 0):
            parts.append((text[start:at], not opens))
            start = at + 1
        if depth < 0:
            return [(text, False)]
    return [(text, False)] if depth else [*parts, (text[start:], False)]


def _code(value: str) -> str:
    """A code span with as many backticks as its value needs; in a table, a bar needs a backslash even there."""
    if not value:
        return "\\`\\`"
    longest = max((len(run) for run in _RUNS.findall(value)), default=0)
    fence = "`" * (longest + 1)
    pad = " " if value.startswith("`") or value.endswith("`") else ""
    return fence + pad + value.replace("|", "\\|") + pad + fence


def _escaped(text: str) -> str:
    return _MARKUP.sub(lambda match: f"\\{match[0]}", text)
