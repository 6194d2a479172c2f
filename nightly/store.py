"""The store: a folder to which runs are added and nothing is ever changed. One file a run, and each text once.

`runs/<when it began>-<digest>.json.gz` says what came of a run; `texts/<two letters>/<digest>.gz` is what a command
printed or a failure said, which mostly is what it was the night before. Both are the same wherever they are made, so
stores can be merged by copying one over the other, and kept in git.
"""

from __future__ import annotations

import gzip
import hashlib
import json
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

from provision.errors import BadInput

SCHEMA = 1

Data = dict[str, Any]


class Store:
    """One store. Folders appear when something is added."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.text = cache(self._text)

    def add(self, name: str, summary: Data) -> Path:
        """Keep a run under a name that begins with its time; returns the file. The same run again changes nothing."""
        content = json.dumps({"schema": SCHEMA, **summary}, sort_keys=True, ensure_ascii=False).encode()
        path = self._folder / "runs" / f"{name}-{hashlib.sha256(content).hexdigest()[:8]}.json.gz"
        return _write(path, content)

    def keep(self, text: str) -> str:
        """Keep a text; returns the digest that finds it again."""
        content = text.encode("utf-8", "replace")
        digest = hashlib.sha256(content).hexdigest()[:16]
        _write(self._path(digest), content)
        return digest

    def _text(self, digest: str) -> str:
        """A text that was kept; says so where it is gone."""
        try:
            return gzip.decompress(self._path(digest).read_bytes()).decode()
        except OSError:
            return f"(the text {digest} is not in the store)\n"

    def runs(self, newest: int) -> Iterator[tuple[str, Data]]:
        """So many runs, newest first: name and what was kept of it. What this version does not understand is left out.

        Raises BadInput where the folder is no store.
        """
        files = sorted((self._folder / "runs").glob("*.json.gz"), reverse=True)
        if not files:
            raise BadInput(f"there are no runs in {self._folder}", remedy="./run results add RUN_DIR --store DIR")
        for path in files[:newest]:
            data = json.loads(gzip.decompress(path.read_bytes()))
            if data.get("schema") == SCHEMA:
                yield path.name.removesuffix(".json.gz"), data

    def _path(self, digest: str) -> Path:
        return self._folder / "texts" / digest[:2] / f"{digest}.gz"


def _write(path: Path, content: bytes) -> Path:
    """Write a file that is there whole or not at all."""
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        temporary = path.with_suffix(".new")
        temporary.write_bytes(gzip.compress(content, mtime=0))
        temporary.replace(path)
    return path
