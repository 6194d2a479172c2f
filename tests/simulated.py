"""Machines and an API that answer the collector as those of a real cluster do, and fail on what they do not know."""

from __future__ import annotations

import json
import re
import shlex
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from checks.collecting import sections
from checks.collecting.api import Reply
from checks.collecting.questions import CLOCK, TOKENS
from checks.facts.machine import BALANCER, CONTROL_PLANE, ETCD, WORKER
from provision.config.topology import MachineSpec, Role
from provision.machines.machine import Machine
from provision.readonly.machine import ReadOnlyMachine
from provision.util.errors import Unreachable
from provision.util.result import Result
from tests.healthy.values import ENDPOINT, address
from tests.simulated_answers import Output, answers_of, bodies_of

_QUESTION = re.compile(rf'^echo "{re.escape(sections._BEGIN)} ([^"]*)"\n\{{ (.*?); \}} 2>&1$', re.MULTILINE | re.DOTALL)


def printed(given: Mapping[str, Output]) -> str:
    """What a machine prints that answers so."""
    return "".join(f"\n{sections._BEGIN} {name}\n{text}{sections._END} {rc}\n" for name, (text, rc) in given.items())


def answered(**given: str | Output) -> sections.Answers:
    """Answers to questions, by their names with `_` for `-` and for a space; a text alone is that of a success."""
    output = {name.replace("__", " ").replace("_", "-"): _printed(each) for name, each in given.items()}
    return sections.answers(dict.fromkeys(output, "a command"), printed(output))


def _printed(given: str | Output) -> Output:
    return given if isinstance(given, tuple) else (given, 0)


class Host(Machine):
    """A machine that answers by the names of questions, and fails on a name or a command that it does not know.

    `delay` is what each command takes; `broken` raises instead.
    """

    def __init__(self, name: str, where: str, answers: Mapping[str, Output], *, delay: float = 0) -> None:
        super().__init__(MachineSpec(name, Role.WORKER, 1), where)
        self.answers = dict(answers)
        self.delay = delay
        self.broken: Callable[[str], Result | None] = lambda _: None
        self.commands: list[str] = []
        self.closed = 0

    def run(
        self, command: str, *, timeout: float = 60, stdin: bytes = b"", secret: bool = False, agent: bool = False
    ) -> Result:
        self.commands.append(command)
        assert secret, "what machines print may be secret"
        time.sleep(self.delay)
        if result := self.broken(command):
            return result
        if command == CLOCK:
            return Result(0, f"{time.time():.9f}\n", "")
        if command == TOKENS:
            return Result(0, self.answers["tokens"][0], "")
        if command.startswith("timeout 3 getent ahosts "):
            return Result(0, self.answers["resolved"][0], "")
        return Result(0, printed({name: self._answer(name) for name, _ in questions_of(command)}), "")

    def _answer(self, name: str) -> Output:
        if name not in self.answers:
            raise AssertionError(f"{self.name} does not know the question about {name}")
        return self.answers[name]

    def close(self) -> None:
        self.closed += 1


def questions_of(typed: str) -> list[tuple[str, str]]:
    """The questions that a command asks, by name."""
    assert typed.startswith("sudo -n env LC_ALL=C timeout "), f"unknown command: {typed}"
    found = _QUESTION.findall(shlex.split(typed)[-1])
    assert found, f"no questions in {typed}"
    return found


def unreachable(command: str) -> Result | None:
    """A machine that no login reaches."""
    raise Unreachable("it cannot be reached over SSH", answer="timed out")


class Objects:
    """An API that answers GET of its paths: what is not listed is an error of the test."""

    def __init__(self, bodies: Mapping[str, Any], server: str = f"https://{ENDPOINT}") -> None:
        self.bodies: dict[str, Any] = {path: (200, json.dumps(body)) for path, body in bodies.items()}
        self.server = server
        self.requested: list[str] = []
        self._lock = threading.Lock()

    def get(self, paths: Mapping[str, str]) -> Mapping[str, Reply]:
        with self._lock:
            self.requested += paths.values()
        return {name: self._reply(path) for name, path in paths.items()}

    def _reply(self, path: str) -> Reply:
        status, text = self.bodies[path]
        return Reply(f"GET {path}", status, text if status else "", "" if status else text)

    def close(self) -> None:
        """There is no connection."""


@dataclass
class Simulated:
    """A cluster: its machines by name, with their roles, and the objects of its API."""

    hosts: dict[str, Host]
    roles: dict[str, tuple[str, ...]]
    objects: Objects
    made: list[Host] = field(default_factory=list)

    @property
    def entries(self) -> list[tuple[Machine, tuple[str, ...]]]:
        """As an inventory names them."""
        return [(ReadOnlyMachine(host), self.roles[name]) for name, host in self.hosts.items()]

    def login(self, known: Any) -> Machine:
        """A login by an address."""
        for host in self.hosts.values():
            if host.address == known.address:
                self.made.append(host)
                return ReadOnlyMachine(host)
        raise AssertionError(f"no machine has the address {known.address}")


def cluster(control_planes: int = 3, workers: int = 3, *, balancer: bool = True, delay: float = 0) -> Simulated:
    """A healthy stacked cluster."""
    names = [f"cp{n}" for n in range(1, control_planes + 1)]
    others = [f"w{n}" for n in range(1, workers + 1)]
    members = {name: address(name) for name in names}
    bodies = dict(bodies_of(names, others, members))
    roles: dict[str, tuple[str, ...]] = {"lb1": (BALANCER,)} if balancer else {}
    roles |= dict.fromkeys(names, (CONTROL_PLANE, ETCD)) | dict.fromkeys(others, (WORKER,))
    hosts = {
        name: Host(name, address(name), dict(answers_of(name, mine, members, roles, bodies)), delay=delay)
        for name, mine in roles.items()
    }
    return Simulated(hosts, roles, Objects(bodies))


def plain(facts: Any) -> str:
    """Everything that facts say, as one text."""
    return json.dumps(asdict(facts), default=str, ensure_ascii=False)
