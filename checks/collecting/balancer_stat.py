"""HAProxy's own word of its servers: `show stat`, which is CSV. Pure.

https://docs.haproxy.org/3.0/management.html#9.1
"""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from checks.collecting.balancer_words import host_and_port

_NO_SERVERS = ("FRONTEND", "BACKEND")


@dataclass(frozen=True)
class State:
    """Whether a server is up, what its last check saw, and the address that it is at."""

    up: bool | None = None
    words: str = ""
    address: str = ""


def states(printed: str) -> Mapping[tuple[str, str], State]:
    """State of each server by its backend and name; none where this is not what HAProxy prints."""
    return {(each.get("pxname", ""), each["svname"]): _state(each) for each in servers(printed)}


def servers(printed: str) -> Iterator[Mapping[str, str]]:
    """The row of each server, by HAProxy's names of the columns; none where this is not what HAProxy prints."""
    start = printed.find("# pxname")
    try:
        rows = list(csv.DictReader(printed[start + 2 :].splitlines())) if start >= 0 else []
    except csv.Error:
        return
    for row in rows:
        given = {name: value for name, value in row.items() if isinstance(name, str) and isinstance(value, str)}
        if given.get("svname") and given["svname"] not in _NO_SERVERS:
            yield given


def _state(given: Mapping[str, str]) -> State:
    status = given.get("status", "")
    words = " ".join(filter(None, (given.get("check_status"), given.get("check_code"), given.get("last_chk"))))
    if status.startswith("MAINT"):
        words = f"{status} {words}".strip()
    return State(_is_up(status), words, host_and_port(given.get("addr", ""))[0])


def _is_up(status: str) -> bool | None:
    """`no check` says nothing, and a server that is drained or has no weight is up all the same."""
    if status.startswith(("UP", "DRAIN", "NOLB")):
        return True
    return False if status.startswith(("DOWN", "MAINT")) else None
