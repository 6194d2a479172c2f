"""What `kubeadm init` prints: the join commands and the certificate key. Pure."""

from __future__ import annotations

import re

from provision.observations import PrintedJoins
from provision.util.errors import Problem

_COMMAND = re.compile(r"^\s*(kubeadm join .*?(?<!\\))$", re.M | re.S)
_UPLOADED = re.compile(r"Using certificate key:\s*([0-9a-f]{64})\b")


def uploaded_key(output: str) -> str:
    """The key by which kubeadm says it uploaded certificates, at init or again; empty where it uploaded none."""
    match = _UPLOADED.search(output)
    return match[1] if match else ""


def parse(output: str) -> PrintedJoins:
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
    return PrintedJoins(control_plane[0], worker[0])
