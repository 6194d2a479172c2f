"""One machine: asked twice over one connection, first for what needs no other answer, then for what does."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any, TypeVar

from checks.collecting import questions, reading_certificates, reading_etcd, reading_host, reading_kubernetes
from checks.collecting.balancer_haproxy import Wanted
from checks.collecting.balancers import balancers
from checks.collecting.questions import EtcdAccess, Target
from checks.collecting.sections import Answer, Answers, answers, command
from checks.facts.fact import Fact, Unknown, unread
from checks.facts.machine import ANSWERS, CONTROL_PLANE, ETCD, MachineFacts, Process, Reached
from provision.config.addresses import at
from provision.errors import Problem, TimedOut, Unreachable
from provision.machines.machine import Machine

_T = TypeVar("_T")
_FIRST, _SECOND = 20, 15  # seconds: what is asked ends by itself within five, and a machine that swaps is slow
_PORTS = {CONTROL_PLANE: (6443,), ETCD: (2379, 2380)}
_KUBELET_PORT = 10250
_CLOSED = "Empty reply from server"  # curl's words for who answered with nothing, as members of etcd do to strangers
_WRITTEN = re.compile(r"(?P<code>\d{3}) (?P<seconds>[\d.]+) (?P<url>\S+) ?(?P<error>.*)")
_KUBELET_CLIENT = "/etc/kubernetes/pki/apiserver-kubelet-client"
_PEER = "/etc/kubernetes/pki/etcd/peer"


@dataclass
class Asked:
    """A machine on its way to facts: what it has answered so far. `name` may turn out to be another."""

    machine: Machine
    name: str
    roles: tuple[str, ...]
    address: str
    given: Answers
    clock: tuple[str, float, float] = ("", 0.0, 0.0)
    unreachable: str = ""
    endpoint_name: str = ""
    wanted: Wanted = field(default_factory=Wanted)

    @property
    def addresses(self) -> tuple[str, ...]:
        """Its own addresses, as its interfaces have them; the known one where it did not answer."""
        try:
            found = reading_host.interfaces(self.given)
        except Unknown:
            return (self.address,)
        return tuple(address for each in found for address in each.addresses)

    @property
    def processes(self) -> tuple[Process, ...]:
        """Processes that run there; none where it did not answer."""
        try:
            return reading_host.processes(self.given, datetime.now(UTC))
        except Unknown:
            return ()


def first(machine: Machine, name: str, roles: tuple[str, ...], address: str) -> Asked:
    """Ask a machine what needs no other answer; one that does not answer is none to wait for again."""
    before = time.time()
    try:
        clock = machine.succeed(questions.CLOCK, timeout=_FIRST, secret=True)
        timed = (clock, before, time.time())
        printed = machine.run(command(questions.FIRST), timeout=_FIRST, secret=True)
    except (Unreachable, TimedOut) as problem:
        return Asked(machine, name, roles, address, Answers({}, str(problem.what)), unreachable=_why(problem))
    except Problem as problem:
        return Asked(machine, name, roles, address, Answers({}, _why(problem)))
    refused = "" if printed.ok or printed.stdout else _refusal(printed.stderr)
    return Asked(machine, name, roles, address, answers(questions.FIRST, printed.stdout, refused), timed)


def _why(problem: Problem) -> str:
    return f"{problem.what}: {problem.answer.splitlines()[-1]}" if problem.answer else problem.what


def _refusal(said: str) -> str:
    lines = [line for line in said.strip().splitlines() if line]
    return f"sudo was refused: {lines[-1]}" if lines else "the machine printed nothing"


def second(asked: Asked, targets: Sequence[Target]) -> MachineFacts:
    """Ask it the rest, and read all that it answered."""
    more = {} if asked.unreachable else dict(_second_questions(asked, targets))
    given = asked.given
    if more:
        try:
            printed = asked.machine.run(command(more), timeout=_SECOND, secret=True)
            given = given.joined(answers(more, printed.stdout))
        except Problem as problem:
            given = given.joined(Answers({}, _why(problem)))
    return _facts(asked, given, targets)


def _second_questions(asked: Asked, targets: Sequence[Target]) -> Iterator[tuple[str, str]]:
    kinds: dict[str, list[Target]] = {}
    for each in targets:
        kinds.setdefault(each.what, []).append(each)
    for what, wanted in kinds.items():
        pair = {"kubelet": _KUBELET_CLIENT, "etcd-peer": _PEER}.get(what, "")
        yield (
            f"reached {what}",
            questions.reached_question(wanted, f"{pair}.crt" * bool(pair), f"{pair}.key" * bool(pair)),
        )
    if asked.endpoint_name:
        yield "resolved", f"getent ahosts {asked.endpoint_name}"
    yield from questions.presented_questions(_listening(asked)).items()
    access = _etcd(asked)
    if isinstance(access, EtcdAccess):
        yield from questions.etcd_questions(access, hashed=True).items()


def _listening(asked: Asked) -> Iterator[str]:
    """Where a process of this machine presents a certificate of its own that is a file."""
    for role, ports in _PORTS.items():
        if role in asked.roles:
            yield from (at(asked.address, port) for port in ports)
    if any(each.name == "kubelet" for each in asked.processes):
        yield at(asked.address, _KUBELET_PORT)


def _etcd(asked: Asked) -> EtcdAccess | Unknown:
    running = [each for each in asked.processes if each.name == "etcd"]
    if not running:
        return Unknown(asked.unreachable or f"no etcd runs on {asked.name}")
    units = asked.given.maybe("units")
    inside = (
        "Id=etcd.service\nLoadState=loaded" not in units and "Id=etcd.service" not in units.split("LoadState=loaded")[0]
    )
    try:
        return reading_etcd.access(running[0], asked.address, inside=inside)
    except Unknown as unknown:
        return unknown


def _facts(asked: Asked, given: Answers, targets: Sequence[Target]) -> MachineFacts:
    known = MachineFacts(asked.name, asked.roles, asked.address, asked.unreachable)
    if asked.unreachable:
        missing: dict[str, Any] = {each: unread(asked.unreachable) for each in ANSWERS}
        return replace(known, **missing)
    processes = asked.processes
    now = float(asked.clock[0]) if _is_number(asked.clock[0]) else time.time()
    etcd = _etcd(asked)
    quota = next((_number(each.flags.get("quota-backend-bytes", "0")) for each in processes if each.name == "etcd"), 0)
    read: Mapping[str, Callable[[], Any]] = {
        "identity": lambda: reading_host.identity(given),
        "clock": lambda: reading_host.clock(*asked.clock, given.maybe("synchronised")),
        "interfaces": lambda: reading_host.interfaces(given),
        "units": lambda: reading_host.units(given),
        "swap": lambda: reading_host.swap(given),
        "disks": lambda: reading_host.disks(given),
        "sysctls": lambda: reading_host.sysctls(given),
        "files": lambda: reading_host.files(given),
        "certificates": lambda: reading_certificates.certificates(given.any("certificates").text),
        "keys": lambda: (
            *reading_certificates.keys(given.any("keys").text, private=True),
            *reading_certificates.keys(given.any("public-keys").text, private=False),
        ),
        "kubeconfigs": lambda: reading_certificates.kubeconfigs(given.any("kubeconfigs").text),
        "digests": lambda: reading_host.digests(given),
        "manifests": lambda: reading_kubernetes.manifests(given),
        "processes": lambda: reading_host.processes(given, datetime.fromtimestamp(now, UTC)),
        "presented": lambda: tuple(
            reading_certificates.presented(name.removeprefix("presented "), answer.text)
            for name, answer in given.all().items()
            if name.startswith("presented ")
        ),
        "kubelet": lambda: reading_kubernetes.kubelet(given, processes),
        "runtime": lambda: reading_kubernetes.runtime(given),
        "resolved": lambda: reading_host.resolved(given),
        "reached": lambda: tuple(_reached(given, targets)),
        "etcd": lambda: _of_etcd(etcd, lambda: reading_etcd.view(given)),
        "etcd_status": lambda: _of_etcd(etcd, lambda: reading_etcd.status(given, quota)),
        "etcd_hash": lambda: _of_etcd(etcd, lambda: reading_etcd.data_hash(given)),
        "etcd_metrics": lambda: _of_etcd(etcd, lambda: reading_etcd.metrics(given, now)),
        "balancers": lambda: balancers(given, processes, asked.wanted),
    }
    how = f"ssh {asked.machine.user}@{asked.address}"
    facts: dict[str, Any] = {name: _fact(how, name, reader) for name, reader in read.items()}
    return replace(known, **facts)


def _fact(how: str, name: str, reader: Callable[[], _T]) -> Fact[_T]:
    try:
        return Fact(f"{how} ({name})", reader())
    except Unknown as unknown:
        return Fact(f"{how} ({name})", None, unknown.reason, unknown.needs)
    except (ValueError, KeyError, TypeError, AttributeError, IndexError) as error:  # of what a machine printed
        return Fact(f"{how} ({name})", None, f"the answer was not understood: {type(error).__name__}: {error}")


def _of_etcd(etcd: EtcdAccess | Unknown, reader: Callable[[], _T]) -> _T:
    if isinstance(etcd, Unknown):
        raise etcd
    return reader()


def _reached(given: Answers, targets: Sequence[Target]) -> Iterator[Reached]:
    kinds = dict.fromkeys(each.what for each in targets)
    for kind in kinds:
        lines = _lines(given.any(f"reached {kind}"))
        for target in targets:
            if target.what == kind:
                yield Reached(kind, target.name, target.url, *lines.get(target.url, (0, 0.0, "curl printed nothing")))


def _lines(answer: Answer) -> dict[str, tuple[int, float, str]]:
    """What curl wrote of each URL; the exit status is that of the last one alone, and says nothing."""
    found = {}
    for line in answer.text.splitlines():
        match = _WRITTEN.fullmatch(line)
        if match:
            answered = match["code"] != "000" or match["error"].startswith(_CLOSED)
            error = "" if answered else match["error"].strip() or "no answer"
            found[match["url"]] = (int(match["code"]), float(match["seconds"]), error)
    return found


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def _number(text: str) -> int:
    return int(text) if text.isdigit() else 0
