"""How to log in to a machine."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Jump:
    """A host that connections go through (`ssh -J`). Without a `key` it takes the one of the machine behind it."""

    user: str
    host: str
    port: int = 22
    key: Path | None = None

    def __str__(self) -> str:
        return f"{self.user}@{self.host}:{self.port}"


@dataclass(frozen=True)
class Login:
    """User, private key file, and the known_hosts file that holds the machines' host keys.

    `source` is this host's address in the machines' network. Connections start from it, so that none is ever tried
    along the default route when that network is gone. `key` None stands for what the user's ssh-agent holds. `connect`
    is where ssh finds the machine, where that is not its address. Without `sudo` the user is root. Every time limit is
    multiplied by `patience`.
    """

    user: str
    key: Path | None
    known_hosts: Path
    port: int = 22
    source: str = ""
    connect: str = ""
    jump: Jump | None = None
    sudo: bool = True
    patience: int = 1
