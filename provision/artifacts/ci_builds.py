"""Builds of Kubernetes' own CI: which one a marker names now, and its programs, from the release site or its mirror.

Layout: https://github.com/kubernetes/community/blob/master/contributors/devel/sig-release/kubernetes-versions.md
"""

from __future__ import annotations

import http.client
import json
import urllib.error
from dataclasses import dataclass
from pathlib import Path

from provision.artifacts import own
from provision.artifacts.archive import architecture
from provision.artifacts.cache import Cache, Recipe
from provision.artifacts.catalog import releases_url
from provision.artifacts.downloads import ABSENT, download_checked, read
from provision.artifacts.own import COMPONENTS, NAMES, OwnPrograms
from provision.config.versions import OLDEST_MINOR, CiBuild, Version
from provision.recording.journal import Journal
from provision.util.concurrency import together
from provision.util.errors import BadInput, HostLacks
from provision.util.home import Home

_PATIENCE = 10.0  # seconds, for a few bytes through a slow proxy: kubeadm's own (cmd/kubeadm/app/util/version.go)
_NEEDED = ("kubeadm", "kube-apiserver")  # without which it would be a cluster of another version
_INDEX = "checked.json"
_MIRROR = "HA_RELEASES=<a mirror>, or a folder with the build's programs: --ha-programs DIR"


@dataclass(frozen=True)
class Built:
    """A build's programs; `unchecked` are those for which the site publishes no checksum."""

    version: Version
    programs: OwnPrograms
    unchecked: tuple[str, ...]

    @property
    def remark(self) -> str:
        """A sentence where something was not verified; empty otherwise."""
        if not self.unchecked:
            return ""
        return f"not verified, since no checksum is published: {', '.join(self.unchecked)}"


def provide(build: CiBuild, home: Home, journal: Journal) -> Built:
    """A build's programs, downloaded where they are missing.

    Raises BadInput where there is no such build, or not all that it takes, and HostLacks where the site does not
    answer, or with something else. A marker is read each time: what it names changes every hour.
    """
    version = resolve(build)
    recipe = Recipe(
        "ci", {"version": str(version), "from": releases_url()}, f"download {build}, which is {version}",
        "about two minutes",
    )  # fmt: skip
    home.artifacts.mkdir(parents=True, exist_ok=True)
    folder = Cache(home, journal).provide(recipe, lambda partial: _download(version, partial))
    unchecked = json.loads((folder / _INDEX).read_text())["unchecked"]
    return Built(version, own.read(folder), tuple(unchecked))


def resolve(build: CiBuild) -> Version:
    """The exact version that a build is now; raises as `provide` does."""
    version = build.exact or _marked(build)
    if version.minor < OLDEST_MINOR:
        raise BadInput(f"{build} is {version}, and 1.{OLDEST_MINOR} is the oldest minor that this harness knows")
    return version


def _marked(build: CiBuild) -> Version:
    url = f"{releases_url()}/{build}.txt"
    try:
        text = read(url, _PATIENCE)
    except urllib.error.HTTPError as error:
        if error.code in ABSENT:
            raise BadInput(
                f"there is no build {build}: {url} does not exist", answer=str(error),
                fix="--ha-kubernetes ci/latest, ci/latest-1.37, or an exact build: ci/v1.38.0-alpha.0.123+abcdef0",
            ) from None  # fmt: skip
        raise _unanswered(build, url, error) from None
    except (OSError, http.client.HTTPException, ValueError) as error:
        raise _unanswered(build, url, error) from None
    try:
        return Version.parse(text.strip())
    except BadInput:
        raise HostLacks(
            f"{url}, which names the build of {build}, holds no version", answer=f"it holds {text[:80]!r}", fix=_MIRROR
        ) from None


def _unanswered(build: CiBuild, url: str, error: Exception) -> HostLacks:
    return HostLacks(f"{url}, which names the build of {build}, cannot be read", answer=str(error), fix=_MIRROR)


def _download(version: Version, folder: Path) -> None:
    """All programs of a build into a folder; what it lacks is a release's, but for what makes it this build."""
    url = f"{releases_url()}/ci/{version}/bin/linux/{architecture()}"
    checked = dict(zip(NAMES, together(lambda name: _fetch(url, name, folder), NAMES), strict=True))
    missing = [name for name in _NEEDED if checked[name] is None]
    if missing:
        raise BadInput(
            f"there is no whole build ci/{version} for linux/{architecture()} at {releases_url()}",
            answer=f"{url} has no {' and no '.join(missing)}",
            fix="--ha-kubernetes ci/latest; builds are removed after some weeks",
        )
    _check_versions(own.read(folder), version, url)
    (folder / _INDEX).write_text(json.dumps({"unchecked": [name for name in NAMES if checked[name] is False]}))


def _fetch(url: str, name: str, folder: Path) -> bool | None:
    """As `download_checked`, of a program, or else of the archive of the image that has it."""
    found = download_checked(f"{url}/{name}", folder / name, _MIRROR)
    if found is None and name in COMPONENTS:
        found = download_checked(f"{url}/{name}.tar", folder / f"{name}.tar", _MIRROR)
    return found


def _check_versions(programs: OwnPrograms, version: Version, url: str) -> None:
    """Raise HostLacks where a program is of another build than the folder that it comes from."""
    others = [f"{each.name} says {each.version}" for each in programs.programs if each.version != str(version)]
    if others:
        raise HostLacks(f"{url} has programs of other builds", answer=", ".join(others), fix=_MIRROR)
