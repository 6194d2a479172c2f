"""What proves that a fault took effect."""

from __future__ import annotations

import json
import re
from collections.abc import Callable

from provision.machines.machine import Machine
from provision.util.concurrency import NotYet
from resilience.faults.fault import Proof
from resilience.faults.means.rules import COUNT, dropped
from resilience.faults.scene import Scene

_COMM = 15
"""Characters of a process's name that the kernel keeps (TASK_COMM_LEN)."""

_STARTED = 60.0
"""Seconds until a process is there again: the kubelet notices within one, and waits for 10 s the second time."""


def called(program: str) -> str:
    """What ps and pkill know a program by. Pure."""
    return program[:_COMM]


def another_process(program: str, within: float = _STARTED) -> Proof:
    """The process is gone, and another one does its work."""

    def seen(scene: Scene, earlier: str) -> str | NotYet:
        now = _processes(scene.machine, program)
        if not earlier:
            return NotYet(f"there was no process {program} on {scene.machine.name} before")
        if not now or set(now.split()) & set(earlier.split()):
            return NotYet(f"{program} on {scene.machine.name}: process {now or 'none'}, and {earlier} before")
        return f"{program} on {scene.machine.name} is process {now}, and was {earlier}"

    return Proof(f"the process {program} is gone, and another one runs", seen, _running(program), within)


def ended(program: str) -> Proof:
    """The process is gone, whether or not another one does its work by now."""

    def seen(scene: Scene, earlier: str) -> str | NotYet:
        now = _processes(scene.machine, program)
        if not earlier or set(now.split()) & set(earlier.split()):
            return NotYet(f"{program} on {scene.machine.name}: process {now or 'none'}, and {earlier or 'none'} before")
        return f"{program} on {scene.machine.name} was process {earlier}, and is {now or 'gone'}"

    return Proof(f"the process {program} is gone", seen, _running(program))


def started_anew() -> Proof:
    """Each machine that is hit began anew: its first process did."""

    def before(scene: Scene) -> str:
        return json.dumps({each.name: _begun(each) for each in scene.hit})

    def seen(scene: Scene, earlier: str) -> str | NotYet:
        then, now = json.loads(earlier), {each.name: _begun(each) for each in scene.hit}
        same = [name for name, begun in now.items() if not begun or begun == then[name]]
        return NotYet(f"not started anew: {', '.join(same)}") if same else f"{', '.join(now)} began anew"

    return Proof("each machine was started anew", seen, before)


def stopped(program: str) -> Proof:
    """The kernel gives it no processor."""

    def seen(scene: Scene, earlier: str) -> str | NotYet:
        del earlier
        states = {each.name: each.run(f"ps -o stat= -C {called(program)}").stdout.split() for each in scene.hit}
        late = [name for name, found in states.items() if not found or any(not each.startswith("T") for each in found)]
        shown = "; ".join(f"{program} on {name}: state {' '.join(found)}" for name, found in states.items())
        return NotYet(shown) if late else shown

    return Proof(f"the process {program} is in state T", seen)


def packets(where: str = "hit") -> Proof:
    """Packets ran into the rules that drop them."""

    def seen(scene: Scene, earlier: str) -> str | NotYet:
        del earlier
        machines = scene.cluster.carriers[:1] if where == "balancer" else scene.hit
        counted = {each.name: dropped(each.run(COUNT).stdout) for each in machines}
        shown = ", ".join(f"{count} packets dropped on {name}" for name, count in counted.items())
        return shown if counted and min(counted.values()) > 0 else NotYet(shown)

    return Proof("packets were dropped", seen)


def silent() -> Proof:
    """The machines do not answer: sshd on them says nothing to a neighbour, to which it did before."""

    def seen(scene: Scene, earlier: str) -> str | NotYet:
        if earlier:
            return NotYet(f"silent before the fault: {earlier}")
        witness = _witness(scene)
        talking = [each.name for each in scene.hit if _greets(witness, each)]
        if talking:
            return NotYet(f"{witness.name} is answered by {', '.join(talking)}")
        return f"{', '.join(scene.names)}: no answer to {witness.name}"

    def before(scene: Scene) -> str:
        witness = _witness(scene)
        return " ".join(each.name for each in scene.hit if not _greets(witness, each))

    return Proof("its neighbour gets no answer from it", seen, before, within=5)


def off() -> Proof:
    """All machines are off: none of them answers this host."""

    def seen(scene: Scene, earlier: str) -> str | NotYet:
        del earlier
        try:
            scene.machine.run("true", timeout=3)
        except Exception as error:
            return f"{scene.machine.name}: {str(error).splitlines()[0]}"
        return NotYet(f"{scene.machine.name} answers")

    return Proof("this host gets no answer", seen, within=5)


def unreachable(port: int) -> Proof:
    """A neighbour cannot connect to a port of the machine that is hit."""

    def seen(scene: Scene, earlier: str) -> str | NotYet:
        del earlier
        witness = _witness(scene)
        command = f"timeout 2 bash -c 'exec 3<>/dev/tcp/{scene.machine.address}/{port}' 2>/dev/null; echo $?"
        status = witness.run(command).stdout.strip()
        shown = f"{scene.machine.name}:{port} from {witness.name}: "
        return f"{shown}no connection" if status in ("1", "124") else NotYet(f"{shown}exit status {status}")

    return Proof(f"a neighbour cannot connect to port {port}", seen)


def both(one: Proof, other: Proof) -> Proof:
    """Two proofs; the notes of both go into one text."""

    def before(scene: Scene) -> str:
        return "\0".join((one.before(scene), other.before(scene)))

    def seen(scene: Scene, earlier: str) -> str | NotYet:
        first, _, second = earlier.partition("\0")
        answers = one.seen(scene, first), other.seen(scene, second)
        late = next((each for each in answers if isinstance(each, NotYet)), None)
        return late or "; ".join(str(each) for each in answers)

    return Proof(f"{one.what}, and {other.what}", seen, before, max(one.within, other.within))


def _begun(machine: Machine) -> str:
    """When its first process began, in ticks of the kernel's clock."""
    return machine.run("cut -d' ' -f22 /proc/1/stat").stdout.strip()


def _witness(scene: Scene) -> Machine:
    """A machine beside those that are hit."""
    return next(each for each in scene.cluster.machines.values() if each not in scene.hit)


def _greets(witness: Machine, machine: Machine) -> bool:
    """sshd speaks first. A machine that is paused has a kernel that accepts connections, and nothing that speaks."""
    connection = f"exec 3<>/dev/tcp/{machine.address}/22; head -c 4 <&3"
    return witness.run(f'timeout 3 bash -c "{connection}" 2>/dev/null').stdout.startswith("SSH")


def _running(program: str) -> Callable[[Scene], str]:
    return lambda scene: _processes(scene.machine, program)


def _processes(machine: Machine, program: str) -> str:
    return " ".join(re.findall(r"\d+", machine.run(f"ps -o pid= -C {called(program)}").stdout))
