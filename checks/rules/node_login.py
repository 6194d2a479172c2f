"""Machines that no login worked on: whether they are down, or just not to be inspected."""

from __future__ import annotations

import re
from collections.abc import Iterator

from checks.facts.cluster import Facts
from checks.facts.fact import LOGIN, Unknown
from checks.facts.machine import BALANCER, CONTROL_PLANE, ETCD, MachineFacts
from checks.findings import Found, Severity
from checks.rules.rule import about_each, machines
from checks.rules.standing_still import answers, endpoint_is_down, requests
from checks.rules.system_pods import is_ready

_REFUSED = re.compile(r"authentication|permission denied|not a valid|no key|passphrase", re.IGNORECASE)
"""Words of a login that a machine which runs has refused, and of one that was never tried."""


@about_each(
    machines, "KHA-NODE-010", Severity.CRITICAL,
    title="A machine does not answer.",
    why="Either it is down, and what it had is lost until it is back; or it runs, and nothing on it can be inspected.",
    fix="ping -c 3 {address}  # then its console, or the firewall in front of its port 22",
    page="https://kubernetes.io/docs/tasks/debug/debug-cluster/",
)  # fmt: skip
def machines_answer(facts: Facts, machine: MachineFacts) -> Iterator[Found]:
    """A warning where something else shows that the machine runs, or nothing shows that it is down."""
    if not machine.unreachable:
        return
    signs = dict(_signs(facts, machine))
    if _REFUSED.search(machine.unreachable) and all(signs.values()):
        raise Unknown(f"the login on {machine.name} was refused: {machine.unreachable}", LOGIN)
    if not signs and not machine.is_node and not machine.is_a(BALANCER):
        raise Unknown(f"{machine.name} cannot be logged in to: {machine.unreachable}", LOGIN)
    down = [text for text, alive in signs.items() if not alive]
    if down:
        what = f"{machine.name} does not answer: no login works, and {' and '.join(down)}."
    elif signs:
        what = f"{machine.name} cannot be inspected: no login works, though {next(iter(signs))}."
    else:
        what = f"{machine.name} cannot be inspected: no login works, and nothing else shows whether it runs."
    evidence = (f"login: {machine.unreachable}", *signs)
    yield Found(
        what, (machine.name,), evidence, {"address": machine.address}, severity=None if down else Severity.WARNING
    )


def _signs(facts: Facts, machine: MachineFacts) -> Iterator[tuple[str, bool]]:
    """What else is known of it, each with whether it shows that the machine runs."""
    for node in facts.api.nodes.value or ():
        if node["metadata"]["name"] == machine.name:
            ready = is_ready(node)
            yield f"its node is {'ready' if ready else 'not ready'}", ready
    if machine.is_a(CONTROL_PLANE):
        alive = answers(facts, machine)
        if alive is not None:
            yield f"its API server {'answers' if alive else 'does not answer either'}", alive
    if machine.is_a(ETCD) and (tried := requests(facts, "etcd-peer", machine.name)):
        alive = any(each.answered for _, each in tried)
        yield f"its member of etcd {'answers' if alive else 'does not answer either'}", alive
    if machine in facts.balancers and len(facts.balancers) == 1 and requests(facts, "endpoint"):
        alive = not endpoint_is_down(facts)
        yield f"the endpoint {'answers' if alive else 'does not answer either'}", alive
