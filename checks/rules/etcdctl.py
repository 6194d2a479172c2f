"""How etcdctl is typed on a machine, by what its member is started with. No rule is here."""

from __future__ import annotations

from checks.facts.cluster import Facts
from checks.facts.machine import MachineFacts
from checks.facts.quorum import has_leader

_PKI = "/etc/kubernetes/pki/etcd"


def etcdctl(machine: MachineFacts | None) -> str:
    """The program with its connection: that of the member's own image, or the machine's where it is a service."""
    flags = _flags(machine)
    url = flags.get("advertise-client-urls", "https://127.0.0.1:2379").partition(",")[0]
    authority = flags.get("trusted-ca-file", f"{_PKI}/ca.crt")
    certificate, key = flags.get("cert-file", f"{_PKI}/server.crt"), flags.get("key-file", f"{_PKI}/server.key")
    enter = 'sudo env PATH=/usr/local/bin:/usr/bin:/bin nsenter --mount --target "$(pgrep -xo etcd)"'
    return f"{enter} etcdctl --endpoints {url} --cacert {authority} --cert {certificate} --key {key}"


def typed_on(machine: MachineFacts | None) -> dict[str, str]:
    """What fixes with etcdctl are filled with: the command, and the machine on which it is typed."""
    return {"etcdctl": etcdctl(machine), "on": machine.name if machine else "a machine of etcd"}


def other(facts: Facts, machine: MachineFacts | None) -> MachineFacts | None:
    """The machine on which to type what is about the member of another: the first whose member has a leader."""
    able = [each for each in facts.members if each.etcd_status.known and has_leader(each)]
    return next((each for each in able if each is not machine), next(iter(able), None))


def _flags(machine: MachineFacts | None) -> dict[str, str]:
    for process in (machine.processes.value or ()) if machine else ():
        if process.name == "etcd":
            return process.flags
    return {}
