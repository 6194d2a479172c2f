"""The twelve faults of `./run tests`: beside other commands where memory is enough, and alone what is not green.

What is green beside others is shown. How else a fault ends there may be their doing, so it is tried again alone, where
red is red; but a broken promise is red at once, since no host is too busy for that.
"""

from __future__ import annotations

import re
import subprocess
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from provision.providers.container import requirements
from provision.providers.host_findings import available_memory
from provision.util.redaction import Redactor
from report.records import read
from resilience.faults.catalogue import DOZEN
from resilience.faults.outcome import Ended
from tests import typed_calls

ROOM = sum(map(requirements.memory, (7, 4, 7)))
"""Bytes for machines: those of the faults, the user's, and those that the doctor wants room for meanwhile."""


@dataclass(frozen=True)
class Tried:
    """A run of faults: its exit status, what it wrote, and its record of each fault by name, as in faults.jsonl."""

    status: int
    text: str
    records: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)

    def ended(self, *how: Ended) -> list[str]:
        """The faults that ended in one of these ways."""
        return sorted(name for name, each in self.records.items() if each["ended"] in how)

    @property
    def unfaithful(self) -> list[str]:
        """The faults under which clients met what cannot be true."""
        return sorted(name for name, each in self.records.items() if each["violations"])


def void_in_the_end(beside: Tried | None, alone: Callable[[Sequence[str]], Tried]) -> Mapping[str, Sequence[str]]:
    """Try alone what a run `beside` others, if there was one, did not show; what is void then, and why.

    Raises AssertionError where a promise was broken, or a fault is red alone, or was not even tried there.
    """
    first = beside or _sound(alone(sorted(DOZEN)), DOZEN)
    assert not first.unfaithful, first.text
    again = sorted(DOZEN - set(first.ended(Ended.GREEN, Ended.SKIPPED)))
    if not again:
        assert first.status == 0, first.text
        return {}
    last = _sound(alone(again), again)
    return {name: last.records[name]["void"] for name in last.ended(Ended.VOID)}


def _sound(tried: Tried, faults: Collection[str]) -> Tried:
    """A run in which all went well, of all these faults."""
    assert (tried.status, set(tried.records)) == (0, set(faults)), tried.text
    return tried


class Dozen:
    """Runs of the faults, typed in a folder of the user's; one of them may go on beside what is typed meanwhile."""

    def __init__(self, here: Path) -> None:
        self._here = here
        self._begun: subprocess.Popen[str] | None = None

    def begin(self) -> None:
        """Begin all of them, where there is memory for what else is typed."""
        if available_memory() < ROOM:
            return
        with self._shown.open("w") as file:
            self._begun = typed_calls.begin(self._here, *_typed("stacked"), file=file)

    def __enter__(self) -> Dozen:
        return self

    def __exit__(self, *_: object) -> None:
        if self._begun and self._begun.poll() is None:  # after an interrupt
            typed_calls.end(self._begun)

    def beside(self) -> Tried | None:
        """The run that was begun, when it has ended; None where none was."""
        return _tried(self._begun.wait(), self._shown.read_text()) if self._begun else None

    def alone(self, faults: Sequence[str]) -> Tried:
        """A run of some faults, when it has ended."""
        done = typed_calls.call(self._here, *_typed(f"stacked and ({' or '.join(faults)})"))
        return _tried(done.returncode, done.stdout)

    @property
    def _shown(self) -> Path:
        return self._here / "dozen.txt"


def _typed(which: str) -> tuple[str, ...]:
    return ("./run", "faults", "-k", which, "-m", "dozen")


def _tried(status: int, text: str) -> Tried:
    """What a run has shown, by the records that its last line leads to."""
    report = re.search(r"; report: (.+)/report\.html", text)
    records = read(Path(report[1]), Redactor()).faults if report else ()
    return Tried(status, text, {each["fault"]: each for each in records})
