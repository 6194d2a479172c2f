"""The shared certificates, carried from control plane to control plane by hand: the page's scripts.

Source: https://kubernetes.io/docs/setup/production-environment/tools/kubeadm/high-availability/#manual-certs
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from provision.cluster import Cluster
from provision.config.addresses import bracketed
from provision.config.cluster_id import ELSEWHERE
from provision.machines.machine import Machine, piped
from provision.util.concurrency import together

PKI = "/etc/kubernetes/pki"

_SHARED = ("ca.crt", "ca.key", "sa.key", "sa.pub", "front-proxy-ca.crt", "front-proxy-ca.key")
_SERVICE_ACCOUNT = ("sa.key", "sa.pub")
_ETCD_CLIENT = ("apiserver-etcd-client.crt", "apiserver-etcd-client.key")


def shared(*, stacked: bool) -> Mapping[str, str]:
    """What the page has copied: file below /etc/kubernetes/pki → its name on the way, in a home folder. Pure."""
    own = {"etcd/ca.key": "etcd-ca.key"} if stacked else {}  # "Skip the next line if you are using external etcd"
    return {name: name for name in _SHARED} | {"etcd/ca.crt": "etcd-ca.crt"} | own


def etcd_client() -> Mapping[str, str]:
    """What the page's list leaves out where etcd is external; as in `shared`. Pure."""
    return {name: name for name in _ETCD_CLIENT}


def needed(*, stacked: bool) -> list[str]:
    """What kubeadm needs on a joining control plane, below /etc/kubernetes/pki. Pure."""
    return [*shared(stacked=stacked), *([] if stacked else etcd_client())]


def copy_script(files: Mapping[str, str], user: str, addresses: Sequence[str]) -> str:
    """The page's script for the first control plane. Pure."""
    lines = [f'    scp {PKI}/{path} "${{USER}}"@$host:{"" if name == path else name}' for path, name in files.items()]
    head = [f"USER={user}", f'CONTROL_PLANE_IPS="{" ".join(addresses)}"', "for host in ${CONTROL_PLANE_IPS}; do"]
    return "\n".join([*head, *lines, "done", ""])


def move_script(files: Mapping[str, str], user: str) -> str:
    """The page's script for each joining control plane; it does not think of root, who lives elsewhere. Pure."""
    home = "/root" if user == "root" else "/home/${USER}"
    lines = [f"mv {home}/{name} {PKI}/{'' if name == path else path}" for path, name in files.items()]
    return "\n".join([f"USER={user}", f"mkdir -p {PKI}/etcd", *lines, ""])


def own_script(files: Mapping[str, str]) -> str:
    """What the page leaves out: `mv` keeps the owner. Pure."""
    return f"chown root:root {' '.join(f'{PKI}/{path}' for path in files)}\n"


def carry(source: Machine, target: Machine, paths: Sequence[str]) -> None:
    """Put files of one machine on another as they are: paths below /etc/kubernetes/pki. No record shows them."""
    packed = source.succeed(piped(f"sudo tar -C {PKI} -cz {' '.join(paths)}", "base64"), secret=True)
    target.succeed(f"sudo mkdir -p {PKI}")
    unpack = piped("base64 -d", f"sudo tar -C {PKI} -xz")
    target.succeed(unpack, stdin=packed.encode(), secret=True)


def copy(cluster: Cluster) -> None:
    """Copy the page's list from the first control plane to the others, through a forwarded ssh-agent.

    Where the authorities' keys are elsewhere, certificates are signed there, and what has none is left to copy.
    """
    _copy(cluster, _listed(cluster))


def copy_etcd_client(cluster: Cluster) -> None:
    """Copy etcd's client certificate to the other control planes."""
    _copy(cluster, etcd_client())


def move(cluster: Cluster) -> None:
    """Put everything that was copied in its place on the other control planes."""
    files = _copied(cluster)
    together(lambda machine: machine.as_root(move_script(files, machine.user)), cluster.control_planes[1:])


def own(cluster: Cluster) -> None:
    """Give what was moved to root."""
    script = own_script(_copied(cluster))
    together(lambda machine: machine.as_root(script), cluster.control_planes[1:])


def copy_from_etcd(cluster: Cluster) -> None:
    """Copy etcd's client certificate to the first control plane, from any etcd machine: here the last one."""
    target = cluster.control_planes[0]
    lines = [f'export CONTROL_PLANE="{target.user}@{bracketed(target.address)}"']
    lines += [f'scp {PKI}/{path} "${{CONTROL_PLANE}}":' for path in ("etcd/ca.crt", *_ETCD_CLIENT)]
    cluster.etcd_machines[-1].as_root("\n".join(lines) + "\n", agent=True)


def place_from_etcd(cluster: Cluster) -> None:
    """Put etcd's client certificate where kubeadm's configuration file says it is."""
    machine = cluster.control_planes[0]
    files = {"etcd/ca.crt": "ca.crt", **etcd_client()}
    machine.as_root(move_script(files, machine.user) + own_script(files))


def _copy(cluster: Cluster, files: Mapping[str, str]) -> None:
    first, *others = cluster.control_planes
    for user in dict.fromkeys(machine.user for machine in others):  # the page's script is for one
        targets = [bracketed(machine.address) for machine in others if machine.user == user]
        first.as_root(copy_script(files, user, targets), agent=True)


def _listed(cluster: Cluster) -> Mapping[str, str]:
    if cluster.id.authority == ELSEWHERE:
        return {name: name for name in _SERVICE_ACCOUNT}
    return shared(stacked=cluster.id.stacked)


def _copied(cluster: Cluster) -> Mapping[str, str]:
    return {**_listed(cluster), **({} if cluster.id.stacked else etcd_client())}
