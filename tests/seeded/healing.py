"""What a finding says to type, typed: by the login user, on the machine that it names; and the check after it."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace

from checks.findings import Finding, Report, Severity
from provision.cluster import Cluster
from provision.machines.machine import Machine
from provision.util.errors import BadInput
from provision.util.result import Result, last_lines
from tests.seeded import Defect

TYPED = "typed"

HEALED = 150
"""Seconds until what was typed has healed: API servers read a certificate again after a minute, a static pod that ends
and starts takes the same, and a process that was just started is left out of some rules for a while."""

_LINE = 180
"""Seconds until a line has ended: `kubeadm upgrade node` waits for the static pods that it changed."""

_BY_HAND = re.compile(r"\b(vi|vim|nano|sudoedit)\b|\bkubectl( -n \S+)? edit\b|<[a-z -]+>|\$[A-Z]|^[A-Z]")
"""An editor, a placeholder, or a sentence instead of a command."""

_USES_THE_API = re.compile(r"\bkubectl\b|\bkubeadm token\b")

_OWN = '"$HOME/.kube/config"'
_GIVEN = (
    f'test -e {_OWN} || {{ mkdir -p "$HOME/.kube" && sudo cp /etc/kubernetes/admin.conf {_OWN} && '
    f'sudo chown "$(id -u):$(id -g)" {_OWN} && echo given; }}'
)
"""What `kubeadm init` says a user has to do before kubectl works."""

_TAKEN = f'rm -f {_OWN} && rmdir --ignore-fail-on-non-empty "$HOME/.kube"; rm -f "$HOME/kubeadm.yaml"'


Check = Callable[[], Report]


@dataclass(frozen=True)
class Line:
    """A line that a finding prints, and the machine on which it is typed."""

    machine: str
    text: str


@dataclass(frozen=True)
class Typed:
    """What was typed about one defect: `answer` is what came back where a line failed, `left` what is still found."""

    name: str
    lines: tuple[Line, ...]
    answer: str
    left: tuple[str, ...]
    seconds: float

    @property
    def healed(self) -> bool:
        """Whether every line succeeded and nothing is found any more."""
        return bool(self.lines) and not self.answer and not self.left


def line_of(finding: Finding, machines: Sequence[str]) -> Line:
    """The command of a finding's fix, without the remark behind it, which may name one of the machines.

    What is typed on any control plane is typed on the first of the machines. Raises BadInput for what is not a command.
    """
    text, _, remark = finding.fix.partition("  # ")
    if not text or _BY_HAND.search(text):
        raise BadInput(f"{finding.id}: this cannot be typed as it stands: {text}")
    named = re.match(r"on ([\w.-]+)", remark)
    return Line(named[1] if named and named[1] in machines else machines[0], text)


def typed(cluster: Cluster, lines: Sequence[Line]) -> str:
    """Type lines, one after the other; what came back from the first that failed, empty where none did."""
    for line in lines:
        answer = _type(cluster.machines[line.machine], line.text)
        if not answer.ok:
            return f"{line.machine}: exited with {answer.rc}: {last_lines(answer.stderr or answer.stdout)}"
    return ""


def _type(machine: Machine, text: str) -> Result:
    if not _USES_THE_API.search(text):
        return machine.run(text, timeout=_LINE)
    with _kubeconfig_of_the_user(machine):
        return machine.run(text, timeout=_LINE)


@contextmanager
def _kubeconfig_of_the_user(machine: Machine) -> Iterator[None]:
    given = "given" in machine.succeed(_GIVEN)
    try:
        yield
    finally:
        if given:
            machine.succeed(_TAKEN)


def healing(cluster: Cluster, defect: Defect, report: Report, check: Check) -> Typed:
    """Type what the findings about a defect print, and check again until nothing is found, or it is late."""
    mine = [each for each in report.findings if each.id == defect.expects]
    about = [each for each in mine if not defect.machine or defect.machine in each.machines]
    names = [each.name for each in cluster.control_planes]
    names += [each for each in cluster.machines if each not in names]
    began = time.monotonic()
    lines = tuple(dict.fromkeys(line_of(each, names) for each in about))
    outcome = Typed(defect.name, lines, typed(cluster, lines), (), 0.0)
    while True:
        left = found_still(defect, check())
        seconds = round(time.monotonic() - began, 1)
        if not left or seconds > HEALED:
            return replace(outcome, left=left, seconds=seconds)


def found_still(defect: Defect, report: Report) -> tuple[str, ...]:
    """The finding that was to be gone, of any severity, and whatever else is at or above warning. Pure."""
    mine = [each for each in report.findings if each.id == defect.expects]
    others = [each for each in report.at_least(Severity.WARNING) if each.id != defect.expects]
    return tuple(f"{each.id} {each.what}" for each in (*mine, *others))


def row(each: Typed) -> str:
    """A row of the table of a round: what was typed where, whether it healed, and what came back if not."""
    lines = "; ".join(f"{line.machine}: `{line.text}`" for line in each.lines) or "nothing was printed"
    back = "; ".join(filter(None, (" ".join(each.answer.split()), *each.left)))
    outcome = "healed" if each.healed else "not healed"
    return f"| {each.name} | {TYPED} | {outcome} | {back or '–'} | {lines} | {each.seconds} |"
