"""A command of kubeadm that is killed when it has printed that it came to a moment, and what it leaves."""

from __future__ import annotations

import shlex
from collections.abc import Callable
from dataclasses import dataclass

from provision.util.concurrency import NotYet
from resilience.faults.fault import Proof
from resilience.faults.scene import Call, Scene, Steps

KILLED = "killed by SIGKILL right after: "
"""How the script begins what it prints last; the line of kubeadm's comes behind it."""

LEFT = "left behind: "
"""How a note begins of what was there between the kill and the second run."""

NEVER = "ended by itself before it came to: "
"""The same where the moment never came."""

_SCRIPT = """\
exec 3< <(exec {command} 2>&1 </dev/null)
pid=$!
moment=({lines})
next=0
killed=
while IFS= read -r line <&3; do
  printf '%s\\n' "$line"
  if [ -z "$killed" ] && [[ "$line" == *"${{moment[next]}}"* ]]; then
    next=$((next + 1))
    if [ "$next" -eq "${{#moment[@]}}" ]; then kill -KILL "$pid" && killed=$line; fi
  fi
done
if [ -n "$killed" ]; then echo "{killed}$killed"; else echo "{never}${{moment[next]}}"; fi
"""


@dataclass(frozen=True)
class Moment:
    """What a command has printed when it is killed: parts of lines, in their order. `name` is part of a fault's."""

    name: str
    lines: tuple[str, ...]
    topologies: tuple[str, ...] = ("external", "stacked")


def killed_at(command: str, moment: Moment) -> str:
    """A command for a machine that runs `command` as root, and kills it with SIGKILL at a moment. Pure.

    Lines are read one by one, and kubeadm's output has no buffer: it is killed within a millisecond.
    """
    lines = " ".join(map(shlex.quote, moment.lines))
    script = _SCRIPT.format(command=command.removeprefix("sudo "), lines=lines, killed=KILLED, never=NEVER)
    return f"sudo bash -c {shlex.quote(script)}"


def killed(
    typed: str, command: Callable[[Scene], str], moment: Moment, limit: float, *, secret: bool = False
) -> Callable[[Scene], Steps]:
    """What has the machine that is hit run a command, and kill it at a moment.

    `command` does what comes before, and returns what runs, for up to `limit` seconds; `typed` is what a person types.
    `secret` keeps what is printed out of records, as in `Machine.run`; what the step returns is redacted.
    """

    def action(scene: Scene) -> str:
        printed = scene.machine.succeed(killed_at(command(scene), moment), timeout=limit, secret=secret)
        return scene.cluster.journal.redact(printed)

    return lambda scene: [Call(scene.machine, f"{typed}  # killed", action)]


def was_killed(moment: Moment) -> Proof:
    """The command was killed at its moment, and not before or after."""

    def seen(scene: Scene, earlier: str) -> str | NotYet:
        del earlier
        found = [line for each in scene.printed for line in each.splitlines() if line.startswith((KILLED, NEVER))]
        if not found or not found[-1].startswith(KILLED) or moment.lines[-1] not in found[-1]:
            return NotYet(found[-1] if found else "nothing was printed of its end")
        return found[-1]

    return Proof("the command was killed at its moment", seen)
