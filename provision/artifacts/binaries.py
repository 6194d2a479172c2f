"""The programs of one Kubernetes release: downloaded where there are releases, built from source where not."""

from __future__ import annotations

import hashlib
import http.client
import ssl
import urllib.error
from pathlib import Path

from provision.artifacts import gomodules
from provision.artifacts.archive import architecture
from provision.artifacts.cache import Cache, Recipe
from provision.artifacts.catalog import OFFICIAL, Release, releases_url
from provision.errors import HostLacks
from provision.node import PROGRAMS
from provision.util import downloads
from provision.util.concurrency import together

_WHOLE = 1800  # seconds, for a hundred megabytes over a slow line


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


def download(url: str, target: Path) -> None:
    """Fetch a program and compare it with the checksum published beside it (`<url>.sha256`); raises HostLacks."""
    try:
        expected = (downloads.read(f"{url}.sha256", limit=30).split() or [""])[0]
        digest = hashlib.sha256()
        with target.open("wb") as file:
            for block in downloads.blocks(url, _WHOLE, silence=60):
                digest.update(block)
                file.write(block)
    except (urllib.error.URLError, TimeoutError, ConnectionError, ssl.SSLError, http.client.HTTPException) as error:
        target.unlink(missing_ok=True)
        raise HostLacks(f"{url} cannot be downloaded", answer=str(error), fix="--ha-artifacts modules") from None
    if digest.hexdigest() != expected:
        target.unlink()
        raise HostLacks(
            f"{url} is not what its checksum says", answer=f"expected {expected}, got {digest.hexdigest()}",
            fix="run again; a proxy may have cut the download short",
        )  # fmt: skip
    target.chmod(0o755)
