"""One sentence: what a cluster survives today. It claims no more than facts show."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from checks.facts.answering import answering, endpoint_is_silent, heard, not_reached, silent
from checks.facts.cluster import Facts
from checks.facts.endpoint import addresses, can_move, holders, only_balancer, virtual_addresses
from checks.facts.fact import Unknown
from checks.facts.machine import CONTROL_PLANE
from checks.facts.quorum import Quorum, called, listed, machine_of, quorum
from checks.findings import Finding, Severity, Verdict

LOST_MAJORITY = "KHA-ETCD-005"

COUNTED = ("KHA-ETCD-004", "KHA-ETCD-006", "KHA-ETCD-008", "KHA-CP-005", LOST_MAJORITY)
"""Findings whose consequence is counted here; the sentence names the first of all others."""

_WORDS = ("no", "one", "two", "three", "four", "five", "six", "seven")


def survives(facts: Facts, verdicts: Iterable[Verdict]) -> str:
    """The sentence at the top of every report."""
    found = [each for verdict in verdicts for each in verdict.findings if not each.accepted]
    found.sort(key=lambda each: (each.severity.rank, each.id, each.subject))
    sentence = _now(facts, found) or _by_machines(facts) or _survived(facts, found)
    if facts.access == ("kubeconfig",):
        return f"By kubeconfig alone: {sentence}."
    return f"{sentence[:1].upper()}{sentence[1:]}."


def _now(facts: Facts, found: Sequence[Finding]) -> str:
    """What does not work today; empty where all does."""
    lost = next((each for each in found if each.id == LOST_MAJORITY), None)
    worst = next((each for each in found if each.severity is Severity.CRITICAL), None)
    if lost is not None:
        return f"the API does not answer now: {_inner(lost.what)}"
    if silent(facts) and not answering(facts):
        if len(silent(facts)) < len(facts.control_planes):
            return "no API server that was tried answers now; of the others nothing is known"
        return "the API does not answer now: " + (_cited(worst) if worst else "no API server does")
    if endpoint_is_silent(facts):
        cause = f": {_cited(worst)}" if worst else ""
        return f"the endpoint {facts.endpoint} does not answer now{cause}"
    if why := not_reached(facts):
        return f"nothing is known of the cluster: {why}"
    return ""


def _by_machines(facts: Facts) -> str:
    """The machines whose loss ends the API, where that is known; empty where none is, but for a load balancer."""
    alone = answering(facts)
    if len(alone) == 1 and len(silent(facts)) == len(facts.control_planes) - 1:
        why = "it is the only control plane" if len(facts.control_planes) == 1 else "no other API server answers"
        return f"the loss of {alone[0]} ends the API: {why}"
    try:
        seen = quorum(facts)
        needed = [each for each in _voters(facts) if each not in seen.dead]
        if seen.spare == 0:
            return f"the loss of {_either(needed)} ends the API: {_why(seen)}"
    except Unknown:
        pass
    return _endpoint_on_one(facts)


def _voters(facts: Facts) -> list[str]:
    machines = [(machine_of(facts, each), each) for each in listed(facts) if not each.learner]
    return sorted(machine.name if machine else called(member) for machine, member in machines)


def _why(seen: Quorum) -> str:
    if seen.dead:
        verb = "does" if len(seen.dead) == 1 else "do"
        return f"of etcd's {_number(seen.voters)} members {' and '.join(seen.dead)} {verb} not answer"
    if seen.voters == 1:
        return "etcd has no other member"
    return f"etcd has {_number(seen.voters)} members and needs {'both' if seen.voters == 2 else _number(seen.majority)}"


def _endpoint_on_one(facts: Facts) -> str:
    try:
        found = holders(facts)
    except Unknown:
        return ""
    one = found[0] if len(found) == 1 else None
    own = one is not None and one.address in addresses(
        facts
    )  # another of its addresses may be moved by what is unknown
    if one and own and one.is_a(CONTROL_PLANE) and one.balancers.known and not virtual_addresses(facts):
        return f"the loss of {found[0].name} ends the API: the endpoint {facts.endpoint} is its address alone"
    return ""


def _survived(facts: Facts, found: Sequence[Finding]) -> str:
    """The claim, with what is not known, and with what findings say against it."""
    unknown = [each for each in (_api_servers(facts), _etcd(facts)) if each]
    try:
        balancer = only_balancer(facts)
        if virtual_addresses(facts):
            can_move(facts)
    except Unknown as missing:
        balancer = None
        unknown.append(_needs("what becomes of the endpoint", missing))
    if _api_servers(facts) or _etcd(facts):
        return "; ".join([_answers(facts), *_grouped(unknown)])
    lost = _control_planes(facts) if unknown or balancer else "any one machine"
    claim = f"the cluster survives the loss of {lost}"
    if balancer is not None:
        claim += f", but not of {balancer.name}, the only load balancer"
    against = [each for each in found if each.severity.at_least(Severity.WARNING) and each.id not in COUNTED]
    if against:
        claim = f"high availability is impaired, {_cited(against[0])}{_more(against)}; otherwise {claim}"
    return "; ".join([claim, *unknown])


def _answers(facts: Facts) -> str:
    if answering(facts):
        return f"{_how_many(facts)} API servers answer"
    return "the API answers at its endpoint" if heard(facts) else "no API server was heard"


def _control_planes(facts: Facts) -> str:
    """As many as the API servers and etcd both survive. External members are other machines."""
    servers, members = len(answering(facts)) - 1, quorum(facts).spare
    if facts.external_etcd:
        return f"{_any(servers, 'control plane')} or {_any(members, 'machine')} of etcd"
    return _any(min(servers, members), "control plane")


def _any(count: int, what: str) -> str:
    return f"any {_number(count)} {what}{'s' if count > 1 else ''}"


def _api_servers(facts: Facts) -> str:
    tried = {*answering(facts), *silent(facts)}
    left = [each.name for each in facts.control_planes if each.name not in tried]
    if not facts.control_planes:
        return "no control plane is known"
    return f"whether the API server of {_either(left)} answers is not known" if left else ""


def _etcd(facts: Facts) -> str:
    """Why it is not known what etcd survives. Without a list of members, there may be more of them than machines."""
    try:
        listed(facts)
        seen = quorum(facts)
    except Unknown as missing:
        return _needs("what etcd survives", missing)
    return f"whether etcd's member on {_either(list(seen.unsure))} answers is not known" if seen.unsure else ""


def _grouped(unknown: Sequence[str]) -> list[str]:
    """Two things that need the same are one part of the sentence."""
    if len(unknown) == 2:
        (first, _, needs), (second, _, same) = (each.partition(" needs ") for each in unknown)
        if needs and needs == same:
            return [f"{first} and {second} needs {needs}"]
    return list(unknown)


def _needs(what: str, missing: Unknown) -> str:
    return f"{what} needs {missing.needs or '--ssh'}"


def _how_many(facts: Facts) -> str:
    up, all_of_them = len(answering(facts)), len(facts.control_planes)
    if up == all_of_them == 2:
        return "both"
    return f"all {_number(all_of_them)}" if up == all_of_them else f"{_number(up)} of {_number(all_of_them)}"


def _number(count: int) -> str:
    return _WORDS[count] if 0 <= count < len(_WORDS) else str(count)


def _either(names: Sequence[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} or {names[-1]}" if names else "any machine"


def _cited(finding: Finding) -> str:
    return f"{_inner(finding.what)} ({finding.id})"


def _inner(sentence: str) -> str:
    """A sentence inside of another one: without its end. Its first word may be a name, and stays as it is."""
    text = sentence.rstrip(".")
    return f"{text[:1].lower()}{text[1:]}" if text.startswith(("The ", "A ", "An ", "No ", "Two ")) else text


def _more(findings: Sequence[Finding]) -> str:
    more = len(findings) - 1
    return f" and {_number(more)} more finding{'s' if more > 1 else ''}" if more else ""
