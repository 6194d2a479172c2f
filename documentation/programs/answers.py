"""What programs answered, kept by digest of the program and the question, so that no program is run twice for the same.

Nothing depends on it: where the file cannot be read or written, programs are run each time.
"""

from __future__ import annotations

import hashlib
import json
import sqlite3
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

from documentation.pages.block import digest

T = TypeVar("T")
_KEPT = 20_000  # answers: some ten kilobytes for the longest help, mostly far less, so that the file has some 50 MB
_PATIENCE = 2.0  # seconds for another run's write, which takes milliseconds; a program answers as soon
_FORM = 1  # of what is kept: another number where answers are read otherwise than before
_DIGITS = 32  # of a digest: enough that no two are the same by chance
_READ = "SELECT answer FROM answers WHERE id = ?"
# The oldest: rows are numbered as they come.
_FORGET = "DELETE FROM answers WHERE rowid <= (SELECT max(rowid) FROM answers) - ?"
_TABLE = "CREATE TABLE IF NOT EXISTS answers (id TEXT PRIMARY KEY, answer TEXT NOT NULL)"


class Answers:
    """Answers in a file that several processes use at once; with none, in memory alone."""

    def __init__(self, path: Path | None = None) -> None:
        self._path = path
        self._known: dict[str, Any] = {}
        self._local = threading.local()

    def of(self, program: str, *question: str, answer: Callable[[], Any]) -> Any:
        """What is known of a question to a program, given by its digest; else what `answer` returns as JSON can."""
        key = digest(json.dumps([_FORM, program, *question]), _DIGITS)
        if key not in self._known:
            kept = self._read(key)
            self._known[key] = answer() if kept is None else json.loads(kept)
            if kept is None:
                self._write(key, json.dumps(self._known[key]))
        return self._known[key]

    def digest_of(self, path: Path) -> str:
        """The digest of a file's content; not computed again while the file's size and times are the same."""
        status = path.stat()
        seen = f"{path.resolve()} {status.st_size} {status.st_mtime_ns} {status.st_ctime_ns} {status.st_ino}"
        return str(self.of("digest", seen, answer=lambda: _digest(path)))

    def _read(self, key: str) -> str | None:
        row = self._try(lambda database: database.execute(_READ, (key,)).fetchone())
        return str(row[0]) if row else None

    def _write(self, key: str, answer: str) -> None:
        def write(database: sqlite3.Connection) -> None:
            database.execute("INSERT OR REPLACE INTO answers VALUES (?, ?)", (key, answer))
            database.execute(_FORGET, (_KEPT,))

        self._try(write)

    def _try(self, action: Callable[[sqlite3.Connection], T]) -> T | None:
        """What an action on the database returns; none, from now on, where there is no database or it fails."""
        if not self._path:
            return None
        try:
            return action(self._opened(self._path))
        except (sqlite3.Error, OSError):
            self._path = None
            return None

    def _opened(self, path: Path) -> sqlite3.Connection:
        if not hasattr(self._local, "database"):
            path.parent.mkdir(parents=True, exist_ok=True)
            database = sqlite3.connect(path, timeout=_PATIENCE, isolation_level=None)
            database.execute("PRAGMA synchronous = OFF")  # what a crash of the machine loses is found out again
            database.execute(_TABLE)
            self._local.database = database
        opened: sqlite3.Connection = self._local.database
        return opened


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
