"""Releases of what runs: read from versions and from tags of images, which are not always Kubernetes' own."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from checks.facts.cluster import Facts, Object
from checks.facts.machine import MachineFacts
from checks.rules.component_flags import API_SERVER
from provision.config.versions import Version

_RELEASE = re.compile(r"v?(1\.\d+\.\d+(?:-(?:alpha|beta|rc)\.\d+)?)(?!\d)")
"""What a version begins with: distributions add to it, as in `v1.37.2+abc`, `v1.37.2-rke2r1` or `v1.37.2_vendor`."""


def release(text: str) -> Version | None:
    """The release of Kubernetes that a version is based on; None where it says none."""
    match = _RELEASE.match(text.strip())
    return Version.parse(match[1]) if match else None


def release_of_image(image: str) -> Version | None:
    """By its tag; None for an image that is named by its digest alone, or has a tag of another kind."""
    _, _, tag = image.partition("@")[0].rpartition("/")[2].partition(":")
    return release(tag)


def release_of(facts: Facts, machine: MachineFacts, component: str) -> Version | None:
    """The release that a component of a control plane runs: what the API server answers, its manifest, or its pod.

    None where none of them says one; raises Unknown where none was read.
    """
    found = _answered(facts, machine) if component == API_SERVER else None
    if not found and machine.manifests.known:
        found = next(_releases(_containers_of_manifests(machine), component), None)
    if not found and (facts.api.pods.known or not machine.manifests.known):
        found = next(_releases(_containers_of_pods(facts.api.pods.get(), machine.name), component), None)
    return found


def kube_proxies(facts: Facts) -> Iterator[tuple[str, Version]]:
    """Node and release of each pod of kube-proxy; none where something else takes its part."""
    for pod in facts.api.pods.get():
        if pod["metadata"].get("labels", {}).get("k8s-app") == "kube-proxy":
            found = next(_releases(_named(pod["spec"]), "kube-proxy"), None)
            if found:
                yield pod["spec"].get("nodeName", ""), found


def api_servers(facts: Facts) -> dict[str, Version]:
    """The release of each API server that says one."""
    found = {each.name: release_of(facts, each, API_SERVER) for each in facts.control_planes}
    return {name: each for name, each in found.items() if each}


def _answered(facts: Facts, machine: MachineFacts) -> Version | None:
    for server in facts.servers:
        if server.machine == machine.name and server.version.known:
            return release(server.version.get())
    return None


def _releases(containers: Iterable[tuple[str, str]], component: str) -> Iterator[Version]:
    for name, image in containers:
        found = release_of_image(image)
        if name == component and found:
            yield found


def _containers_of_manifests(machine: MachineFacts) -> Iterator[tuple[str, str]]:
    for manifest in machine.manifests.get():
        for container in manifest.containers:
            yield container.name, container.image


def _containers_of_pods(pods: Iterable[Object], node: str) -> Iterator[tuple[str, str]]:
    """Of static pods: other pods may have containers of the same name, as those of a nested cluster."""
    for pod in pods:
        labels = pod["metadata"].get("labels", {})
        own = pod["metadata"].get("namespace") == "kube-system" and labels.get("tier") == "control-plane"
        if own and pod["spec"].get("nodeName") == node:
            yield from ((labels.get("component", name), image) for name, image in _named(pod["spec"]))


def _named(spec: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for each in spec.get("containers", ()):
        yield each.get("name", ""), each.get("image", "")
