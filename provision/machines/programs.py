"""A release's programs, put in place on a machine."""

from __future__ import annotations

from pathlib import Path

from provision.machines.machine import Machine


def put_program(machine: Machine, program: Path) -> None:
    """Put a program of this host in a machine's path, in one move: it may be running there."""
    target = f"/usr/bin/{program.name}"
    machine.feed(f"sudo install -m 755 /dev/stdin {target}.new && sudo mv {target}.new {target}", program)
