"""What is different in every run, replaced in the text of a failure by what it is. Pure.

The same noise has the same number within a text: two addresses stay two, and the same address twice stays one. Whether
two times, durations or large numbers are equal is chance, so these have none.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache

from nightly.normal import RANDOM, TIME
from provision.config.cluster_id import CERTIFICATES
from provision.config.topology import TOPOLOGIES

_CLUSTER = rf"(?<![A-Za-z0-9])(?:{'|'.join(TOPOLOGIES)})-(?:{'|'.join(CERTIFICATES)})-\d+\.\d+(?:[.-][a-z0-9]+)*"
_MACHINE = r"(?:cp|w|etcd)\d+|lb\d*"
_GROUP = "[0-9a-fA-F]{1,4}"
WELL_KNOWN = ("127.0.0.1", "0.0.0.0", "10.96.0.1", "10.96.0.10")
"""Addresses that say what they are of: every host, and the services of the API and of DNS where kubeadm puts them."""

_KNOWN = rf"(?<![\w.])(?:{'|'.join(map(re.escape, WELL_KNOWN))})(?!\w)(?!\.\d)"
_NOISE = {
    "known": _KNOWN,
    "time": (
        rf"{TIME}|\b[IWEF]\d{{4}} \d\d:\d\d:\d\d\.\d+ +\d+ |\b[A-Z][a-z]{{2}} +\d{{1,2}} \d\d:\d\d:\d\d"
        r"(?: \d{4})?(?: [A-Z]{3,4})?\b|(?<![\w:])\d\d:\d\d:\d\d(?:\.\d+)?(?![\w:])"
    ),
    "uid": r"(?<![0-9a-f])[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}(?![0-9a-f])",
    "digest": (
        r"\b(?:sha256:)?[0-9a-f]{32,}\b|\bSHA256:[A-Za-z0-9+/]{43}|"
        r"\b(?=[0-9]*[a-f])(?=[a-f]*[0-9])[0-9a-f]{12,31}\b"  # ids of containers, members of etcd
    ),
    "signature": r"\beyJ[\w-]{10,}\.[\w-]*\.[\w-]+",
    "data": r"\b[A-Za-z0-9+/]{120,}={0,2}",
    "object": r"\b0x[0-9a-f]{6,}\b",
    "token": (
        r"\b[a-z0-9]{6}\.‹secret›|(?<=bootstrap-token-)[a-z0-9]{6}\b|(?<=jws-kubeconfig-)[a-z0-9]{6}\b|"
        r"(?<=token ID \")[a-z0-9]{6}\b"
    ),
    "cluster": _CLUSTER,
    "address": (
        r"(?<![\w.])(?:\d{1,3}\.){3}\d{1,3}(?!\w)(?!\.\d)|"
        r"\[[0-9a-fA-F:]{2,39}\](?=:\d)|"
        rf"(?<![\w:.])(?:{_GROUP}:){{7}}{_GROUP}(?![\w:])|"
        rf"(?<![\w:.]){_GROUP}(?::{_GROUP})*::(?:{_GROUP}(?::{_GROUP})*)?(?![\w:])"
    ),
    "port": r"(?<=[\d\]]:)(?:3\d{4}|[4-6]\d{4})(?!\d)",  # of node ports and of clients; servers have lower ones
    "line": r"(?<=\.py:)\d+|(?<=\.go:)\d+",
    "duration": (
        r"\b(?:\d+d)?(?:\d+h)?(?:\d+m)?\d+(?:\.\d+)?(?:s|ms|µs|ns|m|h|d)\b|"
        r"\b\d+(?:\.\d+)? (?:s|ms|seconds?|minutes?|hours?|days?)\b"
    ),
    "version": (
        r"Version\(minor=\d+, patch=\d+, pre='[^']*'\)|\bv\d+\.\d+\b(?!\.\d)|\b1\.[1-9]\d\b(?!\.\d)|"
        r"\bv?\d+\.\d+\.\d+(?:-(?:alpha|beta|rc)\.\d+(?:\.\d+)?)?(?:\+[0-9a-f]+)?(?:-dirty)?\b"
    ),
    "random": (
        rf"(?<=[a-z0-9]-){RANDOM}{{8,10}}-{RANDOM}{{5}}(?![\w-])|(?<=[a-z0-9]-)(?!https){RANDOM}{{5}}(?![\w-])|"
        r"(?<=/tmp)[a-z0-9_]{8}\b|(?<=/tmp\.)[A-Za-z0-9]{6,10}\b"
    ),
    "number": r"(?<![\d.])\d{6,}(?!\d)|(?<=pid )\d+|(?<=PID )\d+|(?<=PID: )\d+",
}
"""What it is → a pattern; where several match, the first is taken."""

_UNNUMBERED = {"time", "duration", "line", "port", "number"}
_SET = re.compile(r"(?<=\{)'[^'{}]*'(?:, '[^'{}]*')+(?=\})")


def without_noise(text: str, names: Iterable[str] = ()) -> str:
    """A text with its noise replaced by what it is. `names` are those of the run's machines."""
    seen: dict[str, dict[str, int]] = {}

    def replaced(match: re.Match[str]) -> str:
        kind = str(match.lastgroup)
        if kind == "known":
            return match[0]
        if kind in _UNNUMBERED:
            return f"‹{kind}›"
        known = seen.setdefault(kind, {})
        return f"‹{kind} {known.setdefault(match[0].removeprefix('v').strip('[]'), len(known) + 1)}›"

    return _pattern(frozenset(names)).sub(replaced, _SET.sub(_sorted, text))


def _sorted(match: re.Match[str]) -> str:
    """Python shows what is in a set in another order in every process."""
    return ", ".join(sorted(match[0].split(", ")))


@cache
def _pattern(names: frozenset[str]) -> re.Pattern[str]:
    given = sorted(map(re.escape, names), key=len, reverse=True)
    machine = rf"(?<![\w.])(?:{'|'.join([*given, _MACHINE])})(?![\w-])"
    return re.compile("|".join(f"(?P<{kind}>{each})" for kind, each in {**_NOISE, "machine": machine}.items()))
