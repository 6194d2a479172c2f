"""Static pods that are load balancers: the program, the files that it reads, and kube-vip's settings. Pure.

https://kube-vip.io/docs/installation/flags/
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import yaml

from checks.facts.balancer import Balancer

PROGRAMS = ("haproxy", "nginx", "keepalived", "kube-vip")

_CONFIGURATIONS = {
    "haproxy": "/usr/local/etc/haproxy/haproxy.cfg",  # of the official image
    "nginx": "/etc/nginx/nginx.conf",
    "keepalived": "/etc/keepalived/keepalived.conf",
}
_FILE_OPTIONS = {
    "haproxy": ("-f",),
    "nginx": ("-c",),
    "keepalived": ("-f", "--use-file"),
}


@dataclass(frozen=True)
class BalancerPod:
    """A container of a static pod that is a load balancer. `paths` are where it finds files → where they are there."""

    program: str
    configurations: tuple[str, ...]
    paths: Mapping[str, str]
    settings: Mapping[str, str]

    def on_the_machine(self, path: str) -> str:
        """A file's place on the machine; the same where the container has it from no mount."""
        for inside, outside in sorted(self.paths.items(), key=lambda each: -len(each[0])):
            if path == inside or path.startswith(inside.rstrip("/") + "/"):
                return outside.rstrip("/") + path[len(inside.rstrip("/")) :]
        return path

    def inside(self, path: str) -> str:
        """The place in the container of a file of the machine."""
        for inside, outside in sorted(self.paths.items(), key=lambda each: -len(each[1])):
            if path == outside or path.startswith(outside.rstrip("/") + "/"):
                return inside.rstrip("/") + path[len(outside.rstrip("/")) :]
        return path


def pods_of(manifest: str) -> tuple[BalancerPod, ...]:
    """The load balancers of a manifest; none where it is not a pod."""
    try:
        pod = yaml.safe_load(manifest)
    except (yaml.YAMLError, ValueError, TypeError, RecursionError, OverflowError):
        return ()
    return in_spec(_mapping(pod).get("spec"))


def in_spec(given: Any) -> tuple[BalancerPod, ...]:
    """The load balancers of a pod's spec."""
    spec = _mapping(given)
    volumes = {
        str(each.get("name")): str(_mapping(each.get("hostPath")).get("path"))
        for each in _mappings(spec.get("volumes"))
        if _mapping(each.get("hostPath")).get("path")
    }
    found = (_pod(each, volumes) for each in _mappings(spec.get("containers")))
    return tuple(each for each in found if each)


def _pod(container: Mapping[str, Any], volumes: Mapping[str, str]) -> BalancerPod | None:
    words = [str(each) for name in ("command", "args") for each in _list(container.get(name))]
    image = str(container.get("image", "")).rpartition("@")[0] or str(container.get("image", ""))
    names = [*(word.rpartition("/")[2] for word in words[:1]), image.rpartition("/")[2].partition(":")[0],
             str(container.get("name", ""))]  # fmt: skip
    program = next((each for name in names for each in PROGRAMS if each in name), "")
    if not program:
        return None
    paths = {
        str(each.get("mountPath")): volumes[str(each.get("name"))]
        + (f"/{each['subPath']}" if each.get("subPath") else "")
        for each in _mappings(container.get("volumeMounts"))
        if str(each.get("name")) in volumes
    }
    settings = {str(each.get("name")): str(each.get("value", "")) for each in _mappings(container.get("env"))}
    return BalancerPod(program, _configurations(program, words), paths, {**settings, **_flags(words)})


def _configurations(program: str, words: Sequence[str]) -> tuple[str, ...]:
    """The files that its command names, or the one that its image has."""
    found = []
    for word, following in pairwise([*words, ""]):
        option, equals, value = word.partition("=")
        if option in _FILE_OPTIONS.get(program, ()) and (value if equals else following):
            found.append(value if equals else following)
    default = _CONFIGURATIONS.get(program)
    return tuple(found) or ((default,) if default else ())


def _flags(words: Sequence[str]) -> Mapping[str, str]:
    """Flags of kube-vip's command by the names that its environment has."""
    found = {}
    for word, following in pairwise([*words, ""]):
        if word.startswith("--"):
            name, equals, value = word[2:].partition("=")
            alone = not following or following.startswith("-")
            found[_SETTINGS.get(name, name)] = value if equals else "true" if alone else following
    return found


_NOTED = ("vip_interface", "vip_arp", "bgp_enable", "lb_enable")
KUBE_VIP = (*_NOTED, "address", "vip_address", "cp_enable", "enable_bgp")
"""Names of the settings that are read, as its environment has them."""
_SETTINGS = {"arp": "vip_arp", "bgp": "bgp_enable", "controlplane": "cp_enable", "enableLoadBalancer": "lb_enable",
             "vip": "address", "interface": "vip_interface"}  # fmt: skip


def kube_vip(pod: BalancerPod, where: str) -> Balancer | None:
    """What kube-vip moves; None where it is there for Services alone."""
    given = pod.settings
    listed = given.get("address") or given.get("vip_address", "")
    addresses = [each.strip().partition("/")[0] for each in listed.split(",")]
    if given.get("cp_enable", "true") != "true" or not any(addresses):
        return None
    notes = [f"{name} {given[name]}" for name in _NOTED if name in given]
    everywhere = given.get("bgp_enable") == "true" or given.get("enable_bgp") == "true"
    return Balancer(
        "kube-vip", where, where, virtual_addresses=tuple(filter(None, addresses)), everywhere=everywhere,
        notes=tuple(notes),
    )  # fmt: skip


def in_daemon_sets(objects: Sequence[Mapping[str, Any]]) -> Iterator[Balancer]:
    """What kube-vip moves where a DaemonSet runs it."""
    for each in objects:
        metadata, template = _mapping(each.get("metadata")), _mapping(_mapping(each.get("spec")).get("template"))
        for pod in in_spec(template.get("spec")):
            where = f"DaemonSet {metadata.get('namespace')}/{metadata.get('name')}"
            if pod.program == "kube-vip" and (found := kube_vip(pod, where)):
                yield found


def kube_vips_settings(given: Any) -> list[Mapping[str, Any]]:
    """Of a container's environment and flags what says what kube-vip moves, as its environment has it.

    Of other programs there is nothing, and nothing else of this one: it may be secret.
    """
    pod = _pod(_mapping(given), {})
    if pod is None or pod.program != "kube-vip":
        return []
    return [{"name": name, "value": value} for name, value in pod.settings.items() if name in KUBE_VIP]


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _mappings(value: Any) -> Iterator[Mapping[str, Any]]:
    return (each for each in _list(value) if isinstance(each, Mapping))
