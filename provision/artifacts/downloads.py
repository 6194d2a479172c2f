"""Downloads: each within a time in all, since a socket's own limit counts anew with each byte that comes."""

from __future__ import annotations

import hashlib
import http.client
import ssl
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

from provision.util.errors import HostLacks

_BLOCK = 1 << 20  # bytes held in memory at once: a mebibyte
_WHOLE = 1800  # seconds, for a hundred megabytes over a slow line
_SILENCE = 60  # seconds without a byte after which a line counts as dead
_CHECKSUM = 30  # seconds, for 64 characters


def blocks(url: str, limit: float, silence: float) -> Iterator[bytes]:
    """The content as it comes. Raises TimeoutError where it is not whole after `limit` seconds, or after `silence`
    seconds without a byte; and OSError, http.client.HTTPException and ValueError, as urlopen does.
    """
    deadline = time.monotonic() + limit
    with urllib.request.urlopen(url, timeout=min(silence, limit)) as answer:
        while block := answer.read1(_BLOCK):
            if time.monotonic() > deadline:
                raise TimeoutError(f"it was not whole after {limit:.0f} s")
            yield block
        if answer.length:
            raise http.client.IncompleteRead(b"", answer.length)


def read(url: str, limit: float) -> str:
    """A small text; raises as `blocks` does."""
    return b"".join(blocks(url, limit, silence=limit)).decode()


def download(url: str, target: Path) -> None:
    """Fetch a program and compare it with the checksum published beside it (`<url>.sha256`); raises HostLacks."""
    try:
        expected = (read(f"{url}.sha256", _CHECKSUM).split() or [""])[0]
        digest = hashlib.sha256()
        with target.open("wb") as file:
            for block in blocks(url, _WHOLE, _SILENCE):
                digest.update(block)
                file.write(block)
    except (urllib.error.URLError, TimeoutError, ConnectionError, ssl.SSLError, http.client.HTTPException) as error:
        target.unlink(missing_ok=True)
        raise HostLacks(f"{url} cannot be downloaded", answer=str(error), fix="--ha-artifacts modules") from None
    if digest.hexdigest() != expected:
        target.unlink()
        raise HostLacks(
            f"the checksum of {url} does not match", answer=f"expected {expected}, got {digest.hexdigest()}",
            fix="run again; a proxy may have cut the download short",
        )  # fmt: skip
    target.chmod(0o755)
