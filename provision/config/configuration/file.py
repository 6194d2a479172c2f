"""A configuration's file, and the folder beside it that has the files which it names."""

from __future__ import annotations

from pathlib import Path

from provision.config.configuration.own import OwnConfiguration
from provision.errors import BadInput

_LARGEST = 1 << 20
"""Bytes of one file: what is larger is not a configuration, and would be remembered with the cluster."""


def read(path: Path) -> OwnConfiguration:
    """A user's configuration; raises BadInput for a file that cannot be read, or is not a configuration.

    The folder is called as the file without its ending: `audit/etc/kubernetes/policy.yaml` of `audit.yaml` becomes
    /etc/kubernetes/policy.yaml.
    """
    folder = path.with_suffix("")
    files = sorted(each for each in folder.rglob("*") if each.is_file()) if folder.is_dir() else []
    given = {f"/{each.relative_to(folder)}": _text(each) for each in files}
    found = OwnConfiguration(path.name, _text(path), given)
    _ = found.documents
    return found


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
