"""The programs of one Kubernetes release: downloaded where there are releases, built from source where not."""

from __future__ import annotations

from pathlib import Path

from provision.artifacts import gomodules
from provision.artifacts.archive import architecture
from provision.artifacts.cache import Cache, Recipe
from provision.artifacts.catalog import OFFICIAL, Release, releases_url
from provision.artifacts.downloads import download
from provision.node import PROGRAMS
from provision.util.concurrency import together


def kubernetes(cache: Cache, release: Release) -> Path:
    """The folder of the release's programs: those of a node, and from source those of the images too."""
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


def _download(release: Release, folder: Path) -> None:
    base = f"{releases_url()}/release/{release.version}/bin/linux/{architecture()}"
    together(lambda name: download(f"{base}/{name}", folder / name), PROGRAMS)
