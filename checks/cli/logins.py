"""Machines to read: those of an inventory, of a cluster that was made here, or of addresses that the API knows.

Nothing runs on any of them but what is known to only read.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from checks.collecting.discovery import Known
from checks.facts.machine import CONTROL_PLANE, ETCD
from provision.cluster import Cluster
from provision.clusters.lifecycle import Clusters
from provision.config.inventory import logins, parse
from provision.config.inventory.model import Inventory
from provision.config.inventory.reading import Reading
from provision.config.settings import Settings
from provision.config.topology import MachineSpec, Role
from provision.machines.machine import Machine
from provision.machines.ssh import SshMachine
from provision.providers.inventory import machines
from provision.readonly.machine import ReadOnlyMachine
from provision.recording.journal import Journal
from provision.util.errors import BadInput
from provision.util.redaction import Redactor

HELP = "./run check --help"
_ANY = "192.0.2.1"  # an address of documentation, that no machine has
_SSH = re.compile(r"(?P<user>[^@:\s]+)(?::(?P<port>\d{1,5}))?")

Entry = tuple[Machine, tuple[str, ...]]
"""A machine, and its roles."""


def silent(name: str) -> Journal:
    """A journal that nothing listens to: what machines answer becomes facts, and is written nowhere else."""
    return Journal(name, Redactor())


def of_inventory(file: Path) -> tuple[Inventory, Sequence[Entry]]:
    """Machines that a file names; raises BadInput where it is not valid."""
    inventory = parse.read(file)
    reached = machines.read_only(inventory, silent(inventory.name))
    stacked = inventory.topology == "stacked"
    return inventory, [(each, roles_of(each.role, stacked=stacked)) for each in reached.values()]


def of_cluster(name: str) -> Sequence[Entry]:
    """The machines of a cluster that was made here, and is kept; raises BadInput."""
    clusters = Clusters(Settings.of({}))
    found = [each for each in clusters.registry.states.ids() if each.startswith(name)]
    if name not in found and len(found) != 1:
        answer = f"it could be any of {', '.join(found)}" if found else ""
        raise BadInput(f"there is no file {name}, and no cluster of that name", answer=answer, fix="./run status")
    return entries_of(clusters.attach_as_it_is(name if name in found else found[0]).cluster)


def entries_of(cluster: Cluster) -> Sequence[Entry]:
    """The machines of a cluster on which something of Kubernetes, or a balancer, belongs."""
    stacked = cluster.id.topology == "stacked"
    return [
        (ReadOnlyMachine(each), roles_of(each.role, stacked=stacked))
        for each in cluster.machines.values()
        if each.role is not Role.NAME_SERVER and not each.spec.late
    ]


def roles_of(role: Role, *, stacked: bool) -> tuple[str, ...]:
    """Roles as facts have them: a control plane of a stacked cluster carries a member of etcd, too."""
    return (CONTROL_PLANE, ETCD) if role is Role.CONTROL_PLANE and stacked else (str(role),)


@dataclass(frozen=True)
class ByAddress:
    """Logs in to what the API knows, as `ssh` would with the user's own configuration beside what is given here."""

    user: str
    port: int | None = None
    key: Path | None = None
    jump: str = ""
    known_hosts: Path | None = None
    made: list[Machine] = field(default_factory=list)

    @classmethod
    def of(cls, ssh: str, key: Path | None, jump: str, known_hosts: Path | None = None) -> ByAddress:
        """From `USER[:PORT]`; raises BadInput."""
        match = _SSH.fullmatch(ssh)
        port = int(match["port"]) if match and match["port"] else None
        if not match or port == 0:
            raise BadInput(f"--ssh '{ssh}' is not like USER or USER:PORT", fix="--ssh ubuntu:22")
        found = cls(match["user"], port, key.expanduser().absolute() if key else None, jump, known_hosts)
        found._reached(_ANY)  # what is wrong with the options is wrong with any address
        return found

    def __call__(self, known: Known) -> Machine:
        """The machine; raises BadInput where it cannot be logged in to as the options say."""
        spec = MachineSpec(known.name, Role.CONTROL_PLANE, 0)
        reached = self._reached(known.address)
        made = ReadOnlyMachine(SshMachine(spec, known.address, reached.login, silent(known.name)))
        self.made.append(made)
        return made

    def _reached(self, address: str) -> SshMachine:
        login: dict[str, object] = {"user": self.user}
        login |= {"port": self.port} if self.port else {}
        login |= {"key": str(self.key)} if self.key else {}
        login |= {"jump": self.jump} if self.jump else {}
        login |= {"known_hosts": str(self.known_hosts)} if self.known_hosts else {}
        # An inventory's addresses are of IPv4; what is connected to may be of either family.
        host = {"role": str(Role.CONTROL_PLANE), "address": _ANY, "connect": address}
        reading = logins.completed(Reading({"login": login, "hosts": {"machine": host}}), Path.cwd())
        try:
            inventory = parse.parse(reading.raw, Path("--ssh"), reading.wrong)
        except BadInput as problem:
            raise BadInput("--ssh, --key and --jump make no login", answer=problem.answer, fix=HELP) from None
        [made] = machines.reach(inventory, silent(address)).values()
        assert isinstance(made, SshMachine)
        return made
