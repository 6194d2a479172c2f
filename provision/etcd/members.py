"""The members of an external etcd cluster, by the page's scripts: made on the first, carried to the others.

Source: https://kubernetes.io/docs/setup/production-environment/tools/kubeadm/setup-ha-etcd-with-kubeadm/
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Sequence
from importlib.resources import files

from provision.cluster import Cluster
from provision.config import limits
from provision.config.addresses import url, version_of
from provision.machines.machine import Machine
from provision.util.concurrency import NotYet, together

_PKI = "/etc/kubernetes/pki/etcd"
_CERTIFICATES = ("etcd-server", "etcd-peer", "etcd-healthcheck-client", "apiserver-etcd-client")


def configurations_script(machines: Sequence[Machine], api: str) -> str:
    """The page's script that writes a kubeadm configuration file for each etcd machine, filled in.

    `api` is the configuration API that the files are written in.
    """
    text = files("provision.etcd").joinpath("configurations.sh").read_text()
    values = {"API": api}
    for number, machine in enumerate(machines):
        values |= {f"HOST{number}": machine.address, f"NAME{number}": machine.name}
    for name, value in values.items():
        text = text.replace(f"@{name}@", value)
    return re.sub(r"(?<=https://)\$\{[^}]+\}", lambda host: _in_urls(host[0], machines[0]), text)


def _in_urls(variable: str, machine: Machine) -> str:
    """A variable of the page's scripts that has a machine's address, where a port or a path comes behind it."""
    return f"[{variable}]" if version_of(machine.address) == 6 else variable


def certificates_script(machines: Sequence[Machine]) -> str:
    """The page's commands that make every member's certificates, the first machine's last. Pure."""
    lines = []
    for machine in reversed(machines):
        config = f"--config=/tmp/{machine.address}/kubeadmcfg.yaml"
        lines += [f"kubeadm init phase certs {certificate} {config}" for certificate in _CERTIFICATES]
        if machine is not machines[0]:
            lines.append(f"cp -R /etc/kubernetes/pki /tmp/{machine.address}/")
            lines.append("find /etc/kubernetes/pki -not -name ca.crt -not -name ca.key -type f -delete")
    lines += [f"find /tmp/{machine.address} -name ca.key -type f -delete" for machine in reversed(machines[1:])]
    return "\n".join(lines) + "\n"


def etcdctl(machine: Machine, *arguments: str, certificate: str = "healthcheck-client") -> str:
    """A command line for a machine that carries a member; it connects to that member. Pure.

    It enters the mount namespace of the running etcd, so it needs neither a container runtime's client nor the API.
    `certificate` is one below /etc/kubernetes/pki/etcd.
    """
    tls = f"--cert {_PKI}/{certificate}.crt --key {_PKI}/{certificate}.key --cacert {_PKI}/ca.crt"
    endpoint = f"--endpoints {url(machine.address, 2379)}"
    return f'sudo nsenter --mount --target "$(pgrep -xo etcd)" etcdctl {tls} {endpoint} {shlex.join(arguments)}'


def write_configurations(cluster: Cluster) -> None:
    """Write every member's kubeadm configuration file, on the first etcd machine."""
    script = configurations_script(cluster.etcd_machines, cluster.facts.configuration_api)
    cluster.etcd_machines[0].as_root(script)


def make_authority(cluster: Cluster) -> None:
    """Make the authority of etcd's certificates on the first etcd machine, the only one that keeps its key."""
    cluster.etcd_machines[0].succeed("sudo kubeadm init phase certs etcd-ca")


def make_certificates(cluster: Cluster) -> None:
    """Make every member's certificates on the first etcd machine."""
    cluster.etcd_machines[0].as_root(certificates_script(cluster.etcd_machines), timeout=limits.ETCD_CERTIFICATES)


def distribute(cluster: Cluster) -> None:
    """Copy each member's certificates and configuration to its machine with scp, and put them in place there."""
    first, *others = cluster.etcd_machines
    lines: list[str] = []
    for machine in others:
        there = f"scp -r /tmp/${{HOST}}/* ${{USER}}@{_in_urls('${HOST}', machine)}:"
        lines += [f"USER={machine.user}", f"HOST={machine.address}", there]
    first.as_root("\n".join(lines) + "\n", agent=True)
    together(lambda machine: machine.as_root("chown -R root:root pki\nmv pki /etc/kubernetes/\n"), others)


def start(cluster: Cluster) -> None:
    """Write the static pod manifests, from which the kubelets start the members."""
    first, *_ = cluster.etcd_machines

    def write(machine: Machine) -> None:
        folder = f"/tmp/{first.address}" if machine is first else "$HOME"
        machine.succeed(f"sudo kubeadm init phase etcd local --config={folder}/kubeadmcfg.yaml")

    together(write, cluster.etcd_machines)


def wait_until_healthy(cluster: Cluster) -> None:
    """Repeat the page's command until every member answers."""
    first = cluster.etcd_machines[0]
    command = etcdctl(first, "endpoint", "health", "--cluster", certificate="peer")

    def unhealthy() -> NotYet | None:
        return first.run(command).refusal

    cluster.wait_until(unhealthy, limits.ETCD_HEALTHY, "every etcd member is healthy", every=0.3)
