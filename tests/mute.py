"""Clusters whose machines answer every command in one and the same way: no check of anything may pass on them.

`MUTE` says how: `killed` (nothing, and exit status 137), `silent` (nothing, and 0), or `garbage` (nonsense, and 0).
"""

from __future__ import annotations

import os
import re
import socket
import time
from dataclasses import replace
from typing import Any, NoReturn
from unittest.mock import patch

import pytest

from provision.cluster import Cluster
from provision.clusters import evidence, lifecycle
from provision.config.cluster_state import ClusterState
from provision.config.options import CONTAINER
from provision.kubeadm.printed import parse
from provision.machines.machine import Machine
from provision.procedure import procedure_of
from provision.procedure.step import Alongside, Procedure, Step
from provision.providers import table
from provision.providers.container.containers import Containers
from provision.recording.journal import Journal
from provision.util.result import Result
from tests import fakes
from tests.stand_ins import PRINTED

ANSWERS = {
    "killed": Result(137, "", ""),
    "silent": Result(0, "", ""),
    "garbage": Result(0, "Lorem ipsum\n", "dolor sit amet\n"),
}


class MuteMachine(Machine):
    """Every command has the same answer."""

    def run(
        self, command: str, *, timeout: float = 60, stdin: bytes = b"", secret: bool = False, agent: bool = False
    ) -> Result:
        return ANSWERS[os.environ["MUTE"]]

    def close(self) -> None:
        """There is no connection."""


class MuteContainers(Containers):
    """A provider of such machines, planned like containers."""

    def _create(self, state: ClusterState, journal: Journal) -> dict[str, Machine]:
        return self.attach(state, journal)

    def attach(self, state: ClusterState, journal: Journal) -> dict[str, Machine]:
        return {spec.name: MuteMachine(spec, state.addresses[spec.name]) for spec in state.specs}

    def remove(self, cluster: str, state: ClusterState | None) -> None:
        """There is nothing to remove."""


def install() -> None:
    """Put such machines, and a clock that does not wait, in place for the rest of the process."""
    fakes.install()
    patch.object(table, "PROVIDERS", {CONTAINER: MuteContainers}).start()
    patch.object(lifecycle, "procedure_of", lambda *which, **how: _done(procedure_of(*which, **how))).start()
    patch.object(evidence, "collect", lambda *_: None).start()
    patch.object(socket, "create_connection", _refuse).start()
    clock = _Clock()
    patch.multiple(time, sleep=clock.sleep, monotonic=clock.now).start()


def once_each(items: list[pytest.Item]) -> None:
    """A hook for when scenarios are collected: each once, on one cluster and machine, since all answer the same."""
    first: dict[str, pytest.Item] = {}
    for item in items:
        callspec = getattr(item, "callspec", None)
        cluster = str(callspec.params.get("building")) if callspec else ""
        first.setdefault(re.sub(rf"{re.escape(cluster)}:[a-z0-9]+", "", item.nodeid), item)
    items[:] = first.values()


class _Clock:
    """Time passes by sleeping, at once and tenfold: what is waited for here never comes, however often one tries."""

    def __init__(self) -> None:
        self._ahead = 0.0
        self._really = time.monotonic

    def sleep(self, seconds: float) -> None:
        self._ahead += 10 * seconds

    def now(self) -> float:
        return self._really() + self._ahead


def _refuse(*_: Any, **__: Any) -> NoReturn:
    raise ConnectionRefusedError("connection refused")


def _done(procedure: Procedure) -> Procedure:
    """The same steps, which do nothing: the cluster is ready, and knows what init printed."""
    entries = (
        Alongside(tuple(map(_nothing, each.steps))) if isinstance(each, Alongside) else _nothing(each)
        for each in procedure
    )
    return tuple(entries)


def _nothing(step: Step) -> Step:
    return replace(step, action=_know_what_init_printed)


def _know_what_init_printed(cluster: Cluster) -> None:
    cluster.observations.secrets.printed_joins = parse(PRINTED)
