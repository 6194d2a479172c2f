"""What a URL has, within a time in all: the limit of a socket counts anew with each byte that comes."""

from __future__ import annotations

import http.client
import time
import urllib.request
from collections.abc import Iterator

_BLOCK = 1 << 20


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
    """A small text."""
    return b"".join(blocks(url, limit, silence=limit)).decode()
