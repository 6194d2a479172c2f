"""Clusters that are made of nothing, for the pytest side: the real plugins and states, over machines that only answer.

`make_project` fills a folder with scenarios; its conftest calls `install`. What the fakes do is told by variables:
`FAKE_FAILS` and `FAKE_BLOCKS` name a step, or `machines` for making them; `FAKE_RAISES` does so with what nobody
foresaw (`tests.injections`). What they did is in `history`.
"""

from __future__ import annotations

import os
import shutil
import time
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest

from provision import accommodations, clusters, providers, requirements, settings, sources
from provision import artifacts as artifacts_
from provision.artifacts import Artifacts, catalog
from provision.artifacts.catalog import Release
from provision.artifacts.home import Home
from provision.cluster import Cluster
from provision.errors import BadInput, CommandFailed, Interrupted
from provision.journal import Journal
from provision.listeners import append_line
from provision.machines import engines, subnets
from provision.machines.engines import Engine
from provision.machines.machine import Machine, Result
from provision.machines.provider import Order
from provision.procedure import procedure_of
from provision.procedure.step import Alongside, Procedure, Step
from provision.together import interrupted
from provision.versions import Version, Wanted
from tests.injections import inject

ROOT = Path(__file__).parent.parent
ONE, TWO = "stacked-uploaded-1.36", "stacked-uploaded-1.37"
CONFTEST = f"""
import runpy
from tests import fakes

pytest_plugins = runpy.run_path({str(ROOT / "conftest.py")!r})["pytest_plugins"]
fakes.install()
"""


class FakeMachine(Machine):
    """Answers every command with nothing, at once; a step's name is a command that may fail or block."""

    def run(
        self, command: str, *, timeout: float = 60, stdin: bytes = b"", secret: bool = False, agent: bool = False
    ) -> Result:
        _block(command)
        return Result(1, "", "no luck") if os.environ.get("FAKE_FAILS") == command else Result(0, "", "")

    def close(self) -> None:
        """There is no connection."""


class FakeContainers:
    """A provider whose clusters are folders."""

    def __init__(self, *_engine_image_store: object) -> None:
        self._folder = Home.default().root / "machines"

    def create(self, order: Order, journal: Journal) -> dict[str, Machine]:
        note("made", str(order.id))
        (self._folder / str(order.id)).mkdir(parents=True)
        if os.environ.get("FAKE_FAILS") == "machines":
            raise CommandFailed("podman run exited with 125", answer="no space left")
        inject("machines")
        _block("machines")
        return self.attach(order, journal)

    def attach(self, order: Order, journal: Journal) -> dict[str, Machine]:
        return {spec.name: FakeMachine(spec, order.addresses[spec.name]) for spec in order.specs}

    def remove(self, cluster: str) -> None:
        if (self._folder / cluster).exists():
            if os.environ.get("FAKE_FAILS") == "removal":
                raise CommandFailed("podman rm exited with 125", answer="device or resource busy")
            inject("removal")
            shutil.rmtree(self._folder / cluster)
            note("removed", cluster)


def _provided(release: Release, *given: Any) -> Artifacts:
    nowhere = Path("/nowhere")
    programs = {each.version: nowhere for each in given[-1]}
    return Artifacts(release, "image", nowhere, nowhere, (), programs)


def install() -> None:
    """Put the fakes in place of everything that touches the host, for the rest of the process."""
    for module in (providers, sources):
        patch.multiple(module, Containers=FakeContainers).start()
    patch.object(providers, "_PROGRAMS", {}).start()
    patch.object(artifacts_, "provide", _provided).start()
    patch.multiple(accommodations, probe=lambda _: None, needed=lambda *_: [], cgroup_version=lambda: 2).start()
    patch.object(engines, "choose", lambda _, version: Engine("podman", version)).start()
    patch.object(catalog, "resolve", _resolve).start()
    patch.object(requirements, "check", lambda *_: None).start()
    patch.object(subnets, "taken", list).start()
    patch.object(settings, "topologies", lambda: os.environ.get("FAKE_TOPOLOGIES", "stacked").split(",")).start()
    patch.object(clusters, "procedure_of", lambda *which, **how: _faked(procedure_of(*which, **how))).start()


def make_project(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch, **scenarios: str) -> None:
    """A project in pytester's folder: this one's configuration and plugins, and scenarios by name of their file."""
    # pytest prints more in its summary where CI or BUILD_NUMBER is set.
    foreign = ("HA_", "FAKE_", "PYTEST_XDIST", "XDG_", "CI", "BUILD_NUMBER")
    for name in [name for name in os.environ if name.startswith(foreign)]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    monkeypatch.setenv("HA_HOME", str(pytester.path / "home"))
    monkeypatch.delenv("PYTHONDONTWRITEBYTECODE", raising=False)  # compiling everything anew takes a third of each run
    monkeypatch.setenv("PYTHONPYCACHEPREFIX", str(pytester.path.parent / "bytecode"))
    shutil.copy(ROOT / "pyproject.toml", pytester.path)
    pytester.makeconftest(CONFTEST)
    folder = pytester.mkdir("scenarios")
    for name, text in scenarios.items():
        (folder / f"test_{name}.py").write_text(text)


def history(folder: Path) -> list[tuple[str, str]]:
    """What was `made`, `removed` or `blocked` in a project, in order, and which cluster."""
    return [(what, cluster) for what, cluster, _ in noted(folder)]


def noted(folder: Path) -> list[tuple[str, str, int]]:
    """Like `history`, with the process that did it."""
    path = folder / "home" / "history"
    lines = path.read_text().splitlines() if path.exists() else []
    return [(what, cluster, int(process)) for what, cluster, process in (line.strip('"').split() for line in lines)]


def note(what: str, cluster: str) -> None:
    append_line(Home.default().root / "history", f"{what} {cluster} {os.getpid()}")


def _block(what: str) -> None:
    """Like everything that waits for a machine: until it is called off."""
    if os.environ.get("FAKE_BLOCKS") == what:
        note("blocked", "-")
        for _ in range(1000):
            if interrupted():
                raise Interrupted("called off")
            time.sleep(0.02)


def _resolve(wanted: Wanted | None, *_others: Any) -> Release:
    if wanted and wanted.minor > 50:
        raise BadInput(f"Kubernetes {wanted} cannot be had as Go modules")
    return Release((wanted.exact if wanted else None) or Version(wanted.minor if wanted else 37, 1), "fake")


def _faked(procedure: Procedure) -> Procedure:
    def fake(step: Step) -> Step:
        return replace(step, action=partial(_do, step.name))

    faked = (
        Alongside(tuple(map(fake, each.steps))) if isinstance(each, Alongside) else fake(each) for each in procedure
    )
    return tuple(faked)


def _do(step: str, cluster: Cluster) -> None:
    inject(step)
    cluster.control_planes[0].succeed(step)
