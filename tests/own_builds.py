"""Programs and images that stand in for a user's own builds of Kubernetes: a few lines of shell that say a version."""

from __future__ import annotations

import io
import json
import tarfile
from pathlib import Path

from provision.artifacts import own
from provision.artifacts.own import OwnPrograms

BUILD = "v1.38.0-alpha.0.123+abcdef0-dirty"


def script(name: str, version: str = BUILD, remark: str = "") -> bytes:
    """A program that says a version as Kubernetes' own do."""
    answer = json.dumps({"clientVersion": {"gitVersion": version, "gitCommit": "abcdef0123"}})
    known = {
        "kubeadm": f"'version -o json') echo '{answer}'",
        "kubectl": f"'version --client -o json') echo '{answer}'",
    }
    return f"""#!/bin/sh
# {remark}
case "$*" in
  {known.get(name, f"--version) echo 'Kubernetes {version}'")} ;;
  *) exit 64 ;;
esac
""".encode()


def program(folder: Path, name: str, content: bytes | None = None) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / name).write_bytes(script(name) if content is None else content)
    (folder / name).chmod(0o755)
    return folder / name


def packed(files: dict[str, bytes]) -> bytes:
    written = io.BytesIO()
    with tarfile.open(fileobj=written, mode="w") as tar:
        for name, content in files.items():
            entry = tarfile.TarInfo(name)
            entry.size = len(content)
            tar.addfile(entry, io.BytesIO(content))
    return written.getvalue()


def image(path: Path, *layers: bytes) -> Path:
    """What `docker save` writes, as far as it matters."""
    names = [f"blobs/sha256/{number}" for number in range(len(layers))]
    manifest = json.dumps([{"Config": "config.json", "RepoTags": ["registry/x:1"], "Layers": names}]).encode()
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(packed({**dict(zip(names, layers, strict=True)), "manifest.json": manifest}))
    return path


def programs(tmp_path: Path, **versions: str) -> OwnPrograms:
    for name, version in versions.items():
        program(tmp_path, name.replace("_", "-"), script(name.replace("_", "-"), version))
    return own.read(tmp_path)
