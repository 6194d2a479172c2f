"""Downloads: each within a time in all, since a socket's own limit counts anew with each byte that comes."""

from __future__ import annotations

import hashlib
import http.client
import re
import ssl
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from provision.util.errors import HostLacks

ABSENT = (404, 410)
"""The statuses that say that a site does not have a file."""

_BLOCK = 1 << 20  # bytes held in memory at once: a mebibyte
_WHOLE = 1800  # seconds, for a hundred megabytes over a slow line
_SILENCE = 60  # seconds without a byte after which a line counts as dead
_CHECKSUM = 30  # seconds, for 64 characters
_FROM_SOURCE = "--ha-artifacts modules"

_DIGITS = {"sha256": 64, "sha512": 128}
"""The checksums that are published beside programs, the usual one first, and how many hexadecimal digits each has."""


def blocks(url: str, limit: float, silence: float) -> Iterator[bytes]:
    """The content as it comes. Raises TimeoutError where it is not whole after `limit` seconds, or after `silence`
    seconds without a byte; and OSError, http.client.HTTPException and ValueError, as urlopen does.
    """
    deadline = time.monotonic() + limit
    with _opened(url, min(silence, limit)) as answer:
        while block := answer.read1(_BLOCK):
            if time.monotonic() > deadline:
                raise TimeoutError(f"it was not whole after {limit:.0f} s")
            yield block
        if answer.length:
            raise http.client.IncompleteRead(b"", answer.length)


def _opened(url: str, silence: float) -> http.client.HTTPResponse:
    """The answer of a site; one that is an error has its connection closed, which would stay open with it."""
    try:
        answer: http.client.HTTPResponse = urllib.request.urlopen(url, timeout=silence)
    except urllib.error.HTTPError as error:
        error.close()
        raise
    return answer


def read(url: str, limit: float) -> str:
    """A small text; raises as `blocks` does."""
    return b"".join(blocks(url, limit, silence=limit)).decode()


def download(url: str, target: Path) -> None:
    """Fetch a program and compare it with the checksum published beside it (`<url>.sha256`); raises HostLacks."""
    with _refused(url, target, _FROM_SOURCE):
        expected = (read(f"{url}.sha256", _CHECKSUM).split() or [""])[0]
        _save(url, target, "sha256", expected)


def download_checked(url: str, target: Path, fix: str) -> bool | None:
    """Fetch a program; returns whether a checksum is published by which it was checked, and None where it is missing.

    Raises HostLacks with `fix`, also for what is published as a checksum and is none. Leaves nothing where it fails.
    """
    with _refused(url, target, fix):
        try:
            algorithm, expected = _published(url)
            _save(url, target, algorithm, expected)
        except urllib.error.HTTPError as error:
            if error.code not in ABSENT:
                raise
            target.unlink(missing_ok=True)
            return None
    return expected is not None


def _published(url: str) -> tuple[str, str | None]:
    """How the checksum beside a file is computed, and its digits, which are None where none is published."""
    for algorithm, digits in _DIGITS.items():
        try:
            text = read(f"{url}.{algorithm}", _CHECKSUM)
        except urllib.error.HTTPError as error:
            if error.code in ABSENT:
                continue
            raise
        if not re.fullmatch(rf"\s*[0-9a-f]{{{digits}}}(\s.*)?", text, re.S):
            raise ValueError(f"{url}.{algorithm} holds {text[:80]!r}, which is not a checksum")
        return algorithm, text.split()[0]
    return "sha256", None


def _save(url: str, target: Path, algorithm: str, expected: str | None) -> None:
    """Write the content to a file; raises HostLacks where a checksum is expected and another comes out."""
    digest = hashlib.new(algorithm)
    with target.open("wb") as file:
        for block in blocks(url, _WHOLE, _SILENCE):
            digest.update(block)
            file.write(block)
    if expected is not None and digest.hexdigest() != expected:
        target.unlink()
        raise HostLacks(
            f"the checksum of {url} does not match", answer=f"expected {expected}, got {digest.hexdigest()}",
            fix="run again; a proxy may have cut the download short",
        )  # fmt: skip
    target.chmod(0o755)


@contextmanager
def _refused(url: str, target: Path, fix: str) -> Iterator[None]:
    """Raises HostLacks where the site does not answer with the file, which is then removed."""
    try:
        yield
    except (
        urllib.error.URLError, TimeoutError, ConnectionError, ssl.SSLError, http.client.HTTPException, ValueError
    ) as error:  # fmt: skip
        target.unlink(missing_ok=True)
        raise HostLacks(f"{url} cannot be downloaded", answer=str(error), fix=fix) from None
