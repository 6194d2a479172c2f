"""A machine as a host: who it is, its clock, network, units, disks and files. Pure."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from datetime import UTC, datetime

from checks.collecting.sections import Answers
from checks.facts.fact import Unknown
from checks.facts.machine import Clock, Disk, File, Identity, Interface, Process, Swap, Unit

_PROGRAMS = frozenset((
    "kube-apiserver", "kube-controller-manager", "kube-scheduler", "etcd", "kubelet", "kube-proxy", "containerd",
    "crio", "dockerd", "cri-dockerd", "haproxy", "keepalived", "nginx", "kube-vip",
))  # fmt: skip
_PROCESS = re.compile(r"\s*(\d+)\s+(\d+)\s+(.+)")
_KIB = 1024


def identity(given: Answers) -> Identity:
    """Who a machine is."""
    system = re.search(r'^PRETTY_NAME="?([^"\n]*)', given.maybe("system"), re.MULTILINE)
    container = given.any("container").text.strip()
    inside = "" if container in ("none", "") or not given.any("container").ok else container
    return Identity(
        given.text("host").strip(), given.maybe("machine-id").strip(), "" if inside else given.maybe("uuid").strip(),
        inside, system[1] if system else "", given.maybe("kernel").strip(),
    )  # fmt: skip


def clock(printed: str, before: float, after: float, synchronised: str) -> Clock:
    """A machine's clock against this host's: it was asked between `before` and `after`, seconds since the epoch."""
    try:
        there = float(printed)
    except ValueError:
        raise Unknown(f"`date` printed {printed.strip()[:40]}") from None
    match = re.search(r"NTPSynchronized=(yes|no)", synchronised)
    return Clock(there - (before + after) / 2, (after - before) / 2, match[1] == "yes" if match else None)


def interfaces(given: Answers) -> tuple[Interface, ...]:
    """Interfaces that are the machine's own: those of pods have their other end elsewhere."""
    return tuple(
        Interface(
            each["ifname"], each["mtu"], "UP" in each.get("flags", ()),
            tuple(address["local"] for address in each.get("addr_info", ()) if "local" in address),
            each.get("address", ""),
        )
        for each in json.loads(given.text("interfaces"))
        if not each["ifname"].startswith(("veth", "cali", "lxc"))
    )  # fmt: skip


def units(given: Answers) -> Mapping[str, Unit]:
    """Units by name without `.service`; those that are not there are left out."""
    found = {}
    for block in given.text("units").strip().split("\n\n"):
        told = dict(line.split("=", 1) for line in block.splitlines() if "=" in line)
        if told.get("LoadState") != "not-found" and "Id" in told:
            name = told["Id"].removesuffix(".service")
            wanted = f"{told.get('WantedBy', '')} {told.get('RequiredBy', '')}".split()
            found[name] = Unit(name, told.get("ActiveState", ""), told.get("UnitFileState", ""), tuple(wanted))
    return found


def swap(given: Answers) -> Swap:
    """Swap that is on, and that the next start turns on."""
    on = tuple(line.split()[0] for line in given.any("swap").text.splitlines() if line.startswith("/"))
    return Swap(on, tuple(line.strip() for line in given.maybe("fstab").splitlines() if line.strip()))


def disks(given: Answers) -> tuple[Disk, ...]:
    """File systems with something of Kubernetes on them; of paths that are not there, df shows none."""
    inodes = {row[5]: row for row in _table(given.any("inodes").text)}
    found = {}
    for row in _table(given.any("bytes").text):
        few = inodes.get(row[5], [])
        counted = len(few) > 3 and few[1].isdigit() and few[1] != "0"
        found[row[5]] = Disk(
            row[5], row[5], int(row[1]) * _KIB, int(row[3]) * _KIB, int(few[1]) if counted else None,
            int(few[3]) if counted else None,
        )  # fmt: skip
    if not found:
        raise Unknown(f"df printed {given.any('bytes').text.strip()[:80]}")
    return tuple(found.values())


def _table(printed: str) -> list[list[str]]:
    rows = [line.split() for line in printed.splitlines()]
    return [row for row in rows if len(row) == 6 and row[4].endswith(("%", "-")) and row[1].isdigit()]


def sysctls(given: Answers) -> Mapping[str, str]:
    """Values by name."""
    lines = (line.partition(" = ") for line in given.any("sysctls").text.splitlines() if " = " in line)
    return {name: value for name, _, value in lines}


def files(given: Answers) -> tuple[File, ...]:
    """Files, folders and links, as find prints them."""
    found = []
    for line in given.any("files").text.splitlines():
        match = re.fullmatch(r"(\d+) (\S+) ([\d.]+) (\w) (/.*) -> (.*)", line)
        if match:
            modified = datetime.fromtimestamp(float(match[3]), UTC)
            found.append(File(match[5], match[1].zfill(4), match[2], modified, match[4] == "d", match[6]))
    return tuple(found)


def digests(given: Answers) -> Mapping[str, str]:
    """SHA-256 of files by path."""
    pairs = (line.split(maxsplit=1) for line in given.any("digests").text.splitlines())
    return {pair[1]: pair[0] for pair in pairs if len(pair) == 2 and len(pair[0]) == 64}


def processes(given: Answers, now: datetime) -> tuple[Process, ...]:
    """Processes of Kubernetes and of load balancers; `now` is this machine's time."""
    found = []
    for line in given.text("processes").splitlines():
        match = _PROCESS.fullmatch(line)
        if not match:
            continue
        arguments = tuple(match[3].split())
        name = arguments[0].rsplit("/", 1)[-1].rstrip(":")
        if name in _PROGRAMS:
            started = datetime.fromtimestamp(now.timestamp() - int(match[2]), UTC)
            found.append(Process(name, int(match[1]), started, arguments))
    return tuple(found)


def resolved(given: Answers) -> tuple[str, ...]:
    """Addresses of the endpoint, as the machine knows it."""
    return tuple(dict.fromkeys(line.split()[0] for line in given.text("resolved").splitlines() if line.strip()))
