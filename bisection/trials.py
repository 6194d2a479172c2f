"""One commit tried: checked out, built, and run on a cluster of its own. What came out is kept, and not tried again."""

from __future__ import annotations

import itertools
import json
import re
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from bisection import git
from bisection.git import Commit
from bisection.outcome import Outcome, of_run
from provision.artifacts import source_tree
from provision.recording.journal import Journal
from provision.util import foreground
from provision.util.atomic_write import write_whole
from provision.util.errors import CommandFailed, Interrupted, Problem
from provision.util.home import Home

_ROOT = Path(__file__).parent.parent
_KEPT = "outcome.json"
_GREEN, _RED, _NOTHING_SELECTED = 0, 1, 5
"""Exit statuses of a run: all green, something red, and no test that was selected."""

_COMPILER = re.compile(r"^\S+\.go:\d+:\d+: .*$", re.M)
"""How go names a line that is wrong. Any other failure, as of a module proxy, is not the commit's."""


@dataclass(frozen=True)
class Trial:
    """What came out of one commit: an outcome, or the reason why there is none, as where it does not compile."""

    commit: Commit
    folder: Path
    outcome: Outcome | None
    reason: str
    seconds: float


@dataclass(frozen=True)
class Trials:
    """How commits are tried: in a `tree` of their own, with a selection of scenarios, and pytest's arguments.

    `folder` gets a run directory for each commit. `forget` removes what was made of a build, which is never used again.
    """

    tree: Path
    folder: Path
    home: Home
    journal: Journal
    selection: str
    arguments: Sequence[str]
    forget: Callable[[Path], object]
    run: Callable[[Sequence[str]], int] = lambda command: foreground.call(command, folder=_ROOT, to_stderr=True)

    def of(self, commit: Commit) -> Trial:
        """Try a commit, unless it was tried before. Raises Problem where a run says nothing about any commit."""
        folder = self.folder / commit.name[:12]
        if (folder / _KEPT).exists():
            return _read(commit, folder)
        begin = time.monotonic()
        outcome, reason = self._tried(commit, _empty(folder))
        trial = Trial(commit, folder, outcome, reason, time.monotonic() - begin)
        _keep(trial)
        return trial

    def _tried(self, commit: Commit, folder: Path) -> tuple[Outcome | None, str]:
        git.git(self.tree, "checkout", "--quiet", "--force", "--detach", commit.name)
        try:
            built = source_tree.build(self.tree, self.home, self.journal)
        except CommandFailed as failed:
            line = _COMPILER.search(failed.answer)
            if not line:
                raise
            return None, f"it does not compile: {line[0]}"
        try:
            self._run(commit, folder)
        finally:
            self.forget(built)
        return of_run(folder), ""

    def _run(self, commit: Commit, folder: Path) -> None:
        settings = [f"--ha-source={self.tree}", f"--ha-run-dir={folder}"]
        status = self.run([sys.executable, "-m", "fixtures", self.selection, *settings, *self.arguments])
        if status == foreground.INTERRUPTED:
            raise Interrupted(f"interrupted while {commit.brief} was tried", fix="the same command goes on from there")
        if status == _NOTHING_SELECTED:
            raise Problem(
                f"no test was selected for {commit.brief}", fix="a -k that selects one, or another --selection"
            )
        if status not in (_GREEN, _RED):
            raise Problem(
                f"the run for {commit.brief} ended with {status}, and says why above: that is not about the commit",
                fix="when it is fixed, the same command goes on from there",
            )


def _empty(folder: Path) -> Path:
    """The folder of a run that is yet to be: what an interrupted one left is set aside."""
    if folder.exists():
        names = (folder.with_name(f"{folder.name}-interrupted-{number}") for number in itertools.count(1))
        folder.rename(next(each for each in names if not each.exists()))
    folder.mkdir(parents=True)
    return folder


def _keep(trial: Trial) -> None:
    found = trial.outcome
    kept = {
        "reason": trial.reason, "seconds": round(trial.seconds, 1),
        **({"red": dict(found.red), "green": sorted(found.green)} if found else {}),
    }  # fmt: skip
    write_whole(trial.folder / _KEPT, json.dumps(kept, indent=1).encode())


def _read(commit: Commit, folder: Path) -> Trial:
    kept = json.loads((folder / _KEPT).read_text())
    outcome = Outcome(kept["red"], frozenset(kept["green"])) if "red" in kept else None
    return Trial(commit, folder, outcome, kept["reason"], kept["seconds"])
