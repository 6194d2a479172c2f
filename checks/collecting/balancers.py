"""Load balancers of a machine, by the files that it has and by what HAProxy says of its servers. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping

from checks.collecting.balancer_files import balancers_of
from checks.collecting.balancer_haproxy import Wanted
from checks.collecting.questions import MANIFESTS
from checks.collecting.sections import Answers
from checks.facts.balancer import Balancer
from checks.facts.machine import Process

_SECTIONS = ("haproxy", "keepalived", "nginx")


def balancers(
    given: Answers, processes: tuple[Process, ...], wanted: Wanted, folder: str, of_daemon_sets: tuple[Balancer, ...]
) -> tuple[Balancer, ...]:
    """Each balancer of the API that runs, or that is configured, there. `folder` is where its static pods are."""
    files: dict[str, str] = {}
    for each in _SECTIONS:
        files |= by_path(given.any(each).text, "/etc/")
    static = given.any("manifests" if folder == MANIFESTS else "manifests elsewhere").text
    manifests = by_path(static, f"{folder}/")
    arguments = next((each.arguments for each in processes if each.name == "haproxy"), ())
    stat = "".join(answer.text for name, answer in given.all().items() if name.startswith("stat ") and answer.ok)
    found = tuple(balancers_of(files, manifests, stat, wanted, arguments))
    running = {each.name for each in processes} - {each.kind for each in found}
    return (*found, *(each for each in of_daemon_sets if each.kind in running))


def by_path(printed: str, folder: str) -> Mapping[str, str]:
    """Text by path, of `find FOLDER -print -exec cat`."""
    parts = re.split(rf"^({re.escape(folder)}[^\n]+)\n", printed, flags=re.MULTILINE)
    return dict(zip(parts[1::2], parts[2::2], strict=True))
