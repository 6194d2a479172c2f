"""Fixes that are printed, completed so that they can be typed as they stand. Pure."""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Mapping

from provision.errors import Problem

COMMENT = "  # "
"""What separates a command from a remark, for the shell and for people."""

_MAKING = ("doctor", "plan", "up")
"""Verbs that mean something else with other settings of the clusters to be made."""

_NOT_OF_MAKING = ("keep", "reuse", "run-dir", "cluster")
"""Settings of runs, and the one that chooses a cluster that exists: they say nothing of clusters to be made."""

_OF_EXISTING = ("engine",)
"""Settings that decide which existing clusters are found."""


def complete(problem: Problem, given: Mapping[str, str | None], topology: str = "") -> Problem:
    """The same problem, whose fix repeats the settings of the call that failed: without them it is about others.

    `given` is what was given to the call itself, by name; what is in the environment will be there again. `topology`
    is what the call was about.
    """
    problem.fix = completed(problem.fix, given, topology)
    return problem


def completed(fix: str, given: Mapping[str, str | None], topology: str = "") -> str:
    """A fix with the settings that its verb needs; what is no command of `./run` stays as it is."""
    command, comment, remark = fix.partition(COMMENT)
    words = command.split()
    if len(words) < 2 or words[0] != "./run":
        return fix
    verb = words[1]
    if verb == "doctor" and topology and (len(words) == 2 or words[2].startswith("-")):
        words.insert(2, topology)
    return " ".join([*words, *_settings(verb, words, given)]) + comment + remark


def _settings(verb: str, words: list[str], given: Mapping[str, str | None]) -> Iterator[str]:
    for name, value in given.items():
        said = any(word.split("=")[0] == f"--ha-{name}" for word in words)
        wanted = name not in _NOT_OF_MAKING if verb in _MAKING else name in _OF_EXISTING
        if value and wanted and not said:
            separator = "=" if value.startswith("-") else " "  # or argparse takes it for an option
            yield f"--ha-{name}{separator}{shlex.quote(value)}"
