"""Go modules: a version that a proxy does not serve is one thing, a proxy that does not answer another."""

from __future__ import annotations

import json
import re
import shutil
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from provision.artifacts import companions, gomodules
from provision.artifacts.catalog import MODULES, Release, resolve
from provision.artifacts.images import Images
from provision.clusters.selection import Resolved
from provision.config.versions import Version, Wanted
from provision.util.errors import BadInput, CommandFailed, HostLacks
from provision.util.home import Home

NOT_SERVED = {
    "not found": "404 Not Found\n\tserver response: not found: invalid version: unknown revision v1.37.2",
    "gone": "410 Gone",
    "refused by the registry": "403 Forbidden\n\tserver response: This module version is not available.",
}
TROUBLE = {
    "refused on the way": "403 Forbidden\n\tserver response: blocked by policy",
    "refused without a word": "403 Forbidden",
    "bad gateway": "502 Bad Gateway\n\tserver response: module not found at upstream",
    "too many": "429 Too Many Requests",
}
MODULE = "example.org/tree"


@pytest.fixture
def proxy(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[dict[str, tuple[int, str]]]:
    """A module proxy's answers by path: status and text; 404 for every other."""
    answers: dict[str, tuple[int, str]] = {}

    class Handler(BaseHTTPRequestHandler):
        def log_message(self, *_: object) -> None: ...

        def do_GET(self) -> None:
            status, text = answers.get(self.path, (404, "not found"))
            self.send_response(status)
            self.send_header("Content-Type", "text/plain; charset=utf-8")
            self.end_headers()
            self.wfile.write(text.encode())

    for name, value in {"GOFLAGS": "-mod=mod -modcacherw", "GONOSUMDB": "*", "GONOPROXY": "none"}.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("GOMODCACHE", str(tmp_path / "modules"))
    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        monkeypatch.setenv("GOPROXY", f"http://127.0.0.1:{server.server_port}")
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield answers
        server.shutdown()
        thread.join()


real_go = pytest.mark.skipif(not shutil.which("go"), reason="go is not on this host")


@real_go
@pytest.mark.parametrize(
    ("status", "text", "available"),
    [(404, "not found", False), (410, "gone", False), (403, "This module version is not available.", False),
     (403, "blocked by policy", None), (403, "", None), (500, "oops", None), (502, "not found upstream", None),
     (503, "", None), (429, "slowly", None)],
)  # fmt: skip
def test_only_a_proxys_definite_no_means_that_a_module_is_not_available(
    proxy: dict[str, tuple[int, str]], status: int, text: str, available: bool | None
) -> None:
    for kind in ("info", "mod", "zip"):
        proxy[f"/{MODULE}/@v/v1.0.0.{kind}"] = (status, text)
    if available is not None:
        assert gomodules.is_available(MODULE, "v1.0.0") is available
        return
    with pytest.raises(CommandFailed) as caught:
        gomodules.is_available(MODULE, "v1.0.0")
    assert not isinstance(caught.value, gomodules.NotServed)
    for part in (
        f"{MODULE}@v1.0.0",
        "http://127.0.0.1",
        str(status),
        "Try: run it again when the module proxy answers",
    ):
        assert part in str(caught.value)


@real_go
def test_a_proxy_that_is_down_does_not_make_a_module_missing(
    proxy: dict[str, tuple[int, str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GOPROXY", "http://127.0.0.1:1")
    with pytest.raises(CommandFailed, match="connection refused"):
        gomodules.is_available(MODULE, "v1.0.0")
    with pytest.raises(CommandFailed, match="connection refused"):
        gomodules.versions(MODULE)


@real_go
def test_a_module_that_is_not_served_has_no_versions(proxy: dict[str, tuple[int, str]]) -> None:
    assert gomodules.versions(MODULE) == []
    proxy[f"/{MODULE}/@v/list"] = (200, "v1.0.0\nv1.1.0\n")
    with pytest.raises(CommandFailed, match=r"exited with 1"):  # go reads in the newest which ones were retracted
        gomodules.versions(MODULE)
    proxy[f"/{MODULE}/@v/v1.1.0.info"] = (200, '{"Version": "v1.1.0"}')
    proxy[f"/{MODULE}/@v/v1.1.0.mod"] = (200, f"module {MODULE}\n")
    assert gomodules.versions(MODULE) == ["v1.0.0", "v1.1.0"]


@pytest.fixture
def path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder that comes first in PATH; no release site is there."""
    monkeypatch.setenv("PATH", str(tmp_path), prepend=":")
    monkeypatch.setenv("HA_RELEASES", "http://127.0.0.1:1")
    return tmp_path


def _go(folder: Path, answer: str, rc: int = 1) -> None:
    """A go that lists two patches of Kubernetes, and has the newer one with the exit status and the words given."""
    (folder / "answer").write_text(answer)
    (folder / "mod").write_text("module k8s.io/kubernetes\n")
    described = json.dumps({"GoMod": str(folder / "mod")})
    (folder / "go").write_text(
        f"""#!/bin/sh
case "$*" in
  "list -m -versions "*) echo k8s.io/kubernetes v1.37.1 v1.37.2 ;;
  *1.37.2) cat {folder}/answer >&2; exit {rc} ;;
  "mod download -json "*) echo '{described}' ;;
  "mod tidy") mkdir left-behind ;;
  *) echo "unexpected: $*" >&2; exit 99 ;;
esac
"""
    )
    (folder / "go").chmod(0o755)


def _error(status: str) -> str:
    url = "https://proxy.example.org/k8s.io/kubernetes/@v/v1.37.2.info"
    return f"go: k8s.io/kubernetes@v1.37.2: reading {url}: {status}\n"


@pytest.mark.parametrize("case", NOT_SERVED)
def test_the_next_older_patch_is_taken_where_the_newest_is_not_served_and_a_remark_says_so(
    path: Path, case: str
) -> None:
    _go(path, _error(NOT_SERVED[case]))
    found = resolve(Wanted(37), "auto", Home(path / "home"))
    assert found == Release(Version(37, 1), MODULES)
    assert resolve(Wanted(37), "auto", Home(path / "home")).note == "not all modules of v1.37.2 are available"
    chosen = Resolved("latest", "1.37", found)
    assert "not all modules of v1.37.2 are available" in str(chosen)
    assert Resolved.of(chosen.described()).remark == chosen.remark


@pytest.mark.parametrize(
    "answer", [*map(_error, TROUBLE.values()), "", 'go: x: Get "https://a": lookup a: no such host']
)
def test_trouble_on_the_way_does_not_make_a_version_missing_and_is_not_remembered(path: Path, answer: str) -> None:
    _go(path, answer)
    with pytest.raises(CommandFailed, match=r"v1\.37\.2"):
        resolve(Wanted(37), "auto", Home(path / "home"))
    assert not (path / "home" / "releases.json").exists()
    _go(path, _error(NOT_SERVED["gone"]))
    assert resolve(Wanted(37), "auto", Home(path / "home")).version == Version(37, 1)


def test_a_go_that_was_killed_does_not_make_a_version_missing(path: Path) -> None:
    _go(path, _error(NOT_SERVED["gone"]))
    script = (path / "go").read_text().replace("exit 1 ", "kill -9 $$ ").replace(f"cat {path}/answer >&2;", "")
    (path / "go").write_text(script)
    with pytest.raises(CommandFailed, match=r"v1\.37\.2"):
        resolve(Wanted(37), "auto", Home(path / "home"))


def test_a_full_disk_does_not_make_a_version_missing(path: Path) -> None:
    _go(path, "go: writing stat cache: write /x: no space left on device")
    with pytest.raises(HostLacks, match="disk is full"):
        resolve(Wanted(37), "auto", Home(path / "home"))


def test_an_exact_version_that_is_not_served_names_those_that_are(path: Path) -> None:
    _go(path, _error(NOT_SERVED["refused by the registry"]))
    with pytest.raises(BadInput, match=r"on offer: v1\.37\.2"):
        resolve(Wanted(37, 2), "modules", Home(path / "home"))


@pytest.mark.parametrize(
    ("listed", "message"),
    [
        ({"etcd": "registry.k8s.io/etcd:3.7.0-0"}, "does not list coredns"),
        (
            {"etcd": "registry.k8s.io/etcd", "coredns": "r/coredns:v1.14.6"},
            "lists registry.k8s.io/etcd, whose tag is not a version of etcd",
        ),
        ({}, "does not list coredns and etcd"),
    ],
)
def test_a_kubeadm_that_lists_other_images_is_an_error_that_names_them(listed: dict[str, str], message: str) -> None:
    with pytest.raises(CommandFailed, match=re.escape(message)):
        companions.choose_companions(listed)


def test_the_sandbox_image_is_found_in_what_kubeadm_lists_or_its_absence_is_an_error() -> None:
    with pytest.raises(CommandFailed, match="does not list a pause image"):
        _ = Images((), ("registry.k8s.io/etcd:3.7.0-0",), ()).pause
    assert Images((), ("registry.k8s.io/pause:3.10",), ()).pause == "registry.k8s.io/pause:3.10"


def test_no_other_etcd_stands_in_because_of_trouble_on_the_way(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gomodules, "versions", lambda _: ["v3.7.0", "v3.7.1"])

    def go(*arguments: str, cwd: Path | None = None) -> str:
        raise CommandFailed("on this host: `go` exited with 1", answer=_error("502 Bad Gateway"))

    monkeypatch.setattr(gomodules, "go", go)
    with pytest.raises(CommandFailed, match="502 Bad Gateway"):
        companions.choose_companions(
            {"etcd": "registry.k8s.io/etcd:3.7.0-0", "coredns": "registry.k8s.io/coredns:v1.14.6"}
        )


@pytest.mark.parametrize(
    "text", ["", "[1]", '{"1.37 auto http://127.0.0.1:1": 5}', '{"1.37 auto http://127.0.0.1:1": {"at": "x"}}']
)
def test_a_remembered_version_that_cannot_be_read_is_found_out_again(path: Path, text: str) -> None:
    _go(path, _error(NOT_SERVED["gone"]))
    (path / "home").mkdir()
    (path / "home" / "releases.json").write_text(text)
    assert resolve(Wanted(37), "auto", Home(path / "home")).version == Version(37, 1)


def test_a_version_remembered_in_the_future_is_found_out_again(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _go(path, _error(NOT_SERVED["gone"]))
    resolve(Wanted(37), "auto", Home(path / "home"))
    (path / "answer").write_text(_error("502 Bad Gateway"))
    monkeypatch.setattr(time, "time", lambda: 0.0)
    with pytest.raises(CommandFailed):
        resolve(Wanted(37), "auto", Home(path / "home"))
