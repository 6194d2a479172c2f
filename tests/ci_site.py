"""A stand-in for the release site with builds of Kubernetes' CI: it redirects to a bucket, which says 404 in XML."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from provision.artifacts.archive import architecture
from provision.artifacts.own import NAMES
from tests.own_builds import script

BUILD = "v1.38.0-alpha.0.123+abcdef0123456"
_BUCKET = "/k8s-release-dev"
_ABSENT = (
    b"<?xml version='1.0' encoding='UTF-8'?><Error><Code>NoSuchKey</Code>"
    b"<Message>The specified key does not exist.</Message></Error>"
)


class CiSite:
    """Files below `ci/` by path. `refused` ones are answered with 403; `requested` are the bucket's requests."""

    def __init__(self) -> None:
        self.files: dict[str, bytes] = {"ci/latest.txt": BUILD.encode(), "ci/k8s-master.txt": f"{BUILD}\n".encode()}
        self.refused: set[str] = set()
        self.requested: list[str] = []
        for name in NAMES:
            self.put(path(name), script(name, BUILD))

    def put(self, name: str, content: bytes, *algorithms: str) -> None:
        """Publish a file with its checksums: of both kinds unless one is named."""
        self.files[name] = content
        for each in algorithms or ("sha256", "sha512"):
            self.files[f"{name}.{each}"] = hashlib.new(each, content).hexdigest().encode()

    def lose(self, *names: str) -> None:
        """Have files no more."""
        for name in names:
            del self.files[name]


def path(name: str, version: str = BUILD) -> str:
    """Where a build has a program."""
    return f"ci/{version}/bin/linux/{architecture()}/{name}"


@contextmanager
def serving(site: CiSite) -> Iterator[str]:
    """The address that the site is served at."""

    class Handler(BaseHTTPRequestHandler):
        def log_message(self, *_: object) -> None: ...

        def do_GET(self) -> None:
            if not self.path.startswith(f"{_BUCKET}/"):
                self.send_response(302)
                self.send_header("Location", f"{_BUCKET}{self.path}")
                self.send_header("Content-Length", "0")
                self.end_headers()
                return
            name = self.path.removeprefix(f"{_BUCKET}/")
            site.requested.append(name)
            body = site.files.get(name)
            self.send_response(403 if name in site.refused else 404 if body is None else 200)
            content = _ABSENT if body is None or name in site.refused else body
            self.send_header("Content-Type", "application/xml" if body is None else "application/octet-stream")
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()
