"""All that a machine answered, read: each answer is a fact, or why it is not. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, TypeVar

from checks.collecting import reading_certificates, reading_etcd, reading_host, reading_kubernetes
from checks.collecting.balancers import balancers
from checks.collecting.following import kubelet_file, presenting, static_pods
from checks.collecting.machine import Visit
from checks.collecting.questions import MANIFESTS, Target
from checks.collecting.sections import Answer, Answers
from checks.facts.certificates import Key
from checks.facts.etcd import Hash
from checks.facts.fact import Fact, Unknown, unread
from checks.facts.machine import ANSWERS, MachineFacts, Manifest, Reached

_T = TypeVar("_T")
_CLOSED = "Empty reply from server"  # curl's words for who answered with nothing, as members of etcd do to strangers
_WRITTEN = re.compile(r"(?P<code>\d{3}) (?P<seconds>\d+\.\d+) (?P<url>\S+) ?(?P<error>.*)", re.ASCII)
_OF_CURL = re.compile(r"^(?:curl|sh): .*(?:unknown|not found|option ).*", re.MULTILINE)
_OWN_CERTIFICATE = re.compile(r"could not load|unable to (?:load|set|use)|client certificate", re.IGNORECASE)


def facts(visit: Visit, targets: Sequence[Target]) -> MachineFacts:
    """The facts of one machine."""
    known = MachineFacts(visit.name, visit.roles, visit.address, visit.unreachable)
    if visit.unreachable:
        missing: dict[str, Any] = {each: unread(visit.unreachable) for each in ANSWERS}
        return replace(known, **missing)
    read = {**_of_host(visit), **_of_certificates(visit), **_of_kubernetes(visit, targets), **_of_etcd(visit)}
    found: dict[str, Any] = {name: _fact(f"{visit.login} ({name})", reader) for name, reader in read.items()}
    return replace(known, **found)


def _of_host(visit: Visit) -> Mapping[str, Callable[[], Any]]:
    given = visit.given
    return {
        "identity": lambda: reading_host.identity(given),
        "clock": lambda: reading_host.clock(*visit.clock, given.printed("time")),
        "interfaces": lambda: reading_host.interfaces(given),
        "units": lambda: reading_host.units(given),
        "swap": lambda: reading_host.swap(given),
        "disks": lambda: reading_host.disks(given),
        "sysctls": lambda: reading_host.sysctls(given),
        "files": lambda: reading_host.files(given),
        "digests": lambda: reading_host.digests(given),
        "processes": lambda: reading_etcd.with_files(reading_host.processes(given), given),
        "resolved": lambda: reading_host.resolved(given),
        "renewals": lambda: reading_host.renewals(given),
        "balancers": lambda: balancers(given, visit.processes, visit.wanted, static_pods(visit), visit.of_daemon_sets),
    }


def _of_certificates(visit: Visit) -> Mapping[str, Callable[[], Any]]:
    given = visit.given
    return {
        "certificates": lambda: reading_certificates.certificates(_with_elsewhere(given, "certificates")),
        "keys": lambda: _keys(given),
        "kubeconfigs": lambda: reading_certificates.kubeconfigs(given.listed("kubeconfigs")),
        "presented": lambda: tuple(
            reading_certificates.presented(each, given.any(f"presented {each}").text) for each in presenting(visit)
        ),
    }


def _of_kubernetes(visit: Visit, targets: Sequence[Target]) -> Mapping[str, Callable[[], Any]]:
    given = visit.given
    return {
        "manifests": lambda: _manifests(visit),
        "kubelet": lambda: reading_kubernetes.kubelet(given, visit.processes, kubelet_file(visit)),
        "runtime": lambda: reading_kubernetes.runtime(given, visit.processes),
        "reached": lambda: tuple(_reached(given, targets)),
    }


def _of_etcd(visit: Visit) -> Mapping[str, Callable[[], Any]]:
    given = visit.given

    def of_etcd(reader: Callable[[Mapping[str, str]], _T]) -> Callable[[], _T]:
        return lambda: reader(visit.etcd[1])  # raises Unknown where none runs there

    return {
        "etcd": of_etcd(lambda _: reading_etcd.view(given)),
        "etcd_status": of_etcd(lambda flags: reading_etcd.status(given, _number(flags.get("quota-backend-bytes", "")))),
        "etcd_hash": of_etcd(lambda _: _hash(given)),
        "etcd_metrics": of_etcd(lambda _: reading_etcd.metrics(given, reading_host.seconds_of(visit.clock[0]))),
    }


def _fact(how: str, reader: Callable[[], _T]) -> Fact[_T]:
    """What a reader found. Readers raise Unknown for whatever a machine prints; all else is a defect of theirs."""
    try:
        return Fact(how, reader())
    except Unknown as unknown:
        return Fact(how, None, unknown.reason, unknown.needs)


def _with_elsewhere(given: Answers, name: str) -> str:
    more = f"{name} elsewhere"
    return given.listed(name) + (f"\n{given.listed(more)}" if more in given else "")


def _keys(given: Answers) -> tuple[Key, ...]:
    return (
        *reading_certificates.keys(_with_elsewhere(given, "keys"), private=True),
        *reading_certificates.keys(given.listed("public-keys"), private=False),
    )


def _manifests(visit: Visit) -> tuple[Manifest, ...]:
    folder = static_pods(visit)
    question = "manifests" if folder == MANIFESTS else "manifests elsewhere"
    return reading_kubernetes.manifests(visit.given, folder, question)


def _hash(given: Answers) -> Hash:
    status = reading_etcd.status(given, 0)
    if "hash" not in given and status.size >= reading_etcd.HASHED_BELOW:
        raise Unknown(f"the hash reads all of a database, and this has {status.size >> 20} MiB", "--whole-database")
    return reading_etcd.data_hash(given, reading_etcd.hashed_at(status.revision))


def _reached(given: Answers, targets: Sequence[Target]) -> Iterator[Reached]:
    """What was reached. A curl that did not run, or not to its end, says nothing of what it was to reach."""
    answered = {name: _lines(given.any(name)) for name in dict.fromkeys(map(_question, targets))}
    for target in targets:
        line = answered[_question(target)].get(target.url)
        if line is None:
            raise Unknown(f"curl printed nothing about {target.url}")
        yield Reached(target.what, target.name, target.url, *line)


def _question(target: Target) -> str:
    return f"reached {target.what if target.what in ('kubelet', 'etcd-peer') else ''}"


def _lines(answer: Answer) -> dict[str, tuple[int, float, str]]:
    """What curl wrote of each URL; the exit status is that of the last one alone, and says nothing."""
    found = {}
    for line in answer.text.splitlines():
        match = _WRITTEN.fullmatch(line)
        if match:
            output = match["error"].strip()
            if match["code"] == "000" and _OWN_CERTIFICATE.search(output):
                raise Unknown(f"curl cannot use the certificate that it needs: {output}")
            answered = match["code"] != "000" or output.startswith(_CLOSED)
            error = "" if answered else output or "no answer"
            found[match["url"]] = (int(match["code"]), float(match["seconds"]), error)
    if not found and (complaint := _OF_CURL.search(answer.text)):
        raise Unknown(f"requests cannot be made there: {complaint[0]}")
    return found


def _number(text: str) -> int:
    return int(text) if text.isdecimal() and len(text) < 20 else 0
