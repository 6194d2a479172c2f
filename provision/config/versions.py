"""Kubernetes versions: what a user may choose, and what that means. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import total_ordering

from provision.util.errors import BadInput

PATTERN = r"1\.\d+(?:\.\d+(?:-(?:alpha|beta|rc)\.\d+)?)?"
"""A minor, an exact release or a pre-release, as in cluster ids: `1.37`, `1.37.2`, `1.38.0-rc.0`."""

_WANTED = re.compile(r"v?1\.(\d+)(?:\.(\d+)(?:-((?:alpha|beta|rc)\.\d+))?)?")
_EXACT = re.compile(
    r"v?1\.(\d+)\.(\d+)(?:-((?:(?:alpha|beta|rc)\.\d+(?:\.\d+)?|\d+)(?:-dirty)?|dirty))?(?:\+([0-9A-Za-z.-]+))?"
)
"""What a program says of itself: a release, or a build as `v1.38.0-alpha.0.123+abcdef0-dirty` (hack/lib/version.sh)."""

_BACK = re.compile(r"latest|-(\d{1,2})")
_CI = re.compile(r"ci/([A-Za-z0-9]+(?:[.+-][A-Za-z0-9]+)*)")

OLDEST_MINOR = 33
"""The oldest that `provision/config/facts.py` knows; no older one was ever walked with this harness."""


@total_ordering
@dataclass(frozen=True)
class Version:
    """An exact version of Kubernetes, 1.`minor`.`patch`.

    `pre` is empty, or as in `rc.0` or `alpha.0.123` where it is before a release; `build` is empty for releases, or as
    in `abcdef0-dirty`.
    """

    minor: int
    patch: int
    pre: str = ""
    build: str = ""

    @classmethod
    def parse(cls, text: str) -> Version:
        """`v1.37.2`, `1.37.2`, `1.38.0-rc.0` or `v1.38.0-alpha.0.123+abcdef0`; raises BadInput for anything else."""
        match = _EXACT.fullmatch(text)
        if not match:
            raise BadInput(f"'{text}' is not an exact Kubernetes version", fix="write it like 1.37.2")
        return cls(int(match[1]), int(match[2]), match[3] or "", match[4] or "")

    @property
    def series(self) -> str:
        """The minor release, as in `1.37`."""
        return f"1.{self.minor}"

    @property
    def module(self) -> str:
        """The version of the modules that Kubernetes is published as beside its own, as in `v0.37.2`."""
        return "v0." + str(self).removeprefix("v1.")

    def __lt__(self, other: Version) -> bool:
        """A pre-release comes before its release, and rc.10 after rc.9 (https://semver.org/#spec-item-11)."""
        return self._key < other._key

    @property
    def published(self) -> bool:
        """Whether it is that of a release or a pre-release, and not of a build between them."""
        return bool(_WANTED.fullmatch(str(self)))

    @property
    def tag(self) -> str:
        """As kubeadm writes it in the names of images, which have no plus sign."""
        return str(self).replace("+", "_")

    @property
    def _key(self) -> tuple[int, int, bool, tuple[tuple[bool, int, str], ...], str]:
        parts = self.pre.split(".") if self.pre else []
        identifiers = tuple((not each.isdigit(), int(each) if each.isdigit() else 0, each) for each in parts)
        return self.minor, self.patch, not self.pre, identifiers, self.build

    def __str__(self) -> str:
        number = f"v1.{self.minor}.{self.patch}" + (f"-{self.pre}" if self.pre else "")
        return number + (f"+{self.build}" if self.build else "")


@dataclass(frozen=True)
class Wanted:
    """What a user chose: a minor release (its newest stable patch that is available) or an exact one."""

    minor: int
    patch: int | None = None
    pre: str = ""

    @classmethod
    def parse(cls, text: str) -> Wanted:
        """`1.37`, `1.37.2`, `1.38.0-rc.0` or any of them with a leading v; raises BadInput otherwise."""
        match = _WANTED.fullmatch(text.strip())
        if not match:
            raise BadInput(
                f"unknown Kubernetes version '{text}'",
                fix="a minor like 1.37, an exact version like 1.37.2 or 1.38.0-rc.0, latest, -1 or -2; ci/latest alone",
            )
        minor, patch = int(match[1]), int(match[2]) if match[2] else None
        if minor < OLDEST_MINOR:
            raise BadInput(f"Kubernetes {text} is older than 1.{OLDEST_MINOR}, the oldest this harness knows")
        return cls(minor, patch, match[3] or "")

    @property
    def exact(self) -> Version | None:
        """The only release that is meant, where it is one."""
        return None if self.patch is None else Version(self.minor, self.patch, self.pre)

    def accepts(self, version: Version) -> bool:
        """Whether `version` is what was chosen; a minor does not mean its pre-releases, but builds between releases."""
        if self.exact:
            return version == self.exact
        return version.minor == self.minor and not (version.pre and version.published)

    def __str__(self) -> str:
        return str(self.exact or f"v1.{self.minor}")[1:]


@dataclass(frozen=True)
class Back:
    """So many minors before the newest stable release that is available: `latest` is 0, `-1` is 1."""

    minors: int

    def before(self, newest: Version) -> Wanted:
        """The minor that is meant; raises BadInput where it is older than the harness knows."""
        return Wanted.parse(f"1.{max(0, newest.minor - self.minors)}")

    def __str__(self) -> str:
        return f"-{self.minors}" if self.minors else "latest"


@dataclass(frozen=True)
class CiBuild:
    """A build of Kubernetes' own CI: a marker, as `latest`, `latest-1.37` or `k8s-master`, or an exact version.

    https://github.com/kubernetes/community/blob/master/contributors/devel/sig-release/kubernetes-versions.md
    """

    name: str

    @classmethod
    def parse(cls, text: str) -> CiBuild | None:
        """`ci/latest` or `ci/v1.38.0-alpha.0.123+abcdef0`; None for what does not begin so, and raises BadInput."""
        if not text.startswith("ci/"):
            return None
        match = _CI.fullmatch(text)
        if not match:
            raise BadInput(
                f"'{text}' is not a build of Kubernetes' CI",
                fix="ci/latest, ci/latest-1.37, ci/k8s-master or ci/v1.38.0-alpha.0.123+abcdef0, and nothing beside it",
            )
        return cls(match[1])

    @property
    def exact(self) -> Version | None:
        """The only build that is meant, where it is one; None for a marker."""
        return Version.parse(self.name) if _EXACT.fullmatch(self.name) else None

    def __str__(self) -> str:
        return f"ci/{self.name}"


Word = Wanted | Back
"""One of the words that a user may choose versions by."""


def words(text: str) -> Sequence[Word]:
    """What a comma-separated list chooses, in its order, each once; raises BadInput."""
    return list(dict.fromkeys(_word(part.strip()) for part in text.split(",") if part.strip()))


def _word(text: str) -> Word:
    match = _BACK.fullmatch(text)
    return Back(int(match[1] or 0)) if match else Wanted.parse(text)


def releases(tags: Iterable[str]) -> list[Version]:
    """The exact versions among `tags`, pre-releases included, newest first; anything unparsable is left out."""
    exact = (match for match in map(_WANTED.fullmatch, tags) if match and match[2])
    return sorted({Version(int(m[1]), int(m[2]), m[3] or "") for m in exact}, reverse=True)
