"""A way to the API from inside a pod, by the Service: requests go to a curl that runs in the pod's network."""

from __future__ import annotations

import base64
import binascii
import queue
import shlex
import subprocess
import threading
import time
from collections.abc import Callable
from contextlib import suppress

from provision.util.errors import Unreachable
from resilience.histories.records import Loss
from resilience.traffic import curl
from resilience.traffic.transport import CONNECT, REQUEST, Lost, Request, Response

_SPARE = 3.0
"""Seconds beyond a request's own limit in which its answer must have come from the machine."""

LOG_IN = 15.0
"""Seconds to log in, and to find the pod's process: one, on a busy host a few."""

Start = Callable[[str], "subprocess.Popen[bytes]"]
"""Starts a command on the pod's machine that is written to, and read from."""


def command(uid: str, connect: float = CONNECT, limit: float = REQUEST) -> str:
    """The command that serves requests on the machine of a pod with this uid. Pure."""
    return f"sudo {shlex.join(['bash', '-c', curl.SCRIPT, 'bash', uid, str(connect), str(limit)])}"


class InPod:
    """One client at a time. Where the machine or the pod is gone, `opened` says so, and nothing is sent."""

    def __init__(self, start: Start, uid: str, limit: float = REQUEST) -> None:
        self._start, self._command, self._limit = start, command(uid, limit=limit), limit
        self._process: subprocess.Popen[bytes] | None = None
        self._lines: queue.SimpleQueue[bytes] = queue.SimpleQueue()
        self._number = 0

    def opened(self) -> str:
        """Log in where that is necessary; why that cannot be done, or ""."""
        if self._process is not None and self._process.poll() is None:
            return ""
        self.close()
        self._lines = queue.SimpleQueue()
        try:
            self._process = self._start(self._command)
        except (OSError, Unreachable) as error:
            return str(error)
        threading.Thread(target=_read, args=(self._process, self._lines), daemon=True).start()
        shown = self._line(time.monotonic() + LOG_IN)
        if shown.strip() == b"ready":
            return ""
        self.close()
        return shown.decode(errors="replace").strip() or "the machine of the pod did not answer"

    def exchange(self, request: Request) -> Response:
        process = self._process
        if process is None or process.stdin is None:
            raise Lost(Loss.OTHER, "the machine of the pod is not connected", sent=False)
        self._number += 1
        try:
            process.stdin.write(curl.line(self._number, request).encode())
            process.stdin.flush()
            return curl.answer(self._answer(self._number))
        except (OSError, binascii.Error, ValueError) as error:
            self.close()
            raise Lost(Loss.OTHER, f"the machine of the pod: {error}", sent=True) from error

    def interrupt(self) -> None:
        """Nothing to do: every request ends within its limit."""

    def close(self) -> None:
        process, self._process = self._process, None
        if process is None:
            return
        with suppress(OSError):
            process.terminate()
        with suppress(OSError):
            if process.stdin is not None:
                process.stdin.close()  # standard output belongs to the thread that reads it
        with suppress(subprocess.TimeoutExpired):
            process.wait(_SPARE)

    def _answer(self, number: int) -> bytes:
        deadline = time.monotonic() + self._limit + _SPARE
        while line := self._line(deadline):
            found, _, printed = line.partition(b" ")
            if found == str(number).encode():
                return base64.b64decode(printed.strip(), validate=True)
        raise TimeoutError("it did not answer")

    def _line(self, deadline: float) -> bytes:
        """The next line; nothing where the command ended, or none came in time."""
        try:
            return self._lines.get(timeout=max(0.001, deadline - time.monotonic()))
        except queue.Empty:
            return b""


def _read(process: subprocess.Popen[bytes], lines: queue.SimpleQueue[bytes]) -> None:
    if process.stdout is not None:
        with process.stdout as stream:
            for line in stream:
                lines.put(line)
    lines.put(b"")
