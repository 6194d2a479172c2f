"""Histories as porcupine can know them: one object each, a register with revisions.

A history of one object keeps its writes and gets, and each list as a get between the same two times. Left out is what a
register does not have: what a list shows of several objects at once, and that its revision is the store's; the order of
writes to different objects; watches, and what only they show; the hashes of members. Of such a part both checkers
have to say the same. What ours finds in the whole history and in no part of it, is what it knows beyond.
"""

from __future__ import annotations

import json
import math
import subprocess
from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from resilience.histories.operations import Operation, arranged
from resilience.histories.records import Answered, Invoked, Kind, Record

PROGRAM = Path(__file__).parent / "porcupine"


def parts(records: Sequence[Record]) -> dict[str, list[Record]]:
    """The history of each object that is named in it."""
    keys = {each.key for each in records if isinstance(each, Invoked) and each.key}
    keys |= {key for each in records if isinstance(each, Answered) for key in each.objects}
    return {key: _part(records, key) for key in sorted(keys)}


def _part(records: Sequence[Record], key: str) -> list[Record]:
    found: list[Record] = []
    kinds: dict[int, Kind] = {}
    for each in records:
        if isinstance(each, Invoked) and (each.key == key or each.kind is Kind.LIST):
            kinds[each.id] = each.kind
            found.append(replace(each, kind=Kind.GET, key=key) if each.kind is Kind.LIST else each)
        elif isinstance(each, Answered) and each.id in kinds:
            found.append(_shown(each, key) if kinds[each.id] is Kind.LIST else each)
    return found


def _shown(listed: Answered, key: str) -> Answered:
    """What a list shows of an object, without a revision of its own."""
    held = listed.objects.get(key)
    return replace(listed, objects={key: held} if held else {}, revision=held.revision if held else 0)


def translated(part: Iterable[Record]) -> str:
    """A line for porcupine. What was refused has no effect, and a read without an answer shows nothing."""
    operations = arranged(part).operations
    values = {each.value for each in operations if each.value}
    clients = {name: number for number, name in enumerate(sorted({each.client for each in operations}))}
    kept = [each for each in operations if each.acknowledged or (each.perhaps and each.kind is not Kind.GET)]
    return json.dumps([_line(each, clients[each.client], values) for each in kept])


def _line(each: Operation, client: int, values: set[str]) -> dict[str, Any]:
    held = each.objects.get(each.key)
    ended = 0 if each.perhaps or each.answered == math.inf else int(each.answered)
    return {
        "client": client,
        "kind": each.kind.value,
        "call": int(each.invoked),
        "return": ended,
        "value": held.value if held else each.value,
        "expected": each.expected,
        "revision": (held.revision if held else 0) if each.kind is Kind.GET else each.revision * each.acknowledged,
        "found": held is not None,
        "foreign": held is not None and held.value not in values,
    }


def built(folder: Path) -> Path:
    """The program, built; its module comes from the proxy that `go env GOPROXY` names."""
    program = folder / "porcupine"
    subprocess.run(["go", "build", "-o", str(program), "."], cwd=PROGRAM, check=True, timeout=600)
    return program


def answered(program: Path, lines: Sequence[str]) -> list[bool]:
    """For each line, whether porcupine finds an order; one process for all."""
    shown = subprocess.run(
        [program], input="\n".join(lines), capture_output=True, text=True, check=True, timeout=3600
    ).stdout.split()
    if set(shown) - {"Ok", "Illegal"} or len(shown) != len(lines):
        raise ValueError(f"{len(lines)} histories were checked to: {sorted(set(shown))}, {len(shown)}")
    return [each == "Ok" for each in shown]
