"""When static pods' containers started and ended, by containerd's own log (versions 1 and 2). Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator

from report.life.machines import Held
from report.life.states import GONE, RUNS, Point, Row

PROGRAMS = ("etcd", "kube-apiserver", "kube-controller-manager", "kube-scheduler")
"""Containers of the static pods that kubeadm makes, in the order that they are drawn in."""

_CREATED = re.compile(r"&ContainerMetadata\{Name:([\w.-]+),.* returns container id \W*([0-9a-f]{64})")
_STARTED = re.compile(r"StartContainer for \W*([0-9a-f]{64})\W* returns successfully")
_ENDED = re.compile(r"(?:shim disconnected\W+id=|exit event .*?container_id:\W*|TaskExit event.*?ID:)([0-9a-f]{64})")

_SHORTEST = 0.001  # seconds: of the pause that is drawn where a container follows one whose end is not in the log


def points(held: Held) -> Iterator[Point]:
    """Since when each program runs, and since when it is gone.

    Where a machine has lost its power, the end of what ran is not in the log: it is then as late as the next start.
    """
    names: dict[str, str] = {}
    running: dict[str, str] = {}
    for at, message in held.dated("containers"):
        if (created := _CREATED.search(message)) and created[1] in PROGRAMS:
            names[created[2]] = created[1]
        elif (started := _STARTED.search(message)) and (name := names.get(started[1])):
            row = Row(held.machine, name)
            if name in running:
                yield Point(row, at - _SHORTEST, GONE)
            running[name] = started[1]
            yield Point(row, at, RUNS)
        elif ended := _ENDED.search(message):
            ran = names.get(ended[1], "")
            if running.get(ran) == ended[1]:
                del running[ran]
                yield Point(Row(held.machine, ran), at, GONE)
