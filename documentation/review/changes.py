"""Which pages a change has, and which lines of them: what git says of two revisions."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from pathlib import PurePosixPath

from documentation.site.addresses import CONTENT
from documentation.site.tree import git
from provision.util.errors import BadInput

_RANGE = re.compile(r"(?P<repository>.+?)@(?P<base>[^.:](?:[^:]*?[^.:])?)(?P<dots>\.{2,3})(?P<head>[^.:][^:]*)?")
_HUNK = re.compile(r"^@@ -\d+(?:,(?P<old>\d+))? \+(?P<first>\d+)(?:,(?P<new>\d+))? @@")
_PAGE = ".md"
_OTHER_FORMATS = (".rst", ".adoc", ".asciidoc", ".html", ".htm", ".org")


class How(StrEnum):
    """What became of a page."""

    ADDED = "added"
    CHANGED = "changed"
    RENAMED = "renamed"
    DELETED = "deleted"


@dataclass(frozen=True)
class Range:
    """Two revisions of a repository, by their full hashes; `base` and `head` are as they were given."""

    repository: str
    base: str
    head: str
    before: str
    after: str


@dataclass(frozen=True)
class Change:
    """What became of one page. `old` is its path before, empty for a new one; `new` after, empty for one that is gone.

    `lines` are the changed lines of the new one, from 1, and the lines beside what was taken out.
    """

    how: How
    old: str
    new: str
    lines: tuple[int, ...] = ()

    @property
    def path(self) -> str:
        """Where a finding about it belongs."""
        return self.new or self.old


def range_of(spec: str) -> Range:
    """Read REPOSITORY@BASE..HEAD, or BASE...HEAD for what HEAD has since it left BASE; raises BadInput."""
    match = _RANGE.fullmatch(spec)
    if not match:
        raise BadInput(f"{spec} is not a change", fix="REPOSITORY@BASE..HEAD, or REPOSITORY@BASE...HEAD")
    repository, base, head = match["repository"], match["base"], match["head"] or "HEAD"
    before, after = _hash(repository, base), _hash(repository, head)
    if match["dots"] == "...":
        before = git(repository, "merge-base", before, after).decode().strip()
    return Range(repository, base, head, before, after)


def _hash(repository: str, revision: str) -> str:
    """A commit's or a tree's hash: the index can be reviewed as a tree."""
    if revision.startswith("-"):
        raise BadInput(f"{revision} is not a revision")
    return git(repository, "rev-parse", "--verify", "--quiet", "--end-of-options", revision).decode().strip()


def changes_of(between: Range) -> tuple[list[Change], list[str]]:
    """All pages that changed, in the order of their paths, and changed files of formats that are not read."""
    fields = _diff(between, "--name-status", "-z").split("\0")
    found, unread = [], []
    while len(fields) > 1:
        status, old = fields.pop(0), fields.pop(0)
        new = fields.pop(0) if status[0] in "RC" else old
        if not _is_page(old) and not _is_page(new):
            unread += [new] if new.endswith(_OTHER_FORMATS) and new.startswith(f"{CONTENT}/") else []
            continue
        found.append(_change(status[0], old, new))
    lines = _lines(between)
    known = [Change(each.how, each.old, each.new, tuple(lines.get(each.new, ()))) for each in found]
    return sorted(known, key=lambda each: each.path), sorted(unread)


def _change(status: str, old: str, new: str) -> Change:
    if status == "A" or not _is_page(old):
        return Change(How.ADDED, "", new)
    if status == "D" or not _is_page(new):
        return Change(How.DELETED, old, "")
    if status == "C":  # a copy is new, and the page that it was made from is as it was
        return Change(How.ADDED, "", new)
    return Change(How.RENAMED if status == "R" else How.CHANGED, old, new)


def _is_page(path: str) -> bool:
    """Whether a file is a page: Markdown, and no notes of a repository about itself."""
    return path.endswith(_PAGE) and PurePosixPath(path).name.lower() not in ("readme.md", "contributing.md")


def _lines(between: Range) -> dict[str, list[int]]:
    """Path → lines of it that are new, and the last line before what is gone."""
    found: dict[str, list[int]] = {}
    path, skipped = "", 0
    for line in _diff(between, "--unified=0", "--no-color").split("\n"):
        if skipped and line[:1] in ("-", "+"):  # text of the pages, whatever it looks like
            skipped -= 1
        elif line.startswith("+++ "):
            path = _unquoted(line[4:].rstrip("\t\r"))
        elif match := _HUNK.match(line):
            first, count = int(match["first"]), int(match["new"] or 1)
            skipped = count + int(match["old"] or 1)
            found.setdefault(path, []).extend(range(first, first + count) if count else [max(first, 1)])
    return found


def _unquoted(name: str) -> str:
    """A file's name without what git puts before and around it."""
    plain = re.sub(r"\\(.)", r"\1", name[1:-1]) if name.startswith('"') else name
    return plain.removeprefix("b/")


def _diff(between: Range, *options: str) -> str:
    plain = ("core.quotePath", "diff.noprefix", "diff.mnemonicPrefix")  # whatever its user has configured
    answer = git(
        between.repository, *(word for each in plain for word in ("-c", f"{each}=false")),
        "diff", "--no-ext-diff", "--no-textconv", "--find-renames", *options, between.before, between.after,
    )  # fmt: skip
    return answer.decode(errors="replace")


def nearest(lines: tuple[int, ...], line: int) -> int:
    """The changed line that is nearest to a line; the line itself where nothing is known to have changed."""
    return min(lines, key=lambda each: (abs(each - line), each), default=line)
