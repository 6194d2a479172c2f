"""The description of a release's API, from an archive of sources and from a Go module."""

from __future__ import annotations

import io
import json
import shutil
import tarfile
from pathlib import Path

import pytest

from provision.artifacts import gomodules, openapi
from provision.artifacts.cache import Cache
from provision.artifacts.catalog import MODULES, OFFICIAL, Release
from provision.config.versions import Version
from provision.recording.journal import Journal
from provision.util.errors import HostLacks
from provision.util.home import Home
from provision.util.redaction import Redactor

CONTENT = b'{"definitions": {}}'


@pytest.fixture
def cache(tmp_path: Path) -> Cache:
    home = Home(tmp_path / "home")
    home.artifacts.mkdir(parents=True)
    return Cache(home, Journal("artifacts", Redactor()))


def _site(folder: Path, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    """A release site, whose sources have one file."""
    archive = folder / "sources.tar.gz"
    with tarfile.open(archive, "w:gz") as tar:
        entry = tarfile.TarInfo(name)
        entry.size = len(CONTENT)
        tar.addfile(entry, io.BytesIO(CONTENT))
    url = "https://dl.k8s.io/release/v1.37.2/kubernetes-src.tar.gz"
    monkeypatch.setenv("HA_RELEASES", "https://dl.k8s.io/")
    monkeypatch.setattr(openapi, "download", lambda wanted, target: shutil.copy({url: archive}[wanted], target))


def test_it_is_taken_from_the_archive_of_a_release(
    tmp_path: Path, cache: Cache, monkeypatch: pytest.MonkeyPatch
) -> None:
    _site(tmp_path, monkeypatch, "./api/openapi-spec/swagger.json")
    folder = openapi.provide(cache, Release(Version(37, 2), OFFICIAL))
    assert (folder / openapi.NAME).read_bytes() == CONTENT
    assert json.loads((folder / "artifact.json").read_text())["inputs"]["version"] == "v1.37.2"
    assert sorted(each.name for each in folder.iterdir()) == ["artifact.json", "swagger.json"]


def test_an_archive_without_it_is_refused(tmp_path: Path, cache: Cache, monkeypatch: pytest.MonkeyPatch) -> None:
    _site(tmp_path, monkeypatch, "README.md")
    with pytest.raises(HostLacks, match=r"has no api/openapi-spec/swagger.json"):
        openapi.provide(cache, Release(Version(37, 2), OFFICIAL))


def test_it_is_taken_from_the_go_module(tmp_path: Path, cache: Cache, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "module" / "api" / "openapi-spec" / "swagger.json"
    file.parent.mkdir(parents=True)
    file.write_bytes(CONTENT)
    monkeypatch.setattr(gomodules, "go", lambda *_: json.dumps({"Dir": str(tmp_path / "module")}))
    folder = openapi.provide(cache, Release(Version(37, 2), MODULES))
    assert (folder / openapi.NAME).read_bytes() == CONTENT
