"""What is found on your machines before anything is done there, by one script that only reads."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from provision.config.balancers import HAPROXY, Balancer
from provision.config.facts import Facts
from provision.config.inventory.model import Inventory
from provision.config.topology import Role
from provision.config.versions import Version
from provision.machines.machine import Machine
from provision.node import BALANCER_TOOLS, NODE_PACKAGES, OTHER_PACKAGES, PROGRAMS, SWAP_IN_FSTAB, host_workarounds
from provision.node.host_workarounds import HostFacts
from provision.providers.inventory import machines
from provision.recording.journal import Journal
from provision.util.concurrency import together
from provision.util.errors import BadInput, CommandFailed, TimedOut, Unreachable
from provision.util.result import last_lines

_SCRIPT = """
echo == name; uname -n
echo == root; sudo -n id -u
echo == addresses; ip -4 -o address
echo == endpoint; getent ahostsv4 {name}
echo == files; sudo find /etc/kubernetes /var/lib/etcd -type f -not -path '*/kubelet.d/*' 2>/dev/null | head -n 3
echo == ports; ss -Htln
echo == swap; swapon --show --noheadings
echo == fstab; grep -E '{fstab}' /etc/fstab
echo == cgroup; stat -fc %T /sys/fs/cgroup
echo == capabilities; grep CapBnd /proc/1/status
echo == conntrack; test ! -e {conntrack} || sudo test -w {conntrack}; echo $?
echo == virtualization; systemd-detect-virt --vm
echo == disk; df -P /var/lib
echo == packages; dpkg-query -W -f '${{Package}} ${{Status}}\\n' {packages} 2>/dev/null
echo == programs; command -v {programs}
echo == version; kubeadm version -o short
"""
_SECTIONS = re.findall(r"^echo == (\w+)", _SCRIPT, flags=re.M)
_CONNTRACK = "/proc/sys/net/netfilter/nf_conntrack_max"
_CAP_SYS_RESOURCE = 24


@dataclass(frozen=True)
class Survey:
    """What the script printed on one machine, by section."""

    machine: Machine
    sections: dict[str, str]
    balancer: Balancer = HAPROXY

    @property
    def name(self) -> str:
        """The machine's own host name."""
        return self.sections["name"]

    @property
    def is_root(self) -> bool:
        """Whether sudo makes root of the login user, without a password."""
        return self.sections["root"] == "0"

    @property
    def addresses(self) -> set[str]:
        """The machine's IPv4 addresses."""
        return set(re.findall(r"inet ([\d.]+)/", self.sections["addresses"]))

    @property
    def endpoint(self) -> set[str]:
        """The addresses that the endpoint's name has there."""
        return {line.split()[0] for line in self.sections["endpoint"].splitlines() if line.strip()}

    @property
    def files(self) -> list[str]:
        """Some of the files that a Kubernetes or etcd has left."""
        return self.sections["files"].splitlines()

    @property
    def ports(self) -> set[int]:
        """TCP ports on which a program listens."""
        return {int(port) for port in re.findall(r"^(?:\S+\s+){3}\S*:([0-9]+)\s", self.sections["ports"], re.M)}

    @property
    def missing(self) -> list[str]:
        """Debian packages that the machine's role needs and that are not installed."""
        installed = {line.split()[0] for line in self.sections["packages"].splitlines() if line.endswith(" installed")}
        installed |= {package for name in installed for package in OTHER_PACKAGES.get(name, ())}
        return [package for package in _packages(self.machine.role, self.balancer) if package not in installed]

    @property
    def programs(self) -> set[str]:
        """Those of Kubernetes' own programs that are in the path."""
        return {line.rsplit("/", 1)[-1] for line in self.sections["programs"].splitlines()}

    @property
    def version(self) -> str:
        """kubeadm's version, as in v1.37.2; empty where there is none."""
        return self.sections["version"]

    @property
    def swap_returns(self) -> bool:
        """Whether swap is off, and the next start turns it on."""
        return bool(self.sections["fstab"]) and not self.sections["swap"]

    @property
    def host_facts(self) -> HostFacts:
        """The same facts as of a host of containers."""
        bits = re.search(r"CapBnd:\s*([0-9a-f]+)", self.sections["capabilities"])
        disk = re.search(r"(?P<size>[1-9][0-9]*)\s+[0-9]+\s+(?P<free>[0-9]+)\s+\S+\s+/\S*$", self.sections["disk"])
        if not disk:
            what = f"on {self.machine.name}: `df -P /var/lib` says nothing about a disk"
            raise CommandFailed(what, answer=self.sections["disk"], machine=self.machine.name)
        return HostFacts(
            cgroup_version=2 if self.sections["cgroup"] == "cgroup2fs" else 1,
            may_raise_limits=bool(bits and int(bits[1], 16) >> _CAP_SYS_RESOURCE & 1),
            conntrack_writable=self.sections["conntrack"].splitlines()[-1:] == ["0"],
            swap=bool(self.sections["swap"]),
            disk_free=int(disk["free"]) / int(disk["size"]),
            emulated=self.sections["virtualization"] == "qemu",  # with KVM it says kvm
        )


def script(endpoint: str, role: Role, balancer: Balancer = HAPROXY) -> str:
    """What is run on a machine. Pure."""
    return _SCRIPT.format(
        name=endpoint,
        conntrack=_CONNTRACK,
        fstab=SWAP_IN_FSTAB,
        packages=" ".join((*_packages(role, balancer), *OTHER_PACKAGES)),
        programs=" ".join(PROGRAMS),
    )


def survey(machine: Machine, endpoint: str, balancer: Balancer = HAPROXY) -> Survey:
    """What is found on a machine; `endpoint` is the name that it must resolve, `balancer` what it may carry.

    Raises Unreachable, also where the login leads to something that does not run commands as a shell does, and where
    the answer is not whole: what is missing in it would count as not being there.
    """
    answer = machine.run(script(endpoint, machine.role, balancer))
    parts = re.split(r"^== (\w+)\n", answer.stdout, flags=re.M)
    found = {name: text.strip() for name, text in zip(parts[1::2], parts[2::2], strict=True)}
    if missing := [name for name in _SECTIONS if name not in found]:
        no_shell = f": the login of {machine.user} leads to no shell" if not found else ""
        raise Unreachable(
            f"on {machine.name}: `echo == {missing[0]}` is not answered{no_shell}",
            answer=answer.refusal.reason if answer.refusal else last_lines(answer.stderr or answer.stdout),
            machine=machine.name,
        )
    return Survey(machine, found, balancer)


def unknown(machine: Machine) -> Survey:
    """A survey of a machine that did not answer: it has nothing."""
    return Survey(machine, dict.fromkeys(_SECTIONS, ""))


def surveys_or_silence(inventory: Inventory, machines: Mapping[str, Machine]) -> list[Survey | Unreachable]:
    """A survey of each machine, or why it does not answer, in the order of the machines."""
    name = inventory.endpoint.split(":")[0] or "localhost"  # where none is known, which another sentence is about

    def one(machine: Machine) -> Survey | Unreachable:
        try:
            return survey(machine, name, inventory.balancer)
        except (Unreachable, TimedOut, CommandFailed) as problem:
            return Unreachable(problem.what, answer=problem.answer, fix=problem.fix, machine=machine.name)

    return together(one, machines.values())


def surveys(inventory: Inventory, machines: Mapping[str, Machine]) -> list[Survey]:
    """A survey of each machine; raises Unreachable naming all that do not answer."""
    found = surveys_or_silence(inventory, machines)
    if silent := [each for each in found if isinstance(each, Unreachable)]:
        answer = "\n".join(f"{each.what}: {each.answer}" for each in silent)
        same = len({each.fix for each in silent}) == 1
        fix = silent[0].fix if same else "./run doctor  # lists what to type for each of them"
        raise Unreachable(f"{len(silent)} of {len(found)} machines do not answer", answer=answer, fix=fix)
    return [each for each in found if isinstance(each, Survey)]


def version_of(found: Survey) -> Version:
    """The release of a machine's kubeadm; raises BadInput where it has none."""
    return _parsed(found.machine, "kubeadm version -o short", found.version)


def common_version(found: Collection[Survey]) -> Version:
    """The one release of kubeadm that all nodes have; raises BadInput where there are several, or none."""
    versions = {each.machine.name: version_of(each) for each in found if each.machine.role is not Role.LOAD_BALANCER}
    if len(set(versions.values())) > 1:
        answer = "\n".join(f"{name}: {version}" for name, version in versions.items())
        raise BadInput("the machines have different releases of kubeadm", answer=answer)
    return next(iter(versions.values()))


def version_of_cluster(inventory: Inventory, journal: Journal) -> str:
    """The minor of an existing cluster, or the pre-release, as its first control plane's kubelet has it.

    Raises BadInput where there is no kubelet, and Unreachable.
    """
    with machines.read_for_a_while(inventory, journal) as reached:
        first = next(machine for machine in reached.values() if machine.role is Role.CONTROL_PLANE)
        version = _parsed(first, "kubelet --version", first.succeed("kubelet --version").rpartition(" ")[2].strip())
    return str(version)[1:] if version.pre and version.published else version.series


def workarounds(found: Sequence[Survey], version: Version, *, swap: bool) -> dict[str, str]:
    """What any of the machines makes necessary: name → reason; without `swap` where preparation ends swapping."""
    nodes = [each.host_facts for each in found if each.machine.role is not Role.LOAD_BALANCER]
    kubernetes = Facts(version)
    needed = {each.name: each.because(facts) for facts in nodes for each in host_workarounds.needed(facts, kubernetes)}
    return {name: reason for name, reason in needed.items() if swap or name != "swap"}


def endpoint_address(found: Sequence[Survey]) -> str:
    """The load balancer's address, as the first control plane sees it."""
    balancers = [each.machine for each in found if each.machine.role is Role.LOAD_BALANCER]
    own = [] if any(each.balancer.virtual for each in found) else [each.address for each in balancers]
    first = next(each for each in found if each.machine.role is Role.CONTROL_PLANE)
    one = own if len(own) == 1 else []  # of several, one or another has the endpoint's address
    return (one or sorted(first.endpoint) or [""])[0]


def _parsed(machine: Machine, command: str, text: str) -> Version:
    try:
        return Version.parse(text)
    except BadInput:
        what = f"on {machine.name}: `{command}` answers with no exact version of Kubernetes"
        raise BadInput(what, answer=text or "(nothing: is it installed?)", machine=machine.name) from None


def _packages(role: Role, balancer: Balancer) -> tuple[str, ...]:
    if role is Role.LOAD_BALANCER:
        return (*balancer.packages, *BALANCER_TOOLS)
    carries = role is Role.CONTROL_PLANE and not balancer.machines
    return (*NODE_PACKAGES, *balancer.packages) if carries else NODE_PACKAGES
