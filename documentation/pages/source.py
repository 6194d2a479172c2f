"""Where a page comes from: a file, a revision of a checkout, or a URL. Its text is read and never kept."""

from __future__ import annotations

import http.client
import os
import re
import subprocess
import threading
import urllib.error
import urllib.request
from contextlib import suppress
from dataclasses import replace
from itertools import pairwise
from pathlib import Path, PurePosixPath

from documentation.pages import markdown, plain
from documentation.pages.block import Page
from documentation.pages.release import CONFIGURATIONS, documented
from provision.util.errors import BadInput, HostLacks, Problem

_REVISION = re.compile(r"(?P<repository>[^@]+)@(?P<revision>[^:]+):(?P<path>.+)")
_LANGUAGE = re.compile(r"[a-z]{2}(?:-[a-z]{2,4})?")
_GIVEN = re.compile(r"^lang(?:uage)?:\s*[\"']?([A-Za-z]{2}(?:-[A-Za-z]{2,4})?)\b", re.MULTILINE)
STANDARD_INPUT = "-"
_TIMEOUT = 20
_ABSENT = (404, 410)
_LIMIT = 60  # for all of a download, in seconds: the time-out is only for each piece of it
LARGEST = 2 * 2**20
"""The most bytes that a page may have: five times the longest one of the website, a generated list of metrics."""
_OTHER_FORMATS = (".rst", ".adoc", ".asciidoc", ".html", ".htm", ".org", ".tex", ".ipynb", ".pdf", ".docx")
# Scripts that belong to one language, for pages whose path names none.
_SCRIPTS = (("ja", "\u3040-\u30ff"), ("ko", "\uac00-\ud7af"), ("zh-cn", "\u4e00-\u9fff"))


class PageUnreachable(HostLacks):
    """A site does not answer, or without an end: that says nothing about the page, which was not read."""


def read(spec: str, language: str = "") -> Page:
    """Read the page that `spec` names: FILE, REPOSITORY@REVISION:PATH, an http(s) URL, or `-` for standard input.

    Raises BadInput and HostLacks.

    Refused are other formats by their names' ends, more than LARGEST bytes, and what is not text.

    Files whose name ends in .txt are plain text, all others Markdown. Without `language` it is taken from the path
    (`content/ja/…`, `page.ja.md`) or the script.
    """
    path = PurePosixPath(spec.rpartition(":")[2].partition("?")[0])
    if path.suffix.lower() in _OTHER_FORMATS:
        raise BadInput(f"{path.name} is not Markdown: {path.suffix} is another format, and only Markdown is checked")
    text = _decoded(spec, _small(spec, _content(spec)))
    parse = plain.parse if path.suffix == ".txt" else markdown.parse
    try:
        page = parse(text, path.name, language or language_of(path, text))
    except RecursionError:
        raise BadInput(f"{spec} nests too deeply to be read") from None
    page = replace(page, path=str(path), release=_release(spec))
    if not page.blocks and not page.title:  # a page may be no more than its front matter, which lists others
        raise BadInput(f"{spec} has no block that can be read", fix="give a page's Markdown source")
    return page


def path_of(spec: str) -> str:
    """Where a patch finds the page: a revision's path in its checkout, a file's that git takes, the end of a URL.

    Raises BadInput for standard input and for a pipe, which have no path.
    """
    if spec == STANDARD_INPUT or _is_pipe(Path(spec)):
        name = "standard input" if spec == STANDARD_INPUT else f"{spec}, a pipe,"
        raise BadInput(
            f"{name} has no path to be patched",
            fix=f"write the page to a file, page.md, and type page.md in place of {spec}",
        )
    if spec.startswith(("http://", "https://")):
        return spec.partition("?")[0].rpartition("/")[2]
    match = revision_of(spec)
    return os.path.normpath(match["path"]) if match else _taken_by_git(Path(spec))


def _is_pipe(file: Path) -> bool:
    """Whether it can be read and is not a file with a place of its own; a shell makes one of <(COMMAND)."""
    return file.exists() and not file.is_file() and not file.is_dir()


def revision_of(spec: str) -> re.Match[str] | None:
    """The `repository`, `revision` and `path` of REPOSITORY@REVISION:PATH; none for a file of that name, and a URL."""
    if spec.startswith(("http://", "https://")) or Path(spec).is_file():
        return None
    return _REVISION.fullmatch(spec)


def _taken_by_git(file: Path) -> str:
    """A file's path from here; of one elsewhere, from the root of its checkout or its folder: git refuses `..`."""
    path = Path(os.path.relpath(file))
    if path.parts[0] != os.pardir:
        return str(path)
    whole = file.resolve()
    root = next((each for each in whole.parents if (each / ".git").exists()), whole.parent)
    return str(whole.relative_to(root))


def markdown_page(spec: str, language: str = "") -> Page:
    """Read a page to be bound or run; raises BadInput for plain text, which is no more than a witness."""
    page = read(spec, language)
    if page.witness:
        raise BadInput(f"{spec} is plain text", fix="give the page's Markdown source")
    return page


def language_of(path: PurePosixPath, text: str) -> str:
    """The language that a path names, or `lang` in the front matter, or the script; English where none of them does.

    In a path it stands behind `content`, before `docs`, or in the file's name: any other folder may have two letters.
    """
    folders = path.parts[:-1]
    near = [each for before, each in pairwise(("", *folders)) if before == "content"]
    near += [each for each, after in pairwise(folders) if after == "docs"]
    named = [each.lower() for each in (*near, *path.name.split(".")[1:-1]) if _LANGUAGE.fullmatch(each.lower())]
    if named:
        return named[-1]
    if text.startswith("---") and (given := _GIVEN.search(text.partition("\n---")[0])):
        return given[1].lower()
    return next((name for name, letters in _SCRIPTS if re.search(f"[{letters}]", text)), "en")


def _small(spec: str, content: bytes) -> bytes:
    if len(content) > LARGEST:
        raise BadInput(f"{spec} is larger than {LARGEST // 2**20} MiB, the most that a page may have")
    return content


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
    path = Path("/dev/stdin" if spec == STANDARD_INPUT else spec)
    if path.exists() and not path.is_dir():  # a pipe, too, as a shell makes one of <(COMMAND)
        return _contained(path)
    match = _REVISION.fullmatch(spec)
    if not match:
        raise BadInput(f"there is no page {spec}", fix="FILE, REPOSITORY@REVISION:PATH or a URL")
    return _committed(match["repository"], match["revision"], match["path"])


def _contained(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(LARGEST + 1)  # one more than allowed shows that it is too large
    except OSError as error:
        raise BadInput(f"{path} cannot be read", answer=str(error)) from None


def _release(spec: str) -> str:
    """The release that the site documents at the revision that `spec` names; empty for anything else."""
    if not (match := revision_of(spec)):
        return ""
    for name in CONFIGURATIONS:
        with suppress(BadInput):  # it has the other name, or the repository is not one of Hugo
            return documented(_committed(match["repository"], match["revision"], name).decode(errors="replace"))
    return ""


def _committed(repository: str, revision: str, path: str) -> bytes:
    command = ["git", "-C", repository, "cat-file", "blob", f"{revision}:{path}"]
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

    Raises BadInput where there is no such page, and PageUnreachable where the site does not answer. A thread that waits
    longer is left behind, and ends with the program.
    """
    answers: list[bytes | Problem] = []
    thread = threading.Thread(target=lambda: answers.append(_answered(url)), daemon=True)
    thread.start()
    thread.join(limit)
    if not answers:
        raise PageUnreachable(f"{url} was not whole after {limit:.0f} s, the most that a download may take")
    if isinstance(answers[0], Problem):
        raise answers[0]
    return answers[0]


def _answered(url: str) -> bytes | Problem:
    try:
        with urllib.request.urlopen(url, timeout=_TIMEOUT) as answer:
            if answer.headers.get_content_type() == "text/html":
                return BadInput(f"{url} is HTML", fix="give the URL of the page's Markdown source")
            return bytes(answer.read(LARGEST + 1))
    except urllib.error.HTTPError as error:
        return BadInput(f"there is no page {url}", answer=str(error)) if error.code in _ABSENT else _trouble(url, error)
    except (http.client.InvalidURL, ValueError) as error:
        return BadInput(f"{url} is an invalid URL", answer=str(error))
    except (OSError, http.client.HTTPException) as error:
        return _trouble(url, error)


def _trouble(url: str, reason: object) -> PageUnreachable:
    return PageUnreachable(f"{url} cannot be read", answer=str(reason), fix="run it again, or give a FILE instead")
