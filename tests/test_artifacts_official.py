"""The official source, against a stand-in of the release site: what is requested, refused and remembered."""

from __future__ import annotations

import hashlib
import socket
import struct
import threading
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from provision import node
from provision.artifacts import catalog, gomodules
from provision.artifacts.archive import architecture
from provision.artifacts.binaries import kubernetes
from provision.artifacts.cache import Cache
from provision.artifacts.catalog import MODULES, OFFICIAL, Release, resolve
from provision.artifacts.downloads import download
from provision.config.versions import Version, Wanted
from provision.recording.journal import Journal
from provision.util.errors import BadInput, HostLacks
from provision.util.home import Home
from provision.util.redaction import Redactor

BIN = f"/release/v1.37.2/bin/linux/{architecture()}"
PROGRAM = b"#!/bin/true\n"
CHECKSUM = hashlib.sha256(PROGRAM).hexdigest().encode()
NEWEST = Version(37, 2)


class Site:
    """The release site's files by path, and which paths were requested.

    `cut` paths break off in the middle; `stumbles` are the statuses that are answered first, for any path.
    """

    def __init__(self) -> None:
        self.files = {"/release/stable.txt": b"v1.37.2\n", "/release/stable-1.36.txt": b"v1.36.3"}
        self.files["/release/stable-1.37.txt"] = b"v1.37.2\n"
        for name in node.PROGRAMS:
            self.files |= {f"{BIN}/{name}": PROGRAM, f"{BIN}/{name}.sha256": CHECKSUM}
        self.files["/release/v1.37.2/bin/linux/amd64/kubeadm.sha256"] = CHECKSUM
        self.cut: set[str] = set()
        self.stumbles: list[int] = []
        self.requested: list[str] = []


@pytest.fixture
def site(monkeypatch: pytest.MonkeyPatch) -> Iterator[Site]:
    made = Site()

    class Handler(BaseHTTPRequestHandler):
        def log_message(self, *_: object) -> None: ...

        def do_GET(self) -> None:
            made.requested.append(self.path)
            body = None if made.stumbles else made.files.get(self.path)
            self.send_response(made.stumbles.pop() if made.stumbles else 404 if body is None else 200)
            self.send_header("Content-Length", str(len(body or b"") + (1000 if self.path in made.cut else 0)))
            self.end_headers()
            self.wfile.write(body or b"")
            if self.path in made.cut:  # closing with a linger of 0 s resets the connection
                self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                self.connection.close()

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        monkeypatch.setenv("HA_RELEASES", f"http://127.0.0.1:{server.server_port}/")
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield made
        server.shutdown()
        thread.join()


@pytest.fixture
def no_site(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        monkeypatch.setenv("HA_RELEASES", f"http://127.0.0.1:{free.getsockname()[1]}")


@pytest.mark.parametrize(("wanted", "expected"), [
    (None, NEWEST), ("1.37", NEWEST), ("1.36", Version(36, 3)), ("1.37.2", NEWEST),
])  # fmt: skip
def test_a_wanted_version_becomes_the_release_that_the_site_has(
    site: Site, tmp_path: Path, wanted: str | None, expected: Version
) -> None:
    choice = Wanted.parse(wanted) if wanted else None
    assert resolve(choice, "auto", Home(tmp_path)) == Release(expected, OFFICIAL)


@pytest.mark.parametrize("wanted", ["1.37.9", "1.99"])
def test_the_error_for_a_version_that_is_not_released_names_one_that_is(
    site: Site, tmp_path: Path, wanted: str
) -> None:
    with pytest.raises(BadInput, match="there is no") as caught:
        resolve(Wanted.parse(wanted), OFFICIAL, Home(tmp_path))
    assert "v1.37.2" in caught.value.answer


def test_the_error_for_a_minor_with_pre_releases_alone_names_one(site: Site, tmp_path: Path) -> None:
    site.files["/release/latest-1.38.txt"] = b"v1.38.0-rc.0\n"
    with pytest.raises(BadInput) as caught:
        resolve(Wanted.parse("1.38"), OFFICIAL, Home(tmp_path))
    assert caught.value.fix.startswith("--ha-kubernetes 1.38.0-rc.0,")


def test_a_pre_release_is_found_like_any_other_version(site: Site, tmp_path: Path) -> None:
    early = Version(38, 0, "rc.0")
    site.files[f"/release/{early}/bin/linux/amd64/kubeadm.sha256"] = CHECKSUM
    assert resolve(Wanted.parse("1.38.0-rc.0"), OFFICIAL, Home(tmp_path)) == Release(early, OFFICIAL)


def test_a_release_is_remembered_for_half_a_day(site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    resolve(None, OFFICIAL, Home(tmp_path))
    before = len(site.requested)
    resolve(None, OFFICIAL, Home(tmp_path))
    assert len(site.requested) == before
    later = time.time() + 13 * 3600
    monkeypatch.setattr(time, "time", lambda: later)
    resolve(None, OFFICIAL, Home(tmp_path))
    assert len(site.requested) > before


@pytest.mark.parametrize("wanted", [None, Wanted(37), Wanted(37, 2)])
def test_a_site_that_does_not_answer_is_not_a_missing_version(
    no_site: None, tmp_path: Path, wanted: Wanted | None
) -> None:
    with pytest.raises(HostLacks, match="does not answer"):
        resolve(wanted, OFFICIAL, Home(tmp_path))


def _modules(monkeypatch: pytest.MonkeyPatch, listed: list[str], whole: Callable[[Version], bool]) -> None:
    """A module proxy that lists versions, and has some of them whole."""

    def prepare(version: Version, _folder: Path) -> None:
        if not whole(version):
            raise gomodules.NotServed("on this host: `go mod tidy` exited with 1")

    monkeypatch.setattr(gomodules, "versions", lambda _: listed)
    monkeypatch.setattr(gomodules, "prepare_kubernetes", prepare)


def test_without_the_site_modules_are_built(no_site: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _modules(monkeypatch, ["v1.37.2", "v1.37.3", "v1.38.0-rc.1", "v1.36.9"], lambda version: version != Version(37, 3))
    assert resolve(None, "auto", Home(tmp_path)) == Release(NEWEST, MODULES)


@pytest.mark.parametrize("there", [True, False])
def test_an_exact_version_may_be_available_where_no_list_has_it(
    no_site: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, there: bool
) -> None:
    wanted, early = Wanted(38, 0, "rc.1"), Version(38, 0, "rc.1")
    _modules(monkeypatch, ["v1.37.2"], lambda version: there and version == early)
    if there:
        assert resolve(wanted, "auto", Home(tmp_path)) == Release(early, MODULES)
    else:
        with pytest.raises(BadInput, match=r"on offer: v1\.37\.2"):
            resolve(wanted, "auto", Home(tmp_path))


def test_a_page_of_a_proxy_is_not_taken_for_the_release_site(site: Site) -> None:
    site.files["/release/stable.txt"] = b"<html>Please log in</html>"
    assert not catalog.official_reachable()


@pytest.mark.parametrize(("stumbles", "there"), [([502], True), ([502, 503], True), ([503] * 3, False), ([403], False)])
def test_a_site_with_a_temporary_error_is_tried_again(site: Site, stumbles: list[int], there: bool) -> None:
    site.stumbles = stumbles
    assert catalog.official_reachable() is there


@pytest.mark.parametrize("wanted", [Wanted(37), Wanted(37, 2), None])
def test_a_server_that_refuses_everything_is_not_taken_for_the_release_site(
    site: Site, tmp_path: Path, wanted: Wanted | None
) -> None:
    """As a proxy does that lets no request through: no release is missing because of it."""
    site.stumbles = [403] * 9
    with pytest.raises(HostLacks, match="does not answer as a release site does"):
        resolve(wanted, OFFICIAL, Home(tmp_path))


def test_a_page_of_a_proxy_is_not_taken_for_a_version(site: Site, tmp_path: Path) -> None:
    site.files["/release/stable-1.37.txt"] = b"<html>Please log in</html>"
    with pytest.raises(HostLacks, match="does not answer as a release site does") as caught:
        resolve(Wanted(37), OFFICIAL, Home(tmp_path))
    assert "Please log in" in caught.value.answer


def test_programs_are_downloaded_and_can_be_run(site: Site, tmp_path: Path) -> None:
    folder = kubernetes(_cache(tmp_path), Release(NEWEST, OFFICIAL))
    assert [(folder / name).read_bytes() for name in node.PROGRAMS] == [PROGRAM] * 3
    assert [(folder / name).stat().st_mode & 0o111 for name in node.PROGRAMS] == [0o111] * 3


@pytest.mark.parametrize("checksum", [b"0" * 64, b""])
def test_a_wrong_checksum_is_refused_and_nothing_is_kept(site: Site, tmp_path: Path, checksum: bytes) -> None:
    site.files[f"{BIN}/kubelet.sha256"] = checksum
    with pytest.raises(HostLacks, match=r"the checksum of .*kubelet does not match"):
        kubernetes(_cache(tmp_path), Release(NEWEST, OFFICIAL))
    assert list((tmp_path / "artifacts").iterdir()) == []


def test_a_download_that_breaks_off_is_never_used(site: Site, tmp_path: Path) -> None:
    site.cut.add(f"{BIN}/kubeadm")
    with pytest.raises(HostLacks):
        download(f"{catalog.releases_url()}{BIN}/kubeadm", tmp_path / "kubeadm")
    assert not (tmp_path / "kubeadm").exists()


def _cache(folder: Path) -> Cache:
    (folder / "artifacts").mkdir()
    return Cache(Home(folder), Journal("artifacts", Redactor()))
