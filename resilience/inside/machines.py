"""What one machine tells of itself, a line each time: its processes, etcd's role, the balancer's view.

A command that is written to once a second, so that it costs no login, and ends with its connection.
"""

from __future__ import annotations

import shlex
from collections.abc import Iterator
from dataclasses import dataclass

from provision.loadbalancer.haproxy import ADMIN_SOCKET
from resilience.inside.intervals import ANSWERS, NO_ANSWER, NONE, Thing

PROGRAMS = {
    "etcd": "etcd", "kube-apiserver": "kube-apiserver", "kube-controller": "kube-controller-manager",
    "kube-scheduler": "kube-scheduler",
}  # fmt: skip
"""Static pods' programs, by what of their names the kernel keeps (TASK_COMM_LEN)."""

MACHINE, ETCD, BALANCER = "machine", "etcd's member", "balancer's server"
LEADER, FOLLOWER, LEARNER, NO_LEADER = "leader", "follower", "learner", "no leader"
"""What a member of etcd is, by its own word."""

NO_SOCKET = f"no stats socket of HAProxy ({ADMIN_SOCKET}), so what the balancer finds of its servers is not known"

_METRICS = "/dev/tcp/127.0.0.1/2381"  # kubeadm's --listen-metrics-urls, as bash connects to it: no process for that
_STOPPED = "T"  # a process's state that is given no processor: proc(5)

_PROCESSES = (
    f"mapfile -t found < <(ps -o pid=,stat=,comm= -C {','.join(PROGRAMS)})"
    """; if [ ${#found[@]} -gt 0 ]; then printf 'P %s;' "${found[@]}"; fi"""
)
_MEMBER = (
    f"if {{ exec 3<>{_METRICS}; }} 2> /dev/null; then printf 'GET /metrics HTTP/1.0\\r\\n\\r\\n' >&3; timeout 1 awk"
    """ '/^etcd_server_(is_leader|is_learner|has_leader) / {printf "E %s %s;", substr($1, 13), $2}' <&3;"""
    " exec 3>&-; fi"
)
"""etcd that is stopped has a kernel that accepts connections, and does not answer: a second is enough for what does."""

_SERVERS = (
    f"if test -S {ADMIN_SOCKET}; then echo 'show stat' | timeout 1 nc -U -N {ADMIN_SOCKET}"
    """ | awk -F, '/^[^#]/ && $74 ~ /:6443$/ {printf "B %s %s;", $2, $18}'; else printf 'N;'; fi"""
)


@dataclass(frozen=True)
class Wanted:
    """What is read of a machine: the static pods that kubeadm has put on it, and whether it carries the balancer.

    Where several machines do, a server's name says which of them sees it so.
    """

    programs: frozenset[str] = frozenset()
    balancer: bool = False
    several: bool = False


def command(wanted: Wanted) -> str:
    """The command for a machine: it answers each line that it reads with one. Pure."""
    parts = [*([_PROCESSES] if wanted.programs else []), *([_MEMBER] if "etcd" in wanted.programs else [])]
    parts += [_SERVERS] if wanted.balancer else []
    loop = "\n".join(["while read -r _; do", *parts, "echo", "done"])
    return f"sudo bash -c {shlex.quote(loop)}"


def read(machine: str, line: str, wanted: Wanted) -> dict[Thing, str]:
    """The states that a line tells of; a program that has no process is there with that. Pure."""
    parts = [each.split() for each in line.split(";") if each.strip()]
    found = {Thing(MACHINE, machine): ANSWERS}
    found |= dict.fromkeys((Thing(each, machine) for each in sorted(wanted.programs)), NONE)
    found |= dict(_processes(machine, parts))
    if "etcd" in wanted.programs:
        found[Thing(ETCD, machine)] = _role({part[1]: part[2] for part in parts if part[0] == "E" and len(part) == 3})
    by = f" by {machine}" if wanted.several else ""
    servers = [part for part in parts if part[0] == "B" and len(part) > 2]
    return found | {Thing(BALANCER, f"{part[1]}{by}"): _server(part[2:]) for part in servers}


def lacks_socket(line: str) -> bool:
    """Whether the machine has no socket that the balancer's view can be read from. Pure."""
    return "N" in line.split(";")


def _processes(machine: str, parts: list[list[str]]) -> Iterator[tuple[Thing, str]]:
    for part in parts:
        if part[0] == "P" and len(part) == 4 and part[3] in PROGRAMS:
            state = "stopped" if part[2].startswith(_STOPPED) else f"process {part[1]}"
            yield Thing(PROGRAMS[part[3]], machine), state


def _server(words: list[str]) -> str:
    """A server's status, without how many checks are missing until it changes: `UP 1/2` is in use as UP is."""
    return " ".join(each for each in words if "/" not in each)


def _role(member: dict[str, str]) -> str:
    """What a member is; no answer, where its metrics were not there within a second."""
    if not member:
        return NO_ANSWER
    if member.get("has_leader") != "1":
        return NO_LEADER
    if member.get("is_learner") == "1":
        return LEARNER
    return LEADER if member.get("is_leader") == "1" else FOLLOWER
