"""Texts of a checkout of the website, by git: any clone or fork that has the commits, bare or not."""

from __future__ import annotations

import subprocess
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from provision.util.errors import BadInput

_FOLDERS = (
    "/docs/setup/production-environment/tools/kubeadm/",
    "/docs/tasks/administer-cluster/kubeadm/",
    "/docs/reference/setup-tools/kubeadm/",
)
_GENERATED = "/generated/"  # written by a program from kubeadm's own help


@dataclass(frozen=True, order=True)
class At:
    """A file at a commit."""

    commit: str
    path: str

    @property
    def language(self) -> str:
        """Of a page, by its path: content/LANGUAGE/…"""
        return self.path.split("/")[1]


@dataclass(frozen=True)
class Checkout:
    """A repository of the website."""

    folder: Path

    def spec(self, at: At) -> str:
        """As the product is given it."""
        return f"{self.folder}@{at.commit}:{at.path}"

    @cache  # noqa: B019 -- one object, as long as the program runs
    def text(self, at: At) -> str | None:
        """What the file has; none where the repository does not have it."""
        answer = self._git("show", f"{at.commit}:{at.path}")
        return None if answer.returncode else answer.stdout.decode(errors="replace")

    def commit(self, revision: str) -> str:
        """The whole name of a commit; raises BadInput where there is none."""
        answer = self._git("rev-parse", "--verify", f"{revision}^{{commit}}")
        if answer.returncode:
            raise BadInput(f"{self.folder} has no revision {revision}", answer=answer.stderr.decode(errors="replace"))
        return answer.stdout.decode().strip()

    def kubeadm_pages(self, commit: str) -> list[At]:
        """All pages about kubeadm, in all languages, that people write."""
        names = self._git("ls-tree", "-r", "--name-only", "-z", commit, "content/").stdout.decode().split("\0")
        written = [name for name in names if name.endswith(".md") and _GENERATED not in name]
        return [At(commit, name) for name in written if any(each in name for each in _FOLDERS)]

    def _git(self, *arguments: str) -> subprocess.CompletedProcess[bytes]:
        return subprocess.run(["git", "-C", str(self.folder), *arguments], capture_output=True, check=False)
