"""Files that control planes have in common: what flags name, authorities, and the folder of static pods."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from pathlib import PurePosixPath

from checks.facts.cluster import Facts
from checks.facts.fact import Unknown
from checks.facts.machine import MachineFacts, Manifest
from checks.findings import Found, Severity
from checks.rules.component_flags import API_SERVER, command_of, flags_in, program
from checks.rules.odd_ones import majority, odd_ones
from checks.rules.own_places import manifest_of
from checks.rules.rule import about_each, about_the_cluster, control_planes
from checks.rules.sentences import listed
from checks.rules.system_pods import STATIC

_ENCRYPTION = "encryption-provider-config"
_NAMED = (
    "audit-policy-file", "admission-control-config-file", "authentication-config", "authorization-config",
    "authorization-webhook-config-file", "authentication-token-webhook-config-file", "audit-webhook-config-file",
    "egress-selector-config-file", "tracing-config-file",
)  # fmt: skip
"""Flags of API servers that name a file whose content decides what they do."""


def _file(facts: Facts, machine: MachineFacts, flag: str) -> str:
    """The file that a flag of the API server names; empty where it has no such flag. Raises Unknown."""
    return flags_in(command_of(facts, machine, API_SERVER)).get(flag, ("",))[-1]


def _digest(facts: Facts, machine: MachineFacts, flag: str) -> str:
    """The digest of a file that a flag names; empty where there is no such flag. Raises Unknown."""
    file = _file(facts, machine, flag)
    if file and file not in machine.digests.get():
        raise Unknown(f"{file} on {machine.name} was not read")
    return machine.digests.get()[file] if file else ""


def _reachable(facts: Facts) -> list[MachineFacts]:
    return [each for each in facts.control_planes if not each.unreachable]


@about_the_cluster(
    "KHA-DRIFT-002", Severity.CRITICAL,
    title="API servers encrypt with different configurations.",
    why="What one of them writes, another cannot read: Secrets fail now and then.",
    fix="sudo grep encryption-provider-config {manifest}"
        "  # on each control plane; then give {machine} the flag and the file of the others",
    page="https://kubernetes.io/docs/tasks/administer-cluster/encrypt-data/",
)  # fmt: skip
def api_servers_encrypt_alike(facts: Facts) -> Iterator[Found]:
    files = {each.name: _file(facts, each, _ENCRYPTION) for each in _reachable(facts)}
    if not any(files.values()):
        return
    having = {name: "a configuration" if file else "none" for name, file in files.items()}
    evidence = tuple(f"{name}: {f'--{_ENCRYPTION}={file}' if file else 'no such flag'}" for name, file in files.items())
    odd = odd_ones(having)
    if odd:
        text = f"Not all API servers have an encryption configuration: {_differing(odd)}."
        yield Found(text, odd, evidence, _manifest(facts, odd))
        return
    odd = odd_ones({each.name: _digest(facts, each, _ENCRYPTION) for each in _reachable(facts)})
    if odd:
        text = f"The encryption configurations of API servers differ: {_differing(odd)}."
        # a comment, or a rotation that goes on, may differ
        yield Found(text, odd, evidence, _manifest(facts, odd), severity=Severity.WARNING)


def _manifest(facts: Facts, odd: tuple[str, ...]) -> dict[str, str]:
    return {"manifest": manifest_of(facts.machine(odd[0]), API_SERVER)}


def _differing(odd: tuple[str, ...]) -> str:
    return f"{odd[0]} is unlike the others" if len(odd) == 1 else f"{listed(odd)} differ"


@about_the_cluster(
    "KHA-DRIFT-010", Severity.NOTICE,
    title="A file that API servers read differs between control planes.",
    why="What is audited, admitted or allowed depends on the API server that a request meets.",
    fix="sudo sha256sum {file}  # on each control plane; then copy the right one to {machine}",
    page="https://kubernetes.io/docs/reference/command-line-tools-reference/kube-apiserver/",
)  # fmt: skip
def files_of_api_servers_are_the_same(facts: Facts) -> Iterator[Found]:
    for flag in _NAMED:
        files = {each.name: _file(facts, each, flag) for each in _reachable(facts)}
        if not all(files.values()):
            continue  # a flag that only some have is KHA-DRIFT-001
        odd = odd_ones({each.name: _digest(facts, each, flag) for each in _reachable(facts)})
        if odd:
            evidence = tuple(f"{name}: {file}" for name, file in files.items())
            what = f"The file of --{flag} is not the same on all control planes: {_differing(odd)}."
            yield Found(what, odd, evidence, {"file": files[odd[0]]})


@about_each(
    control_planes, "KHA-DRIFT-003", Severity.WARNING,
    title="The folder of static pods holds the same pod twice.",
    why="The kubelet reads every file there: changes of the right one have no effect, or the wrong one runs.",
    fix="sudo mv {file} /root/  # on {machine}, after reading which of the two is wanted",
    page="https://kubernetes.io/docs/tasks/configure-pod-container/static-pod/",
)  # fmt: skip
def manifests_are_not_there_twice(facts: Facts, machine: MachineFacts) -> Iterator[Found]:
    del facts
    pods: dict[str, set[str]] = defaultdict(set)
    for manifest in machine.manifests.get():
        if not PurePosixPath(manifest.file).name.startswith("."):  # the kubelet ignores those
            pods[_pod(manifest)].add(manifest.file)
    for pod, found in pods.items():
        if pod and len(found) > 1:
            # what kubeadm wrote is named like its component, and the copy has a longer name
            files = sorted(found, key=lambda each: (len(each), each))
            folder = PurePosixPath(files[0]).parent
            yield Found(
                f"{folder} on {machine.name} has {pod} {len(files)} times: "
                f"{listed(PurePosixPath(each).name for each in files)}.",
                (machine.name,), tuple(files), {"file": files[-1]}, about=(pod,),
            )  # fmt: skip


def _pod(manifest: Manifest) -> str:
    """What may be there once: a component of the control plane by its program, any other pod by its name."""
    for container in manifest.containers:
        if program(container.command) in STATIC:
            return program(container.command)
    return f"{manifest.namespace or 'default'}/{manifest.name}" if manifest.name else ""


def _keys(facts: Facts, machine: MachineFacts, flag: str) -> frozenset[str]:
    """The public keys of the authorities in the file that a flag names; a file may have several. Raises Unknown."""
    file = _file(facts, machine, flag)
    found = frozenset(each.public_key for each in machine.certificates.get() if each.place == file)
    if not found:
        raise Unknown(f"{file} on {machine.name} was not read")
    return found


def _other_authorities(facts: Facts, flag: str) -> Iterator[Found]:
    """Authorities that have a key in common are being replaced: the page has both in one file for a while."""
    having = [each for each in _reachable(facts) if _file(facts, each, flag)]  # that one has no flag is KHA-DRIFT-001
    keys = {each.name: _keys(facts, each, flag) for each in having}
    usual, odd = majority(keys), odd_ones(keys)
    if not odd:
        return
    common = usual if usual is not None else frozenset.intersection(*keys.values())
    replacing = all(keys[each] & common for each in odd)
    file = _file(facts, facts.machine(odd[0]), flag)
    evidence = tuple(f"{name}: {', '.join(sorted(each)) or 'none'}" for name, each in keys.items())
    what = f"The authority of --{flag} ({file}) is not the same on all control planes: {_differing(odd)}."
    yield Found(what, odd, evidence, {"file": file}, severity=Severity.NOTICE if replacing else None)


@about_the_cluster(
    "KHA-DRIFT-007", Severity.CRITICAL,
    title="The front-proxy authority of a control plane is another than that of the others.",
    why="Requests for aggregated APIs that meet this API server are refused.",
    fix="sudo openssl x509 -noout -fingerprint -in {file}"
        "  # on each control plane; then copy it with its key to {machine} and make front-proxy-client anew",
    page="https://kubernetes.io/docs/tasks/extend-kubernetes/configure-aggregation-layer/",
)  # fmt: skip
def front_proxy_authorities_are_the_same(facts: Facts) -> Iterator[Found]:
    yield from _other_authorities(facts, "requestheader-client-ca-file")
