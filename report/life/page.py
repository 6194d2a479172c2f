"""Draws `life-<cluster>.html` for each cluster of a run: one file, which needs nothing else and no network."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from jinja2 import Template

from provision.util.atomic_write import write_whole
from provision.util.errors import briefly
from provision.util.redaction import Redactor
from report.life.addresses import REPORT, anchor_of_step, anchor_of_test, name_of
from report.life.chart import Life, life
from report.life.drawn import AROUND
from report.life.machines import read
from report.records import Records
from report.results import Result
from report.templating import environment

_TICKS = 8  # at most, of the whole life: on a phone, more labels run into each other
_ROUND = (1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14400, 43200)


@dataclass(frozen=True)
class Lives:
    """The files' names by cluster, and why a life could not be drawn."""

    files: dict[str, str]
    problems: list[str]

    def around(self, test: Result) -> str:
        """Where what happened around a failed test is shown; empty where no life of its cluster was drawn."""
        return f"{file}#{anchor_of_test(test.scenario, test.subject)}" if (file := self.files.get(test.cluster)) else ""

    def around_step(self, cluster: str, number: int) -> str:
        """The same of the step with a number, which failed."""
        return f"{file}#{anchor_of_step(number)}" if (file := self.files.get(cluster)) else ""


def write_lives(run_dir: Path, redact: Redactor, found: Records, tests: Sequence[Result]) -> Lives:
    """Write the life of each cluster. It raises nothing: a run's report is worth more than this page."""
    described = [str(each.get("id")) for each in found.run.get("clusters") or [] if isinstance(each, dict)]
    lives = Lives({}, [])
    for cluster in dict.fromkeys([*described, *(test.cluster for test in tests)]):
        if cluster and Path(cluster).name == cluster:
            try:
                known = life(cluster, found, tests, read(run_dir, cluster, redact))
                if known:
                    write_whole(run_dir / name_of(cluster), render(known).encode("utf-8", "replace"), mode=0o600)
                    lives.files[cluster] = name_of(cluster)
            except Exception as problem:
                lives.problems.append(f"The life of {cluster} could not be drawn: {briefly(problem)}")
    return lives


def render(known: Life) -> str:
    """The page of a life."""
    return _template().render(life=known, around=AROUND, ticks=ticks(known.end - known.begin), back=REPORT)


def ticks(length: float) -> list[tuple[float, str]]:
    """(percent, label) of the axis of a whole life."""
    every = next((each for each in _ROUND if length / each <= _TICKS), _ROUND[-1])
    return [(round(100 * at / length, 2), clock(at)) for at in range(0, int(length * 0.97) + 1, every)]


def clock(seconds: float, digits: int = 0) -> str:
    """Seconds since the beginning as minutes and seconds, as in `12:03` or `1:00:07.2`."""
    whole, part = divmod(round(max(seconds, 0.0), digits), 60)
    hours, minutes = divmod(int(whole), 60)
    width = 3 + digits if digits else 2
    return f"{f'{hours}:{minutes:02}' if hours else minutes}:{part:0{width}.{digits}f}"


def _wall(seconds: float) -> str:
    """Seconds since the epoch as the time of day, as far as logs have it."""
    return f"{time.strftime('%H:%M:%S', time.localtime(seconds))}.{int(seconds % 1 * 1000):03}"


@cache
def _template() -> Template:
    made = environment()
    made.filters |= {
        "clock": clock, "wall": _wall,
        "day": lambda at: time.strftime("%Y-%m-%d %H:%M:%S %Z", time.localtime(at)),
    }  # fmt: skip
    return made.get_template("life.html.j2")
