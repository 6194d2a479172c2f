"""A machine: something with a name and a role on which commands run. Nothing here knows where it came from."""

from __future__ import annotations

import shlex
from abc import ABC, abstractmethod
from pathlib import Path

from provision.config.topology import MachineSpec, Role
from provision.util.errors import CommandFailed
from provision.util.result import WITHHELD, Result, last_lines


class Machine(ABC):
    """One machine of a cluster, used as its login user; commands that need root say `sudo`, as in the documentation."""

    def __init__(self, spec: MachineSpec, address: str, user: str = "ubuntu") -> None:
        self.spec = spec
        self.address = address
        self.user = user

    @property
    def name(self) -> str:
        """Its host name, unique in the cluster, as in `cp1`."""
        return self.spec.name

    @property
    def patience(self) -> int:
        """What every time limit is multiplied by, also one that a command sets itself: more than 1 where it is slow."""
        return 1

    @property
    def role(self) -> Role:
        """What it is for."""
        return self.spec.role

    @property
    def home(self) -> str:
        """The login user's home folder, where people and distributions put it."""
        return "/root" if self.user == "root" else f"/home/{self.user}"

    @abstractmethod
    def run(
        self, command: str, *, timeout: float = 60, stdin: bytes = b"", secret: bool = False, agent: bool = False
    ) -> Result:
        """Run a shell command, whatever it answers. `timeout` in seconds.

        `secret` keeps the answer, both streams of it, out of the journal and of what is raised. `agent` logs in with a
        forwarded ssh-agent that holds the login key (`ssh -A`), so that the command can go on to other machines; it
        then reads no `stdin`. Raises Unreachable when the machine does not answer and TimedOut when the command does
        not end.
        """

    def host_key(self) -> str:
        """The host key that it has proved itself with, as known_hosts has it after the name; raises Unreachable."""
        raise NotImplementedError(f"{self!r} is not reached over SSH")

    @abstractmethod
    def close(self) -> None:
        """Let go of connections. The machine lives on."""

    def succeed(
        self, command: str, *, timeout: float = 60, stdin: bytes = b"", secret: bool = False, agent: bool = False
    ) -> str:
        """Run a command that must exit with 0, and return its standard output; raises CommandFailed."""
        result = self.run(command, timeout=timeout, stdin=stdin, secret=secret, agent=agent)
        if not result.ok:
            answer = WITHHELD if secret else last_lines(result.stderr or result.stdout)
            what = f"on {self.name}: `{command}` exited with {result.rc}"
            raise CommandFailed(what, answer=answer, machine=self.name)
        return result.stdout

    def as_root(self, script: str, *, timeout: float = 60, agent: bool = False) -> str:
        """Run lines that the documentation has a person type into `sudo -E -s`; the first that fails ends them."""
        return self.succeed(f"sudo -E -s <<'SCRIPT'\nset -e\n{script}SCRIPT", timeout=timeout, agent=agent)

    def feed(self, command: str, file: Path, *, timeout: float = 120) -> None:
        """Run a command that must exit with 0 on a file of this host as its standard input; raises CommandFailed."""
        self.succeed(command, stdin=file.read_bytes(), timeout=timeout)

    def put(self, path: str, content: str, *, mode: int = 0o644) -> None:
        """Write a file as root, folders included; `content` stays out of the journal."""
        quoted = shlex.quote(path)
        self.succeed(f"sudo install -D -m {mode:o} /dev/stdin {quoted}", stdin=content.encode())

    def install(self, program: Path) -> None:
        """Put a program of this host in the machine's path, in one move: it may be running there."""
        target = f"/usr/bin/{program.name}"
        self.feed(f"sudo install -m 755 /dev/stdin {target}.new && sudo mv {target}.new {target}", program)

    def __repr__(self) -> str:
        return f"<{self.name} {self.address}>"


def piped(*commands: str) -> str:
    """A pipe that fails where any part of it does: a shell by itself reports the last one alone. Pure.

    `pipefail` is bash's, and the login shell of a machine need not be bash.
    """
    return f"bash -o pipefail -c {shlex.quote(' | '.join(commands))}"
