"""The revisions of a page in a checkout, newest first, and their texts."""

from __future__ import annotations

import io
import subprocess
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
from pathlib import PurePosixPath

from documentation.pages import markdown
from documentation.pages.block import Page
from documentation.pages.source import revision_of
from provision.util.errors import BadInput

_LIMIT = 120  # seconds for all revisions of a page: git reads each commit of a site, which may have 50,000
_ORIGINAL = "en"

_Logged = tuple[str, str, str, str]
"""A commit as git's log has it: its hash, its day, its subject, and the path of the page."""


@dataclass(frozen=True)
class Place:
    """Where a page is in a checkout, as REPOSITORY@REVISION:PATH names it."""

    repository: str
    revision: str
    path: str

    @classmethod
    def of(cls, spec: str) -> Place | None:
        """The place that a PAGE names; none for a file or a URL, whose history is unknown."""
        match = revision_of(spec)
        return cls(**match.groupdict()) if match else None

    def __str__(self) -> str:
        return f"{self.repository}@{self.revision}:{self.path}"

    def original(self, language: str) -> Place:
        """Where the English page of a translation is; raises BadInput where the path does not name its language."""
        path = PurePosixPath(self.path)
        folders = [_ORIGINAL if each == language else each for each in path.parts[:-1]]
        name = path.name.replace(f".{language}.", f".{_ORIGINAL}.")
        found = str(PurePosixPath(*folders, name))
        if found == self.path or language == _ORIGINAL:
            fix = (
                "give a translation's page, as in REPOSITORY@REVISION:content/ja/docs/…, or its original by --original"
            )
            raise BadInput(f"{self.path} does not say whose translation it is", fix=fix)
        return Place(self.repository, self.revision, found)


@dataclass(frozen=True)
class Revision:
    """A page as one commit left it."""

    commit: str
    day: str
    subject: str
    text: str

    @cached_property
    def page(self) -> Page:
        """The page's blocks."""
        return markdown.parse(self.text, self.commit, _ORIGINAL)


def revisions(place: Place) -> list[Revision]:
    """All revisions of a page, newest first, as far as the checkout has them; also those under older names."""
    commit = _git(place.repository, "rev-parse", "--verify", "--quiet", f"{place.revision}^{{commit}}")
    return list(_revisions(replace(place, revision=commit.decode().strip()))) if commit else []


@lru_cache(maxsize=4)  # originals whose translations are judged at the same time
def _revisions(place: Place) -> list[Revision]:
    commits = list(_commits(place))
    texts = _texts(place.repository, [f"{commit}:{path}" for commit, _, _, path in commits])
    if texts[:1] == [None]:
        return []  # the newest commit removed it, or moved it away
    return [
        Revision(commit, day, subject, text)
        for (commit, day, subject, _), text in zip(commits, texts, strict=True)
        if text is not None
    ]


def last_day(place: Place) -> str:
    """The day of the last commit that changed a page; empty where there is none."""
    return _git(place.repository, "log", "-1", "--format=%cs", place.revision, "--", place.path).decode().strip()


def _commits(place: Place) -> Iterable[_Logged]:
    """The commits of a page, newest first, each with the name that the page had.

    What tells git a former name are the contents of files, which a partial checkout may lack: there the name does.
    """
    answer = _ran(place.repository, _log(place, "--follow"))
    return list(_logged(answer.stdout, place)) if answer.returncode == 0 else _commits_by_name(place)


def _commits_by_name(place: Place | None) -> Iterator[_Logged]:
    while place:
        found = list(_logged(_git(place.repository, *_log(place)), place))
        yield from found
        place = _moved_from(found[-1], place) if found else None


def _moved_from(first: _Logged, place: Place) -> Place | None:
    """Where a page was before its first commit: the one file of its name that the commit took away."""
    commit, *_ = first
    command = ("diff-tree", "-r", "--no-renames", "--name-only", "--diff-filter=D", "-z", f"{commit}^", commit)
    gone = _git(place.repository, *command).decode(errors="replace").split("\0")
    named = [each for each in gone if PurePosixPath(each).name == PurePosixPath(place.path).name]
    return replace(place, revision=f"{commit}^", path=named[0]) if len(named) == 1 else None


def _log(place: Place, *options: str) -> list[str]:
    return ["log", *options, "--name-only", "--format=%x00%h%x09%cs%x09%s", place.revision, "--", place.path]


def _logged(answer: bytes, place: Place) -> Iterator[_Logged]:
    for each in answer.decode(errors="replace").split("\0")[1:]:
        header, _, path = each.partition("\n")
        commit, day, subject = header.split("\t", 2)
        yield commit, day, subject, path.strip() or place.path


def _texts(repository: str, names: list[str]) -> list[str | None]:
    """The texts of objects; none for what a shallow or partial checkout does not have."""
    answer = io.BytesIO(_git(repository, "cat-file", "--batch", stdin="".join(f"{name}\n" for name in names)))
    found: list[str | None] = []
    for name in names:
        header = answer.readline()
        size = header.rpartition(b" ")[2].strip()
        if header.startswith(name.encode()) or not size.isdigit():  # `NAME missing`
            found.append(None)
        else:
            found.append(answer.read(int(size)).decode("utf-8-sig", errors="replace"))
            answer.readline()
    return found


def _git(repository: str, *arguments: str, stdin: str = "") -> bytes:
    """What git prints. It ends early, with an error, where an object is missing: what it printed before is right."""
    return _ran(repository, arguments, stdin).stdout


def _ran(repository: str, arguments: Sequence[str], stdin: str = "") -> subprocess.CompletedProcess[bytes]:
    command = ["git", "-C", repository, *arguments]
    try:
        return subprocess.run(command, input=stdin.encode(), capture_output=True, check=False, timeout=_LIMIT)
    except subprocess.TimeoutExpired:
        raise BadInput(f"the history in {repository} cannot be read", answer=f"git took more than {_LIMIT} s") from None
