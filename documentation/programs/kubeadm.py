"""What a real kubeadm knows, by three commands: help, its version, and whether a file is a valid configuration."""

from __future__ import annotations

import re
import subprocess
import tempfile
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from provision.util.errors import HostLacks
from provision.util.home import Home

_TIMEOUT = 20
_FLAG = re.compile(r"^\s+(?:-\w, )?(--[\w-]+)", re.M)
_SHORT = re.compile(r"^\s+(-\w), --", re.M)
_USAGE = re.compile(r"^Usage:\n((?:  .*\n?)+)", re.M)
_COMMANDS = re.compile(r"^Available Commands:\n((?:  .*\n?)+)", re.M)
_BETWEEN = rb"[\s\"']+"  # what may stand between the words of a line that kubeadm breaks elsewhere


@dataclass(frozen=True)
class Help:
    """What `--help` says of a command: whether it can be run, whether it takes operands, what it knows."""

    runs: bool
    operands: bool
    commands: frozenset[str]
    flags: frozenset[str]


@dataclass
class Kubeadm:
    """One kubeadm binary. None of its commands that are run here changes or reaches anything."""

    binary: Path
    _helps: dict[tuple[str, ...], Help] = field(default_factory=dict)

    @classmethod
    def find(cls, path: str = "", home: Home | None = None, version: str = "") -> Kubeadm | None:
        """The binary at a path, else the newest that the harness keeps, else none; raises HostLacks for a bad path.

        With a `version`, as in `v1.37.2`, only one of it.
        """
        if path:
            found = cls(Path(path))
            _ = found.version
            return found
        kept = [cls(each) for each in (home or Home.default()).artifacts.glob("kubernetes-*/kubeadm")]
        kept = [each for each in kept if version in ("", each.version)]
        return max(kept, key=lambda each: _age(each.version), default=None)

    @cached_property
    def version(self) -> str:
        """As in `v1.37.2`."""
        try:
            answer = self._run("version", "-o", "short")
        except OSError as error:
            raise HostLacks(f"{self.binary} cannot be run", answer=str(error)) from None
        if answer.returncode:
            raise HostLacks(f"{self.binary} does not print its version", answer=answer.stderr)
        return answer.stdout.strip()

    def help(self, *path: str) -> Help:
        """What `kubeadm PATH --help` says."""
        if path not in self._helps:
            text = self._run(*path, "--help").stdout
            usage = _USAGE.search(text)
            lines = [line.strip() for line in usage[1].splitlines()] if usage else []
            own = [line for line in lines if line.startswith(" ".join(("kubeadm", *path)))]
            listed = _COMMANDS.search(text)
            commands = {line.split()[0] for line in listed[1].splitlines() if line.strip()} if listed else set()
            self._helps[path] = Help(
                runs=any("[flags]" in line or not line.endswith("[command]") for line in own),
                operands=any(re.sub(r"\[(?:flags|command)\]", "", line).split()[1 + len(path) :] for line in own),
                commands=frozenset(commands),
                flags=frozenset([*_FLAG.findall(text), *_SHORT.findall(text), "--help"]),
            )
        return self._helps[path]

    def default(self, flag: str, *path: str) -> str:
        """The default of a flag by `kubeadm PATH --help`; empty where it names none."""
        described = re.search(rf"{flag}\b.*?(?=\n\s+-|\n\n|\Z)", self._run(*path, "--help").stdout, re.S)
        found = re.search(r"\(default (\S+)\)", described[0]) if described else None
        return found[1] if found else ""

    def refuses(self, configuration: str) -> str:
        """Why a configuration is not valid, in kubeadm's words; empty where it is."""
        with tempfile.NamedTemporaryFile("w", suffix=".yaml") as file:
            file.write(configuration)
            file.flush()
            answer = self._run("config", "validate", "--config", file.name)
        lines = answer.stderr.strip().splitlines() or [f"exited with {answer.returncode} and printed nothing"]
        return next((line for line in lines if line.startswith("error")), lines[-1]) if answer.returncode else ""

    def prints(self, line: str) -> bool:
        """Whether these words, in this order, are part of what kubeadm prints."""
        return bool(re.search(_pattern(line.split()), self._bytes))

    def nearest(self, line: str) -> str:
        """What kubeadm prints that begins with the same words; empty where fewer than four are the same."""
        words = line.split()
        for count in range(len(words) - 1, 3, -1):
            match = re.search(_pattern(words[:count]) + rb"[^\n\x00]{0,160}(?:\n[^\n\x00]{1,160})?", self._bytes)
            if match:
                return " ".join(match[0].decode(errors="replace").split())
        return ""

    @cached_property
    def _bytes(self) -> bytes:
        return self.binary.read_bytes()

    def _run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [str(self.binary), *arguments], capture_output=True, text=True, timeout=_TIMEOUT, check=False
        )


def _age(version: str) -> tuple[object, ...]:
    """Sorts versions by age: `v1.38.0-rc.0` after `v1.37.2`, and before `v1.38.0`."""
    release, _, before = version.partition("-")
    return (*_numbers(release), not before, *_numbers(before))


def _numbers(text: str) -> list[int]:
    return [int(each) for each in re.findall(r"\d+", text)]


def _pattern(words: list[str]) -> bytes:
    return _BETWEEN.join(re.escape(word.strip("\"'").encode()) for word in words)
