"""What of Kubernetes is on a machine: static pods, the kubelet, its container runtime, tokens. Pure."""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

from checks.collecting.documents import items, mapping, of_yaml, part, texts
from checks.collecting.questions import CONFIGURATION, MANIFESTS
from checks.collecting.secret_parts import words_without_secrets
from checks.collecting.sections import Answers
from checks.facts.cluster import Token
from checks.facts.fact import Unknown
from checks.facts.machine import Container, Kubelet, Manifest, Process, Runtime, flags_of

_RUNTIMES = {"containerd": "containerd", "crio": "cri-o", "cri-dockerd": "docker"}
SECRET_KEYS = ("staticPodURLHeader",)  # of a kubelet's configuration: it may hold a password
_ENVIRONMENT = re.compile(r"^\s*KUBELET_KUBEADM_ARGS=(.*)$", re.MULTILINE)


def manifests(given: Answers, folder: str = MANIFESTS, question: str = "manifests") -> tuple[Manifest, ...]:
    """Static pods, of `find -print -exec cat`. Environment variables are not read: they may be secret."""
    answer = given.any(question)
    if not answer.ok:
        given.listed(question)
    parts = re.split(rf"^({re.escape(folder)}/[^\n]+)\n", answer.text, flags=re.MULTILINE)
    return tuple(_manifest(path, text) for path, text in zip(parts[1::2], parts[2::2], strict=True) if text.strip())


def _manifest(path: str, text: str) -> Manifest:
    try:
        metadata, spec = pod_in(text)
        paths = tuple(_host_paths(spec))
        containers = tuple(_container(each, paths) for each in items(spec, "containers", "the pod"))
    except Unknown as unknown:
        return Manifest(path, error=f"is not a pod: {unknown.reason}")
    if not containers:
        return Manifest(path, error="is not a pod: it has no containers")
    return Manifest(path, str(metadata.get("name", "")), str(metadata.get("namespace") or "default"), containers)


def pod_in(text: str) -> tuple[Mapping[str, Any], Mapping[str, Any]]:
    """The metadata and the spec of the pod that a file is; raises Unknown."""
    pod = mapping(of_yaml(text, "the file"), "the file")
    return part(pod, "metadata", "the pod"), part(pod, "spec", "the pod")


def command_in(container: Any) -> tuple[str, ...]:
    """How a container of a pod is started, with all that its file has; raises Unknown."""
    what = "a container"
    return (*texts(container, "command", what), *texts(container, "args", what))


def _host_paths(spec: Mapping[str, Any]) -> Iterator[str]:
    for each in items(spec, "volumes", "the pod"):
        if path := part(each, "hostPath", "a volume").get("path"):
            yield str(path)


def _container(given: Any, paths: tuple[str, ...]) -> Container:
    command = tuple(words_without_secrets(command_in(given)))
    return Container(str(given.get("name", "")), str(given.get("image", "")), command, paths)


def kubelet(given: Answers, processes: tuple[Process, ...], file: str = CONFIGURATION) -> Kubelet:
    """The kubelet's files. Flags of the running process come last, since they are what holds."""
    version = given.text("kubelet-version").split()[-1:]
    flags = flags_of(("kubelet", *_kubeadm_flags(given.maybe("kubelet-flags"))))
    for each in processes:
        if each.name == "kubelet":
            flags |= each.flags
    read, own = configuration(given, file, flags.get("config-dir", ""))
    kept = {key: value for key, value in read.items() if key not in SECRET_KEYS}
    kubeadm = given.maybe("kubeadm-version").strip()
    return Kubelet(version[0] if version else "", kept, flags, kubeadm, file, own)


def configuration(given: Answers, file: str, folder: str = "") -> tuple[Mapping[str, Any], Mapping[str, str]]:
    """A kubelet's configuration, and which of its fields have been set by which drop-in; raises Unknown.

    Drop-ins are merged in the order of their names: parts of an object each by itself, and lists as a whole.
    https://kubernetes.io/docs/tasks/administer-cluster/kubelet-config-file/#kubelet-configuration-merging-order
    """
    question = "kubelet-configuration" if file == CONFIGURATION else "kubelet-configuration elsewhere"
    read = mapping(of_yaml(given.text(question), file), file)
    own: dict[str, str] = {}
    for path, text in _drop_ins(given, folder):
        each = mapping(of_yaml(text, path) or {}, path)
        read = _patched(read, each)
        own |= dict.fromkeys(sorted(_fields({k: v for k, v in each.items() if k not in ("apiVersion", "kind")})), path)
    return read, own


def _fields(given: Mapping[str, Any], above: str = "") -> Iterator[str]:
    """The names of all values that are no objects with anything in them, as in `authentication.anonymous.enabled`."""
    for name, value in given.items():
        if isinstance(value, Mapping) and value:
            yield from _fields(value, f"{above}{name}.")
        else:
            yield f"{above}{name}"


def _drop_ins(given: Answers, folder: str) -> list[tuple[str, str]]:
    """Path and text of each, in the order in which the kubelet walks through their folder."""
    if not folder:
        return []
    printed = given.listed("kubelet-drop-ins")
    parts = re.split(rf"^({re.escape(folder.rstrip('/'))}/[^\n]+\.conf)\n", printed, flags=re.MULTILINE)
    return sorted(zip(parts[1::2], parts[2::2], strict=True), key=lambda each: each[0].split("/"))


def _patched(one: Mapping[str, Any], other: Mapping[str, Any]) -> dict[str, Any]:
    """As RFC 7386 merges: null takes a field away."""
    found = dict(one)
    for name, value in other.items():
        if isinstance(value, Mapping):
            below = found.get(name)
            found[name] = _patched(below if isinstance(below, Mapping) else {}, value)
        elif value is None:
            found.pop(name, None)
        else:
            found[name] = value
    return found


def _kubeadm_flags(printed: str) -> list[str]:
    """The words of kubeadm-flags.env; quotes of a shell may stand around all of them, and around one."""
    match = _ENVIRONMENT.search(printed)
    value = match[1].strip() if match else ""
    for _ in ("all of them", "each of them"):
        try:
            value = " ".join(words := shlex.split(value))
        except ValueError:  # a quote that does not end
            return value.replace('"', "").split()
    return words


def runtime(given: Answers, processes: tuple[Process, ...] = ()) -> Runtime:
    """The container runtime; what its process uses is only known where crictl is there, which asks it."""
    configured = given.listed("configured-driver")
    drivers = tuple(_drivers(configured))
    version = re.search(r" v?(\d+\.\S+)", given.maybe("containerd-version"))
    running = next((_RUNTIMES[each.name] for each in processes if each.name in _RUNTIMES), "")
    name = running or ("containerd" if version else "cri-o" if re.search("^/etc/crio/", configured, re.M) else "")
    if not name:
        raise Unknown("no container runtime was found")
    info = re.search(r'"(?:SystemdCgroup|systemdCgroup)":\s*(true|false)', given.maybe("runtime"))
    used = {"true": "systemd", "false": "cgroupfs"}[info[1]] if info else ""
    return Runtime(name, version[1] if version else "", used, drivers[-1] if drivers else "")


def _drivers(printed: str) -> Iterator[str]:
    for line in printed.splitlines():
        if match := re.search(r"(SystemdCgroup|systemd_cgroup)\s*=\s*(true|false)", line):
            yield "systemd" if match[2] == "true" else "cgroupfs"
        elif match := re.search(r'cgroup_manager\s*=\s*"(\w+)"', line):
            yield match[1]


def tokens(printed: str) -> tuple[Token, ...]:
    """Tokens without their secret part, of `kubeadm token list -o json`: objects one behind the other, or none."""
    decoder, found, at = json.JSONDecoder(), [], 0
    while (at := printed.find("{", at)) >= 0:
        try:
            each, at = decoder.raw_decode(printed, at)
        except (ValueError, RecursionError):
            raise Unknown("kubeadm printed no list of tokens") from None
        found.append(_token(each))
    return tuple(found)


def _token(given: Mapping[str, Any]) -> Token:
    return Token(
        str(given.get("token", "")).partition(".")[0], moment(given.get("expires"), "the end of a token"),
        texts(given, "usages", "a token"), str(given.get("description") or ""),
    )  # fmt: skip


def moment(text: Any, what: str) -> datetime | None:
    """A time as Kubernetes writes it, None where there is none; raises Unknown."""
    if not text:
        return None
    try:
        found = datetime.fromisoformat(str(text))
    except ValueError:
        raise Unknown(f"{what} is not a time") from None
    return found if found.tzinfo else found.replace(tzinfo=UTC)
