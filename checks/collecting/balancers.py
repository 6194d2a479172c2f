"""Load balancers of a machine, by the files that it has. Pure."""

from __future__ import annotations

import re

from checks.collecting.balancer_files import balancers_of
from checks.collecting.balancer_haproxy import Wanted
from checks.collecting.sections import Answers
from checks.facts.addresses import is_address, is_loopback, normal
from checks.facts.balancer import Balancer
from checks.facts.machine import Process

_FOLDERS = ("haproxy", "keepalived", "nginx")
_STATISTICS = ("haproxy-statistics", "haproxy-statistics-elsewhere")


def balancers(given: Answers, processes: tuple[Process, ...], port: int) -> tuple[Balancer, ...]:
    """Each balancer of the API that runs, or is configured, on a machine; `port` is the endpoint's."""
    files = {path: text for name in _FOLDERS for path, text in _files(given, name, f"/etc/{name}").items()}
    manifests = _files(given, "manifests", "/etc/kubernetes/manifests")
    resolved = [line.split()[0] for line in given.maybe("resolved").splitlines() if line.strip()]
    addresses = frozenset(normal(each) for each in resolved if is_address(each) and not is_loopback(each))
    statistics = next((text for name in _STATISTICS if (text := given.maybe(name)).strip()), "")
    arguments = next((each.arguments for each in processes if each.name == "haproxy"), ())
    return tuple(balancers_of(files, manifests, statistics, Wanted(port, addresses), arguments))


def _files(given: Answers, name: str, folder: str) -> dict[str, str]:
    """Texts by path, of `find -print -exec cat`; nothing where there is no such folder."""
    parts = re.split(rf"^({re.escape(folder)}/[^\n]+)\n", given.any(name).text, flags=re.MULTILINE)
    return dict(zip(parts[1::2], parts[2::2], strict=True))
