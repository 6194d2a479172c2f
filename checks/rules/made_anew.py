"""The command that makes a certificate of a machine anew, with the names that it has to have. No rule is here.

kubeadm takes the address of the default route's interface, and the host's name, where its configuration names none
(https://kubernetes.io/docs/reference/config-api/kubeadm-config.v1beta4/, localAPIEndpoint): both may be others, as on a
machine with two networks. The stored configuration is the cluster's and has neither, so they are written beside it.
"""

from __future__ import annotations

from checks.facts.cluster import Facts
from checks.facts.machine import CONTROL_PLANE, MachineFacts
from checks.rules.component_flags import own_addresses
from checks.rules.components import PKI, pki
from checks.rules.renewal_command import key_that_signs, lacks

_STORED = (
    "sudo kubectl --kubeconfig /etc/kubernetes/admin.conf -n kube-system get configmap kubeadm-config "
    "-o jsonpath='{.data.ClusterConfiguration}'"
)
_VERSION = "kubeadm.k8s.io/v1beta4"
"""The format where the stored configuration was not read: kubeadm has it since 1.31."""

_ELSEWHERE = "https://kubernetes.io/docs/setup/production-environment/tools/kubeadm/setup-ha-etcd-with-kubeadm/"


def made_anew(facts: Facts, machine: MachineFacts, name: str, advertised: str) -> str:
    """What is typed on the machine, or a sentence where it lacks the key that signs: kubeadm makes nothing there.

    `name` is the certificate's file below kubeadm's folder, without `.crt`. `advertised` is what the component itself
    has for its address: another machine's is not written down again.
    """
    address = advertised if advertised in own_addresses(machine) else machine.address
    if lacks(facts, machine, key := key_that_signs(f"{name}.crt")):
        return _made_elsewhere(facts, machine, name, key, address)
    if machine.is_a(CONTROL_PLANE):
        written = f"{{ {_STORED} && printf '\\n---\\n{_own(facts, machine, address)}'; }}"
    else:
        written = f"printf '{_of_a_member(facts, address)}---\\n{_own(facts, machine, address)}'"
    return f"{written} > kubeadm.yaml && {_instead_of(f'{pki(facts)}/{name}', name)}  # on {machine.name}"


def _instead_of(file: str, name: str) -> str:
    """The old pair is kept beside the new one, and is back where kubeadm fails: without it nothing starts.

    The key goes first: where it is missing, the certificate stays. It is still called a key, since files that are not
    are read by checks.
    """
    aside = f"sudo mv {file}.key {file}.before.key && sudo mv {file}.crt {file}.before.crt"
    back = f"sudo mv {file}.before.key {file}.key && sudo mv {file}.before.crt {file}.crt"
    again = f"sudo kubeadm init phase certs {name.replace('/', '-')} --config kubeadm.yaml"
    return f"{aside} && {{ {again} || {{ {back}; false; }}; }}"


def _made_elsewhere(facts: Facts, machine: MachineFacts, name: str, key: str, address: str) -> str:
    place = f"{pki(facts)}/{key}"
    holders = [each.name for each in facts.machines if place in {one.place for one in each.keys.value or ()}]
    where = f"on {holders[0]}" if holders else "where that key is"
    return (
        f"{machine.name} does not have {place}, which signs {name}.crt: make {name}.crt and {name}.key {where} by "
        f"`kubeadm init phase certs {name.replace('/', '-')}`, in another certificatesDir, with advertiseAddress "
        f'"{address}" and the name {machine.name} in its configuration, and bring both to {pki(facts)} of '
        f"{machine.name}; {_ELSEWHERE} has it step by step for etcd's machines."
    )


def _own(facts: Facts, machine: MachineFacts, address: str) -> str:
    """What kubeadm has to know of the machine itself."""
    return _lines(
        f"apiVersion: {_format(facts)}", "kind: InitConfiguration",
        f'localAPIEndpoint: {{advertiseAddress: "{address}"}}', f'nodeRegistration: {{name: "{machine.name}"}}',
    )  # fmt: skip


def _of_a_member(facts: Facts, address: str) -> str:
    """What the machines of external etcd are given: each has a configuration of its own, which is stored nowhere."""
    configuration = facts.api.cluster_configuration.value or {}
    version = configuration.get("kubernetesVersion")
    names = f'["{address}"]'
    return _lines(
        f"apiVersion: {_format(facts)}", "kind: ClusterConfiguration",
        *([f"kubernetesVersion: {version}"] if version else []),
        *([f"certificatesDir: {pki(facts)}"] if pki(facts) != PKI else []),
        f"etcd: {{local: {{serverCertSANs: {names}, peerCertSANs: {names}}}}}",
    )  # fmt: skip


def _format(facts: Facts) -> str:
    return str((facts.api.cluster_configuration.value or {}).get("apiVersion") or _VERSION)


def _lines(*lines: str) -> str:
    """Lines as the shell's printf takes them."""
    return "".join(f"{each}\\n" for each in lines)
