"""Which Kubernetes releases can be had, and where. The answer is remembered for some hours."""

from __future__ import annotations

import http.client
import json
import os
import time
import urllib.error
from dataclasses import dataclass

from provision import downloads
from provision.artifacts import gomodules
from provision.artifacts.home import Home
from provision.errors import BadInput, CommandFailed, HostLacks
from provision.versions import OLDEST_MINOR, Version, Wanted, releases
from provision.writing import write_whole

OFFICIAL, MODULES = "official", "modules"
_REMEMBERED = 12 * 3600  # shorter than the day between two nightly runs
_PATIENCE = 10.0  # seconds, for a few bytes through a slow proxy
_CANDIDATES = 3  # so many patches of a minor are tried before it counts as not to be had


@dataclass(frozen=True)
class Release:
    """An exact version and the source that has it."""

    version: Version
    source: str

    @property
    def place(self) -> str:
        """Where it comes from, for people."""
        return {OFFICIAL: "the release site", MODULES: "Go modules"}.get(self.source, self.source)


def releases_url() -> str:
    """The release site, or the mirror named by `HA_RELEASES`."""
    return os.environ.get("HA_RELEASES", "https://dl.k8s.io").rstrip("/")


def official_reachable() -> bool:
    """Whether the release site answers soon, and with a version: a proxy may answer in its place."""
    try:
        return (_fetch("release/stable.txt") or "").startswith("v1.")
    except HostLacks:
        return False


def resolve(wanted: Wanted | None, source: str, home: Home) -> Release:
    """The release behind what was asked for; None asks for the newest stable minor that can be had.

    `source` is `official`, `modules`, or `auto` for the first of them that answers. Raises BadInput when there is no
    such version, HostLacks when no source answers.
    """
    key = f"{wanted or 'newest'} {source} {releases_url()}"
    known = _remembered(home).get(key, {})
    if time.time() - float(known.get("at", 0)) < _REMEMBERED:
        return Release(Version.parse(str(known["version"])), str(known["source"]))
    chosen = source if source != "auto" else OFFICIAL if official_reachable() else MODULES
    version = _official(wanted) if chosen == OFFICIAL else _modules(wanted, home)
    _remember(home, key, {"version": str(version), "source": chosen, "at": time.time()})
    return Release(version, chosen)


def _official(wanted: Wanted | None) -> Version:
    if wanted and (version := wanted.exact):
        if _fetch(f"release/{version}/bin/linux/amd64/kubeadm.sha256") is None:
            newest = (_fetch(f"release/stable-{version.series}.txt") or "none").strip()
            raise BadInput(
                f"there is no release {version} at {releases_url()}",
                answer=f"the newest of {version.series} there: {newest}", remedy=f"--ha-kubernetes {version.series}",
            )  # fmt: skip
        return version
    name = f"release/stable-{wanted}.txt" if wanted else "release/stable.txt"
    text = _fetch(name)
    if text is None:
        newest = (_fetch("release/stable.txt") or "none").strip()
        early = _fetch(f"release/latest-{wanted}.txt") if wanted else None
        raise BadInput(
            f"there is no stable release of {wanted or 'Kubernetes'} at {releases_url()}",
            answer=f"the newest there: {newest}",
            remedy=f"--ha-kubernetes {early.strip()[1:]}, which is a pre-release" if early else "",
        )
    return Version.parse(text.strip())


def _modules(wanted: Wanted | None, home: Home) -> Version:
    found = releases(gomodules.versions(gomodules.KUBERNETES))
    offered = [version for version in found if version.minor >= OLDEST_MINOR]
    if wanted and wanted.exact:  # a proxy may have what it does not list
        candidates = [wanted.exact]
    else:
        candidates = [version for version in offered if (wanted.accepts(version) if wanted else not version.pre)]
    for version in candidates[: _CANDIDATES if wanted else 2 * _CANDIDATES]:
        if _tidies(version, home):
            return version
    newest = {version.series: version for version in reversed(offered)}
    raise BadInput(
        f"Kubernetes {wanted or 'releases'} cannot be had as Go modules",
        answer="the newest of each minor on offer: " + (", ".join(map(str, newest.values())) or "none"),
        remedy="--ha-kubernetes with one of these",
    )


def _tidies(version: Version, home: Home) -> bool:
    """Whether every part of Kubernetes is there at this version: its own modules are sometimes missing."""
    folder = home.root / f".probe-{os.getpid()}"
    try:
        gomodules.prepare_kubernetes(version, folder)
    except CommandFailed:
        return False
    finally:
        for path in sorted(folder.glob("*")):
            path.unlink()
        if folder.exists():
            folder.rmdir()
    return True


def _fetch(path: str) -> str | None:
    """A small text file of the release site; None when it is not there. Raises HostLacks when the site is not."""
    try:
        return downloads.read(f"{releases_url()}/{path}", _PATIENCE)
    except (OSError, http.client.HTTPException, ValueError) as error:
        if isinstance(error, urllib.error.HTTPError) and error.code in (403, 404):  # a bucket may say either
            return None
        raise HostLacks(
            f"{releases_url()} does not answer as a release site does", answer=str(error),
            remedy="--ha-artifacts modules, or HA_RELEASES=<a mirror>",
        ) from None  # fmt: skip


def _remembered(home: Home) -> dict[str, dict[str, str | float]]:
    try:
        return dict(json.loads((home.root / "releases.json").read_text()))
    except (OSError, ValueError):
        return {}


def _remember(home: Home, key: str, release: dict[str, str | float]) -> None:
    home.root.mkdir(parents=True, exist_ok=True)
    content = json.dumps(_remembered(home) | {key: release}, indent=1)
    write_whole(home.root / "releases.json", content.encode())
