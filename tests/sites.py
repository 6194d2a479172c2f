"""Small sites in repositories of their own, for tests of reviews and of links."""

from __future__ import annotations

import subprocess
from collections.abc import Mapping
from pathlib import Path

PIER = "content/en/docs/pier.md"
HARBOUR = "content/en/docs/harbour/_index.md"
PIER_JA = "content/ja/docs/pier.md"

SITE: Mapping[str, str] = {
    PIER: "---\ntitle: The pier\n---\n\n## Moor {#moor}\n\nTie the boat up:\n\n```shell\nkubectl get boats\n```\n\n"
    "You must not leave it. Export `KUBECONFIG` first.\n",
    HARBOUR: "---\ntitle: The harbour\naliases: [/port/]\n---\n\n## Ships and boats\n\n"
    "See [the pier](/docs/pier/#moor).\n",
    PIER_JA: "---\ntitle: 桟橋\n---\n\n## 係留 {#moor}\n\n船をつなぎます。\n\n```shell\nkubectl get boats\n```\n\n"
    "離れてはなりません。先に`KUBECONFIG`を設定してください。\n",
    "content/en/docs/reference/glossary/boat.md": "---\ntitle: Boat\nid: boat\n---\nIt floats.\n",
    "content/en/examples/boats/one.yaml": "kind: Boat\n",
    "static/_redirects": "/docs/quay/ /docs/pier/ 301\n/docs/old/* /docs/harbour/:splat 301\n/docs/sunk/ /404 404\n",
}
"""Two pages in English, one of them in Japanese, too; every link leads somewhere, and nothing is wrong."""


def git(repository: Path, *command: str) -> str:
    """What git answers, as a user of its own."""
    called = ["git", "-C", str(repository), "-c", "user.name=a", "-c", "user.email=a@b.test", *command]
    return subprocess.run(called, check=True, capture_output=True, text=True).stdout.strip()


def site(folder: Path, files: Mapping[str, str] = SITE) -> Path:
    """A repository with one commit of these files, on the branch main."""
    write(folder, files)
    git(folder, "init", "-q", "-b", "main")
    commit(folder, files)
    return folder


def write(folder: Path, files: Mapping[str, str | None] = SITE) -> Path:
    """The folder with these files; those that are none are removed from it."""
    for name, text in files.items():
        path = folder / name
        if text is None:
            path.unlink()
        else:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
    return folder


def commit(repository: Path, files: Mapping[str, str | None]) -> str:
    """Write and remove files, commit them, and return the commit's hash."""
    write(repository, files)
    git(repository, "add", "-A")
    git(repository, "commit", "-qm", "a change")
    return git(repository, "rev-parse", "HEAD")
