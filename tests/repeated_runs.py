"""`python -m tests.repeated_runs SELECTION RUNS FOLDER [--minutes N]`: the same run again and again, and what differs.

Each run has a folder of its own in FOLDER; called again, it goes on until there are RUNS. No run begins after N
minutes. What was made of other artifacts, or by another revision of the harness, is refused: a table is of one input.
Prints how long each step of the set-up took (the middle of all runs, and the worst but for some), and every failure.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import time
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from statistics import quantiles

from fixtures.selections import SELECTIONS
from provision.util.durations import duration
from provision.util.redaction import Redactor
from report import records
from report.records import Records
from report.results import FAILED, results

_ROOT = Path(__file__).resolve().parents[1]
_INTERRUPTED, _REFUSED = 130, 2
_PERCENTILES = (50, 75, 95)


@dataclass(frozen=True)
class Repeat:
    """One run. `steps` are seconds by name, `whole` those from its beginning to the end; `failures` are for people."""

    folder: Path
    made_by: str
    steps: Mapping[str, float]
    whole: float
    failures: tuple[str, ...]

    @classmethod
    @cache  # sixty runs were read sixty times
    def of(cls, folder: Path) -> Repeat | None:
        """That of a run directory; None where the run did not come to its end."""
        found = records.read(folder, Redactor())
        if not found.session or found.session.get("interrupted"):
            return None
        steps = {each.name: each.stop - each.start for each in found.steps if each.stop is not None}
        whole = float(found.run.get("finished") or 0) - float(found.run.get("started") or 0)
        return cls(folder, _made_by(found), steps, whole, tuple(_failures(found)))


def _made_by(found: Records) -> str:
    releases = (f"{each.get('release')} from {each.get('source')}" for each in found.run.get("kubernetes") or ())
    components = (
        f"{name} {version}"
        for cluster in found.run.get("clusters") or ()
        for name, version in sorted((cluster.get("components") or {}).items())
    )
    return ", ".join((f"harness {found.run.get('harness')}", *releases, *components))


def _failures(found: Records) -> Iterator[str]:
    yield from (f"the step '{each.name}': {each.error.splitlines()[0]}" for each in found.steps if each.error)
    yield from (f"{each.nodeid}: {each.summary}" for each in results(found.phases) if each.outcome == FAILED)


def table(repeats: Sequence[Repeat]) -> Iterator[str]:
    """A row of Markdown for each step, in the order of their middles, and one for the whole."""
    seconds: dict[str, list[float]] = defaultdict(list)
    for each in repeats:
        for name, took in {**each.steps, "the whole run": each.whole}.items():
            seconds[name].append(took)
    yield "| step | runs | " + " | ".join(f"p{each}" for each in _PERCENTILES) + " | worst |"
    yield "| --- | ---: | ---: | ---: | ---: | ---: |"
    for name, found in sorted(seconds.items(), key=lambda item: -percentiles(item[1])[0]):
        shown = (*percentiles(found), max(found))
        yield f"| {name} | {len(found)} | " + " | ".join(duration(each) for each in shown) + " |"


def percentiles(seconds: Sequence[float]) -> list[float]:
    cut = quantiles(seconds, n=100, method="inclusive") if len(seconds) > 1 else list(seconds) * 99
    return [cut[each - 1] for each in _PERCENTILES]


def repeated(folder: Path) -> list[Repeat]:
    """The runs of a folder that came to their ends, the oldest first."""
    found = (Repeat.of(each) for each in sorted(folder.glob("[0-9]*")))
    return [each for each in found if each]


def refuse_mixed(repeats: Iterable[Repeat]) -> None:
    """End where runs were not made of the same; one that came to nothing has fewer components, and says so itself."""
    kinds = {each.made_by for each in repeats if not each.failures}
    if len(kinds) > 1:
        sys.exit("these runs were not made of the same:\n" + "\n".join(sorted(kinds)) + "\nTry: another folder")


def main(typed: Sequence[str] | None = None) -> int:
    """Run until there are enough; returns 1 where anything failed, and 3 where the time was over before.

    A run that was interrupted, or left nothing, is the last; its status is returned.
    """
    options = _parser().parse_args(typed)
    options.folder.mkdir(parents=True, exist_ok=True)
    deadline = time.monotonic() + options.minutes * 60
    while len(done := repeated(options.folder)) < options.runs and time.monotonic() < deadline:
        refuse_mixed(done)
        folder = options.folder / f"{len(list(options.folder.glob('[0-9]*'))) + 1:03}"
        print(f"{options.selection}: {len(done) + 1} of {options.runs}, in {folder}", flush=True)
        call = [sys.executable, "-m", "fixtures", options.selection, f"--ha-run-dir={folder}"]
        ended = subprocess.run(call, cwd=_ROOT, stdout=subprocess.DEVNULL, check=False).returncode
        if ended == _INTERRUPTED or not folder.exists():
            return ended or _REFUSED  # which the next would be, too
    print("\n".join(answer(done)))
    return 1 if any(each.failures for each in done) else 0 if len(done) >= options.runs else 3


def answer(repeats: Sequence[Repeat]) -> Iterator[str]:
    """The table, and every failure with its run."""
    yield from table(repeats)
    yield f"{len(repeats)} runs, {sum(bool(each.failures) for each in repeats)} with failures"
    yield from (f"{each.folder}: {failure}" for each in repeats for failure in each.failures)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tests.repeated_runs", description=__doc__.splitlines()[0])
    parser.add_argument("selection", choices=[*SELECTIONS], metavar="SELECTION", help="as of ./run")
    parser.add_argument("runs", type=int, metavar="RUNS")
    parser.add_argument("folder", type=Path, metavar="FOLDER")
    parser.add_argument("--minutes", type=float, default=40.0, help="after which no run begins (40)")
    return parser


if __name__ == "__main__":
    sys.exit(main())
