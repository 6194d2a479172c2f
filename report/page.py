"""Draws `report.html`: what a run did and its outcome, in one file that needs nothing else."""

from __future__ import annotations

import shlex
import time
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import quote

from jinja2 import Template

from provision.config.topology import etcd_remark
from provision.util.atomic_write import write_whole
from provision.util.redaction import Redactor
from report import matrix, old_records
from report.curve import Curve, curve
from report.faults import faults
from report.life.page import Lives, write_lives
from report.procedures import Procedure, procedure
from report.records import Record, Records, read
from report.results import FAILED, PASSED, SKIPPED, XFAILED, Result, counts, results, without_repeats
from report.templating import environment
from report.verdict import verdict

_SLOWEST = 10
_OPEN = 800
"""With more tests than this, files of scenarios without a failure start out closed."""


@dataclass(frozen=True)
class ClusterShown:
    """A cluster, or whatever else has steps, such as the artifacts; `evidence` is (name, path) by machine."""

    id: str
    described: Record
    procedure: Procedure
    tests: list[Result]
    evidence: dict[str, list[tuple[str, str]]]

    @property
    def availability(self) -> Curve | None:
        """How the API answered while the cluster was upgraded; None where it was not."""
        return curve(self.described.get("availability") or [])

    @property
    def broken_at(self) -> str:
        """The step that broke it, or ""; one that failed counts more than what was written down before."""
        state = str(self.described.get("state") or "")
        written = str(self.described["broken_at"]) if "broken_at" in self.described else old_records.broken_at(state)
        return next((step.name for step in self.procedure.broken), written)

    @property
    def state(self) -> str:
        """How far it came, as words."""
        reached = str(self.described.get("state") or "").replace("_", " ")
        return f"broken at {self.broken_at}" if self.broken_at else reached

    @property
    def remark(self) -> str:
        """What it survives, where it was checked, and what its number of etcd members means where they survive no loss.

        Empty elsewhere, and in older records.
        """
        if survives := str(self.described.get("survives") or ""):
            return survives.removesuffix(".")
        members = self.described.get("etcd_members")
        return etcd_remark(members) if isinstance(members, int) else ""


def write_report(run_dir: Path, redact: Redactor) -> Path:
    """Write `report.html` into a run directory from whatever is there; returns its path. Raises OSError."""
    records = read(run_dir, redact)
    content = render(records, write_lives(run_dir, redact, records, results(records.phases)))
    return write_whole(run_dir / "report.html", content.encode("utf-8", errors="replace"), mode=0o600)


def render(records: Records, lives: Lives) -> str:
    """The report's HTML, with links to the lives of its clusters."""
    return _template().render(_content(records), lives=lives)


@cache  # to compile it takes longer than to draw most pages
def _template() -> Template:
    made = environment()
    made.filters |= {"moment": _moment, "quote": quote, "seconds": _seconds}
    return made.get_template("report.html.j2")


def _content(records: Records) -> dict[str, Any]:
    tests = results(records.phases)
    outcome = verdict(records, tests)
    clusters = _clusters(records, tests, outcome.end)
    failures = without_repeats([test for test in tests if test.outcome == FAILED])
    machines = [str(each.get("name")) for shown in clusters for each in shown.described.get("machines") or []]
    return {
        "verdict": outcome,
        "command": _command_line(records.run),
        "harness": records.run.get("harness") or records.run.get("version") or "",
        "versions": _versions(records.run, clusters),
        "clusters": clusters,
        "failures": failures,
        "faults": faults(records.faults),
        "failure_numbers": {test.nodeid: n for n, (_, group) in enumerate(failures, 1) for test in group},
        "remarks": [test for test in tests if test.outcome == PASSED and test.remark],
        "skips": _reasons(test for test in tests if test.outcome in (SKIPPED, XFAILED)),
        "departures": _departures(records),
        "described": sum(bool(each.described) for each in clusters),
        "files": matrix.files(tests, list(dict.fromkeys(machines))),
        "open_all": len(tests) <= _OPEN,
        "counts": counts,
        "slow_tests": sorted(tests, key=lambda test: -test.seconds)[:_SLOWEST],
        "slow_commands": sorted(records.commands, key=lambda each: each.start - each.stop)[:_SLOWEST],
        "run_files": records.files,
        "damaged": records.damaged,
    }


def _versions(run: Record, clusters: list[ClusterShown]) -> list[str]:
    """The requested versions and what they were; where none were, the versions of the clusters."""
    requested = [each for each in run.get("kubernetes") or [] if isinstance(each, dict)]
    plain = sorted({str(each.described["version"]) for each in clusters if each.described.get("version")})
    return [_version(each) for each in requested] or plain


def _version(requested: Record) -> str:
    word, release, place, remark = (str(requested.get(key) or "") for key in ("word", "release", "place", "remark"))
    named = [f"requested as {word}"] if word != release.removeprefix("v") else []
    return f"{release} ({', '.join([*named, f'from {place}', *filter(None, [remark])])})"


def _clusters(records: Records, tests: list[Result], end: float) -> list[ClusterShown]:
    """Everything that has a description, steps or tests, in the order of its first step."""
    described = {str(each.get("id")): each for each in records.run.get("clusters") or [] if isinstance(each, dict)}
    names = dict.fromkeys([*(step.cluster for step in records.steps), *described, *(test.cluster for test in tests)])
    return [
        ClusterShown(
            name,
            described.get(name, {}),
            procedure(name, described.get(name, {}), records, end),
            [test for test in tests if test.cluster == name],
            _evidence(records, name),
        )
        for name in names
        if name
    ]


def _evidence(records: Records, cluster: str) -> dict[str, list[tuple[str, str]]]:
    """Machine → (name, path) of each file."""
    found: dict[str, list[tuple[str, str]]] = {}
    for path in records.evidence:
        _, owner, machine, name = path.split("/", 3)
        if owner == cluster:
            found.setdefault(machine, []).append((name, path))
    return found


def _departures(records: Records) -> dict[tuple[str, str], list[str]]:
    """(corrected step or host workaround, reason) → clusters; a substitution and a merge say why."""
    found: dict[tuple[str, str], list[str]] = {}
    for step in records.steps:
        if step.correction:
            found.setdefault((step.name, step.correction), []).append(step.cluster)
    for cluster in records.run.get("clusters") or []:
        for each in cluster.get("accommodations") or []:
            found.setdefault((str(each.get("name")), str(each.get("reason"))), []).append(str(cluster.get("id")))
        for text in (*(cluster.get("substitutions") or []), *(cluster.get("merges") or [])):
            found.setdefault(("", str(text)), []).append(str(cluster.get("id")))
    return found


def _reasons(skipped: Iterable[Result]) -> list[tuple[tuple[str, str], list[Result]]]:
    """(outcome, reason) and what it was the reason for, the most frequent first."""
    groups: dict[tuple[str, str], list[Result]] = {}
    for test in skipped:
        groups.setdefault((test.outcome, test.summary or "no reason given"), []).append(test)
    return sorted(groups.items(), key=lambda group: -len(group[1]))


_TYPED = {"__main__.py": "./run", "run": "./run"}
"""What is typed to have a program run, where it is not the program's name."""


def _command_line(run: Record) -> str:
    """What was typed for a run; empty where its record does not tell."""
    given = run.get("command") or run.get("command_line") or ""
    if isinstance(given, list) and given:
        program = Path(str(given[0])).name
        return shlex.join([_TYPED.get(program, program), *map(str, given[1:])])
    return str(given)


def _moment(seconds: float) -> str:
    """Seconds since the epoch as local date and time."""
    return time.strftime("%Y-%m-%d %H:%M:%S %Z", time.localtime(seconds))


def _seconds(seconds: float) -> str:
    """Seconds as they are compared with a bound: never rounded to minutes."""
    return f"{seconds:.1f} s"
