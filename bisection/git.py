"""Commits of a checkout, and a copy of it where git bisect goes from one to the next; the checkout stays as it is."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from provision.util import local
from provision.util.errors import BadInput, CommandFailed
from provision.util.result import Result

_FIRST_BAD = re.compile(r"^([0-9a-f]{40,64}) is the first bad commit$", re.M)
_ONE_OF = re.compile(r"^([0-9a-f]{40,64})$", re.M)
_ONLY_SKIPPED = 2
"""The exit status of git bisect where only commits are left that were skipped, of which it lists all."""
_LONG = 1800  # seconds, to check out all of Kubernetes on a slow disk


@dataclass(frozen=True)
class Commit:
    """A commit, by its whole name; `title` is the first line of its message."""

    name: str
    title: str

    @property
    def brief(self) -> str:
        """As in `0123456789ab kubeadm: wait for the kubelet`."""
        return f"{self.name[:12]} {self.title}"


def commit(tree: Path, revision: str) -> Commit:
    """The commit that a revision names in a checkout; raises BadInput where there is none."""
    if not (tree / ".git").exists():
        raise BadInput(f"{tree} is not a git checkout, and has no commits to choose from", fix="--ha-source=DIR")
    try:
        name, _, title = git(tree, "log", "-1", "--format=%H %s", f"{revision}^{{commit}}", "--").partition(" ")
    except CommandFailed as failed:
        raise BadInput(f"'{revision}' is not a commit of {tree}", answer=failed.answer) from None
    return Commit(name, title)


def git(tree: Path, *arguments: str) -> str:
    """What git prints; raises CommandFailed."""
    return _run(tree, *arguments).stdout.strip()


def _run(tree: Path, *arguments: str, check: bool = True) -> Result:
    environment = os.environ | {"LC_ALL": "C"}  # what it prints is read
    return local.run(["git", "-C", str(tree), *arguments], env=environment, timeout=_LONG, check=check)


@contextmanager
def copied(source: Path, copy: Path) -> Iterator[Path]:
    """A copy of a checkout's commits, without its changes, which is removed when the block ends."""
    local.remove_tree(copy)  # of a process that was killed
    copy.parent.mkdir(parents=True, exist_ok=True)
    try:
        git(source, "clone", "--quiet", "--shared", "--no-checkout", str(source.absolute()), str(copy))
        yield copy
    finally:
        local.remove_tree(copy)


def begin(tree: Path, good: Commit, bad: Commit) -> tuple[Commit, ...] | None:
    """Begin between two commits in a copy; as `mark` says, what is checked out is to be tried, or it was found."""
    git(tree, "checkout", "--quiet", "--force", "--detach", bad.name)
    return _answered(tree, "start", bad.name, good.name)


def mark(tree: Path, word: str) -> tuple[Commit, ...] | None:
    """Say `good`, `bad` or `skip` of what is checked out.

    Returns the first bad commit, or those of which it is one where the others were skipped; None where git has checked
    out another one to be tried. Raises CommandFailed where git cannot go on, as where a fix lies between the ends.
    """
    return _answered(tree, word)


def _answered(tree: Path, *arguments: str) -> tuple[Commit, ...] | None:
    result = _run(tree, "bisect", *arguments, check=False)
    if result.rc == _ONLY_SKIPPED:
        return tuple(commit(tree, each) for each in _ONE_OF.findall(result.stdout))
    if not result.ok:
        raise CommandFailed(f"git bisect {arguments[0]} cannot go on", answer=result.stdout + result.stderr)
    found = _FIRST_BAD.search(result.stdout)
    return (commit(tree, found[1]),) if found else None
