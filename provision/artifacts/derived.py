"""Artifacts that were made of one build of a user's own: its programs beside a release's, their images, what has these.

A build is tried once, and each takes gigabytes.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from provision.artifacts import housekeeping
from provision.artifacts.cache import MARK
from provision.artifacts.own import OwnPrograms
from provision.util.home import Home


def remove(home: Home, programs: OwnPrograms, engine: Callable[[], str], after: OwnPrograms | None = None) -> list[str]:
    """Remove what was made of a build, but what another process uses now; the names of what is gone.

    `engine` names the container engine; it is called only where an image is to be removed. Clusters keep what
    they have. Images whose programs the build `after` it has as well stay.
    """
    return [folder.name for folder in _made_of(home, programs, after) if housekeeping.removed(home, folder, engine)]


def _made_of(home: Home, programs: OwnPrograms, after: OwnPrograms | None) -> Iterator[Path]:
    """Those that need others before these."""
    known = {each: _inputs(each) for each in housekeeping.folders(home)}
    beside = {each.name for each, inputs in known.items() if inputs.get("programs") == programs.fingerprint}
    images = {
        each.name
        for each, inputs in known.items()
        if _has_images_of(inputs, programs) and not (after and _has_images_of(inputs, after))
    }
    for folder, inputs in known.items():
        if inputs.get("programs") in beside or images & set(inputs.get("images", "").split()):
            yield folder
    yield from (each for each in known if each.name in beside | images)


def _has_images_of(inputs: Mapping[str, str], programs: OwnPrograms) -> bool:
    inside = set(inputs.get("own", "").split())
    return bool(inside) and inside <= set(programs.fingerprint.split())


def _inputs(folder: Path) -> Mapping[str, str]:
    try:
        found: Mapping[str, str] = json.loads((folder / MARK).read_text())["inputs"]
    except FileNotFoundError:  # another process has just removed it
        return {}
    return found
