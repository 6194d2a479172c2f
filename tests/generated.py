"""Run directories as a run would leave them, and reports as a reader would find them."""

from __future__ import annotations

import json
import re
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

ID = "stacked-uploaded-1.37"
MACHINES = ("lb", "cp1", "cp2", "cp3", "w1", "w2", "w3")
NOW = 1_790_000_000.0


def lines(path: Path, records: list[dict[str, Any]]) -> None:
    path.write_text("".join(json.dumps(record) + "\n" for record in records))


def step(name: str, start: float, stop: float | None, error: str = "", cluster: str = ID) -> dict[str, Any]:
    section = "install-workers" if "join" in name else ""
    return {"kind": "step", "cluster": cluster, "name": name, "section": section, "start": NOW + start,
            "stop": None if stop is None else NOW + stop, "error": error}  # fmt: skip


def command(machine: str, step: str, text: str, start: float, stop: float, rc: int | None = 0) -> dict[str, Any]:
    return {"kind": "command", "cluster": ID, "machine": machine, "step": step, "command": text, "rc": rc, "stdout": "",
            "stderr": "it <b>refused</b>" * bool(rc), "start": NOW + start, "stop": NOW + stop}  # fmt: skip


def phase(nodeid: str, when: str = "call", outcome: str = "passed", **more: Any) -> dict[str, Any]:
    return {"kind": "test", "nodeid": nodeid, "when": when, "outcome": outcome, "start": NOW, "stop": NOW + 0.1} | more


def described(cluster: str = ID, state: str = "ready") -> dict[str, Any]:
    return {
        "id": cluster, "version": "1.37.0", "endpoint": "cluster-endpoint:6443", "state": state, "kept": False,
        "machines": [{"name": name, "role": "worker", "address": "198.18.0.2"} for name in MACHINES],
        "accommodations": [{"name": "cgroup-v1", "reason": "the host has cgroup v1"}],
        "substitutions": ["etcd 3.6.4 stands in for 3.6.5"],
    }  # fmt: skip


def run(folder: Path, *clusters: dict[str, Any], **more: Any) -> None:
    facts = {"started": NOW, "finished": NOW + 60, "command": ["/x/pytest", "-k", "a b"], "clusters": list(clusters)}
    (folder / "run.json").write_text(json.dumps(facts | more))


class Page(HTMLParser):
    """What is checked of every report: tags are balanced, ids unique, links within the page lead somewhere."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.html = path.read_text()
        self.open: list[str] = []
        self.ids: list[str] = []
        self.links: list[str] = []
        self.feed(self.html)
        self.text = re.sub(r"\s+", " ", re.sub(r"<(script|style)>.*?</\1>|<[^>]+>", " ", self.html, flags=re.S))
        assert self.open == []
        assert len(set(self.ids)) == len(self.ids)
        assert {link[1:] for link in self.links if link.startswith("#")} <= set(self.ids)
        assert not re.search(r"<(link|img|iframe)|src=|@import|url\(", self.html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in ("meta", "input", "br"):
            self.open.append(tag)
        self.ids += [value or "" for name, value in attrs if name == "id"]
        self.links += [value or "" for name, value in attrs if name == "href"]

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag
