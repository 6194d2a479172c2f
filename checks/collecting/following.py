"""The questions to a machine that follow from its first answers and from the API. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress

from checks.collecting import questions, reading_etcd, reading_kubernetes
from checks.collecting.machine import Visit
from checks.collecting.questions import CONFIGURATION, FOLDERS, MANIFESTS, Target, is_name, is_path
from checks.collecting.sections import Answers
from checks.facts.fact import Unknown
from checks.facts.machine import CONTROL_PLANE, ETCD
from provision.config.addresses import at

_KUBELET_CLIENT = ("kubelet-client-certificate", "kubelet-client-key")
_PEER = ("peer-cert-file", "peer-key-file")
_FILES = ("-cert-file", "cert-file", "-ca-file", "-private-key-file", "key-file", "-certificate", "-client-key")
"""How the flags end that name certificates and keys."""
_COMPONENTS = ("kube-apiserver", "kube-controller-manager", "etcd", "kubelet")


def groups(visit: Visit, targets: Sequence[Target], endpoint: str, pki: str) -> Mapping[str, Mapping[str, str]]:
    """Questions that go side by side: each group takes a few seconds where what it is about hangs."""
    kinds: dict[str, list[Target]] = {}
    for each in targets:
        kinds.setdefault(each.what if each.what in ("kubelet", "etcd-peer") else "", []).append(each)
    found = {f"reached {what}": dict(_reached(visit, what, wanted)) for what, wanted in kinds.items()}
    here = dict(questions.presented_questions(presenting(visit)))
    if is_name(endpoint):
        here["resolved"] = f"timeout 3 getent ahosts {endpoint}"
    found["presented"] = here
    found["elsewhere"] = dict(elsewhere(visit, pki))
    with suppress(Unknown):
        found["etcd"] = questions.etcd_questions(visit.etcd[0])
    return found


def _reached(visit: Visit, what: str, wanted: Sequence[Target]) -> Iterator[tuple[str, str]]:
    """The kubelet and members of etcd know who asks by a certificate; all others answer to anybody."""
    pair: tuple[str, ...] = ()
    if what == "kubelet":
        flags = visit.flags("kube-apiserver")
        pair = _pair(flags.get(_KUBELET_CLIENT[0], ""), flags.get(_KUBELET_CLIENT[1], ""))
    elif what == "etcd-peer":
        flags = next((visit.etcd_flags(each) for each in visit.processes if each.name == "etcd"), {})
        pair = _pair(flags.get(_PEER[0], ""), flags.get(_PEER[1], ""))
    yield f"reached {what}", questions.reached_question(wanted, *pair)


def _pair(certificate: str, key: str) -> tuple[str, ...]:
    return (certificate, key) if is_path(certificate) and is_path(key) else ()


def presenting(visit: Visit) -> Iterator[str]:
    """Where a process of this machine presents a certificate of its own that is a file."""
    if CONTROL_PLANE in visit.roles:
        yield at(visit.address, visit.ports.api_server)
    if ETCD in visit.roles:
        yield at(visit.address, visit.ports.etcd_client)
        yield at(visit.address, visit.ports.etcd_peer)
    if any(each.name == "kubelet" for each in visit.processes):
        yield at(visit.address, visit.ports.kubelet)


def hash_if_small(visit: Visit, given: Answers, *, always: bool) -> Mapping[str, str]:
    """The question for the hash of a member's data, which reads all of it: only where that is small, or is wanted."""
    try:
        status = reading_etcd.status(given, 0)
        if status.size >= reading_etcd.HASHED_BELOW and not always:
            return {}
        return questions.hash_question(visit.etcd[0], reading_etcd.hashed_at(status.revision))
    except Unknown:
        return {}


def elsewhere(visit: Visit, pki: str) -> Mapping[str, str]:
    """What stands where kubeadm does not put it by itself, by the cluster's configuration and by flags."""
    named = {pki, *_named_files(visit)}
    files = {each for each in named if each and not each.startswith(tuple(f"{one}/" for one in FOLDERS.split()))}
    return questions.elsewhere_questions(
        files, "" if static_pods(visit) == MANIFESTS else static_pods(visit), _data(visit)
    )


def configured(visit: Visit) -> Mapping[str, str]:
    """Questions for what processes are configured by, which say where everything else is."""
    etcd = {each.pid: each.flags.get("config-file", "") for each in visit.processes if each.name == "etcd"}
    file = kubelet_file(visit)
    drop_ins = visit.flags("kubelet").get("config-dir", "").rstrip("/")
    return questions.configuration_questions(etcd, "" if file == CONFIGURATION else file, drop_ins)


def _named_files(visit: Visit) -> Iterator[str]:
    for process in visit.processes:
        if process.name in _COMPONENTS:
            flags = visit.etcd_flags(process) if process.name == "etcd" else process.flags
            yield from (value for name, value in flags.items() if name.endswith(_FILES))


def _data(visit: Visit) -> Iterator[str]:
    for process in visit.processes:
        if process.name == "etcd" and (folder := visit.etcd_flags(process).get("data-dir", "")) != "/var/lib/etcd":
            yield folder


def kubelet_file(visit: Visit) -> str:
    """Where the kubelet's configuration is."""
    file = visit.flags("kubelet").get("config", "")
    return file if is_path(file) else CONFIGURATION


def static_pods(visit: Visit) -> str:
    """Where static pods are: as the kubelet's flag says, or else its configuration."""
    flags = visit.flags("kubelet")
    folder = flags.get("pod-manifest-path", "")
    with suppress(Unknown):
        read, _ = reading_kubernetes.configuration(visit.given, kubelet_file(visit), flags.get("config-dir", ""))
        folder = folder or str(read.get("staticPodPath") or "")
    folder = folder.rstrip("/")
    return folder if is_path(folder) else MANIFESTS
