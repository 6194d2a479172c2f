"""On which of your machines something was done that is to be undone. What is remembered survives the process."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

_FOLDER = "touched"


class Touched:
    """A file for each machine, in the cluster's own folder; no folder where an older version made the cluster.

    Without a `cluster`, as where something is only planned, nothing is remembered.
    """

    def __init__(self, cluster: Path | None) -> None:
        self._folder = cluster / _FOLDER if cluster else None

    def begin(self) -> None:
        """Nothing was done yet."""
        if self._folder:
            self._folder.mkdir(parents=True, exist_ok=True)

    def add(self, names: Iterable[str]) -> None:
        """Something is about to be done on these machines."""
        if self._folder:
            for name in names:
                (self._folder / name).touch()

    def among(self, names: Iterable[str]) -> set[str]:
        """Those of the machines on which something was done; all of them where that was not remembered."""
        folder = self._folder if self._folder and self._folder.is_dir() else None
        return {name for name in names if not folder or (folder / name).exists()}
