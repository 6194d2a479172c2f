"""Which Kubernetes releases are available, and where. The answer is remembered for some hours."""

from __future__ import annotations

import http.client
import json
import os
import tempfile
import time
import urllib.error
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from provision.artifacts import downloads, gomodules
from provision.artifacts.own import OwnPrograms
from provision.config.versions import OLDEST_MINOR, Version, Wanted, releases
from provision.util.atomic_write import write_whole
from provision.util.errors import BadInput, HostLacks
from provision.util.home import Home

OFFICIAL, MODULES, OWN, CI = "official", "modules", "own", "ci"
_REMEMBERED = 12 * 3600  # seconds: shorter than the day between two nightly runs
_PATIENCE = 10.0  # seconds, for a few bytes through a slow proxy
_CANDIDATES = 3  # so many patches of a minor are tried before it counts as not available
_ABSENT = (403, 404, 410)  # what a site says of a file that it does not have: a bucket may say any of these
_TRIES = 3  # a site that fails once must not have everything built from source for half a day
_PAUSE = 0.3  # seconds between two tries: enough for a server that restarts a connection


@dataclass(frozen=True)
class Release:
    """An exact version and the source that has it. `note` is a sentence where a newer one is not available.

    `own` are a build's programs, a user's or those of Kubernetes' CI, and `base` is the release that what they lack
    comes from; both are None otherwise.
    """

    version: Version
    source: str
    note: str = field(default="", compare=False)
    own: OwnPrograms | None = None
    base: Release | None = None

    @property
    def place(self) -> str:
        """Where it comes from, for people."""
        if self.own and self.source == CI:
            return f"Kubernetes' CI, {self.own}"
        if self.own:
            return f"a build of one's own, {self.own}"
        return {OFFICIAL: "the release site", MODULES: "Go modules"}.get(self.source, self.source)

    @property
    def published(self) -> Release:
        """The release itself, or the one that a user's own programs stand on."""
        return self.base or self


def releases_url() -> str:
    """The release site, or the mirror named by `HA_RELEASES`."""
    return os.environ.get("HA_RELEASES", "https://dl.k8s.io").rstrip("/")


def official_reachable() -> bool:
    """Whether the release site answers soon, and with a version: a proxy may answer in its place."""
    for left in reversed(range(_TRIES)):
        try:
            return (_fetch("release/stable.txt") or "").startswith("v1.")
        except HostLacks as lack:
            if not left or not _is_temporary(lack.__cause__):
                return False
            time.sleep(_PAUSE)
    return False


def _is_temporary(error: BaseException | None) -> bool:
    """Whether the site is there and may answer in a moment; a name or an address without a server never does."""
    return isinstance(error, ConnectionResetError) or (isinstance(error, urllib.error.HTTPError) and error.code >= 500)


def resolve(wanted: Wanted | None, source: str, home: Home) -> Release:
    """The release that is wanted; None is the newest stable minor that is available.

    `source` is `official`, `modules`, or `auto` for the first of them that answers. Raises BadInput when there is no
    such version, HostLacks when no source answers, and CommandFailed when go cannot find out; only answers are
    remembered.
    """
    key = f"{wanted or 'newest'} {source} {releases_url()}"
    if known := _remembered(home, key):
        return known
    chosen = source if source != "auto" else OFFICIAL if official_reachable() else MODULES
    found = Release(_official(wanted), OFFICIAL) if chosen == OFFICIAL else _modules(wanted)
    _remember(home, key, found)
    return found


def _official(wanted: Wanted | None) -> Version:
    if wanted and (version := wanted.exact):
        if _fetch(f"release/{version}/bin/linux/amd64/kubeadm.sha256") is None:
            _newest_of_the_site()
            newest = (_fetch(f"release/stable-{version.series}.txt") or "none").strip()
            raise BadInput(
                f"there is no release {version} at {releases_url()}",
                answer=f"the newest of {version.series} there: {newest}", fix=f"--ha-kubernetes {version.series}",
            )  # fmt: skip
        return version
    name = f"release/stable-{wanted}.txt" if wanted else "release/stable.txt"
    text = _fetch(name)
    if text is None:
        newest = _newest_of_the_site()
        early = _fetch(f"release/latest-{wanted}.txt") if wanted else None
        raise BadInput(
            f"there is no stable release of {wanted or 'Kubernetes'} at {releases_url()}",
            answer=f"the newest there: {newest}",
            fix=f"--ha-kubernetes {early.strip()[1:]}, which is a pre-release" if early else "",
        )
    try:
        return Version.parse(text.strip())
    except BadInput:
        raise _no_site(f"{name} holds {text[:80]!r}, which is not a version") from None


def _newest_of_the_site() -> str:
    """The newest stable release. Raises HostLacks where even that is missing: nothing that the site lacks counts."""
    newest = _fetch("release/stable.txt")
    if newest is None:
        raise _no_site("it does not even have release/stable.txt")
    return newest.strip()


def _modules(wanted: Wanted | None) -> Release:
    found = releases(gomodules.versions(gomodules.KUBERNETES))
    offered = [version for version in found if version.minor >= OLDEST_MINOR]
    if wanted and wanted.exact:  # a proxy may have what it does not list
        candidates = [wanted.exact]
    else:
        candidates = [version for version in offered if (wanted.accepts(version) if wanted else not version.pre)]
    missing: list[str] = []
    for version in candidates[: _CANDIDATES if wanted else 2 * _CANDIDATES]:
        if _is_whole(version):
            incomplete = f"not all modules of {', '.join(missing)} are available" if missing else ""
            return Release(version, MODULES, incomplete)
        missing.append(str(version))
    newest = {version.series: version for version in reversed(offered)}
    raise BadInput(
        f"Kubernetes {wanted or 'releases'} is not available as Go modules"
        if wanted
        else "no release of Kubernetes is available as Go modules",
        answer="the newest of each minor on offer: " + (", ".join(map(str, newest.values())) or "none"),
        fix="--ha-kubernetes with one of these",
    )


def _is_whole(version: Version) -> bool:
    """Whether every part of Kubernetes is there at this version: its own modules are sometimes missing."""
    with tempfile.TemporaryDirectory() as folder:
        try:
            gomodules.prepare_kubernetes(version, Path(folder))
        except gomodules.NotServed:
            return False
    return True


def _fetch(path: str) -> str | None:
    """A small text file of the release site; None when it is not there. Raises HostLacks when the site is not."""
    try:
        return downloads.read(f"{releases_url()}/{path}", _PATIENCE)
    except (OSError, http.client.HTTPException, ValueError) as error:
        if isinstance(error, urllib.error.HTTPError) and error.code in _ABSENT:
            return None
        raise _no_site(f"{path}: {error}") from error


def _no_site(reason: str) -> HostLacks:
    return HostLacks(
        f"{releases_url()} does not answer as a release site does", answer=reason,
        fix="--ha-artifacts modules, or HA_RELEASES=<a mirror>",
    )  # fmt: skip


def _remembered(home: Home, key: str) -> Release | None:
    """What was found out in the last hours; None where nothing was, or where it is not valid."""
    try:
        known = _file(home)[key]
        if 0 <= time.time() - known["at"] < _REMEMBERED:
            return Release(Version.parse(known["version"]), known["source"], known["note"])
    except (KeyError, TypeError, BadInput):
        pass
    return None


def _remember(home: Home, key: str, release: Release) -> None:
    home.root.mkdir(parents=True, exist_ok=True)
    found = {"version": str(release.version), "source": release.source, "note": release.note, "at": time.time()}
    write_whole(home.root / "releases.json", json.dumps(_file(home) | {key: found}, indent=1).encode())


def _file(home: Home) -> dict[str, Any]:
    try:
        known = json.loads((home.root / "releases.json").read_text())
    except (OSError, ValueError):
        return {}
    return known if isinstance(known, dict) else {}
