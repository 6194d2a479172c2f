"""The command that renews certificates of a machine, for the findings about them."""

from __future__ import annotations

from collections.abc import Iterable

from checks.facts.cluster import Facts
from checks.facts.machine import MachineFacts
from checks.rules.certificates_in_use import Use, Used
from checks.rules.components import pki
from checks.rules.own_places import restart
from checks.rules.sentences import listed

_NAMES = {
    "apiserver.crt": ("apiserver", "ca.key"),
    "apiserver-kubelet-client.crt": ("apiserver-kubelet-client", "ca.key"),
    "apiserver-etcd-client.crt": ("apiserver-etcd-client", "etcd/ca.key"),
    "front-proxy-client.crt": ("front-proxy-client", "front-proxy-ca.key"),
    "etcd/server.crt": ("etcd-server", "etcd/ca.key"),
    "etcd/peer.crt": ("etcd-peer", "etcd/ca.key"),
    "etcd/healthcheck-client.crt": ("etcd-healthcheck-client", "etcd/ca.key"),
}
"""A file below kubeadm's folder of certificates → its name for `kubeadm certs renew`, and the key that signs it."""

_CONFS = ("admin.conf", "super-admin.conf", "controller-manager.conf", "scheduler.conf")

_KUBELET = (
    "https://kubernetes.io/docs/setup/production-environment/tools/kubeadm/troubleshooting-kubeadm/#kubelet-client-cert"
)

_MANY = 4
"""From here on `renew all` reads better than so many commands."""


def renewal(facts: Facts, machine: MachineFacts, certificates: Iterable[Used]) -> str:
    """What is typed on the machine, one line; a sentence where kubeadm cannot renew them."""
    mine = list(certificates)
    names = [name for each in mine if (name := _name(facts, machine, each))]
    if names:
        chosen = ["all"] if len(names) >= _MANY else names
        renewed = [f"sudo kubeadm certs renew {name}" for name in chosen]
        components = dict.fromkeys(each.component for each in mine if each.use is Use.CLIENT)
        again = [restart(machine, each) for each in components]
        return " && ".join([*renewed, *again]) + f"  # on {machine.name}"
    if any(each.use is Use.KUBELET for each in mine):
        return (
            f"(umask 077 && sudo kubeadm kubeconfig user --org system:nodes --client-name system:node:{machine.name}"
            f" > kubelet.conf)  # on a control plane; {_KUBELET} says how {machine.name} gets it"
        )
    places = listed(each.place for each in mine)
    return f"Sign {places} of {machine.name} anew by the authority that signed it, and restart what uses it."


def renewed_by_kubeadm(facts: Facts, machine: MachineFacts, used: Used) -> bool:
    """Whether `kubeadm certs renew` on the machine renews it."""
    return bool(_name(facts, machine, used))


def _name(facts: Facts, machine: MachineFacts, used: Used) -> str:
    """Empty where kubeadm does not renew it: it is not kubeadm's, or the authority's key is elsewhere."""
    if used.place.startswith("/etc/kubernetes/") and used.place.rpartition("/")[2] in _CONFS:
        name, key = used.place.rpartition("/")[2], "ca.key"
    else:
        name, key = _NAMES.get(used.place.removeprefix(f"{pki(facts)}/"), ("", ""))
    return "" if name and lacks(facts, machine, key) else name


def key_that_signs(file: str) -> str:
    """The key that signs a certificate of kubeadm; both below its folder of certificates."""
    return _NAMES[file][1]


def lacks(facts: Facts, machine: MachineFacts, key: str) -> bool:
    """Whether a machine is known to be without a key of kubeadm's folder, as where an authority is kept elsewhere."""
    keys = machine.keys.value
    return keys is not None and f"{pki(facts)}/{key}" not in {each.place for each in keys}
