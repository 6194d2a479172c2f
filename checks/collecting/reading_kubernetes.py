"""What of Kubernetes is on a machine: static pods, the kubelet, its container runtime, tokens. Pure."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

import yaml

from checks.collecting.sections import Answers
from checks.facts.cluster import Token
from checks.facts.fact import Unknown
from checks.facts.machine import Container, Kubelet, Manifest, Process, Runtime, flags_of

_FILE = re.compile(r"^(/etc/kubernetes/manifests/[^\n]+)\n", re.MULTILINE)


def manifests(given: Answers) -> tuple[Manifest, ...]:
    """Static pods, of `find -print -exec cat`. Environment variables are not read: they may be secret."""
    parts = _FILE.split(given.any("manifests").text)
    return tuple(_manifest(path, text) for path, text in zip(parts[1::2], parts[2::2], strict=True))


def _manifest(path: str, text: str) -> Manifest:
    try:
        pod = yaml.safe_load(text)
        metadata, spec = pod.get("metadata") or {}, pod["spec"]
        paths = tuple(each["hostPath"]["path"] for each in spec.get("volumes") or () if "hostPath" in each)
        containers = tuple(_container(each, paths) for each in spec["containers"])
    except (yaml.YAMLError, KeyError, TypeError, AttributeError) as error:
        return Manifest(path, error=f"is no pod: {type(error).__name__}")
    return Manifest(path, str(metadata.get("name", "")), str(metadata.get("namespace") or "default"), containers)


def _container(given: Mapping[str, Any], paths: tuple[str, ...]) -> Container:
    command = (*(given.get("command") or ()), *(given.get("args") or ()))
    return Container(str(given.get("name", "")), str(given.get("image", "")), tuple(map(str, command)), paths)


def kubelet(given: Answers, processes: tuple[Process, ...]) -> Kubelet:
    """The kubelet's files. Flags of the running process come last, since they are what holds."""
    version = given.text("kubelet-version").split()[-1]
    try:
        configuration = yaml.safe_load(given.text("kubelet-configuration"))
    except yaml.YAMLError as error:
        raise Unknown(f"/var/lib/kubelet/config.yaml is not valid YAML: {error}") from None
    if not isinstance(configuration, dict):
        raise Unknown("/var/lib/kubelet/config.yaml is no configuration of a kubelet")
    match = re.search(r'KUBELET_KUBEADM_ARGS="?([^"\n]*)', given.maybe("kubelet-flags"))
    flags = flags_of(("kubelet", *(match[1].split() if match else ())))
    for each in processes:
        if each.name == "kubelet":
            flags |= each.flags
    return Kubelet(version, configuration, flags, given.maybe("kubeadm-version").strip())


def runtime(given: Answers) -> Runtime:
    """The container runtime; what its process uses is only known where crictl is there, which asks it."""
    drivers = tuple(_drivers(given.any("configured-driver").text))
    version = re.search(r" v?(\d+\.\S+)", given.maybe("containerd-version"))
    name = "containerd" if version else "cri-o" if "/crio" in given.any("configured-driver").text else ""
    running = re.search(r'"(?:SystemdCgroup|systemdCgroup)":\s*(true|false)', given.maybe("runtime"))
    used = {"true": "systemd", "false": "cgroupfs"}[running[1]] if running else ""
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
        each, at = decoder.raw_decode(printed, at)
        ends = each.get("expires")
        found.append(Token(
            str(each["token"]).partition(".")[0], datetime.fromisoformat(ends) if ends else None,
            tuple(each.get("usages") or ()), each.get("description", ""),
        ))  # fmt: skip
    return tuple(found)
