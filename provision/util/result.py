"""What a command answered, on this host or on a machine, and how its text is taken apart. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from provision.util.concurrency import NotYet

WITHHELD = "(withheld)"
"""What stands in records in place of a secret answer."""


@dataclass(frozen=True)
class Result:
    """What a command answered. `stdout` and `stderr` are in clear: redact before writing them anywhere."""

    rc: int
    stdout: str
    stderr: str

    @property
    def ok(self) -> bool:
        """Whether the command's exit status was 0."""
        return self.rc == 0

    @property
    def refusal(self) -> NotYet | None:
        """None for a command that succeeded; otherwise its answer, or that it had none, as when it was killed."""
        if self.ok:
            return None
        words = self.stderr.strip() or self.stdout.strip()
        return NotYet(words or f"exited with {self.rc} and printed nothing")

    @property
    def withheld(self) -> Result:
        """The same for records where the answer is secret: what a command writes to stderr may be, too."""
        return Result(self.rc, WITHHELD, self.stderr and WITHHELD)


def last_lines(text: str, count: int = 15) -> str:
    """The end of a long answer, where the reason usually is."""
    return "\n".join(text.strip().splitlines()[-count:])


def sections(text: str, mark: str = "== ") -> dict[str, str]:
    """A text of several files, each headed by a line `== <path>`, taken apart."""
    found: dict[str, list[str]] = {}
    current: list[str] = []
    for line in text.splitlines():
        if line.startswith(mark):
            current = found.setdefault(line.removeprefix(mark), [])
        else:
            current.append(line)
    return {path: "\n".join(body) + "\n" for path, body in found.items()}
