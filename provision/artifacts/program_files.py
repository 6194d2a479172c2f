"""A program in a file of its own, or in the archive of an image, as `docker save` and Kubernetes' builds write it."""

from __future__ import annotations

import hashlib
import json
import tarfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

from provision.util.errors import BadInput


@contextmanager
def opened(file: Path, name: str) -> Iterator[IO[bytes]]:
    """The content of a program, which may be in an image's archive; raises BadInput where it cannot be read."""
    try:
        if file.suffix != ".tar":
            with file.open("rb") as plain:
                yield plain
            return
        with tarfile.open(file) as archive:
            yield _member(archive, file, name)
    except (tarfile.TarError, KeyError) as broken:
        raise BadInput(f"{file} is not a whole archive of an image", answer=str(broken)) from None
    except OSError as error:
        raise BadInput(f"{file} cannot be read", answer=str(error)) from None


def _member(archive: tarfile.TarFile, file: Path, name: str) -> IO[bytes]:
    """The program in the uppermost layer that has it, of an archive as `docker save` writes it."""
    layers = [layer for image in _manifest(archive, file) for layer in image.get("Layers", ())]
    for layer in reversed(layers):
        inside = tarfile.open(fileobj=archive.extractfile(layer))  # noqa: SIM115  # read until the archive is closed
        for entry in inside:
            if entry.isfile() and Path(entry.name).name == name and (found := inside.extractfile(entry)):
                return found
    raise BadInput(f"{file} has no program {name} in its layers")


def _manifest(archive: tarfile.TarFile, file: Path) -> list[dict[str, Any]]:
    try:
        content = archive.extractfile("manifest.json")
        return list(json.load(content)) if content else []
    except (KeyError, ValueError):
        raise BadInput(f"{file} has no manifest.json, as an archive that `docker save` writes has") from None


def digest_of(path: Path) -> str:
    """The SHA-256 of a file, in hexadecimal digits."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
