"""One machine: two rounds of questions over one connection, first what needs no other answer, then what does."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property

from checks.collecting import limits, questions, reading_certificates, reading_etcd, reading_host
from checks.collecting.balancer_haproxy import Wanted
from checks.collecting.questions import EtcdAccess
from checks.collecting.sections import NEEDS_SUDO, Answers, answers, command
from checks.collecting.targets import USUAL, Ports, of_url, port_of
from checks.facts.balancer import Balancer
from checks.facts.fact import Unknown
from checks.facts.machine import Process
from provision.machines.machine import Machine
from provision.util.concurrency import within
from provision.util.errors import Problem, TimedOut, Unreachable

_ETCD_IS_A_SERVICE = ("active", "activating", "reloading")


@dataclass
class Visit:
    """A machine on its way to facts: what it has answered so far. `name` may turn out to be another.

    `of_daemon_sets` are the balancers that the API may run on any machine.
    """

    name: str
    roles: tuple[str, ...]
    address: str
    machine: Machine | None = None
    given: Answers = field(default_factory=lambda: Answers({}))
    clock: tuple[str, float, float] = ("", 0.0, 0.0)
    unreachable: str = ""
    ports: Ports = USUAL
    wanted: Wanted = field(default_factory=Wanted)
    of_daemon_sets: tuple[Balancer, ...] = ()

    @property
    def login(self) -> str:
        """How a person gets there."""
        return f"ssh {self.machine.user}@{self.address}" if self.machine else f"ssh {self.address}"

    @cached_property
    def addresses(self) -> tuple[str, ...]:
        """Its own addresses, as its interfaces have them; the known one where it did not answer."""
        try:
            return (self.address, *reading_host.addresses(self.given))
        except Unknown:
            return (self.address,)

    @property
    def host_name(self) -> str:
        """What it calls itself; empty where it did not answer."""
        return self.given.maybe("host").strip()

    @property
    def administered(self) -> tuple[str, ...]:
        """Where its administrator's files lead to; nothing where it has none, or did not answer."""
        found = reading_certificates.kubeconfigs(self.given.maybe("kubeconfigs"))
        return tuple(each.server for each in found if each.place.endswith("admin.conf"))

    @cached_property
    def processes(self) -> tuple[Process, ...]:
        """Processes that run there; none where it did not answer."""
        try:
            return reading_etcd.with_files(reading_host.processes(self.given), self.given)
        except Unknown:
            return ()

    def flags(self, program: str) -> Mapping[str, str]:
        """Flags of the first process of a program; none where it does not run."""
        return next((each.flags for each in self.processes if each.name == program), {})

    def etcd_flags(self, process: Process) -> Mapping[str, str]:
        """What a member goes by."""
        return reading_etcd.flags_in_use(process, self.given)

    @property
    def etcd(self) -> tuple[EtcdAccess, Mapping[str, str]]:
        """How its member is talked to, with what it goes by; raises Unknown. Others than the cluster's have no TLS."""
        reason = Unknown(self.unreachable or f"no etcd runs on {self.name}")
        for each in self.processes:
            if each.name == "etcd":
                flags = self.etcd_flags(each)
                try:
                    return reading_etcd.access(flags, self.address, 0 if self._etcd_is_a_service else each.pid), flags
                except Unknown as unknown:
                    reason = unknown
        raise reason

    @property
    def _etcd_is_a_service(self) -> bool:
        try:
            unit = reading_host.units(self.given).get("etcd")
        except Unknown:
            return False
        return unit is not None and unit.active in _ETCD_IS_A_SERVICE


def first(machine: Machine, visit: Visit, seconds: int = limits.FIRST) -> Visit:
    """Ask a machine what needs no other answer; one that does not answer is none to wait for again."""
    limit = seconds + limits.EXCHANGE
    visit = replace(visit, machine=machine)
    try:
        printed = machine.run(command(questions.FIRST, seconds * machine.patience), timeout=limit, secret=True)
        before = time.time()
        clock = machine.run(questions.CLOCK, timeout=limits.EXCHANGE, secret=True).stdout, before, time.time()
    except (Unreachable, TimedOut) as problem:
        return replace(visit, unreachable=why(problem))
    except Problem as problem:
        return replace(visit, given=Answers({}, why(problem)))
    given = answers(questions.FIRST, printed.stdout)
    if not given.all():
        given = _refused(printed.stderr)
    return with_ports(replace(visit, given=given, clock=clock))


def resolved(visit: Visit, name: str) -> tuple[str, ...]:
    """The addresses of a name, as a machine knows it; none where it does not."""
    assert visit.machine, "a machine that was not logged in to"
    try:
        printed = visit.machine.run(f"timeout {limits.NAMES} getent ahosts {name}", timeout=limits.NAMES, secret=True)
    except Problem:
        return ()
    return tuple(dict.fromkeys(line.split()[0] for line in printed.stdout.splitlines() if line.strip()))


def why(problem: Problem) -> str:
    """What went wrong, in one line; of a command that was refused not the command, which is a page."""
    what = problem.what.partition(": `")[0].partition(" during `")[0]
    return f"{what}: {problem.answer.splitlines()[-1]}" if problem.answer else what


def _refused(output: str) -> Answers:
    lines = [line for line in output.strip().splitlines() if line] or ["the machine printed nothing"]
    refused = any("sudo" in line for line in lines)
    return Answers({}, f"sudo was refused: {lines[-1]}" if refused else lines[-1], NEEDS_SUDO if refused else "")


def with_ports(visit: Visit) -> Visit:
    """The same with the ports that its processes say themselves."""
    api, kubelet = (_number(visit.flags(name).get(flag, "")) for name, flag in (
        ("kube-apiserver", "secure-port"), ("kubelet", "port"),
    ))  # fmt: skip
    known = visit.ports
    try:
        flags = visit.etcd[1]
    except Unknown:
        flags = {}
    client, peer = (port_of(of_url(flags.get(f"listen-{each}-urls", "").split(",")[0])) for each in ("client", "peer"))
    return replace(visit, ports=Ports(
        api or known.api_server, kubelet or known.kubelet, client or known.etcd_client, peer or known.etcd_peer
    ))  # fmt: skip


def _number(text: str) -> int:
    return int(text) if text.isdecimal() and len(text) < 6 else 0


def more(visit: Visit, questions_: Mapping[str, str]) -> Visit:
    """Ask it what has to be known before the rest; nothing, where there is none of that."""
    if not questions_ or visit.machine is None or visit.unreachable or not visit.given.all():
        return visit
    return with_ports(replace(visit, given=visit.given.joined(_given(_group(visit.machine, questions_)))))


def second(
    visit: Visit, groups: Mapping[str, Mapping[str, str]], then: Callable[[Answers], Mapping[str, str]]
) -> Visit:
    """Ask it the rest: groups of questions side by side over the one connection, and what follows from their answers.

    Where sshd refuses so many at once, the groups that were refused come one after the other.
    """
    machine = visit.machine
    if machine is None or visit.unreachable or not visit.given.all():
        return visit
    wanted = [each for each in groups.values() if each]
    found = within(limits.SECOND + 1, lambda each: _group(machine, each), wanted)
    given = visit.given
    for questions_, answered in zip(wanted, found, strict=True):
        if isinstance(answered, Unreachable):
            answered = _group(machine, questions_)
        given = given.joined(_given(answered))
    more = then(given)
    return replace(visit, given=given.joined(_given(_group(machine, more))) if more else given)


def _group(machine: Machine, visit: Mapping[str, str]) -> Answers | Problem:
    seconds = limits.SECOND - limits.EXCHANGE
    try:
        printed = machine.run(command(visit, seconds * machine.patience), timeout=limits.SECOND, secret=True)
    except Problem as problem:
        return problem
    return answers(visit, printed.stdout)


def _given(answered: Answers | Problem | None) -> Answers:
    if answered is None:
        return Answers({}, "the machine did not answer in time")
    return Answers({}, why(answered)) if isinstance(answered, Problem) else answered
