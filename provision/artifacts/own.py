"""A user's own programs of Kubernetes, as `make`, `make quick-release-images` or a job of CI leaves them.

Places in a source tree: hack/lib/golang.sh (`_output/local/bin`) and build/lib/release.sh (`_output/release-images`).
"""

from __future__ import annotations

import json
import shutil
import stat
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from provision.artifacts.archive import architecture, digest_of
from provision.artifacts.program_files import opened
from provision.config.versions import Version
from provision.node import PROGRAMS
from provision.util import local
from provision.util.errors import BadInput, CommandFailed

COMPONENTS = ("kube-apiserver", "kube-controller-manager", "kube-scheduler", "kube-proxy")
"""Kubernetes' own programs in images."""

NAMES = (*PROGRAMS, *COMPONENTS)

_PLACES = ("", "bin", "_output/local/bin/linux/{arch}", "_output/bin", "_output/dockerized/bin/linux/{arch}",
           "_output/release-images/{arch}", "images")  # fmt: skip
"""Where programs and archives of images are below the folder that is named."""

_ANSWERED = 20  # seconds, for a program of a hundred megabytes to be read from a slow disk and to say its version
_BLOCK = 1 << 20  # bytes that are copied at once


@dataclass(frozen=True)
class OwnProgram:
    """One program: its file, which may be an archive of an image, and what is in it.

    `version` is what it says of itself, `digest` the SHA-256 of the program in hexadecimal digits, and `commit` what it
    was built from, where it says so.
    """

    name: str
    file: str
    version: str
    digest: str
    commit: str = ""

    def copy(self, target: Path) -> None:
        """Write the program to a file of its own; raises BadInput where it is not what was read before."""
        with opened(Path(self.file), self.name) as source, target.open("wb") as file:
            shutil.copyfileobj(source, file, _BLOCK)
        target.chmod(0o755)
        if digest_of(target) != self.digest:
            target.unlink()
            raise BadInput(f"{self.file} was changed while the run began", fix="run it again when its build has ended")


@dataclass(frozen=True)
class OwnPrograms:
    """Programs of a user's own, in the order of `NAMES`; there is at least one."""

    programs: tuple[OwnProgram, ...]

    def __getitem__(self, name: str) -> OwnProgram | None:
        return next((each for each in self.programs if each.name == name), None)

    def __str__(self) -> str:
        """The version, and each program with the beginning of its digest, and with its version where that differs."""
        whole = str(self.version)
        others = {each.name: f"{each.version}, " for each in self.programs if each.version != whole}
        shown = (f"{each.name} ({others.get(each.name, '')}{each.digest[:12]})" for each in self.programs)
        return f"{whole}: {', '.join(shown)}"

    @property
    def names(self) -> tuple[str, ...]:
        """Which there are."""
        return tuple(each.name for each in self.programs)

    @property
    def fingerprint(self) -> str:
        """What they are made of: where the files are does not matter."""
        return " ".join(f"{each.name}={each.digest}" for each in self.programs)

    @property
    def version(self) -> Version:
        """The version of the whole, as far as there is one: that of the API server, or else of the first program."""
        return Version.parse((self["kube-apiserver"] or self.programs[0]).version)

    def described(self) -> list[dict[str, str]]:
        """As plain data."""
        return [asdict(each) for each in self.programs]

    @classmethod
    def of(cls, described: Sequence[Mapping[str, str]]) -> OwnPrograms:
        """The inverse of `described`."""
        return cls(tuple(OwnProgram(**each) for each in described))


def read(path: Path) -> OwnPrograms:
    """The programs of a folder, or the one that a file is; raises BadInput where there is none that runs here."""
    if not path.exists():
        raise BadInput(f"{path} does not exist, which is to have programs of Kubernetes")
    found = {path.name: path} if path.is_file() else {name: file for name in NAMES if (file := _find(path, name))}
    known = {name: file for name, file in found.items() if name in NAMES}
    if not known:
        places = ", ".join(sorted({each.format(arch=architecture()) for each in _PLACES if each}))
        raise BadInput(
            f"{path} has none of {', '.join(NAMES)}", answer=f"searched as programs and as NAME.tar, also in {places}"
        )
    return OwnPrograms(tuple(_program(name, file) for name, file in known.items()))


def _find(folder: Path, name: str) -> Path | None:
    """The newest file that has the program: a tree keeps what was built before in another way."""
    places = [folder / each.format(arch=architecture()) for each in _PLACES]
    files = [file for place in places for file in (place / name, place / f"{name}.tar") if file.is_file()]
    return max(files, key=lambda file: file.stat().st_mtime_ns, default=None)


def _program(name: str, file: Path) -> OwnProgram:
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / name
        with opened(file, name) as source, copy.open("wb") as target:
            shutil.copyfileobj(source, target, _BLOCK)
        copy.chmod(stat.S_IRWXU)
        version, commit = _says(copy, file)
        return OwnProgram(name, str(file.absolute()), version, digest_of(copy), commit)


def _says(program: Path, file: Path) -> tuple[str, str]:
    """The version that a program says, and the commit where it says one."""
    try:
        version, commit = _answer(program)
        return str(Version.parse(version)), commit
    except (CommandFailed, OSError, ValueError, LookupError) as failed:
        raise BadInput(
            f"{file} does not run on this host as {program.name}",
            answer=str(getattr(failed, "answer", failed)),
            fix=f"a build for linux/{architecture()}",
        ) from None
    except BadInput:
        raise BadInput(
            f"{file} says that it is version '{version}', which is none of Kubernetes 1",
            fix="build it with make, which stamps the version of the source tree into it",
        ) from None


_AS_JSON = {"kubeadm": ("version", "-o", "json"), "kubectl": ("version", "--client", "-o", "json")}
"""How two programs print JSON; the others print `Kubernetes v1.37.2` and no commit."""


def _answer(program: Path) -> tuple[str, str]:
    """The version that a program prints, and the commit where it prints one."""
    words = _AS_JSON.get(program.name, ("--version",))
    printed = local.run([str(program), *words], timeout=_ANSWERED).stdout
    if program.name not in _AS_JSON:
        return printed.split()[-1], ""
    described = json.loads(printed)["clientVersion"]
    return described["gitVersion"], described.get("gitCommit", "")
