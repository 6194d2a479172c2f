"""Container images put together from files, without an engine: the `docker save` format, which every engine loads."""

from __future__ import annotations

import hashlib
import io
import json
import platform
import tarfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

ARCHITECTURES = {"x86_64": "amd64", "aarch64": "arm64"}


def architecture() -> str:
    """This host's architecture as images and releases name it."""
    return ARCHITECTURES.get(platform.machine(), platform.machine())


@dataclass(frozen=True)
class Image:
    """One image: its full name with tag, its layers (tar files, lowest first) and how it starts."""

    name: str
    layers: tuple[Path, ...]
    entrypoint: tuple[str, ...] = ()
    command: tuple[str, ...] = ()
    labels: Mapping[str, str] = field(default_factory=dict)


def write_layer(target: Path, programs: Mapping[str, Path], texts: Mapping[str, str] | None = None) -> Path:
    """A layer of programs (path in the image → file here, made executable) and text files; returns `target`."""
    with tarfile.open(target, "w", format=tarfile.GNU_FORMAT) as tar:
        for path, source in programs.items():
            tar.add(source, path.lstrip("/"), filter=_executable)
        for path, text in (texts or {}).items():
            entry = tarfile.TarInfo(path.lstrip("/"))
            entry.size, entry.mode = len(text.encode()), 0o644
            tar.addfile(entry, io.BytesIO(text.encode()))
    return target


def write_archive(target: Path, images: Iterable[Image]) -> None:
    """Write images into one archive; a layer that several share is stored once."""
    digests: dict[Path, str] = {}
    manifest = []
    with tarfile.open(target, "w", format=tarfile.GNU_FORMAT) as tar:
        for image in images:
            for layer in image.layers:
                if layer not in digests:
                    digests[layer] = digest_of(layer)
                    tar.add(layer, f"{digests[layer]}.tar", filter=_plain)
            layers = [digests[layer] for layer in image.layers]
            config = json.dumps(_config(image, layers)).encode()
            name = hashlib.sha256(config).hexdigest() + ".json"
            _add(tar, name, config)
            manifest.append({"Config": name, "RepoTags": [image.name], "Layers": [f"{layer}.tar" for layer in layers]})
        _add(tar, "manifest.json", json.dumps(manifest).encode())


def _config(image: Image, layers: list[str]) -> dict[str, object]:
    return {
        "architecture": architecture(),
        "os": "linux",
        "config": {
            "Entrypoint": list(image.entrypoint),
            "Cmd": list(image.command),
            "Labels": dict(image.labels),
            "Env": ["PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"],
        },
        "rootfs": {"type": "layers", "diff_ids": [f"sha256:{layer}" for layer in layers]},
    }


def digest_of(path: Path) -> str:
    """The SHA-256 of a file, in hexadecimal digits."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _executable(entry: tarfile.TarInfo) -> tarfile.TarInfo:
    entry.mode = 0o755
    return _plain(entry)


def _plain(entry: tarfile.TarInfo) -> tarfile.TarInfo:
    entry.uid = entry.gid = entry.mtime = 0
    entry.uname = entry.gname = ""
    return entry


def _add(tar: tarfile.TarFile, name: str, content: bytes) -> None:
    entry = tarfile.TarInfo(name)
    entry.size = len(content)
    tar.addfile(entry, io.BytesIO(content))
