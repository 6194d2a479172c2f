"""What is worth reading after something failed, collected from every machine at once. Never changes a verdict."""

from __future__ import annotations

import time
from collections.abc import Mapping
from pathlib import Path

from provision.cluster import ADMIN, NO_CACHE, Cluster
from provision.config.topology import Role
from provision.machines.machine import Machine
from provision.util.concurrency import together

_ANSWERS = 20
"""Seconds in which a machine that can answer at all, however busy, answers a command that does nothing."""

_TIMEOUT = 30
"""Seconds for one command."""

_LIMIT = 60
"""Seconds for all commands of a machine: who waits for a verdict waits for this, too."""

_AT_ONCE = 6
"""Commands at once on one machine: its sshd allows ten sessions a connection, and others may have some of them."""

_UNREACHABLE = "not-collected.txt"

_EVERYWHERE = {
    "journal.log": "sudo journalctl --no-pager -o short-precise -n 3000",
    "sudo.log": "sudo journalctl --no-pager -o short-precise -t sudo",
    "units.txt": "systemctl --no-pager list-units --all --type=service; systemctl --failed --no-pager",
    "network.txt": "ip address; ip route; ip -6 route; ss -tlnp; cat /etc/resolv.conf",
    "processes.txt": "ps axfww; free -m; df -h",
}
_NODES = {
    "kubelet.log": "sudo journalctl --no-pager -o short-precise -u kubelet -n 3000",
    "containerd.log": "sudo journalctl --no-pager -o short-precise -u containerd -n 2000",
    "containers.txt": "sudo ctr -n k8s.io containers list; sudo ctr -n k8s.io tasks list",
    "kubernetes-files.txt": "sudo ls -lR --time-style=full-iso /etc/kubernetes /var/lib/kubelet/pki",
    "pods.log": "sudo sh -c 'tail -n 300 /var/log/pods/*/*/*.log'",
}
_KUBECTL = f"sudo {ADMIN} {NO_CACHE} kubectl --request-timeout=10s"
_CONTROL_PLANES = {
    "objects.txt": f"{_KUBECTL} get nodes,pods,services,csr,leases -A -o wide",
    "events.txt": f"{_KUBECTL} get events -A --sort-by=.lastTimestamp",
}
_BY_ROLE: Mapping[Role, Mapping[str, str]] = {
    Role.CONTROL_PLANE: _NODES | _CONTROL_PLANES,
    Role.WORKER: _NODES,
    Role.ETCD: _NODES,
}
_BY_PROGRAM: Mapping[str, Mapping[str, str]] = {
    "haproxy": {
        "haproxy.cfg": "sudo cat /etc/haproxy/haproxy.cfg",
        "haproxy.csv": "echo 'show stat' | sudo nc -U -N /run/haproxy/admin.sock",
    },
    "keepalived": {
        "keepalived.conf": "sudo cat /etc/keepalived/keepalived.conf /etc/keepalived/check_apiserver.sh",
        "keepalived.log": "sudo journalctl --no-pager -o short-precise -u keepalived -n 1000",
        "addresses.txt": "ip -o -4 address; ip neighbour",
    },
    "nginx": {"nginx.conf": "sudo cat /etc/nginx/nginx.conf; sudo nginx -t"},
}
"""What the machines that carry the load balancer have of each of its programs; static pods' logs are with the pods'."""


def collect(cluster: Cluster, folder: Path) -> None:
    """Write `<folder>/<cluster>/<machine>/<file>` for every machine, redacted. What goes wrong is written instead."""

    def look_into(machine: Machine) -> None:
        target = folder / cluster.journal.cluster / machine.name
        target.mkdir(parents=True, exist_ok=True)
        for name, answer in _answers(machine, _commands(cluster, machine)).items():
            (target / name).write_text(cluster.journal.redact(answer))

    together(look_into, cluster.machines.values())


def _commands(cluster: Cluster, machine: Machine) -> dict[str, str]:
    """The commands whose answers are collected from a machine, by the file that each goes to."""
    programs = cluster.balancer.programs if machine in cluster.carriers else ()
    found = {**_EVERYWHERE, **_BY_ROLE.get(machine.role, {})}
    return {
        name: command for some in (found, *(_BY_PROGRAM[each] for each in programs)) for name, command in some.items()
    }


def _answers(machine: Machine, commands: Mapping[str, str]) -> dict[str, str]:
    """What every command answered, by the file that it goes to; one line where the machine answers nothing at all."""
    try:
        machine.run("true", timeout=_ANSWERS)
    except Exception as problem:  # a dead machine is the usual reason to collect evidence at all
        return {_UNREACHABLE: f"not collected: {problem}\n"}
    left = list(commands.items())
    deadline = time.monotonic() + _LIMIT * machine.patience
    found: dict[str, str] = {}
    while left:
        some, left = left[:_AT_ONCE], left[_AT_ONCE:]
        limit = min(_TIMEOUT, (deadline - time.monotonic()) / machine.patience)
        answers = together(lambda each, limit=limit: _ran(machine, each[1], limit), some)  # type: ignore[misc]
        found |= {name: answer for (name, _), answer in zip(some, answers, strict=True)}
    return found


def _ran(machine: Machine, command: str, timeout: float) -> str:
    if timeout <= 0:
        return f"not collected: the commands before it took {_LIMIT * machine.patience} s\n"
    try:
        # The answer goes to a file of its own; a copy in the journal would only bury the commands that matter.
        result = machine.run(command, timeout=timeout, secret=True)
    except Exception as problem:
        return f"not collected: {problem}\n"
    return result.stdout + result.stderr
