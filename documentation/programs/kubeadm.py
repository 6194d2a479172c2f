"""What a real kubeadm knows: commands, flags and what excludes what, which configuration is valid, what it prints."""

from __future__ import annotations

import re
import subprocess
import tempfile
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from documentation.programs.answers import Answers
from documentation.programs.program import Program
from provision.util.home import Home

_BETWEEN = rb"[\s\"']+"  # what may stand between the words of a line that kubeadm breaks elsewhere
_MIXED = re.compile(r"can not mix '--config' with arguments \[([^\]]*)\]")
_READ = re.compile(r"^- kubeadm\.k8s\.io/(\w+)$", re.M)
# Of each type a value that every flag of it takes: a string may be empty.
_VALUES = {"": "true", "string": "", "strings": "", "stringArray": "", "duration": "1s", "int": "1", "int32": "1"}
# What begins something, and reads its configuration first: a file that does not exist ends it, whatever else is given.
_WITH_CONFIG = frozenset((("init",), ("join",), ("reset",), ("token", "create"), ("upgrade", "apply"),
    ("upgrade", "diff"), ("upgrade", "node"), ("upgrade", "plan")))  # fmt: skip


@dataclass
class Kubeadm(Program):
    """One kubeadm binary."""

    asking_version: tuple[str, ...] = ("version", "-o", "short")

    @classmethod
    def find(cls, path: str = "", home: Home | None = None, version: str = "") -> Kubeadm | None:
        """The binary at a path, else the newest that the harness keeps, else none; raises HostLacks for a bad path.

        With a `version`, as in `v1.37.2`, only one of it.
        """
        home = home or Home.default()
        answers = Answers(home.answers)
        if path:
            found = cls(Path(path).absolute(), answers)
            _ = found.version
            return found
        kept = [cls(each, answers) for each in home.artifacts.glob("kubernetes-*/kubeadm")]
        kept = [each for each in kept if version in ("", each.version)]
        return max(kept, key=lambda each: age(each.version), default=None)

    def default(self, flag: str, *path: str) -> str:
        """The default of a flag by `kubeadm PATH --help`; empty where it names none."""
        described = re.search(rf"{flag}\b.*?(?=\n\s+-|\n\n|\Z)", self.help_text(*path), re.S)
        found = re.search(r"\(default (\S+)\)", described[0]) if described else None
        return found[1] if found else ""

    def excluded_by_config(self, *path: str) -> frozenset[str]:
        """The flags that this command does not take together with `--config`.

        All its flags are given at once, with a file that does not exist: kubeadm compares the flags, and refuses,
        before it reads that file, and could not go on without it.
        """
        command = path[:2] if path[:1] in (("upgrade",), ("token",)) else path[:1]
        if command not in _WITH_CONFIG or "--config" not in self.help(*path).flags:
            return frozenset()
        flags = self.help(*path).flags.items()
        given = [f"{flag}={_VALUES[kind]}" for flag, kind in sorted(flags) if _may_be_given(flag, kind)]
        answer = self.answer(*path, "--config=/nonexistent/configuration", *given)
        found = _MIXED.search(answer.err)
        return frozenset(f"--{name}" for name in found[1].split()) if found else frozenset()

    @cached_property
    def apis(self) -> tuple[str, ...]:
        """The versions of the configuration's API that it reads, as in `v1beta4`, the newest last."""
        return tuple(_READ.findall(self.help_text("config", "validate")))

    def refuses(self, configuration: str) -> str:
        """Why a configuration is not valid, in kubeadm's words; empty where it is."""
        try:
            kept = self.answers.of(self.digest, "refuses", configuration, answer=lambda: self._refuses(configuration))
        except subprocess.TimeoutExpired:
            self.silent = True
            return ""
        return str(kept)

    def prints(self, line: str) -> bool:
        """Whether these words, in this order, are part of what kubeadm prints."""
        pattern = _pattern(line.split())
        return bool(self.answers.of(self.digest, "prints", line, answer=lambda: bool(re.search(pattern, self._bytes))))

    def nearest(self, line: str) -> str:
        """What kubeadm prints that begins with the same words; empty where fewer than four are the same."""
        return str(self.answers.of(self.digest, "nearest", line, answer=lambda: self._nearest(line.split())))

    def _refuses(self, configuration: str) -> str:
        with tempfile.NamedTemporaryFile("w", suffix=".yaml", encoding="utf-8", errors="replace") as file:
            file.write(configuration)
            file.flush()
            status, _, err = self.run("config", "validate", "--config", file.name)
        lines = err.strip().splitlines() or [f"exited with {status} and printed nothing"]
        return next((line for line in lines if line.startswith("error")), lines[-1]) if status else ""

    def _nearest(self, words: list[str]) -> str:
        for count in range(len(words) - 1, 3, -1):
            match = re.search(_pattern(words[:count]) + rb"[^\n\x00]{0,160}(?:\n[^\n\x00]{1,160})?", self._bytes)
            if match:
                return " ".join(match[0].decode(errors="replace").split())
        return ""

    @cached_property
    def _bytes(self) -> bytes:
        return self.binary.read_bytes()


def age(version: str) -> tuple[object, ...]:
    """Sorts versions by age: `v1.38.0-rc.0` after `v1.37.2`, and before `v1.38.0`."""
    release, _, before = version.partition("-")
    return (*_numbers(release), not before, *_numbers(before))


def _may_be_given(flag: str, kind: str) -> bool:
    """Whether a flag can be tried: not those for help, for going ahead without a question, and for another root."""
    others = ("--help", "--config", "--yes", "--rootfs", "--feature-gates")  # an empty gate is a refusal of its own
    return flag.startswith("--") and kind in _VALUES and flag not in others


def _numbers(text: str) -> list[int]:
    return [int(each) for each in re.findall(r"\d+", text)]


def _pattern(words: list[str]) -> bytes:
    return _BETWEEN.join(re.escape(word.strip("\"'").encode()) for word in words)
