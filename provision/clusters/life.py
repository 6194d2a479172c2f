"""What machines hold of a cluster's life, collected once when nothing needs the cluster any more.

Nothing watches a cluster for this: what containerd, etcd, kubelets, the balancer and the API have written down is
filtered on each machine. Never changes a verdict.
"""

from __future__ import annotations

import shlex
import time
from collections.abc import Mapping
from pathlib import Path

from provision.cluster import ADMIN, NO_CACHE, Cluster
from provision.config.topology import Role
from provision.loadbalancer.haproxy import ADMIN_SOCKET
from provision.machines.machine import Machine
from provision.util.concurrency import together
from provision.util.errors import briefly

SECTION, NOT_READ = "== ", "not read"
"""What a line begins with that names what follows it, and the name of the reason why there is no more."""

_CLOCK = "date +%s.%N"
_FIRST, _REST = 10, 20  # seconds: a green run must not wait long for a machine that is gone
_LINES = 2000  # of one source: each restart of a container is three lines, and a pod network has many containers
_LETTERS = 700  # of a line; those of containerd have two ids of 64 letters

_JOURNAL = "journalctl -q --no-pager -o short-unix"
_CONTAINERS = (
    f"{_JOURNAL} -u containerd | grep -E 'CreateContainer within sandbox .* returns container id|"
    "StartContainer for .* returns successfully|shim disconnected|TaskExit event|container exit event'"
)
_KUBELET = f"{_JOURNAL} -u kubelet | grep -E 'Node became not ready|it just became ready'"
_ETCD = (
    "grep -I -H -E 'raft\\.node: |[0-9a-f] became (candidate|follower|leader)|switched to configuration' "
    "/var/log/pods/kube-system_etcd-*/etcd/*.log*"
)
_SERVERS = r"Server [^ ]+ is |New worker .* forked|Reloading HAProxy"
_HAPROXY = (
    f"{_JOURNAL} -t haproxy | grep -E '{_SERVERS}'; "
    f"grep -h -E '{_SERVERS}' /var/log/pods/kube-system_haproxy-*/haproxy/*.log"
)
_STATUS = f"echo 'show stat' | timeout 5 nc -U -N {ADMIN_SOCKET} | cut -d, -f 1,2,18"
_OBJECTS = (
    '{{range .items}}{{if eq .kind "Node"}}{{$node := .metadata.name}}{{range .status.conditions}}'
    'condition {{$node}} {{.type}} {{.status}} {{.lastTransitionTime}}{{"\\n"}}{{end}}'
    '{{else if eq .involvedObject.kind "Node"}}'
    'event {{.involvedObject.name}} {{.reason}} {{.firstTimestamp}} {{.lastTimestamp}} {{.message}}{{"\\n"}}'
    "{{end}}{{end}}"
)
_KUBECTL = f"timeout 8 env {ADMIN} {NO_CACHE} kubectl --request-timeout=5s -n default"  # where Events of nodes are
"""Ended by force: it tries again and again to find an API that is gone, while the rest of the answer would be lost."""
_API = f"{_KUBECTL} get nodes,events -o go-template={shlex.quote(_OBJECTS)}"


def collect(cluster: Cluster, folder: Path) -> None:
    """Write `<folder>/<cluster>/<machine>.log` for every machine, redacted; a reason where it is not read."""
    target = folder / cluster.journal.cluster
    target.mkdir(parents=True, exist_ok=True)

    def look_into(machine: Machine) -> None:
        answer = _answer(machine, command(sources(cluster, machine)))
        (target / f"{machine.name}.log").write_text(cluster.journal.redact(answer), encoding="utf-8")

    together(look_into, cluster.machines.values())


def sources(cluster: Cluster, machine: Machine) -> dict[str, str]:
    """The questions to a machine, by the name of the section that the answer becomes. Pure."""
    member, carries = machine in cluster.etcd_members, machine in cluster.carriers
    node = machine.role in (Role.CONTROL_PLANE, Role.WORKER)
    control_plane = machine.role is Role.CONTROL_PLANE
    questions = {
        "containers": _CONTAINERS if member or control_plane else "",
        "kubelet": _KUBELET if node else "",
        "etcd": _ETCD if member else "",
        "haproxy": _HAPROXY if carries and "haproxy" in cluster.balancer.programs else "",
        "haproxy status": _STATUS if carries and "haproxy" in cluster.balancer.programs else "",
        "api": _API if control_plane else "",
    }
    return {name: question for name, question in questions.items() if question}


def command(questions: Mapping[str, str]) -> str:
    """The command that prints all sections. What finds nothing prints nothing, as what is not there. Pure."""
    parts = [
        f"echo '{SECTION}{name}'; {{ {question}; }} 2> /dev/null | tail -n {_LINES} | cut -c 1-{_LETTERS}"
        for name, question in questions.items()
    ]
    return f"sudo bash -c {shlex.quote('; '.join(parts) or 'true')}"


def _answer(machine: Machine, script: str) -> str:
    """The machine's clock between two of this host's, in seconds since the epoch, and all sections."""
    try:
        before = time.time()
        there = machine.run(_CLOCK, timeout=_FIRST, secret=True).stdout.strip()
        clock = f"{SECTION}clock\n{before:.3f} {there} {time.time():.3f}\n"
        # The answer goes to a file of its own; a copy in the journal would bury the commands that matter.
        return clock + machine.run(script, timeout=_REST, secret=True).stdout
    except Exception as problem:  # a dead machine is what a life may end with
        return f"{SECTION}{NOT_READ}\n{briefly(problem)}\n"
