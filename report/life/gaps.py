"""What is not known of a cluster's life, and whose clock was another, in sentences. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from report.life.machines import Held

_SILENT = {
    "containers": "containerd's log names no container that started, so starts of static pods are not known",
    "etcd": "no log of etcd is there, so what its member was is not known",
    "haproxy status": "HAProxy did not say how its servers are",
}
"""Section that is empty → what that means."""


def gaps(held: Sequence[Held], machines: Sequence[str]) -> Iterator[str]:
    """What was not read, and why; then what is to be known of clocks."""
    if not held:
        yield "What machines hold was not read: the run was killed, only read its machines, or is older than this page."
        return
    unread = [name for name in machines if name not in {each.machine for each in held}]
    if unread:
        yield f"What {', '.join(unread)} hold was not read."
    for each in held:
        if each.missing:
            yield f"{each.machine} was not read: {each.missing}"
        for section, words in _SILENT.items():
            if section in each.sections and not any(each.sections[section]):
                yield f"{each.machine}: {words}."
    yield from _of_the_cluster([each for each in held if not each.missing])
    yield from filter(None, (each.clock for each in held))


def _of_the_cluster(read: Sequence[Held]) -> Iterator[str]:
    servers = [each for each in read if "api" in each.sections]
    if servers and not any(any(each.sections["api"]) for each in servers):
        yield "The API did not answer when conditions and Events were read: nodes are known by their kubelets alone."
    if read and not any("haproxy" in each.sections for each in read):
        yield "No HAProxy was read, so what the balancer found of its servers is not known; nginx does not log it."
