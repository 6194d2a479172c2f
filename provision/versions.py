"""Kubernetes versions: what a user may ask for, and what that means. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from provision.errors import BadInput

_WANTED = re.compile(r"v?1\.(\d+)(?:\.(\d+))?")

OLDEST_MINOR = 33
"""Older kubeadm releases need other accommodations and file sets; nobody has walked them with this harness."""


@dataclass(frozen=True, order=True)
class Version:
    """An exact Kubernetes release, 1.`minor`.`patch`."""

    minor: int
    patch: int

    @classmethod
    def parse(cls, text: str) -> Version:
        """`v1.37.2` or `1.37.2`; raises BadInput for anything else, pre-releases included."""
        match = _WANTED.fullmatch(text)
        if not match or match[2] is None:
            raise BadInput(f"'{text}' is not an exact Kubernetes version", remedy="write it like 1.37.2")
        return cls(int(match[1]), int(match[2]))

    @property
    def series(self) -> str:
        """The minor release, as in `1.37`."""
        return f"1.{self.minor}"

    def __str__(self) -> str:
        return f"v1.{self.minor}.{self.patch}"


@dataclass(frozen=True)
class Wanted:
    """What a user asked for: a minor release (the newest patch of it that can be had) or an exact one."""

    minor: int
    patch: int | None = None

    @classmethod
    def parse(cls, text: str) -> Wanted:
        """`1.37`, `1.37.2` or either with a leading v; raises BadInput otherwise."""
        match = _WANTED.fullmatch(text.strip())
        if not match:
            raise BadInput(
                f"unknown Kubernetes version '{text}'", remedy="a minor like 1.37 or an exact version like 1.37.2"
            )
        minor, patch = int(match[1]), int(match[2]) if match[2] else None
        if minor < OLDEST_MINOR:
            raise BadInput(f"Kubernetes {text} is older than 1.{OLDEST_MINOR}, the oldest this harness knows")
        return cls(minor, patch)

    def accepts(self, version: Version) -> bool:
        """Whether `version` is what was asked for."""
        return version.minor == self.minor and self.patch in (None, version.patch)

    def __str__(self) -> str:
        return f"1.{self.minor}" + (f".{self.patch}" if self.patch is not None else "")


def stable(tags: Iterable[str]) -> list[Version]:
    """The exact versions among `tags`, newest first; pre-releases and anything unparsable are left out."""
    exact = (match for match in map(_WANTED.fullmatch, tags) if match and match[2])
    return sorted({Version(int(m[1]), int(m[2])) for m in exact}, reverse=True)
