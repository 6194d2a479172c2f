"""SSH keys: one pair to log in with, and one host key a machine, known before the machine exists."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

LOGIN_KEY = "id_ed25519"
KNOWN_HOSTS = "known_hosts"
AUTHORIZED_KEYS = "authorized_keys"


def write_keys(folder: Path, addresses: Mapping[str, str]) -> None:
    """Write the login key pair, a host key for each machine (`<name>.host_key`) and `known_hosts` into `folder`.

    `addresses` are by name; several of one machine have commas between them.
    """
    public = write_login_key(folder)
    (folder / AUTHORIZED_KEYS).write_text(public.read_text())
    lines = [f"{address} {_write_pair(folder / f'{name}.host_key')}\n" for name, address in addresses.items()]
    (folder / KNOWN_HOSTS).write_text("".join(lines))


def write_login_key(folder: Path) -> Path:
    """Write the login key pair alone; returns the public key's file."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    _write_pair(folder / LOGIN_KEY)
    return folder / f"{LOGIN_KEY}.pub"


def _write_pair(path: Path) -> str:
    key = Ed25519PrivateKey.generate()
    private = key.private_bytes(Encoding.PEM, PrivateFormat.OpenSSH, NoEncryption())
    public = key.public_key().public_bytes(Encoding.OpenSSH, PublicFormat.OpenSSH).decode()
    path.touch(mode=0o600)
    path.write_bytes(private)
    path.with_name(path.name + ".pub").write_text(public + "\n")
    return public
