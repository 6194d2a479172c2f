"""Servers of tests: a port of this host on which each connection is given to a function, and TLS for it."""

from __future__ import annotations

import socket
import ssl
import threading
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path


class Accepting:
    """Accepts connections until it is closed, and counts them. `serve` has a thread for each, and closes it."""

    def __init__(self, serve: Callable[[socket.socket], None]) -> None:
        self.connections = 0
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._listening.getsockname()[1])
        threading.Thread(target=self._accept, args=(serve,), daemon=True).start()

    def close(self) -> None:
        with suppress(OSError):
            self._listening.shutdown(socket.SHUT_RDWR)  # a thread that waits in accept() does not notice a close
        self._listening.close()

    def _accept(self, serve: Callable[[socket.socket], None]) -> None:
        while True:
            try:
                connection, _ = self._listening.accept()
            except OSError:
                return
            self.connections += 1
            threading.Thread(target=serve, args=(connection,), daemon=True).start()


def server_context(file: Path, certificate: bytes, key: bytes) -> ssl.SSLContext:
    """What a server needs for TLS; both go into a file."""
    file.write_bytes(certificate + key)
    made = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    made.load_cert_chain(file)
    return made
