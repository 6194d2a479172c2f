"""What is known of several machines, where one that does not answer must not hide what the others say."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TypeVar

from checks.facts.fact import Unknown
from checks.facts.machine import MachineFacts

T = TypeVar("T")


def known_of_each(
    machines: Iterable[MachineFacts], read: Callable[[MachineFacts], T]
) -> tuple[dict[str, T], Unknown | None]:
    """What was read, by the machine's name; and why something was not, which is to be raised after the findings."""
    found, unknown = {}, None
    for machine in machines:
        try:
            found[machine.name] = read(machine)
        except Unknown as missing:
            unknown = missing
    return found, unknown


def known_of(items: Iterable[T]) -> tuple[list[T], Unknown | None]:
    """What an iteration gives before a fact is missing, so that one finding names all of it."""
    found = []
    try:
        for each in items:
            found.append(each)
    except Unknown as unknown:
        return found, unknown
    return found, None
