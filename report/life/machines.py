"""What machines hold of a cluster's life, as it was read at the end of a run: its sections, and the clock of each.

A machine's times are put on this host's clock by the offset that was measured when it was read.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from provision.clusters.life import NOT_READ, SECTION
from provision.util.redaction import Redactor
from provision.util.result import sections

FOLDER = "life"

_APART = 0.5
"""Seconds by which a clock is off that is worth a word: as for the findings of `./run check`."""

_JOURNAL = re.compile(r"(\d+\.\d+) \S+ [^:]*: (.*)")
_CONTAINER = re.compile(r"(\d{4}-\d\d-\d\dT[\d:.]+(?:Z|[+-]\d\d:\d\d)) std(?:out|err) \S+ (.*)")


@dataclass(frozen=True)
class Held:
    """What one machine holds: lines by section. Its clock was `ahead` of this host's, known to `doubt` seconds.

    `missing` is why it was not read; empty where it was.
    """

    machine: str
    sections: dict[str, list[str]] = field(default_factory=dict)
    ahead: float = 0.0
    doubt: float = 0.0
    missing: str = ""

    def dated(self, section: str) -> Iterator[tuple[float, str]]:
        """The lines of a section with a moment before them, which is one of this host's clock, and what they say."""
        for line in self.sections.get(section, ()):
            if found := moment(line):
                yield found[0] - self.ahead, found[1]

    @property
    def clock(self) -> str:
        """What has to be known of its clock; empty where it is this host's."""
        if abs(self.ahead) - self.doubt < _APART:
            return ""
        direction = "ahead of" if self.ahead > 0 else "behind"
        return (
            f"The clock of {self.machine} was {abs(self.ahead):.1f} s {direction} this host's when it was read "
            f"(±{self.doubt:.2f} s); its times are shifted by that."
        )


def moment(line: str) -> tuple[float, str] | None:
    """Seconds since the epoch and the message, of a line of the journal or of a container's log; else None."""
    if found := _JOURNAL.match(line):
        return float(found[1]), found[2]
    try:
        return (seconds(found[1]), found[2]) if (found := _CONTAINER.match(line)) else None
    except ValueError:  # digits, and no time
        return None


def seconds(written: str) -> float:
    """Seconds since the epoch of a time as Kubernetes and containers' logs write it; raises ValueError."""
    return datetime.fromisoformat(written).timestamp()


def read(folder: Path, cluster: str, redact: Redactor) -> list[Held]:
    """What all machines of a cluster hold, by the files of a run directory; nothing where they were not read."""
    return [
        held(path.stem, redact(path.read_text(encoding="utf-8", errors="replace")))
        for path in sorted((folder / FOLDER / cluster).glob("*.log"))
    ]


def held(machine: str, text: str) -> Held:
    """What a machine's file says; text of another form is left out. Pure."""
    found = {name: [each for each in body.splitlines() if each] for name, body in sections(text, SECTION).items()}
    if NOT_READ in found:
        return Held(machine, missing=next(iter(found[NOT_READ]), "no reason was written down"))
    return Held(machine, found, *_clock(found.get("clock", ())))


def _clock(lines: Iterable[str]) -> tuple[float, float]:
    """How far ahead a clock was, and how well that is known: it was read between two moments of this host's.

    One that may have been this host's is taken for it, as that of a container is.
    """
    for line in lines:
        try:
            before, there, after = map(float, line.split())
        except ValueError:
            continue
        ahead, doubt = there - (before + after) / 2, (after - before) / 2
        return (ahead if abs(ahead) > doubt else 0.0), doubt
    return 0.0, 0.0
