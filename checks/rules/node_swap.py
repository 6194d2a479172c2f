"""Swap, by what the kubelet's own configuration accepts."""

from __future__ import annotations

import re
from collections.abc import Iterator

from checks.facts.cluster import Facts
from checks.facts.machine import MachineFacts, Swap
from checks.findings import Found, Severity
from checks.rules.component_flags import KUBELET
from checks.rules.node_units import with_kubelet
from checks.rules.rule import about_each

_PAGE = "https://kubernetes.io/docs/setup/production-environment/tools/kubeadm/install-kubeadm/"


_QUOTES = "'\""


def _refuses(machine: MachineFacts) -> bool:
    """Whether the kubelet does not start with swap: so it is where nothing is written. Raises Unknown."""
    kubelet = machine.kubelet.get()
    flag = kubelet.flags.get("fail-swap-on")
    return flag != "false" if flag else kubelet.configuration.get("failSwapOn", True) is not False


@about_each(
    with_kubelet, "KHA-NODE-008", Severity.CRITICAL,
    title="Swap is on where the kubelet refuses it.",
    why="With its next start the kubelet ends at once, and the node with it.",
    fix="sudo swapoff -a  # on {machine}, and take it out of /etc/fstab", page=_PAGE,
)  # fmt: skip
def swap_is_off_where_it_has_to_be(facts: Facts, machine: MachineFacts) -> Iterator[Found]:
    del facts
    active = machine.swap.get().active
    if active and _refuses(machine):
        what = f"Swap is on on {machine.name}, and its kubelet does not start with it."
        yield Found(what, (machine.name,), active, about=(KUBELET,))


def _started(swap: Swap) -> Iterator[str]:
    """Lines of /etc/fstab that the next start goes by: not those whose unit is masked, nor any without swap.target."""
    for line in swap.at_start:
        if "noauto" not in line and not {_unit(line.split()[0]), "swap.target"} & {*swap.masked}:
            yield line


def _unit(device: str) -> str:
    """The unit that systemd makes of a line's device: its path, escaped (systemd.unit(5), systemd-fstab-generator)."""
    kind, equals, value = device.partition("=")
    if equals and kind.isupper():
        device = f"/dev/disk/by-{kind.lower()}/{value.strip(_QUOTES)}"
    escaped = re.sub(r"[^\w:./]|^\.", lambda match: f"\\x{ord(match[0]):02x}", device.strip("/"), flags=re.ASCII)
    return escaped.replace("/", "-") + ".swap"


@about_each(
    with_kubelet, "KHA-NODE-009", Severity.CRITICAL,
    title="Swap comes back with the next start of the machine.",
    why="Where the kubelet refuses swap it does not start then; where it accepts it, memory may be slow.",
    fix="sudo sed -i.before '/\\sswap\\s/s/^/#/' /etc/fstab  # on {machine}", page=_PAGE,
    because_of=("KHA-NODE-008",),
)  # fmt: skip
def swap_does_not_come_back(facts: Facts, machine: MachineFacts) -> Iterator[Found]:
    del facts
    lines = tuple(_started(machine.swap.get()))
    if lines:
        refuses = _refuses(machine)
        what = "and its kubelet does not start with it." if refuses else "which its kubelet accepts."
        yield Found(
            f"/etc/fstab of {machine.name} turns swap on at the next start, {what}", (machine.name,), lines,
            severity=None if refuses else Severity.NOTICE,
        )  # fmt: skip
