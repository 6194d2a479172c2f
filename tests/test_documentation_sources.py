"""Where pages come from: files, revisions of a checkout, URLs; and what is refused."""

from __future__ import annotations

import contextlib
import shlex
import subprocess
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path, PurePosixPath

import pytest

from documentation.pages import source
from documentation.pages.source import path_of
from documentation.site.place import place_of
from documentation.translations.history import Place
from provision.util.errors import BadInput, HostLacks, Problem


@pytest.mark.parametrize(
    ("path", "text", "language"),
    [("content/ja/docs/x.md", "", "ja"), ("x.zh-cn.md", "", "zh-cn"), ("x.md", "かな", "ja"), ("x.md", "a", "en")],
)
def test_a_pages_language_is_in_its_path_or_its_script(path: str, text: str, language: str) -> None:
    assert source.language_of(PurePosixPath(path), text) == language


def test_a_page_is_read_from_a_revision_of_a_checkout(tmp_path: Path) -> None:
    git = ["git", "-C", str(tmp_path), "-c", "user.name=a", "-c", "user.email=a@b.test"]
    subprocess.run([*git, "init", "-q"], check=True)
    for text in ("# One\n", "# Two\n"):
        (tmp_path / "p.md").write_text(text)
        subprocess.run([*git, "add", "."], check=True)
        subprocess.run([*git, "commit", "-qm", text], check=True)
    assert source.read(f"{tmp_path}@HEAD~1:p.md").blocks[0].text == "One"


@pytest.mark.parametrize("spec", ["nothing.md", "nowhere@main:p.md", "http://127.0.0.1:x/p.md"])
def test_a_page_that_does_not_exist_is_refused(spec: str) -> None:
    with pytest.raises(BadInput):
        source.read(spec)


@pytest.mark.parametrize("content", [b"\x89PNG\r\n\xff\xfe", b"# One\n\0\0"])
def test_a_file_that_is_not_text_is_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "p.md").write_bytes(content)
    with pytest.raises(BadInput, match="is not text"):
        source.read(str(tmp_path / "p.md"))


class _RudeServer(BaseHTTPRequestHandler):
    """Answers with the status that the path is, and words by hanging up."""

    def do_GET(self) -> None:
        if self.path[1:].isdigit():
            self.send_error(int(self.path[1:]))

    def log_message(self, *_: object) -> None:
        pass


@pytest.mark.parametrize(
    ("path", "error", "message"),
    [("404", BadInput, "there is no page"), ("410", BadInput, "there is no page"), ("403", HostLacks, "cannot be read"),
     ("502", HostLacks, "cannot be read"), ("silence", HostLacks, "cannot be read")],
)  # fmt: skip
def test_a_missing_page_and_a_site_in_trouble_are_different_errors(
    path: str, error: type[Problem], message: str
) -> None:
    with HTTPServer(("127.0.0.1", 0), _RudeServer) as server:
        threading.Thread(target=server.handle_request, daemon=True).start()
        with pytest.raises(error, match=message):
            source.read(f"http://127.0.0.1:{server.server_port}/{path}")


def test_a_site_that_does_not_answer_is_not_a_missing_page() -> None:
    with pytest.raises(HostLacks, match="cannot be read"):
        source.read("http://127.0.0.1:9/p.md")


class _SlowServer(BaseHTTPRequestHandler):
    """Sends a letter now and then, for much longer than the limit."""

    def do_GET(self) -> None:
        self.send_response(200)
        self.end_headers()
        with contextlib.suppress(OSError):
            for _ in range(1200):
                self.wfile.write(b"a")
                time.sleep(0.05)

    def log_message(self, *_: object) -> None:
        pass


def test_a_download_that_never_ends_is_given_up() -> None:
    with HTTPServer(("127.0.0.1", 0), _SlowServer) as server:
        threading.Thread(target=server.handle_request, daemon=True).start()
        with pytest.raises(HostLacks, match="not whole after"):
            source.download(f"http://127.0.0.1:{server.server_port}/p.md", limit=0.2)


@pytest.mark.parametrize(
    ("path", "text", "language"),
    [
        ("/home/me/ab/page.md", "a", "en"), ("/home/me/ab/content/uk/x.md", "a", "uk"), ("pl/docs/x.md", "a", "pl"),
        ("page.pt-BR.md", "a", "pt-br"), ("x.md", "---\ntitle: a\nlang: vi\n---\n\na", "vi"),
        ("x.md", "---\nlanguage: 'hi'\n---\n\na", "hi"), ("x.md", "a\n\nlang: vi\n\n---\n", "en"),
    ],
)  # fmt: skip
def test_a_language_is_not_taken_from_a_folder_that_happens_to_have_two_letters(
    path: str, text: str, language: str
) -> None:
    assert source.language_of(PurePosixPath(path), text) == language


def test_a_page_is_read_from_standard_input_and_from_a_pipe(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "documentation", "check", "--kubeadm", "none"]
    for spec, given in (("-", "# One\n\n[x](#none)\n"), ("<(printf '# One\\n\\n[x](#none)\\n')", "")):
        typed = f"{shlex.join(command)} {spec}"
        ended = subprocess.run(["bash", "-c", typed], input=given, capture_output=True, text=True, check=False)
        assert (ended.returncode, "does not have the anchor #none" in ended.stdout) == (1, True), ended.stderr


def test_a_file_and_a_url_that_are_named_like_a_revision_are_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    name = "site@HEAD:page.md"
    assert (place_of("https://pages.test/x@HEAD:page.md"), Place.of("https://pages.test/x@HEAD:page.md")) == (
        None,
        None,
    )
    assert Place.of(name) == Place("site", "HEAD", "page.md")
    (tmp_path / name).write_text("Water the tree.\n")
    assert (place_of(name), Place.of(name), path_of(name)) == (None, None, name)
