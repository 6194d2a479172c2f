"""An API that holds ConfigMaps as it should, with preconditions and revisions, for one thread or many."""

from __future__ import annotations

import json
import threading
from typing import Any

from resilience.traffic.transport import Request, Response
from tests.misbehaving_api import config_map, status


class InMemory:
    """A transport to it."""

    def __init__(self) -> None:
        self.revision = 100
        self.objects: dict[str, dict[str, Any]] = {}
        self._lock = threading.Lock()

    def opened(self) -> str:
        return ""

    def interrupt(self) -> None: ...

    def close(self) -> None: ...

    def exchange(self, request: Request) -> Response:
        with self._lock:
            code, body = self._done(request)
        return Response(code, json.dumps(body).encode())

    def _done(self, request: Request) -> tuple[int, dict[str, Any]]:
        key = request.path.partition("/configmaps")[2].removeprefix("/")
        body = request.body or {}
        match request.method:
            case "GET" if not key:
                return 200, {"metadata": {"resourceVersion": str(self.revision)}, "items": [*self.objects.values()]}
            case "POST":
                name = body["metadata"]["name"]
                return (409, status(409, "AlreadyExists", name)) if name in self.objects else self._write(name, body)
        if key not in self.objects:
            return 404, status(404, "NotFound", key)
        found = self.objects[key]
        wanted = body.get("preconditions", body.get("metadata", {})).get("resourceVersion")
        if wanted and wanted != found["metadata"]["resourceVersion"]:
            return 409, status(409, "Conflict", key)
        match request.method:
            case "GET":
                return 200, found
            case "PUT":
                return self._write(key, body)
        self.revision += 1
        del self.objects[key]
        return 200, {"kind": "Status", "status": "Success"}

    def _write(self, key: str, body: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        self.revision += 1
        self.objects[key] = config_map(key, body["data"]["value"], self.revision)
        return 200, self.objects[key]
