"""What the fakes did, in order, in a file that they share with the fake engine."""

from __future__ import annotations

import os
from pathlib import Path

_CLUSTER = "label kubeadm-ha.cluster="


def note(what: str, cluster: str) -> None:
    """Append a line, whole: other threads and processes write, too."""
    with Path(os.environ["FAKE_ENGINE"], "history").open("a") as file:
        file.write(f"{what} {cluster} {os.getpid()}\n")


def history(folder: Path) -> list[tuple[str, str]]:
    """What was `made`, `removed` or `blocked` in a project, in order, and which cluster."""
    return [(what, cluster) for what, cluster, _ in noted(folder)]


def noted(folder: Path) -> list[tuple[str, str, int]]:
    """Like `history`, with the process that did it."""
    path = folder / "engine" / "history"
    lines = path.read_text().splitlines() if path.exists() else []
    return [(what, cluster, int(process)) for what, cluster, process in map(str.split, lines)]


def left(folder: Path) -> list[str]:
    """The clusters of which containers, a network or a folder remains in a project."""
    labelled = [path for kind in ("containers", "networks") for path in (folder / "engine" / kind).glob("*")]
    lines = {line for path in labelled for line in path.read_text().splitlines() if line.startswith(_CLUSTER)}
    remembered = {path.name for path in (folder / "home" / "clusters").glob("*")}
    return sorted({line.removeprefix(_CLUSTER) for line in lines} | remembered)
