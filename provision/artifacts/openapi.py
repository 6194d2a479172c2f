"""The description of a release's API (api/openapi-spec/swagger.json), by which objects on pages are checked."""

from __future__ import annotations

import json
import shutil
import tarfile
from pathlib import Path

from provision.artifacts import gomodules
from provision.artifacts.cache import Cache, Recipe
from provision.artifacts.catalog import OFFICIAL, Release, releases_url
from provision.artifacts.downloads import download
from provision.util.errors import HostLacks

NAME = "swagger.json"
_PATH = f"api/openapi-spec/{NAME}"


def provide(cache: Cache, release: Release) -> Path:
    """The folder that has it: from the release's sources, as an archive or as a Go module."""
    release = release.published  # a user's own programs bring no description
    official = release.source == OFFICIAL
    recipe = Recipe(
        "openapi", {"version": str(release.version), "from": releases_url() if official else "modules"},
        f"fetch the description of the API of {release.version}", "about a minute",
    )  # fmt: skip
    return cache.provide(recipe, lambda folder: (_unpacked if official else _copied)(release, folder))


def _copied(release: Release, folder: Path) -> None:
    described = json.loads(gomodules.go("mod", "download", "-json", f"{gomodules.KUBERNETES}@{release.version}"))
    shutil.copyfile(Path(described["Dir"]) / _PATH, folder / NAME)


def _unpacked(release: Release, folder: Path) -> None:
    archive = folder / "kubernetes-src.tar.gz"
    url = f"{releases_url()}/release/{release.version}/{archive.name}"
    download(url, archive)
    with tarfile.open(archive) as tar:
        # Archives have begun with `./` and with the name of the project.
        member = next((each for each in tar if each.isfile() and each.name.endswith(_PATH)), None)
        content = tar.extractfile(member) if member else None
        if not content:
            raise HostLacks(f"{url} has no {_PATH}", fix="--ha-artifacts modules")
        with content, (folder / NAME).open("wb") as file:
            shutil.copyfileobj(content, file)
    archive.unlink()
