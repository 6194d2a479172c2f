"""Static pods that are taken away and put back: a member of etcd ends with its manifest, and starts with it. Pure."""

from __future__ import annotations

from provision.etcd.members import etcdctl
from provision.machines.machine import Machine

FOLDER = "/etc/kubernetes/manifests"


def of(program: str) -> tuple[str, str]:
    """A static pod's manifest, and where it is put aside: beside the folder, of which the kubelet reads every file."""
    return f"{FOLDER}/{program}.yaml", f"/etc/kubernetes/{program}.yaml.before-the-fault"


ETCD, ETCD_AWAY = of("etcd")

DATA = "/var/lib/etcd"
"""The folder that kubeadm gives a member for its data."""

RESTARTED = 120  # seconds until a member runs with another manifest: the kubelet reads the folder every 20 s
ENDED = 60
"""Seconds until a program has ended: the kubelet gives a container 30."""


def quoted(script: str) -> str:
    """A script as one word of a shell."""
    return "'" + script.replace("'", "'\\''") + "'"


def ended(program: str = "etcd", seconds: int = ENDED) -> str:
    """Wait until no process has this name."""
    return f"timeout {seconds} bash -c 'while pgrep -x {program} >/dev/null; do sleep 0.2; done'"


def healthy(machine: Machine, runs: str = "true") -> str:
    """Wait until a machine's member is healthy, and `runs` as it should."""
    health = etcdctl(machine, "endpoint", "health")
    loop = f"until {runs} && {health} >/dev/null 2>&1; do sleep 1; done"
    return f"timeout {RESTARTED} bash -c {quoted(loop)}"


TAKEN = f"test -e {ETCD_AWAY} || mv {ETCD} {ETCD_AWAY}; {ended()}"
"""Take a member's manifest away, and wait until it has ended; for root."""

PUT_BACK = f"test ! -e {ETCD_AWAY} || mv {ETCD_AWAY} {ETCD}"
"""Put a member's manifest back; for root. Nothing where it was not taken away."""
