"""The programs of one Kubernetes release: downloaded where there are releases, built from source where not.

A user's own programs take the place of some of them.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

from provision.artifacts import gomodules
from provision.artifacts.archive import architecture
from provision.artifacts.cache import MARK, Cache, Recipe
from provision.artifacts.catalog import OFFICIAL, Release, releases_url
from provision.artifacts.downloads import download
from provision.artifacts.own import COMPONENTS, OwnPrograms
from provision.node import PROGRAMS
from provision.util.concurrency import together


def kubernetes(cache: Cache, release: Release) -> Path:
    """The folder of the release's programs: those of a node, and from source those of the images too."""
    if release.own:
        return _own(cache, release, release.own)
    if release.source == OFFICIAL:
        recipe = Recipe(
            "kubernetes", {"version": str(release.version), "from": releases_url()},
            f"download Kubernetes {release.version}", "about a minute",
        )  # fmt: skip
        return cache.provide(recipe, lambda folder: _download(release, folder))
    recipe = Recipe(
        "kubernetes", {"version": str(release.version), "from": "modules"},
        f"build Kubernetes {release.version} from source", "about 7 minutes on two cores", needs=5 * 1024**3,
    )  # fmt: skip
    return cache.provide(recipe, lambda folder: gomodules.build_kubernetes(release.version, folder))


def companion(cache: Cache, package: str, version: str, name: str) -> Path:
    """One program of another project, built from source."""
    recipe = Recipe(
        name, {"package": package, "version": version}, f"build {name} {version} from source", "1 to 2 minutes",
        needs=2 * 1024**3,
    )  # fmt: skip
    return cache.provide(recipe, lambda folder: gomodules.build_command(package, version, folder, name)) / name


def _own(cache: Cache, release: Release, own: OwnPrograms) -> Path:
    """The folder of the programs of the release that they stand on, with a user's own in their place."""
    published = kubernetes(cache, release.published)
    recipe = Recipe(
        "own", {"programs": own.fingerprint, "else": published.name},  # pages are checked by releases: kubernetes-*
        f"put {', '.join(own.names)} of {own.version} beside what {release.published.version} has", "seconds",
    )  # fmt: skip

    def build(folder: Path) -> None:
        for file in published.iterdir():
            if file.name not in (*own.names, MARK):
                os.link(file, folder / file.name)  # no artifact is written after it was made
        for program in own.programs:
            program.copy(folder / program.name)
        if release.published.source == OFFICIAL:  # which has images in place of these programs
            _download(release.published, folder, [name for name in COMPONENTS if name not in own.names])

    return cache.provide(recipe, build)


def _download(release: Release, folder: Path, names: Sequence[str] = PROGRAMS) -> None:
    base = f"{releases_url()}/release/{release.version}/bin/linux/{architecture()}"
    together(lambda name: download(f"{base}/{name}", folder / name), names)
