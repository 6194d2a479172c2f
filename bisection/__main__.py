"""`./run bisect --ha-source=DIR GOOD BAD [ARGUMENTS OF PYTEST …]`: the commit that brought a failure.

Standard output carries only the answer; exit status 0 where it was found, 1 where it was not, 2 for wrong arguments,
130 interrupted. The same command goes on where it ended.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import signal
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from bisection import git
from bisection.git import Commit
from bisection.searching import Found, search
from bisection.trials import Trials
from provision.artifacts import derived, own
from provision.config.settings import Settings
from provision.providers.host import Host
from provision.recording.journal import Journal
from provision.recording.listeners import Console
from provision.util import file_locks, foreground
from provision.util.arguments import WRONG, Parser
from provision.util.atomic_write import write_whole
from provision.util.durations import duration
from provision.util.errors import BadInput, Interrupted, Problem
from provision.util.home import Home
from provision.util.redaction import Redactor

_RUNS = Path(__file__).parent.parent / "runs"
_DESCRIBED = "bisect.json"
_SELECTIONS = ("stacked", "external", "mutable", "faults", "upgrade")
_FOLDER = "--ha-run-dir="
_WAIT = 12 * 3600  # seconds that another search in the same checkout may take: a night


@dataclass(frozen=True)
class Wanted:
    """What is to be found: between which commits of which checkout, by which tests, and where results are kept."""

    source: Path
    good: Commit
    bad: Commit
    selection: str
    arguments: tuple[str, ...]
    folder: Path

    @property
    def settings(self) -> Settings:
        """Those among the arguments, as far as this host's engine depends on them."""
        engine = [each.partition("=")[2] for each in self.arguments if each.startswith("--ha-engine=")]
        return Settings.of({"engine": engine[-1]} if engine else {})

    @property
    def described(self) -> bytes:
        """All but the folder, to be compared."""
        parts = (str(self.source), self.good.name, self.bad.name, self.selection, list(self.arguments))
        return json.dumps(parts).encode()


def main(typed: Sequence[str]) -> int:
    """Search, and print what was found; returns the exit status."""
    try:
        found = _searched(understood(typed))
    except BadInput as problem:
        print(problem, file=sys.stderr)
        return WRONG
    except (Interrupted, KeyboardInterrupt) as interrupted:
        print(str(interrupted) or "interrupted: the same command goes on from there", file=sys.stderr)
        return foreground.INTERRUPTED
    except Problem as problem:
        print(problem, file=sys.stderr)
        return 1
    print("\n".join(answer(found)))
    return 0 if len(found.first) == 1 else 1


def understood(typed: Sequence[str]) -> Wanted:
    """What was typed. Raises BadInput for commits that do not exist, and for a folder of another search."""
    options = _parser().parse_args(typed)
    if not options.source:
        raise BadInput("bisect needs a checkout of kubernetes/kubernetes", fix="./run bisect --ha-source=DIR GOOD BAD")
    source = Path(options.source).absolute()
    good, bad = git.commit(source, options.good), git.commit(source, options.bad)
    folder = Path(options.folder or _RUNS / f"bisect-{good.name[:12]}-{bad.name[:12]}").absolute()
    wanted = Wanted(source, good, bad, options.selection, tuple(options.arguments), folder)
    kept = folder / _DESCRIBED
    if kept.exists() and kept.read_bytes() != wanted.described:
        raise BadInput(
            f"{folder} has another search, between other commits or by other tests",
            fix=f"{_FOLDER}ANOTHER, or remove it",
        )
    return wanted


def answer(found: Found) -> Iterator[str]:
    """What was tried, and what was found, a line each."""
    for trial, verdict in found.tried:
        yield f"{verdict.word:4}  {trial.commit.brief}  ({duration(trial.seconds)}, {trial.folder})"
    yield ""
    if len(found.first) == 1:
        yield f"the first bad commit is {found.first[0].name} {found.first[0].title}"
        yield from (f"  {verdict.why}" for trial, verdict in found.tried if trial.commit == found.first[0])
    else:
        yield "the first bad commit is one of these, which say neither good nor bad but for the last:"
        yield from (f"  {each.name} {each.title}" for each in found.first)


def _searched(wanted: Wanted) -> Found:
    home, journal = Home.default(), Journal("bisect", Redactor(), [Console(_say)])
    copy = home.root / "bisections" / hashlib.sha256(str(wanted.source).encode()).hexdigest()[:12]

    def forget(built: Path) -> None:
        derived.remove(home, own.read(built), lambda: Host(wanted.settings, home).engine.name)

    with (
        file_locks.held(home.locks / f"bisect-{copy.name}", journal, f"bisect {wanted.source}", _WAIT),
        git.copied(wanted.source, copy) as tree,
    ):
        wanted.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        write_whole(wanted.folder / _DESCRIBED, wanted.described)
        trials = Trials(tree, wanted.folder, home, journal, wanted.selection, wanted.arguments, forget)
        return search(trials, wanted.good, wanted.bad, lambda text: _say(f"bisect: {text}"))


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def _parser() -> Parser:
    parser = Parser(
        prog="./run bisect",
        usage="./run bisect --ha-source DIR [--selection NAME] GOOD BAD [--ha-NAME VALUE ...] [PYTEST'S ARGUMENTS ...]",
        description="find the commit that brought a failure: one cluster for each commit that git bisect wants tried",
        epilog="-k chooses the tests; what is red of them at BAD is what is searched for. The same command goes on.",
    )
    parser.add_argument("good", metavar="GOOD", help="a commit of the checkout without the failure")
    parser.add_argument("bad", metavar="BAD", help="a later one with it")
    parser.add_argument("arguments", nargs=argparse.REMAINDER, metavar="...", help="settings, and arguments of pytest")
    parser.add_argument("--ha-source", dest="source", metavar="DIR", help="the checkout; it stays as it is")
    parser.add_argument("--ha-run-dir", dest="folder", metavar="DIR", help="where results go (runs/bisect-GOOD-BAD)")
    parser.add_argument(
        "--selection", choices=_SELECTIONS, default=_SELECTIONS[0], help="as of ./run: clusters and scenarios (stacked)"
    )
    return parser


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, lambda *_: os.kill(os.getpid(), signal.SIGINT))  # both end it in order
    sys.exit(main(sys.argv[1:]))
