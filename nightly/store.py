"""The store: a folder to which runs are added and nothing is ever changed. One file a run, and each text once.

`runs/<when it began>-<digest>.json.gz` has the results of a run; `texts/<two letters>/<digest>.gz` is what a command
printed or the text of a failure, mostly the same as the night before. Both are the same wherever they are made, so
stores can be merged by copying one over the other, and kept in git. `causes/<id>.json.gz` is what a cause of failures
was first seen with; where two stores know one cause by two ids, the older is taken.
"""

from __future__ import annotations

import gzip
import hashlib
import json
import sys
import zlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cache, lru_cache, partial
from pathlib import Path
from typing import Any

from provision.util.atomic_write import write_whole
from provision.util.errors import BadInput, Problem
from report.renamed import Names, names

SCHEMA = 1

Data = dict[str, Any]
Known = dict[tuple[tuple[str, Any], ...], Data]
"""Results of scenarios by machine, found by their content."""

_UNREADABLE = (OSError, EOFError, zlib.error)  # gone, no archive, cut off, damaged
_LARGE = ("commands", "inside")  # of a cluster
_AT_HAND = 8  # runs whose commands were read last; each is two megabytes


@dataclass(frozen=True)
class Later(Iterable[Any]):
    """A part of a cluster's results that is large and rarely wanted, as its commands: read only when iterated over."""

    read: Callable[[], list[Any]]

    def __iter__(self) -> Iterator[Any]:
        return iter(self.read())


@dataclass(frozen=True)
class Kept:
    """Runs, newest first, each with its name; and the names of those that cannot be read.

    Of each cluster, `commands` and `inside` are `Later`; everything else is as it was kept.
    """

    runs: list[tuple[str, Data]]
    unreadable: list[str]


class Store:
    """One store. Folders appear when something is added.

    What is read has the names that scenarios have now, by `known_names`; what was kept stays as it is.
    """

    def __init__(self, folder: Path, known_names: Names | None = None) -> None:
        self._folder = folder
        self._names = known_names or names()
        self.text = cache(self._text)
        self._read_again = lru_cache(_AT_HAND)(_run)

    def add(self, name: str, summary: Data) -> Path:
        """Keep a run under a name that begins with its time; returns the file. The same run again changes nothing."""
        content = json.dumps({"schema": SCHEMA, **summary}, sort_keys=True, ensure_ascii=False).encode()
        return _write(self._folder / "runs" / f"{name}-{_digest(content, 8)}.json.gz", content)

    def keep(self, text: str) -> str:
        """Keep a text; returns the digest that finds it again."""
        content = text.encode("utf-8", "replace")
        digest = _digest(content, 16)
        _write(self._path(digest), content)
        return digest

    def _text(self, digest: str) -> str:
        """A text that was kept; says so where it is gone or damaged."""
        try:
            content = gzip.decompress(self._path(digest).read_bytes())
        except FileNotFoundError:
            return f"(the text {digest} is not in the store)\n"
        except _UNREADABLE:
            content = b""
        return content.decode() if _digest(content, 16) == digest else f"(the text {digest} is damaged in the store)\n"

    def keep_cause(self, name: str, cause: Data) -> None:
        """Keep a cause under its id; one that is there stays as it is."""
        path = self._folder / "causes" / f"{name}.json.gz"
        if _cause(path) is None:
            _write(path, json.dumps({"schema": SCHEMA, **cause}, sort_keys=True, ensure_ascii=False).encode())

    def causes(self) -> list[tuple[str, Data]]:
        """Every cause by its id. One whose file is damaged is as good as none: its failures make it anew."""
        found = ((path, _cause(path)) for path in sorted((self._folder / "causes").glob("*.json.gz")))
        return [(path.name.removesuffix(".json.gz"), cause) for path, cause in found if cause]

    def current(self, scenario: str) -> str:
        """The name that a scenario has now."""
        return self._names.current(scenario)

    def run(self, path: Path) -> tuple[str, Data]:
        """The run that a file holds, with its name; raises Problem where it cannot be read."""
        run = self._light(path, {})
        if run is None:
            raise Problem(f"{path} was written and cannot be read", fix="./run results add RUN_DIR --store DIR")
        return path.name.removesuffix(".json.gz"), run

    def runs(self, newest: int | None = None) -> Kept:
        """So many runs, or all, newest first. What a newer version has kept, and this one does not know, is left out.

        Raises BadInput where the folder is not a store.
        """
        files = sorted((self._folder / "runs").glob("*.json.gz"), reverse=True)
        if not files:
            raise BadInput(f"there are no runs in {self._folder}", fix="./run results add RUN_DIR --store DIR")
        known: Known = {}
        read = [(path.name.removesuffix(".json.gz"), self._light(path, known)) for path in files[:newest]]
        if all(data is None for _, data in read):
            raise BadInput(f"no run in {self._folder} can be read", fix="./run results add RUN_DIR --store DIR")
        return Kept(
            [(name, data) for name, data in read if data and data.get("schema") == SCHEMA],
            [name for name, data in read if data is None],
        )

    def _light(self, path: Path, known: Known) -> Data | None:
        """A run as it is held while the page is drawn; None where it cannot be read."""
        run = _run(path)
        if run and run.get("schema") == SCHEMA:
            for name, cluster in run["clusters"].items():
                cluster |= {part: Later(partial(self._part, path, name, part)) for part in _LARGE if part in cluster}
                cluster["tests"] = _once(self._named_now(cluster["tests"]), known)
                cluster["failures"] = self._failures_now(cluster["failures"])
                cluster["faults"] = self._now(cluster.get("faults") or [])
        return run

    def _named_now(self, tests: Data) -> Data:
        """The scenarios under the names that they have now, without those that were removed on purpose."""
        named = {self._names.current(name): found for name, found in tests.items()}
        return {name: found for name, found in named.items() if not self._names.is_removed(name)}

    def _failures_now(self, failures: list[Data]) -> list[Data]:
        """The failures of the same scenarios: a run counts no red that no page shows."""
        return [each for each in self._now(failures) if not self._names.is_removed(each["scenario"])]

    def _now(self, found: list[Data]) -> list[Data]:
        """What was found of scenarios, under the names that these have now."""
        return [each | {"scenario": self._names.current(each["scenario"])} for each in found]

    def _part(self, path: Path, cluster: str, part: str) -> list[Any]:
        run = self._read_again(path)
        if run is None:
            raise Problem(f"{path} could be read and now cannot", fix="draw the page again")
        found: list[Any] = run["clusters"][cluster][part]
        return found

    def _path(self, digest: str) -> Path:
        return self._folder / "texts" / digest[:2] / f"{digest}.gz"


def _run(path: Path) -> Data | None:
    """What was kept of a run; None where the file is not what its name says: its end is the digest of what is in it."""
    try:
        content = gzip.decompress(path.read_bytes())
    except _UNREADABLE:
        return None
    whole = path.name.endswith(f"-{_digest(content, 8)}.json.gz")
    data: Data | None = json.loads(content) if whole else None
    return data


def _cause(path: Path) -> Data | None:
    """What was kept of a cause; None where there is nothing, or nothing that can be read."""
    try:
        data: Data = json.loads(gzip.decompress(path.read_bytes()))
    except (*_UNREADABLE, ValueError):
        return None
    return data if data.get("schema") == SCHEMA else None


def _once(tests: Data, known: Known) -> Data:
    """The results of each scenario by machine; results that are the same as in another night are held once."""
    return {sys.intern(name): known.setdefault(tuple(found.items()), found) for name, found in tests.items()}


def _digest(content: bytes, length: int) -> str:
    return hashlib.sha256(content).hexdigest()[:length]


def _write(path: Path, content: bytes) -> Path:
    """Write what is not there yet, or is damaged; other processes may write the same meanwhile. Raises OSError."""
    if not _holds(path, content):
        path.parent.mkdir(parents=True, exist_ok=True)
        write_whole(path, gzip.compress(content, mtime=0))
    return path


def _holds(path: Path, content: bytes) -> bool:
    try:
        return gzip.decompress(path.read_bytes()) == content
    except _UNREADABLE:
        return False
