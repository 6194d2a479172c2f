"""How to log in to a machine."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Login:
    """User, private key file, and the known_hosts file that holds the machines' host keys.

    `source` is this host's address in the machines' network. Connections start from it, so that none is ever tried
    along the default route when that network is gone.
    """

    user: str
    key: Path
    known_hosts: Path
    port: int = 22
    source: str = ""
