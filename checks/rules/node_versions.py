"""Versions of nodes: kubelets and kube-proxy against the API servers.

The policy: https://kubernetes.io/releases/version-skew-policy/. Neither may be newer than any API server, and each may
be three minors older than any; two, where it is itself older than 1.25.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from checks.facts.cluster import Facts
from checks.facts.machine import MachineFacts
from checks.findings import Found, Severity
from checks.rules.releases import api_servers, kube_proxies, release
from checks.rules.rule import about_each, about_the_cluster, nodes
from checks.rules.sentences import listed
from provision.config.versions import Version

_POLICY = "https://kubernetes.io/releases/version-skew-policy/"
_THREE_SINCE = 25  # the minor of a kubelet and a kube-proxy that may be three minors older


@about_the_cluster(
    "KHA-VER-003", Severity.WARNING,
    title="A kubelet's version is not one that the API servers support.",
    why="Pods may not start on this node, and it cannot take over from another.",
    fix="kubelet --version  # on {machine}: install one of {supported}, and restart it", page=_POLICY,
)  # fmt: skip
def unsupported_kubelet(facts: Facts) -> Iterator[Found]:
    running = {}
    for node in facts.api.nodes.get():
        version = release(str(node["status"].get("nodeInfo", {}).get("kubeletVersion", "")))
        if version:
            running[node["metadata"]["name"]] = version
    servers = list(api_servers(facts).values())
    if servers:
        yield from _unsupported("The kubelet", running, min(servers), max(servers))


@about_the_cluster(
    "KHA-VER-006", Severity.WARNING,
    title="The version of kube-proxy is not one that the API servers support.",
    why="Services may not work on this node.",
    fix="kubectl -n kube-system get daemonset kube-proxy -o jsonpath='{{.spec.template.spec.containers[0].image}}'"
    "  # has to be of {supported}", page=_POLICY,
)  # fmt: skip
def unsupported_kube_proxy(facts: Facts) -> Iterator[Found]:
    """An upgrade may renew kube-proxy before the last API server: only the newest one counts for what is too new."""
    running = dict(kube_proxies(facts))
    servers = list(api_servers(facts).values())
    if running and servers:
        yield from _unsupported("kube-proxy", running, max(servers), max(servers))


@about_each(
    nodes, "KHA-VER-005", Severity.NOTICE,
    title="A kubelet was replaced and not restarted.",
    why="With its next start, wanted or not, this node runs another version.",
    fix="sudo systemctl restart kubelet  # on {machine}, drained before, as the page has it",
    page="https://kubernetes.io/docs/tasks/administer-cluster/kubeadm/upgrading-linux-nodes/",
)  # fmt: skip
def another_kubelet_on_disk(facts: Facts, machine: MachineFacts) -> Iterator[Found]:
    """One that API servers will not support is more than a notice: it is what an unattended update leaves."""
    stored = release(machine.kubelet.get().version)
    for node in facts.api.nodes.get():
        running = release(str(node["status"].get("nodeInfo", {}).get("kubeletVersion", "")))
        if node["metadata"]["name"] == machine.name and stored and running and stored != running:
            servers = list(api_servers(facts).values())
            too_new = bool(servers) and running.minor <= min(servers).minor < stored.minor
            what = f"{machine.name}: its kubelet runs {running}, and the program is {stored} by now."
            yield Found(what, (machine.name,), severity=Severity.WARNING if too_new else None)


def _unsupported(what: str, running: Mapping[str, Version], oldest: Version, newest: Version) -> Iterator[Found]:
    """One finding for all that are too new, and one for all that are too old."""
    supported = f"1.{newest.minor - 3} to 1.{oldest.minor}"
    new = {name: each for name, each in running.items() if each.minor > oldest.minor}
    old = {name: each for name, each in running.items() if newest.minor - each.minor > _older(each)}
    for found, how in ((new, f"newer than an API server ({oldest})"), (old, f"too old for API servers ({newest})")):
        if found:
            each = listed(f"{name} ({version})" for name, version in found.items())
            yield Found(f"{what} of {each} is {how}.", tuple(found), values={"supported": supported})


def _older(version: Version) -> int:
    return 3 if version.minor >= _THREE_SINCE else 2
