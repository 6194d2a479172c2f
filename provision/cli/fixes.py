"""Commands that are printed, completed so that they can be typed as they stand. Pure."""

from __future__ import annotations

import shlex
from argparse import Namespace
from collections.abc import Collection, Iterator, Mapping

from provision.config.choices import topologies
from provision.config.options import OPTIONS
from provision.util.errors import Problem

COMMENT = "  # "
"""What separates a command from a remark, for the shell and for people."""

_MAKING = ("doctor", "plan", "up")
"""Verbs that mean something else with other settings of the clusters to be made."""

_NOT_OF_MAKING = ("keep", "reuse", "run-dir", "cluster")
"""Settings of runs, and the one that chooses a cluster that exists: they say nothing of clusters to be made."""

_OF_EXISTING = ("engine",)
"""Settings that decide which existing clusters are found."""

_WITH_COMMAND = ("ssh",)
"""Verbs whose last arguments are a command of a machine's, which may have options of its own."""


def given(options: Namespace) -> dict[str, str | None]:
    """The settings that were given to the call itself, by name."""
    return {option.name: getattr(options, "ha_" + option.name.replace("-", "_"), None) for option in OPTIONS}


def next_commands(cluster: str, first: str, existing: Collection[str], given: Mapping[str, str | None]) -> str:
    """What can be done with a cluster that is ready; it is named as shortly as `existing`, the ids of all, allow.

    `first` is its first control plane.
    """
    name = next((each for each in topologies() if _means(each, cluster, existing)), cluster)
    commands = (f"./run ssh {name} {first}", f"./run kubeconfig {name}", f"./run clean {name}")
    enter, read, remove = (completed(command, given) for command in commands)
    return f"{enter} · {read} > F · {remove}"


def _means(start: str, cluster: str, existing: Collection[str]) -> bool:
    """Whether the start of an id can only be that of this cluster."""
    return [each for each in existing if each.startswith(start)] == [cluster]


def complete(problem: Problem, given: Mapping[str, str | None], topology: str = "") -> Problem:
    """The same problem, whose fix repeats the settings of the call that failed: without them it is about others.

    `given` is what was given to the call itself, by name; what is in the environment will be there again. `topology`
    is what the call was about.
    """
    problem.fix = completed(problem.fix, given, topology)
    return problem


def completed(fix: str, given: Mapping[str, str | None], topology: str = "") -> str:
    """A fix with the settings that its verb needs; every other text stays as it is."""
    command, comment, remark = fix.partition(COMMENT)
    words = command.split()
    if len(words) < 2 or words[0] != "./run":
        return fix
    verb = words[1]
    if verb == "doctor" and topology and (len(words) == 2 or words[2].startswith("-")):
        words.insert(2, topology)
    settings = [*_settings(verb, words, given)]
    words = [*words[:2], *settings, *words[2:]] if verb in _WITH_COMMAND else [*words, *settings]
    return " ".join(words) + comment + remark


def _settings(verb: str, words: list[str], given: Mapping[str, str | None]) -> Iterator[str]:
    for name, value in given.items():
        repeated = any(word.split("=")[0] == f"--ha-{name}" for word in words)
        wanted = name not in _NOT_OF_MAKING if verb in _MAKING else name in _OF_EXISTING
        if value and wanted and not repeated:
            separator = "=" if value.startswith("-") else " "  # or argparse takes it for an option
            yield f"--ha-{name}{separator}{shlex.quote(value)}"
