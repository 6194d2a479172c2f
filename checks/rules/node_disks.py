"""File systems: nearly full, full, and out of inodes."""

from __future__ import annotations

from collections.abc import Iterator

from checks.facts.cluster import Facts
from checks.facts.machine import Disk, MachineFacts
from checks.findings import Found, Severity
from checks.rules.component_flags import COMPONENTS, DNS, KUBE_PROXY, KUBELET, MEMBER, STATIC_PODS
from checks.rules.rule import about_each, machines

_PAGE = "https://kubernetes.io/docs/concepts/scheduling-eviction/node-pressure-eviction/"
_DEFAULTS = {"nodefs.available": "10%", "nodefs.inodesFree": "5%"}
"""Where the kubelet evicts if its configuration has no evictionHard."""

_WITHOUT_KUBELET = 0.05
"""The share that has to be free where no kubelet sets a limit: below it a log or a core file may fill the rest."""

_FULL = 0.01
"""The share below which a disk counts as full: ext4 has given what it keeps for root by then, and writes fail."""

DISK_PRESSURE = "DiskPressure"
"""The condition of a node whose disk is nearly full."""

_WRITING = (DISK_PRESSURE, *COMPONENTS, MEMBER, KUBELET, KUBE_PROXY, DNS, STATIC_PODS)
"""What a full disk stops; it does not use up memory."""

_UNITS = {"Ki": 2**10, "Mi": 2**20, "Gi": 2**30, "Ti": 2**40, "k": 10**3, "M": 10**6, "G": 10**9, "T": 10**12}


def _limit(machine: MachineFacts, signal: str, whole: int) -> float:
    """How much of a whole has to be free: what the kubelet's configuration says, in its own words."""
    kubelet = machine.kubelet.value
    if not kubelet:
        return _WITHOUT_KUBELET * whole
    hard = kubelet.configuration.get("evictionHard")
    # one that is written at all takes the place of all defaults: a signal that it lacks is not watched
    return _amount(str((_DEFAULTS if hard is None else hard).get(signal, "0")), whole)


def _amount(text: str, whole: int) -> float:
    if text.endswith("%"):
        return float(text[:-1]) / 100 * whole
    factor = next((value for unit, value in _UNITS.items() if text.endswith(unit)), 1)
    return float(text.rstrip("KMGTik")) * factor


def _by_mount(machine: MachineFacts) -> Iterator[Disk]:
    seen = set()
    for each in machine.disks.get():
        if each.mount not in seen and each.size:
            seen.add(each.mount)
            yield each


def _shown(disk: Disk) -> str:
    return f"{100 * disk.free / disk.size:.1f} % of {disk.size / 2**30:.0f} GiB are free"


@about_each(
    machines, "KHA-NODE-006", Severity.WARNING,
    title="A disk is nearly full.",
    why="The kubelet evicts pods there, and what writes to this disk, etcd for one, stops once it is full.",
    fix="sudo du -xh --max-depth 3 {mount} | sort -h | tail  # on {machine}", page=_PAGE,
)  # fmt: skip
def disks_are_not_nearly_full(facts: Facts, machine: MachineFacts) -> Iterator[Found]:
    del facts
    for disk in _by_mount(machine):
        limit = _limit(machine, "nodefs.available", disk.size)
        if _FULL * disk.size <= disk.free < limit:
            yield Found(
                f"The disk at {disk.mount} of {machine.name} is nearly full: {_shown(disk)}.", (machine.name,),
                (f"{disk.path}: {disk.free} of {disk.size} bytes are free, the limit is {limit:.0f}",),
                {"mount": disk.mount}, about=(DISK_PRESSURE,),
            )  # fmt: skip


@about_each(
    machines, "KHA-NODE-012", Severity.CRITICAL,
    title="A disk is full.",
    why="What writes to it fails: etcd ends, containers do not start, and the kubelet evicts pods.",
    fix="sudo du -xh --max-depth 3 {mount} | sort -h | tail  # on {machine}", page=_PAGE,
)  # fmt: skip
def disks_are_not_full(facts: Facts, machine: MachineFacts) -> Iterator[Found]:
    del facts
    for disk in _by_mount(machine):
        if disk.free < _FULL * disk.size:
            yield Found(
                f"The disk at {disk.mount} of {machine.name} is full: {_shown(disk)}.", (machine.name,),
                (f"{disk.path}: {disk.free} of {disk.size} bytes are free",), {"mount": disk.mount}, about=_WRITING,
            )  # fmt: skip


@about_each(
    machines, "KHA-NODE-007", Severity.WARNING,
    title="A disk has nearly no inodes left.",
    why="No file can be made there any more, though there is room.",
    fix="sudo du -x --inodes --max-depth 3 {mount} | sort -n | tail  # on {machine}", page=_PAGE,
    because_of=("KHA-NODE-012",),
)  # fmt: skip
def disks_have_inodes(facts: Facts, machine: MachineFacts) -> Iterator[Found]:
    del facts
    for disk in _by_mount(machine):
        if disk.inodes and disk.inodes_free is not None:
            limit = _limit(machine, "nodefs.inodesFree", disk.inodes)
            if disk.inodes_free < max(limit, _FULL * disk.inodes):
                yield Found(
                    f"The disk at {disk.mount} of {machine.name} has nearly no inodes left.", (machine.name,),
                    (f"{disk.path}: {disk.inodes_free} of {disk.inodes} inodes are free",), {"mount": disk.mount},
                    about=(DISK_PRESSURE,),
                )  # fmt: skip
