"""The programs that a page is judged by, each of which may be missing."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from documentation.programs.answers import Answers
from documentation.programs.kubeadm import Kubeadm, age
from documentation.programs.program import Program
from documentation.programs.schemas import Schemas
from provision.util.errors import Problem
from provision.util.home import Home

_VERSIONS = {"kubectl": ("version", "--client"), "kubelet": ("--version",), "etcdctl": ("version",)}
# What is not validated without each.
_DECIDED = {
    "kubeadm": "kubeadm's subcommands and flags, its configuration and its output",
    "kubectl": "commands of kubectl",
    "etcdctl": "commands of etcdctl",
    "kubelet": "flags of the kubelet",
    "schemas": "objects of the Kubernetes API",
}


@dataclass(frozen=True)
class Programs:
    """kubeadm, kubectl and the kubelet of one release, the description of its API, and an etcdctl."""

    kubeadm: Kubeadm | None = None
    kubectl: Program | None = None
    etcdctl: Program | None = None
    kubelet: Program | None = None
    schemas: Schemas | None = None

    @classmethod
    def find(cls, kubeadm: str = "", home: Home | None = None, version: str = "") -> Programs:
        """By a kubeadm, which is chosen as by `Kubeadm.find`: what stands beside it, and what is kept of its version.

        The etcdctl is the newest that is kept. Raises HostLacks for a path that is not a kubeadm.
        """
        home = home or Home.default()
        found = Kubeadm.find(path=kubeadm, home=home, version=version)
        answers = found.answers if found else Answers(home.answers)
        return cls(
            found,
            _beside(found, "kubectl"),
            _newest(
                [Program(each, answers, _VERSIONS["etcdctl"]) for each in home.artifacts.glob("etcdctl-*/etcdctl")]
            ),
            _beside(found, "kubelet"),
            Schemas.find(found.version, home) if found else None,
        )

    def __bool__(self) -> bool:
        return any((self.kubeadm, self.kubectl, self.etcdctl, self.kubelet, self.schemas))

    @property
    def version(self) -> str:
        """That of kubeadm, as in `v1.37.2`, which kubectl and the kubelet share; empty without it."""
        return self.kubeadm.version if self.kubeadm else ""

    def named(self, name: str) -> Program | None:
        """The program that is typed like this, if it is one of these and is there."""
        return next((each for each in self.all() if each.name == name), None)

    def all(self) -> list[Program]:
        """Those that are there."""
        return [each for each in (self.kubeadm, self.kubectl, self.kubelet, self.etcdctl) if each]

    def summary(self) -> Iterator[str]:
        """What was used, and what is not validated without what is missing, in a sentence each."""
        used = [f"{each.name} {each.version}" for each in self.all()]
        used += [f"the API of {self.schemas.version}"] if self.schemas else []
        missing = {name: what for name, what in _DECIDED.items() if getattr(self, name) is None}
        if used:
            yield f"Checked with {', '.join(used)}."
        if missing:
            names = [name for name in missing if name != "schemas"]
            without = f" (without {', '.join(names)})" if names else ""
            yield f"Not validated: {'; '.join(missing.values())}{without}."
        for each in self.all():
            if each.silent:
                yield f"Not everything was validated: {each.name} did not answer in time."


def _beside(kubeadm: Kubeadm | None, name: str) -> Program | None:
    """The program in the same folder, if it is of the same version."""
    binary = kubeadm.binary.parent / name if kubeadm else Path()
    if not kubeadm or not binary.is_file():
        return None
    found = Program(binary, kubeadm.answers, _VERSIONS[name])
    return found if _version(found) == kubeadm.version else None


def _newest(programs: list[Program]) -> Program | None:
    return max(filter(_version, programs), key=lambda each: age(each.version), default=None)


def _version(program: Program) -> str:
    """Its version; empty where it does not run: what is kept may be half removed, or of another architecture."""
    try:
        return program.version
    except Problem:
        return ""
