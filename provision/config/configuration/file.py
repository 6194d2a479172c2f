"""A configuration's file, and the folder beside it that has the files which it names."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path, PurePosixPath
from typing import Any

from provision.config.configuration.own import OwnConfiguration
from provision.util.errors import BadInput

_LARGEST = 1 << 20
"""Bytes of one file: what is larger is not a configuration, and would be remembered with the cluster."""

_KUBERNETES = PurePosixPath("/etc/kubernetes")
"""Where a control plane may get any file."""


def read(path: Path) -> OwnConfiguration:
    """A user's configuration; raises BadInput for a file that cannot be read, or is not a configuration.

    The folder is called as the file without its ending, `audit` of `audit.yaml`: it stands for / of a control plane,
    and what is in it is put there. A folder may be called so by chance: a file of it that is neither below
    /etc/kubernetes nor where the configuration names a path is refused, and none is read.
    """
    found = OwnConfiguration(path.name, _text(path), {})
    places = {_KUBERNETES, *(place for each in found.documents.values() for place in _paths(each))}
    folder = path.with_suffix("")
    files = sorted(each for each in folder.rglob("*") if each.is_file()) if folder.is_dir() else []
    targets = {each: PurePosixPath("/", each.relative_to(folder)) for each in files}
    for each, target in targets.items():
        if places.isdisjoint((target, *target.parents)):
            raise BadInput(
                f"{path.name}: {each.relative_to(path.parent)} would be put at {target} of every control plane, "
                f"which is not below {_KUBERNETES} and not named in {path.name}",
                fix=f"move it below {folder.name}{_KUBERNETES}, or give the file another name than the folder's",
            )
    return OwnConfiguration(found.name, found.text, {str(target): _text(each) for each, target in targets.items()})


def _paths(value: Any) -> Iterator[PurePosixPath]:
    """Every absolute path that stands in a document, but for /, and for those inside containers."""
    if isinstance(value, Mapping):
        for name, each in value.items():
            yield from () if name == "mountPath" else _paths(each)
    elif isinstance(value, list):
        for each in value:
            yield from _paths(each)
    elif isinstance(value, str):
        named = (PurePosixPath(each.strip()) for each in value.split(","))
        yield from (each for each in named if each.is_absolute() and each.name)


def _text(path: Path) -> str:
    try:
        content = path.read_bytes()
    except OSError as error:
        raise BadInput(f"{path} cannot be read: {error.strerror}", fix="--ha-configuration=FILE") from None
    if len(content) > _LARGEST:
        raise BadInput(f"{path} has {len(content)} bytes, and a configuration has at most {_LARGEST}")
    try:
        return content.decode()
    except UnicodeDecodeError:
        raise BadInput(f"{path} is not a text in UTF-8", fix="files for control planes are texts") from None
