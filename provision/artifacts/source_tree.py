"""A checkout of kubernetes/kubernetes, built as it is: uncommitted changes included, and again only what has changed.

The version is composed as in hack/lib/version.sh, from the nearest tag and the commits since.
"""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from pathlib import Path

from provision.artifacts import gomodules, own
from provision.artifacts.cache import Recipe, describe, lock_path
from provision.artifacts.own import NAMES, OwnPrograms
from provision.config.versions import Version
from provision.recording.journal import Journal
from provision.util import file_locks, local
from provision.util.errors import BadInput, CommandFailed, HostLacks
from provision.util.home import Home

_DISTANCE = re.compile(r"-(\d+)-g([0-9a-f]+)$")
"""What `git describe` has behind a tag that is not the commit itself."""


@dataclass(frozen=True)
class Revision:
    """What is checked out. `made` is the commit's time, as in `2026-11-28T03:27:08Z`."""

    version: Version
    commit: str
    made: str
    dirty: bool


def build(tree: Path, home: Home, journal: Journal) -> Path:
    """The folder with all programs of a tree, built where there is nothing yet, or where the tree has changed.

    Raises BadInput for what is not a checkout of Kubernetes with its tags, and CommandFailed where it does not compile.
    """
    if not (tree / "cmd/kubeadm").is_dir() or not (tree / "go.mod").is_file():
        raise BadInput(
            f"{tree} is not a checkout of kubernetes/kubernetes", answer="it has no go.mod, or no cmd/kubeadm"
        )
    found = revision(tree)
    recipe = _recipe(tree, f"build {found.version} from {tree}")
    folder = home.artifacts / recipe.name  # the one artifact that changes: go links anew only what is not the same
    with (
        file_locks.held(lock_path(home, recipe.name), journal, recipe.title, gomodules.BUILD),
        journal.step(f"{recipe.title} ({recipe.estimate})"),
    ):
        folder.mkdir(parents=True, exist_ok=True)
        toolchain = _toolchain(tree)
        packages = [f"k8s.io/kubernetes/cmd/{name}" for name in NAMES]
        flags = gomodules.stamps(found.version, found.commit, found.made, dirty=found.dirty)
        gomodules.go(
            "build", "-trimpath", f"-ldflags={flags}", "-o", f"{folder}{os.sep}", *packages,
            cwd=tree, timeout=gomodules.BUILD, workspace=True, toolchain=toolchain,
        )  # fmt: skip
        describe(folder, recipe)
    return folder


def last_built(tree: Path, home: Home) -> OwnPrograms | None:
    """The programs that were built of a tree before; None where there are none, or no whole ones."""
    try:
        return own.read(home.artifacts / _recipe(tree, "").name)
    except BadInput:
        return None


def _recipe(tree: Path, title: str) -> Recipe:
    return Recipe("source", {"tree": str(tree.absolute())}, title, "minutes, then seconds")


def _toolchain(tree: Path) -> str:
    """The Go that a tree is built with, as GOTOOLCHAIN has it: the one that it names, fetched where it is missing.

    Raises HostLacks where that cannot be done. As in hack/lib/golang.sh, GOTOOLCHAIN and FORCE_HOST_GO of the
    environment count more; without .go-version go itself goes by go.mod.
    """
    named = tree / ".go-version"
    wanted = f"go{named.read_text().strip()}" if named.is_file() else "auto"
    forced = "local" if os.environ.get("FORCE_HOST_GO") else wanted
    given = os.environ.get("GOTOOLCHAIN", "auto")
    toolchain = forced if given == "auto" else given
    try:
        gomodules.go("list", "-m", cwd=tree, workspace=True, toolchain=toolchain)  # by then go has fetched itself
    except CommandFailed as failed:
        raise HostLacks(
            f"{tree} is not built by GOTOOLCHAIN={toolchain}: {_needs(tree, wanted)}",
            answer=failed.answer,
            fix="GOPROXY=<a proxy with golang.org/toolchain>, or install that Go; FORCE_HOST_GO=y takes the one here",
        ) from None
    return toolchain


def _needs(tree: Path, wanted: str) -> str:
    """Which Go a tree wants, by the file that says so."""
    if wanted != "auto":
        return f"its .go-version names {wanted}"
    found = re.search(r"^go (\S+)$", (tree / "go.mod").read_text(), re.M)
    return f"its go.mod wants Go {found[1]}, or a newer one" if found else "its go.mod names no Go"


def revision(tree: Path) -> Revision:
    """What is checked out in a tree; raises BadInput where git does not know a tag of a release before it."""
    commit, made = _git(tree, "log", "-1", "--format=%H %cI").split()
    dirty = bool(_git(tree, "status", "--porcelain"))
    try:
        described = _git(tree, "describe", "--tags", "--match=v*", "--abbrev=14", commit)
    except CommandFailed as failed:
        raise BadInput(
            f"no tag of a release leads to what is checked out in {tree}",
            answer=failed.answer,
            fix=f"git -C {tree} fetch --tags --unshallow",
        ) from None
    return Revision(composed(described, dirty=dirty), commit, made, dirty)


def composed(described: str, *, dirty: bool) -> Version:
    """The version that a build gets: `v1.38.0-alpha.0.123+0123456789abcd-dirty`. Pure; raises BadInput."""
    tag = _DISTANCE.sub("", described)
    distance = _DISTANCE.search(described)
    between = "." if "-" in tag else "-"  # v1.38.0-alpha.0 → v1.38.0-alpha.0.123, v1.37.2 → v1.37.2-5
    behind = f"{between}{distance[1]}+{distance[2]}" if distance else ""
    return Version.parse(f"{tag}{behind}{'-dirty' if dirty else ''}")


def _git(tree: Path, *arguments: str) -> str:
    return local.run(["git", "-C", str(tree), *arguments]).stdout.strip()
