"""A program in a file of its own, or in the archive of an image, as `docker save` and Kubernetes' builds write it."""

from __future__ import annotations

import json
import tarfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import IO, Any

from provision.util.errors import BadInput


@contextmanager
def opened(file: Path, name: str) -> Iterator[IO[bytes]]:
    """The content of a program, which may be in an image's archive; raises BadInput where it cannot be read.

    What the caller fails at meanwhile, as a full disk, stays what it is.
    """
    with ExitStack() as stack:
        try:
            found = _found(stack, file, name)
        except (tarfile.TarError, KeyError) as broken:
            raise _broken(file, broken) from None
        except OSError as error:
            raise BadInput(f"{file} cannot be read", answer=str(error)) from None
        try:
            yield found
        except tarfile.TarError as broken:  # a layer that ends in the middle of the program
            raise _broken(file, broken) from None


def _broken(file: Path, why: Exception) -> BadInput:
    return BadInput(f"{file} is not a whole archive of an image", answer=str(why))


def _found(stack: ExitStack, file: Path, name: str) -> IO[bytes]:
    if file.suffix != ".tar":
        return stack.enter_context(file.open("rb"))
    return _member(stack.enter_context(tarfile.open(file)), file, name)


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
