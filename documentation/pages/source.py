"""Where a page comes from: a file, a revision of a checkout, or a URL. Its text is read and never kept."""

from __future__ import annotations

import http.client
import re
import subprocess
import threading
import urllib.error
import urllib.request
from pathlib import Path, PurePosixPath

from documentation.pages import markdown, plain
from documentation.pages.block import Page
from provision.util.errors import BadInput, HostLacks, Problem

_REVISION = re.compile(r"(?P<repository>[^@]+)@(?P<revision>[^:]+):(?P<path>.+)")
_LANGUAGE = re.compile(r"[a-z]{2}(?:-[a-z]{2,4})?")
_TIMEOUT = 20
_ABSENT = (404, 410)
_LIMIT = 60  # for all of a download, in seconds: the time-out is only for each piece of it
# Scripts that belong to one language, for pages whose path names none.
_SCRIPTS = (("ja", "\u3040-\u30ff"), ("ko", "\uac00-\ud7af"), ("zh-cn", "\u4e00-\u9fff"))


def read(spec: str, language: str = "") -> Page:
    """Read the page that `spec` names: FILE, REPOSITORY@REVISION:PATH or an http(s) URL; raises BadInput and HostLacks.

    Files whose name ends in .txt are plain text, all others Markdown. Without `language` it is taken from the path
    (`content/ja/…`, `page.ja.md`) or the script.
    """
    text = _decoded(spec, _content(spec))
    path = PurePosixPath(spec.rpartition(":")[2])
    parse = plain.parse if path.suffix == ".txt" else markdown.parse
    page = parse(text, path.name, language or language_of(path, text))
    if not page.blocks:
        raise BadInput(f"{spec} has no block that can be read", fix="give a page's Markdown source")
    return page


def text(spec: str) -> str:
    """The text of the page that `spec` names."""
    return _decoded(spec, _content(spec))


def markdown_page(spec: str, language: str = "") -> Page:
    """Read a page to be bound or run; raises BadInput for plain text, which is no more than a witness."""
    page = read(spec, language)
    if page.witness:
        raise BadInput(f"{spec} is plain text", fix="give the page's Markdown source")
    return page


def language_of(path: PurePosixPath, text: str) -> str:
    """The language that a path names, or that its script gives away; English where neither does."""
    named = [part for part in (*path.parts[:-1], *path.name.split(".")[1:-1]) if _LANGUAGE.fullmatch(part)]
    if named:
        return named[-1]
    return next((name for name, letters in _SCRIPTS if re.search(f"[{letters}]", text)), "en")


def _decoded(spec: str, content: bytes) -> str:
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise BadInput(f"{spec} is not text in UTF-8", answer=str(error)) from None
    if "\0" in text:
        raise BadInput(f"{spec} is not text", fix="give a page's Markdown source")
    return text


def _content(spec: str) -> bytes:
    if spec.startswith(("http://", "https://")):
        return download(spec)
    path = Path(spec)
    if path.is_file():
        return _contained(path)
    match = _REVISION.fullmatch(spec)
    if not match:
        raise BadInput(f"there is no page {spec}", fix="FILE, REPOSITORY@REVISION:PATH or a URL")
    return _committed(match["repository"], match["revision"], match["path"])


def _contained(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise BadInput(f"{path} cannot be read", answer=str(error)) from None


def _committed(repository: str, revision: str, path: str) -> bytes:
    command = ["git", "-C", repository, "show", f"{revision}:{path}"]
    try:
        answer = subprocess.run(command, capture_output=True, check=False, timeout=_LIMIT)
    except subprocess.TimeoutExpired:
        raise BadInput(f"{path} cannot be read from {repository} at {revision}", answer="git did not end") from None
    if answer.returncode:
        reason = answer.stderr.decode(errors="replace")
        raise BadInput(f"{path} cannot be read from {repository} at {revision}", answer=reason)
    return answer.stdout


def download(url: str, limit: float = _LIMIT) -> bytes:
    """What a URL has, within `limit` seconds.

    Raises BadInput where there is no such page, and HostLacks where the site does not answer, which says nothing about
    the page. A thread that waits longer is left behind, and ends with the program.
    """
    answers: list[bytes | Problem] = []
    thread = threading.Thread(target=lambda: answers.append(_answered(url)), daemon=True)
    thread.start()
    thread.join(limit)
    if not answers:
        raise _trouble(url, f"it was not whole after {limit:.0f} s")
    if isinstance(answers[0], Problem):
        raise answers[0]
    return answers[0]


def _answered(url: str) -> bytes | Problem:
    try:
        with urllib.request.urlopen(url, timeout=_TIMEOUT) as answer:
            if answer.headers.get_content_type() == "text/html":
                return BadInput(f"{url} is HTML", fix="give the URL of the page's Markdown source")
            return bytes(answer.read())
    except urllib.error.HTTPError as error:
        return BadInput(f"there is no page {url}", answer=str(error)) if error.code in _ABSENT else _trouble(url, error)
    except (http.client.InvalidURL, ValueError) as error:
        return BadInput(f"{url} is an invalid URL", answer=str(error))
    except (OSError, http.client.HTTPException) as error:
        return _trouble(url, error)


def _trouble(url: str, reason: object) -> HostLacks:
    return HostLacks(f"{url} cannot be read", answer=str(reason), fix="run it again, or give a FILE instead")
