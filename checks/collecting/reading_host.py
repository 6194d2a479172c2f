"""A machine as a host: who it is, its clock, network, units, disks and files. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

from checks.collecting.documents import items, mapping, number, of_json
from checks.collecting.secret_parts import words_without_secrets
from checks.collecting.sections import Answers
from checks.facts.fact import Unknown
from checks.facts.machine import Clock, Disk, File, Identity, Interface, Process, Swap, Unit

_PROGRAMS = frozenset((
    "kube-apiserver", "kube-controller-manager", "kube-scheduler", "etcd", "kubelet", "kube-proxy", "containerd",
    "crio", "dockerd", "cri-dockerd", "haproxy", "keepalived", "nginx", "kube-vip",
))  # fmt: skip
_PROCESS = re.compile(r"\s*(\d{1,9})\s+(\d{1,10})\s+(\S.*)", re.ASCII)
_FILE = re.compile(r"(\d{1,4}) (\S+) (\d{1,11})(?:\.\d*)? (\w) (/.*) -> (.*)", re.ASCII)
_KIB = 1024
_COPY = re.compile(r"(~|\.(bak|old|orig|save|disabled|dpkg-\w+|rpm\w+))$")
_OF_PODS = ("veth", "cali", "lxc", "kube-ipvs", "nodelocaldns")  # or Services, whose addresses every node has


def identity(given: Answers) -> Identity:
    """Who a machine is."""
    system = re.search(r'^PRETTY_NAME="?([^"\n]*)', given.maybe("system"), re.MULTILINE)
    answer = given.any("container")  # its exit status is 1 for "none"
    if answer.rc > 1:
        raise Unknown(f"whether it is a container is not known: {answer.text.strip()[:80]}")
    inside = answer.text.strip() if answer.ok else ""
    return Identity(
        given.text("host").strip(), given.maybe("machine-id").strip(), "" if inside else given.maybe("uuid").strip(),
        inside, system[1] if system else "", given.maybe("kernel").strip(),
    )  # fmt: skip


def clock(printed: str, before: float, after: float, daemons: str) -> Clock:
    """A machine's clock against this host's, which it was between `before` and `after`, seconds since the epoch.

    `daemons` are the states of what keeps clocks right, a line each.
    """
    there, states = seconds_of(printed), daemons.split()
    return Clock(there - (before + after) / 2, (after - before) / 2, "active" in states if states else None)


def seconds_of(printed: str) -> float:
    """Seconds since the epoch, of `date`; raises Unknown."""
    if not re.fullmatch(r"\d{1,11}(\.\d{1,9})?", text := printed.strip(), re.ASCII):
        raise Unknown(f"`date` printed {text[:40] or 'nothing'}")
    return float(text)


def interfaces(given: Answers) -> tuple[Interface, ...]:
    """Interfaces that are the machine's own: those of pods have their other end elsewhere."""
    listed = of_json(given.text("interfaces"), what := "what `ip -j address` printed")
    return tuple(_interface(mapping(each, what)) for each in items({"links": listed}, "links", what) if _own(each))


def _own(link: Any) -> bool:
    return isinstance(link, Mapping) and "ifname" in link and not str(link["ifname"]).startswith(_OF_PODS)


def _interface(link: Mapping[str, Any]) -> Interface:
    name, what = str(link["ifname"]), "an interface"
    addresses = (mapping(each, what).get("local") for each in items(link, "addr_info", what))
    return Interface(
        name, number(link, "mtu", what), "UP" in items(link, "flags", what),
        tuple(str(each) for each in addresses if each), str(link.get("address") or ""),
    )  # fmt: skip


def addresses(given: Answers) -> tuple[str, ...]:
    """Every address of the machine, by `ip`, or by `hostname -I` where that knows no JSON; raises Unknown."""
    try:
        return tuple(address for each in interfaces(given) for address in each.addresses)
    except Unknown:
        return tuple(given.text("addresses").split())


def units(given: Answers) -> Mapping[str, Unit]:
    """Units by name without `.service`; those that are not there are left out."""
    found = {}
    for block in given.text("units").strip().split("\n\n"):
        reported = dict(line.split("=", 1) for line in block.splitlines() if "=" in line)
        if reported.get("LoadState") != "not-found" and "Id" in reported:
            name = reported["Id"].removesuffix(".service")
            wanted = f"{reported.get('WantedBy', '')} {reported.get('RequiredBy', '')}".split()
            found[name] = Unit(name, reported.get("ActiveState", ""), reported.get("UnitFileState", ""), tuple(wanted))
    return found


def swap(given: Answers) -> Swap:
    """Swap that is on, and that the next start turns on."""
    on = tuple(line.split()[0] for line in given.text("swap").splitlines() if line.startswith("/"))
    lines = tuple(line.strip() for line in given.maybe("fstab").splitlines() if line.strip())
    return Swap(on, lines, tuple(_masked(given.maybe("swap-units"))))


def _masked(printed: str) -> Iterator[str]:
    """A unit is masked by a link to /dev/null, or by a file that is empty."""
    for line in printed.splitlines():
        name, size, link = (*line.split(" "), "", "")[:3]
        if link == "/dev/null" or (size == "0" and not link):
            yield name


def renewals(given: Answers) -> tuple[str, ...]:
    """Files that have kubeadm renew certificates, and run: of systemd those whose timer is on, of cron no copies."""
    lines = [line for line in given.listed("renewals").splitlines() if line.startswith("/")]
    timers = {_stem(each) for each in lines if "/timers.target.wants/" in each}
    return tuple(
        each for each in lines
        if "/timers.target.wants/" not in each
        and (_stem(each) in timers if each.startswith("/etc/systemd/") else not _COPY.search(each))
    )  # fmt: skip


def _stem(path: str) -> str:
    return re.sub(r"(\.service|\.timer)?(\.d/[^/]*)?$", "", path).rsplit("/", 1)[-1]


def disks(given: Answers) -> tuple[Disk, ...]:
    """File systems with something of Kubernetes on them; of paths that are not there, df shows none."""
    inodes = {row[5]: row for row in _table(given, "inodes")}
    found = {row[5]: _disk(row, inodes.get(row[5], [])) for row in _table(given, "bytes")}
    if not found:
        raise Unknown(f"df printed {given.any('bytes').text.strip()[:80] or 'nothing'}")
    return tuple(found.values())


def _disk(row: list[str], few: list[str]) -> Disk:
    counted = len(few) > 3 and few[1] != "0" and few[3].isdecimal()
    return Disk(
        row[5], row[5], int(row[1]) * _KIB, int(row[3]) * _KIB, int(few[1]) if counted else None,
        int(few[3]) if counted else None,
    )  # fmt: skip


def _table(given: Answers, name: str) -> Iterator[list[str]]:
    """Rows of df, by their mount; of one that is full beyond its limit, what is free is less than nothing, and 0."""
    printed = given.any(name).text + (given.any(more).text if (more := f"{name} elsewhere") in given else "")
    for line in printed.splitlines():
        match = re.fullmatch(r"(\S.*?) +(\d{1,19}) +(-?\d{1,19}|-) +(-?\d{1,19}|-) +(\d+%|-) +(/.*)", line, re.ASCII)
        if match:
            yield [match[1], match[2], match[3], "0" if match[4].startswith("-") else match[4], match[5], match[6]]


def sysctls(given: Answers) -> Mapping[str, str]:
    """Values by name."""
    answer = given.any("sysctls")
    found = dict(re.findall(r"^(net[\w.]+) = (\S+)$", answer.text, re.MULTILINE))
    if not found:
        raise Unknown(f"sysctl printed {answer.text.strip()[:80] or 'nothing'}")
    return found


def files(given: Answers) -> tuple[File, ...]:
    """Files, folders and links, as find prints them."""
    found = []
    for line in given.listed("files").splitlines():
        match = _FILE.fullmatch(line)
        if match:
            modified = datetime.fromtimestamp(int(match[3]), UTC)
            found.append(File(match[5], match[1].zfill(4), match[2], modified, match[4] == "d", match[6]))
    return tuple(found)


def digests(given: Answers) -> Mapping[str, str]:
    """SHA-256 of files by path."""
    pairs = re.findall(r"^([0-9a-f]{64}) [ *](/.*)$", given.listed("digests"), re.MULTILINE)
    return {path: digest for digest, path in pairs}


def processes(given: Answers) -> tuple[Process, ...]:
    """Processes of Kubernetes and of load balancers."""
    now = seconds_of(given.text("now"))
    found = []
    for line in given.text("processes").splitlines():
        match = _PROCESS.fullmatch(line)
        if not match:
            continue
        arguments = tuple(words_without_secrets(match[3].split()))
        name = arguments[0].rsplit("/", 1)[-1].rstrip(":")
        if name in _PROGRAMS:
            started = datetime.fromtimestamp(max(0, now - int(match[2])), UTC)
            found.append(Process(name, int(match[1]), started, arguments))
    return tuple(found)


def resolved(given: Answers) -> tuple[str, ...]:
    """Addresses of the endpoint, as the machine knows it."""
    return tuple(dict.fromkeys(line.split()[0] for line in given.text("resolved").splitlines() if line.strip()))
