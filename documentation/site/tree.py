"""The files of a site: those of a folder, or those of a revision, for which nothing is checked out."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Collection
from functools import cache, cached_property
from pathlib import Path
from typing import Protocol

from provision.util.errors import BadInput

_LIMIT = 60  # seconds for one answer of git: the largest site that was tried needs two
_MATCHES_NOTHING = 1  # exit status of git grep


class Tree(Protocol):
    """Files by their paths, as in `content/en/docs/home/_index.md`."""

    @property
    def paths(self) -> frozenset[str]:
        """The paths of all files."""
        ...

    def text(self, path: str) -> str | None:
        """What a file says; none where there is no such file, or no text in it."""
        ...

    def containing(self, words: Collection[str], under: str) -> frozenset[str]:
        """The paths of all pages in a folder that have at least one of these words."""
        ...


class Committed:
    """The files of one revision of a repository; the repository may be bare."""

    def __init__(self, repository: str, revision: str) -> None:
        self._repository = repository
        self._revision = revision
        self._texts: dict[str, str | None] = {}

    @cached_property
    def paths(self) -> frozenset[str]:
        """The paths of all files; raises BadInput where there is no such revision."""
        answer = git(self._repository, "ls-tree", "-r", "-z", "--full-tree", "--name-only", self._revision)
        return frozenset(answer.decode(errors="replace").split("\0")) - {""}

    def text(self, path: str) -> str | None:
        """What a file says."""
        if path not in self._texts:
            self._texts[path] = self._shown(path) if path in self.paths else None
        return self._texts[path]

    def _shown(self, path: str) -> str | None:
        try:
            return git(self._repository, "show", f"{self._revision}:{path}").decode()
        except (BadInput, UnicodeDecodeError):  # a copy of a repository may lack its largest files
            return None

    def containing(self, words: Collection[str], under: str) -> frozenset[str]:
        """The paths of all pages in a folder that have at least one of these words."""
        patterns = [part for each in words for part in ("-e", each)]
        command = ("grep", "-z", "-l", "-F", "-I", "--full-name", *patterns, self._revision, "--", f":/{under}/*.md")
        found = git(self._repository, *command, accepted=(0, _MATCHES_NOTHING)).decode(errors="replace")
        return frozenset(each.partition(":")[2] for each in found.split("\0") if each)


class Folder:
    """The files of a folder as they are."""

    def __init__(self, root: Path) -> None:
        if not root.is_dir():
            raise BadInput(f"there is no folder {root}", fix="give --site the folder that has content/")
        self._root = root
        self._texts: dict[str, str | None] = {}

    @cached_property
    def paths(self) -> frozenset[str]:
        """The paths of all files."""
        return frozenset(_files(self._root))

    def text(self, path: str) -> str | None:
        """What a file says."""
        if path not in self._texts:
            self._texts[path] = self._read(path)
        return self._texts[path]

    def _read(self, path: str) -> str | None:
        try:
            return (self._root / path).read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError, ValueError):
            return None

    def containing(self, words: Collection[str], under: str) -> frozenset[str]:
        """The paths of all pages in a folder that have at least one of these words."""
        inside = (each for each in self.paths if each.startswith(f"{under}/") and each.endswith(".md"))
        return frozenset(each for each in inside if any(word in (self.text(each) or "") for word in words))


def git(repository: str, *command: str, accepted: tuple[int, ...] = (0,)) -> bytes:
    """What git answers about a repository; raises BadInput with its words."""
    what = f"git {command[0]} failed in {repository}"
    try:
        answer = subprocess.run(
            ["git", "-C", repository, *command], capture_output=True, check=False, timeout=_LIMIT,
            stdin=subprocess.DEVNULL,
        )  # fmt: skip
    except subprocess.TimeoutExpired:
        raise BadInput(what, answer=f"it did not end within {_LIMIT} s") from None
    if answer.returncode not in accepted:
        raise BadInput(what, answer=answer.stderr.decode(errors="replace"))
    return answer.stdout


@cache
def committed(repository: str, revision: str) -> Committed:
    """The files of a revision, read once."""
    return Committed(repository, revision)


def _files(root: Path) -> list[str]:
    """The files below a folder, without those of hidden folders and of what is installed there."""
    found: list[str] = []
    for folder, folders, names in os.walk(root):
        folders[:] = [each for each in folders if not each.startswith(".") and each != "node_modules"]
        here = Path(folder).relative_to(root)
        found += [(here / name).as_posix() for name in names]
    return found
