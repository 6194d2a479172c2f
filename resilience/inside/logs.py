"""What each machine logged around a fault: its units' journal, and the containers of kube-system, bounded in size."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from pathlib import Path

from provision.cluster import Cluster
from provision.machines.machine import Machine
from provision.util.concurrency import together
from provision.util.errors import Problem, Unreachable

LINES = 200
"""Of one machine: the last ones, half of them from its journal, and half from its containers."""

_LETTERS = 400  # of one line: an API server's can be a whole object
_EACH = 40  # lines of one container: one that repeats itself must not displace the others
_UNITS = ("kubelet", "containerd", "haproxy", "keepalived", "nginx", "systemd-networkd", "init.scope")
_READ = 30  # seconds for a machine that has just started, on a busy host

_CHATTER = r"haproxy\[[0-9]+\]: [^ ]+:[0-9]+ \[|traceutil/trace\.go"
"""What is left out: HAProxy's line for each connection, and etcd's trace of each slow request, which it warns of, too.
Traffic makes tens of them a second, and they would be all that there is.
"""

_JOURNAL = (
    "journalctl -q --no-pager -o short-precise {units} --since @{since} --until @{until}"
    " | grep -v -E '{chatter}' | tail -n {lines}"
)
_CONTAINERS = """\
since=$(date -d @{since} +%FT%T); until=$(date -d @{until} +%FT%T)
for file in /var/log/pods/kube-system_*/*/*.log; do
test -r "$file" || continue
name=${{file#/var/log/pods/kube-system_}}
name=$(echo "${{name%.log}}" | sed 's/_[0-9a-f-]*[/]/ /')
awk -v a="$since" -v b="$until" -v name="$name" \
'{{ t = substr($1, 1, 19) }} t >= a && t <= b {{ at = $1; $1 = $2 = $3 = ""; print at " " name ":" substr($0, 3) }}' \
"$file" | grep -v -E '{chatter}' | tail -n {each}
done | sort | tail -n {lines}"""


def command(since: float, until: float) -> str:
    """The command that prints what a machine logged between two times of the wall clock. Pure.

    Containers' lines begin with the time in the machine's zone: the CRI's format of logs.
    """
    units = " ".join(f"-u {each}" for each in _UNITS)
    given = {"units": units, "since": int(since), "until": int(until) + 1, "lines": LINES // 2, "each": _EACH,
             "chatter": _CHATTER}  # fmt: skip
    script = "\n".join([_JOURNAL.format(**given), "echo", _CONTAINERS.format(**given)])
    return f"sudo bash -c {shlex.quote(f'({script}) | cut -c 1-{_LETTERS}')}"


def collect(cluster: Cluster, folder: Path, since: float, until: float) -> tuple[dict[str, Path], list[str]]:
    """Write what each machine logged into a folder, redacted; the files by machine, and whose are not there and why."""
    every = list(cluster.machines.values())
    answers = together(lambda machine: _read(machine, command(since, until)), every)
    folder.mkdir(parents=True, exist_ok=True)
    files: dict[str, Path] = {}
    for machine, (printed, _) in zip(every, answers, strict=True):
        if printed.strip():
            files[machine.name] = folder / f"{machine.name}.log"
            files[machine.name].write_text(cluster.journal.redact(printed), encoding="utf-8")
    return files, _missing(every, [why for _, why in answers])


def _missing(every: Sequence[Machine], reasons: Sequence[str]) -> list[str]:
    return [f"{each.name}: its logs are not there: {why}" for each, why in zip(every, reasons, strict=True) if why]


def _read(machine: Machine, typed: str) -> tuple[str, str]:
    """What was printed, and why nothing was. Secret: it goes into a file of its own, and not into the journal, too."""
    try:
        return machine.succeed(typed, timeout=_READ, secret=True), ""
    except (Problem, Unreachable) as problem:
        return "", str(problem).splitlines()[0]
