"""Why a scenario is red: what changed since it was green, what failed, which commands print something else. Pure."""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from nightly.attempts import STEP, Attempt
from nightly.history import Cell
from nightly.store import Data
from nightly.summary import GREEN

Text = Callable[[str], str]
"""Digest → text, as `Store.text`."""

_SHOWN, _LINES = 6, 80
_WORD = re.compile(r"[A-Za-z/][\w./-]{3,}")
_COMMON = {
    "assert", "where", "with", "left", "right", "contains", "item", "items", "extra", "first", "more", "full", "diff",
    "true", "false", "none", "test", "scenarios", "failed", "error", "equal", "differing", "common", "omitting",
    "identical", "machine", "cluster", "command", "exited",
}  # fmt: skip


@dataclass(frozen=True)
class Difference:
    """A command that printed something else than when the scenario was green; `lines` are a unified diff's, cut."""

    machine: str
    step: str
    command: str
    lines: tuple[str, ...]
    words: int


@dataclass(frozen=True)
class Explanation:
    """What a page says of a red scenario. `green` is an attempt of another cluster where `borrowed`.

    `changed` are inputs as (name, before, after), `failures` those of the first red run as (subject, reason, text),
    `differences` the most telling ones, `others` how many more commands answered differently.
    """

    red: Attempt
    green: Attempt | None
    borrowed: bool
    changed: list[tuple[str, str, str]]
    failures: list[tuple[str, str, str]]
    differences: list[Difference]
    others: int


def explain(cell: Cell, elsewhere: Sequence[Attempt], text: Text) -> Explanation:
    """Explain a red cell. `elsewhere` are attempts to compare with where this cluster was never green, best first."""
    red = cell.first_red
    assert red is not None
    green = cell.last_green
    borrowed = green is None
    if borrowed:
        green = next((each for each in elsewhere if each.letter(cell.scenario) == GREEN), None)
    failures = [_failure(each, text) for each in red.failures(cell.scenario)]
    if not green:
        return Explanation(red, None, False, [], failures, [], 0)
    found = _differences(green, red, cell.scenario, failures, text)
    return Explanation(
        red, green, borrowed, _changed(green.inputs, red.inputs), failures, found[:_SHOWN], len(found[_SHOWN:])
    )


def _failure(failure: Data, text: Text) -> tuple[str, str, str]:
    whole = str(failure["error"]) if "error" in failure else text(failure["text"])
    return str(failure["subject"]), str(failure["reason"]), whole


def _changed(before: dict[str, str], after: dict[str, str]) -> list[tuple[str, str, str]]:
    names = dict.fromkeys([*before, *after])
    return [
        (name, before.get(name, ""), after.get(name, "")) for name in names if before.get(name) != after.get(name)
    ]  # fmt: skip


def _differences(
    green: Attempt, red: Attempt, scenario: str, failures: Sequence[tuple[str, str, str]], text: Text
) -> list[Difference]:
    """Commands of both runs that printed something else: first those with words of the failure."""
    words = _words(scenario, failures)
    before = {_key(each, green): each for each in green.data["commands"]}
    found = []
    for after in red.data["commands"]:
        earlier = before.get(_key(after, red))
        if earlier and (earlier["answer"], earlier["rc"]) != (after["answer"], after["rc"]):
            lines = _diff(_answer(earlier, green, text), _answer(after, red, text))
            if lines:
                changed = " ".join(line for line in lines if line[0] in "+-")
                found.append(
                    Difference(after["machine"], after["step"], after["command"], lines, _count(words, changed, after))
                )
    subjects = {subject for subject, _, _ in failures}
    step = scenario.removeprefix(STEP)
    return sorted(
        found, key=lambda each: (each.step != step, -each.words, each.machine not in subjects, len(each.lines))
    )


def _key(command: Data, attempt: Attempt) -> tuple[str, str, str]:
    return command["step"], command["machine"], _any_version(command["command"], attempt)


def _any_version(printed: str, attempt: Attempt) -> str:
    """Without the version that every image and node carries."""
    return printed.replace(attempt.version, "‹version›") if attempt.version else printed


def _answer(command: Data, attempt: Attempt, text: Text) -> list[str]:
    """The lines that a command printed, and its exit status."""
    printed = _any_version(text(command["answer"]), attempt)
    return [*printed.splitlines(), *([f"(exit status {command['rc']})"] if command["rc"] else [])]


def _diff(before: list[str], after: list[str]) -> tuple[str, ...]:
    lines = [line.rstrip("\n") for line in difflib.unified_diff(before, after, n=2, lineterm="")][2:]
    if len(lines) > _LINES:
        return (*lines[:_LINES], f"… {len(lines) - _LINES} more lines")
    return tuple(lines)


def _words(scenario: str, failures: Sequence[tuple[str, str, str]]) -> set[str]:
    """What the failure is about: names of files, labels, fields."""
    lines = [line for _, reason, text in failures for line in (reason, *text.splitlines()) if line.startswith("E ")]
    lines += [reason for _, reason, _ in failures] + [scenario.replace("_", " ").split("::")[-1]]
    return {word.strip("./-") for line in lines for word in _WORD.findall(line)} - _COMMON


def _count(words: set[str], changed: str, command: Data) -> int:
    """How close a difference is to the failure: a word of it in the changed lines counts twice, in the command once."""
    return 2 * sum(word in changed for word in words) + sum(word in command["command"] for word in words)
