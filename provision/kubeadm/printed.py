"""What `kubeadm init` prints: the join commands and the certificate key. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass

from provision.errors import Problem

_COMMAND = re.compile(r"^\s*(kubeadm join .*?(?<!\\))$", re.M | re.S)
_UPLOADED = re.compile(r"Using certificate key:\s*([0-9a-f]{64})\b")
_KEY = re.compile(r"--certificate-key ([0-9a-f]{64})\b")
_HASH = re.compile(r"--discovery-token-ca-cert-hash (sha256:[0-9a-f]{64})\b")
_TOKEN = re.compile(r"--token ([a-z0-9]{6}\.[a-z0-9]{16})\b")


@dataclass(frozen=True, repr=False)
class Printed:
    """The commands as printed, continuation lines and all. They are secrets, and stay out of any representation."""

    control_plane_join: str
    worker_join: str

    @property
    def certificate_key(self) -> str:
        """The key that decrypts the Secret `kubeadm-certs`; empty when certificates were not uploaded."""
        match = _KEY.search(self.control_plane_join)
        return match[1] if match else ""

    @property
    def authority_hash(self) -> str:
        """The cluster authority's public key, as `sha256:<hash>`."""
        match = _HASH.search(self.worker_join)
        return match[1] if match else ""

    @property
    def token(self) -> str:
        """The bootstrap token of both commands, `<id>.<secret>`."""
        match = _TOKEN.search(self.worker_join)
        return match[1] if match else ""


def uploaded_key(output: str) -> str:
    """The key by which kubeadm says it uploaded certificates, at init or again; empty where it uploaded none."""
    match = _UPLOADED.search(output)
    return match[1] if match else ""


def parse(output: str) -> Printed:
    """Find both join commands in the output of `kubeadm init`; raises Problem when one is missing.

    kubeadm prints them with backslash continuations, the page shows one line; both are read.
    """
    commands = [match[1].strip() for match in _COMMAND.finditer(output)]
    control_plane = [command for command in commands if "--control-plane" in command]
    worker = [command for command in commands if "--control-plane" not in command]
    if not control_plane or not worker:
        missing = "control planes" if not control_plane else "workers"
        raise Problem(
            f"kubeadm init printed no join command for {missing}", answer=f"{len(commands)} join commands found"
        )
    return Printed(control_plane[0], worker[0])
