"""A watch that goes on: it connects again whenever it ends, and resumes after the last revision that it saw."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from resilience.histories.records import Change, Kind, Outcome, Watched
from resilience.traffic import objects
from resilience.traffic.objects import Wanted
from resilience.traffic.recorder import Recorder
from resilience.traffic.transport import Direct, Lost

_LASTS = 30
"""Seconds after which the server ends a watch: a run has many ends, and every one has to be resumed without a gap."""

_SILENCE = 10.0
"""Seconds without an event after which a watch is given up: traffic makes several a second, and a server that is cut
off never ends its streams."""

_AGAIN = 0.2  # seconds between two attempts: as often as clients have their turns
_SHOWN = 200  # characters of a message: a line


@dataclass(frozen=True)
class _Ended:
    """Why a stream ended, and whether there is something to resume from."""

    why: str
    resumable: bool = True


class Watcher:
    """Each stream goes by the next of its ways, so that it resumes at other API servers than the one that it left."""

    def __init__(self, name: str, ways: Sequence[Direct], recorder: Recorder) -> None:
        self.name, self._ways, self._recorder = name, ways, recorder
        self._stream = 0
        self._way = ways[0]
        self.revision = 0

    def work(self, stopped: threading.Event) -> None:
        """Watch until stopped."""
        while not stopped.is_set():
            self._way = self._ways[self._stream % len(self._ways)]
            if not self.revision and not self._listed():
                self._stream += 1 if len(self._ways) > 1 else 0
                stopped.wait(_AGAIN)
                continue
            self._stream += 1
            self._record(Change.STARTED, revision=self.revision)
            ended = self._watched(stopped)
            self._record(Change.ENDED, revision=self.revision, error=ended.why)
            if not ended.resumable:
                self.revision = 0  # what was compacted is not sent any more: begin with a list again
            stopped.wait(_AGAIN)

    def interrupt(self) -> None:
        """End the stream that is read now, from another thread."""
        self._way.interrupt()

    def _listed(self) -> bool:
        """Begin after what a list shows, as every client does that watches."""
        answer = self._recorder.do(self.name, self._way, Wanted(Kind.LIST))
        self._way.close()
        if answer.outcome is Outcome.OK:
            self.revision = answer.revision
        return answer.outcome is Outcome.OK

    def _watched(self, stopped: threading.Event) -> _Ended:
        """One stream, to its end."""
        try:
            lines = self._way.lines(objects.watch(self._recorder.namespace, self.revision, _LASTS), _SILENCE)
            status = next(lines).decode()
            if status != "200":
                shown = b"".join(lines)[:_SHOWN].decode(errors="replace")
                return _Ended(f"{status}: {shown}".strip(), resumable=status != "410")
            for line in lines:
                if ended := self._seen(line):
                    return ended
            return _Ended("stopped" if stopped.is_set() else "it ended")
        except Lost as lost:
            return _Ended("stopped" if stopped.is_set() else f"{lost.loss}: {lost.why}")
        finally:
            self._way.close()

    def _seen(self, line: bytes) -> _Ended | None:
        """Record one event; or why the stream has to end here."""
        try:
            event = json.loads(line)
            change, item = event["type"], event["object"]
            if change == "ERROR":
                shown = f"ERROR {item.get('code')}: {item.get('message')}"[:_SHOWN]
                return _Ended(shown, resumable=item.get("code") != 410)
            revision = int(item["metadata"]["resourceVersion"])
            if change == "BOOKMARK":
                self._record(Change.BOOKMARK, revision)
            elif objects.is_ours(item):
                self._record(Change(change), revision, item["metadata"]["name"], objects.held(item).value)
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            return _Ended(f"a line that is not an event: {type(error).__name__}: {error}"[:_SHOWN])
        self.revision = revision
        return None

    def _record(self, change: Change, revision: int = 0, key: str = "", value: str = "", error: str = "") -> None:
        event: dict[str, Any] = {"key": key, "value": value, "error": error}
        self._recorder.watched(Watched(self.name, self._stream, change, time.monotonic(), revision, **event))
