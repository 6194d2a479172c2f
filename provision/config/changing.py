"""Values that depend on the release: each with the releases that brought it, and the source that says so. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Generic, Protocol, TypeVar, overload

from provision.config.versions import Version

T_co = TypeVar("T_co", covariant=True)


@dataclass(frozen=True)
class Change(Generic[T_co]):
    """What holds from some releases on: `1.33`, or `1.33.12 1.34.8 1.35.0` where it was brought to older minors, too.

    `source` is a pull request of kubernetes/kubernetes (`#138957`), a file of it, or a section of a change log.
    """

    since: str
    value: T_co
    source: str

    def holds_in(self, version: Version) -> bool:
        """Whether a release has it. A pre-release counts as the release that it leads to."""
        given = [Version.parse(each if each.count(".") == 2 else f"{each}.0") for each in self.since.split()]
        same = [each for each in given if each.minor == version.minor]
        if same:
            return version.patch >= same[0].patch
        return version.minor > max(given).minor


class Dated(Protocol):
    """Something that is about one release."""

    @property
    def version(self) -> Version: ...


class Fact(Generic[T_co]):
    """An attribute whose value depends on the `version` of its owner: the last change that the release has.

    Read from the class, it is the fact itself, with all its changes.
    """

    def __init__(self, *changes: Change[T_co]) -> None:
        self.changes: Sequence[Change[T_co]] = changes

    @overload
    def __get__(self, owner: None, kind: type[Any]) -> Fact[T_co]: ...

    @overload
    def __get__(self, owner: Dated, kind: type[Any]) -> T_co: ...

    def __get__(self, owner: Dated | None, kind: type[Any]) -> Fact[T_co] | T_co:
        return self if owner is None else self.at(owner.version)

    def at(self, version: Version) -> T_co:
        """What holds in a release; the oldest value where it is older than every change."""
        return next((each for each in reversed(self.changes) if each.holds_in(version)), self.changes[0]).value
