"""Run directories of many nights, made up: what each cluster was, what failed on it, what its commands printed."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from nightly import summary
from nightly.explain import Explanation, explain
from nightly.history import Cell
from nightly.store import Store
from nightly.views import clusters, neighbours
from tests.generated import ID, NOW, described, lines, phase

DAY = 86400.0
MODES = "test_modes"
SCENARIOS = (MODES, "test_ready", "test_voters")
_LISTED = "cat /etc/kubernetes/list"


@dataclass(frozen=True)
class Night:
    """One run. `red` scenarios fail on cp1, the step that is `broken` fails, and a command prints what is `listed`.

    `requested` are the versions of the command line, and the run was ended while `running` ran. What a red scenario
    `says` by itself is its assertion's message. `own` is described as a user's own build is. `selection` is what was
    typed instead of pytest. `shard` is as in run.json.
    """

    version: str = "v1.37.2"
    cluster: str = ID
    red: Collection[str] = ()
    scenarios: Collection[str] = SCENARIOS
    listed: str = "600 super-admin.conf"
    other: str = "-"
    label: str = "labels: [control-plane exclude]"
    broken: str = ""
    harness: str = "aaa1111"
    components: Mapping[str, str] = field(default_factory=lambda: {"etcd": "3.7.0"})
    keyword: str = "stacked"
    complete: bool = True
    requested: Collection[str] = ()
    running: str = ""
    says: Mapping[str, str] = field(default_factory=dict)
    own: Collection[Mapping[str, str]] = ()
    selection: Collection[str] = ()
    shard: Mapping[str, Any] = field(default_factory=dict)

    def write(self, folder: Path, day: int) -> Path:
        """Write the run directory of one night."""
        run = folder / f"night-{day:04}"
        run.mkdir(parents=True)
        began = NOW + day * DAY
        facts = {
            "started": began, "finished": began + 90, "harness": self.harness,
            "kubernetes": [*(_resolved(each) for each in self.requested), *_own(self.own)],
            "command": [*(self.selection or ["/x/pytest", "-k", self.keyword]), f"--ha-run-dir={run}"],
            "clusters": [described(self.cluster) | {"version": self.version, "components": dict(self.components)}],
        }  # fmt: skip
        facts |= {"shard": dict(self.shard)} if self.shard else {}
        (run / "run.json").write_text(json.dumps(facts))
        lines(run / "commands.jsonl", [*self._steps(began), *self._commands(began, day)])
        lines(run / "tests.jsonl", [*self._tests(began), self._end()])
        return run

    def _steps(self, began: float) -> list[dict[str, Any]]:
        names = ("initialise", "join the others")
        return [
            {"kind": "step", "cluster": self.cluster, "name": name, "section": "steps", "start": began + n,
             "stop": began + n + 0.5, "error": "on cp1: exited with 1" if name == self.broken else ""}
            for n, name in enumerate(names)
        ]  # fmt: skip

    def _commands(self, began: float, day: int) -> list[dict[str, Any]]:
        printed = {
            ("initialise", f"kubeadm init {self.version}"): f"{self.label}\nin {day}.123s {day:06}.‹secret›\n",
            ("", "cat /etc/other"): self.other,
            ("", _LISTED): f"{self.listed}\nat 2026-11-24T22:{day % 60:02}:16Z {'ab' * 20}{day:04}\n",
        }
        return [
            {"kind": "command", "cluster": self.cluster, "machine": "cp1", "step": step, "command": command, "rc": 0,
             "stdout": output, "stderr": "", "start": began + 3, "stop": began + 4}
            for (step, command), output in printed.items()
        ]  # fmt: skip

    def _tests(self, began: float) -> list[dict[str, Any]]:
        found = []
        for name in self.scenarios:
            for machine in ("cp1", "cp2"):
                nodeid = f"scenarios/test_a.py::{name}[{self.cluster}:{machine}]"
                if self.broken:
                    reason = f"{self.cluster} is broken at step '{self.broken}'"
                    found.append(phase(nodeid, "setup", "skipped", reason=reason))
                elif name == self.running:
                    found.append(phase(nodeid, "setup"))
                elif name in self.red and machine == "cp1":
                    found.append(phase(nodeid, outcome="failed", **self._failure(name)))
                else:
                    found.append(phase(nodeid))
        return [each | {"start": began + 10, "stop": began + 10.1} for each in found]

    def _failure(self, name: str) -> dict[str, str]:
        if message := self.says.get(name):
            text = f"cp1: {message}\nscenarios/test_a.py:7: in {name}\nE   AssertionError: {message}\nE   assert 1 == 0"
            return {"text": text, "reason": f"AssertionError: {message}"}
        text = f"E   AssertionError: {{'super-admin.conf': '644'}} == {{}}\n{name}"
        return {"text": text, "reason": "super-admin.conf is 644"}

    def _end(self) -> dict[str, Any]:
        expected = 2 * len(self.scenarios)
        return {"kind": "session", "exitstatus": 0 if self.complete else 2, "collected": expected}


def _resolved(version: str) -> dict[str, str]:
    release = f"v{version}.2"
    return {"word": version, "version": version, "release": release, "source": "", "place": "a mirror", "remark": ""}


def _own(programs: Collection[Mapping[str, str]]) -> list[dict[str, Any]]:
    return [{**_resolved("1.38"), "own": list(programs)}] if programs else []


GOOD, BAD = Night(), Night(red=[MODES], listed="644 super-admin.conf")
OTHER = "external-uploaded-1.37"


def kept(folder: Path, nights: Sequence[Night]) -> Store:
    """The store of nights, one a day, kept in `folder`."""
    store = Store(folder / "store")
    for day, night in enumerate(nights):
        summary.add(night.write(folder, day), store)
    return store


def cell(store: Store, name: str = MODES, cluster: str = ID) -> Cell:
    """What a store has of a scenario on a cluster."""
    view = next(each for each in clusters(store.runs(100).runs) if each.id == cluster)
    return next(each for each in view.cells if each.scenario.endswith(name))


def explained(store: Store, cluster: str = ID) -> Explanation:
    """What the page says of the first scenario on a cluster."""
    views = clusters(store.runs(100).runs)
    view = next(each for each in views if each.id == cluster)
    return explain(cell(store, cluster=cluster), neighbours(view, views), store.text)
