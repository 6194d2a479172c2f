"""Whether a cluster can take the place of one that would be made now: what it was made from, and when."""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path

import provision
from provision.config.cluster_state import ClusterState
from provision.util.durations import duration
from provision.util.errors import BadInput

_ROOMS = ("config", "etcd", "kubeadm", "loadbalancer", "network", "node", "procedure", "providers")
"""The rooms of `provision` that decide what is done to machines; the others only watch, or carry it there."""

_DIGITS = 12

_FRESH = 90 * 60
"""Seconds after which a cluster that was paused or frozen is not what a fresh one is: uploaded certificates are removed
after two hours, with the token that owns them (kubeadm's `DefaultCertTokenDuration`), and a run takes its time, too."""


def fingerprints(state: ClusterState, machines: Mapping[str, str], joins: str) -> dict[str, str]:
    """By what each is of: `machines` is what the provider makes them of, `joins` how control planes join. Pure.

    Addresses are not among it: a cluster keeps its own.
    """
    choices = {
        "version": state.version, "provider": state.provider, "engine": state.engine, "network": state.network,
        "online": str(state.online), "joins": joins,
    }  # fmt: skip
    long = {
        "host workarounds": sorted(state.workarounds), "configuration": state.configuration,
        "other programs": {name: each["version"] for name, each in state.beside.items()},
    }  # fmt: skip
    return {
        "cluster": state.id, "procedure": procedure(), **choices, **machines,
        **{name: _digest(json.dumps(each, sort_keys=True).encode()) for name, each in long.items()},
    }  # fmt: skip


def differences(before: Mapping[str, str], now: Mapping[str, str]) -> list[str]:
    """What is different, in words. Pure."""
    names = dict.fromkeys([*before, *now])
    return [
        f"{name} ({before.get(name, 'unknown')}, now {now.get(name, 'unknown')})"
        for name in names
        if before.get(name) != now.get(name)
    ]


def expect_the_same(state: ClusterState, planned: ClusterState, refused: str, anew: str) -> None:
    """Raise BadInput where a cluster was made from something else than what is `planned` now; `refused` begins it."""
    if not state.made_from:
        raise BadInput(f"{refused}: it is not known what it was made from", fix=anew)
    if different := differences(state.made_from, planned.made_from):
        raise BadInput(
            f"{refused}: it was made from what is different now: {', '.join(different)}",
            fix=f"the options that it was made with, or make it anew:\n{anew}",
        )


def expect_young(state: ClusterState, refused: str, anew: str) -> None:
    """Raise BadInput where a cluster is too old to be what a fresh one is; `refused` begins it."""
    if (age := time.time() - state.created) > _FRESH:
        raise BadInput(f"{refused}: it was made {duration(age)} ago, and what was uploaded ends", fix=anew)


@cache
def procedure() -> str:
    """A digest of all files by which machines are made into a cluster."""
    root = Path(provision.__file__).parent
    return _digest(*_contents(root, sorted(file for room in _ROOMS for file in (root / room).rglob("*"))))


def _contents(root: Path, files: Iterable[Path]) -> Iterable[bytes]:
    for file in files:
        if file.is_file() and file.suffix != ".pyc":
            yield str(file.relative_to(root)).encode()
            yield file.read_bytes()


def _digest(*contents: bytes) -> str:
    whole = hashlib.sha256()
    for content in contents:
        whole.update(hashlib.sha256(content).digest())
    return whole.hexdigest()[:_DIGITS]
