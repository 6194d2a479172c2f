"""What a machine is asked, as shell: first what needs no answer before it, then what does. Pure.

Private keys stay where they are: of a kubeconfig the lines without them are read, of a key its public part.
"""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

FOLDERS = "/etc/kubernetes /var/lib/kubelet/pki"
UNITS = ("kubelet", "containerd", "crio", "docker", "cri-docker", "haproxy", "keepalived", "nginx", "etcd")
FILE_SYSTEMS = ("/var/lib/kubelet", "/var/lib/etcd", "/var/lib/containerd", "/var/log")
_UNIT = "Id,LoadState,ActiveState,UnitFileState,WantedBy,RequiredBy"
_KUBECONFIG = "server|certificate-authority-data|client-certificate-data|client-certificate"
_DRIVER = "SystemdCgroup|systemd_cgroup|cgroup_manager"
_METRICS = (
    "etcd_server_leader_changes_seen_total|etcd_server_has_leader|etcd_disk_wal_fsync_duration_seconds|"
    "process_start_time_seconds"
)

CLOCK = "date +%s.%N"
TOKENS = "sudo kubeadm token list -o json"

SOCKETS = ("/run/haproxy/admin.sock", "/var/lib/haproxy/stats", "/run/haproxy.sock", "/run/haproxy/haproxy.sock")
"""Where distributions and guides have HAProxy's socket."""

FIRST: Mapping[str, str] = {
    **{f"stat {each}": f'test -S {each} && echo "show stat" | timeout 4 nc -U -N {each}' for each in SOCKETS},
    "host": "hostname",
    "machine-id": "cat /etc/machine-id",
    "container": "systemd-detect-virt -c",
    "uuid": "cat /sys/class/dmi/id/product_uuid",
    "kernel": "uname -r",
    "system": "cat /etc/os-release",
    "synchronised": "timeout 5 timedatectl show -p NTPSynchronized",
    "interfaces": "ip -j address",
    "units": f"timeout 5 systemctl show -p {_UNIT} {' '.join(UNITS)}",
    "swap": "swapon --show --noheadings",
    "fstab": 'grep -E "^[^#[:space:]]+[[:space:]]+[^[:space:]]+[[:space:]]+swap[[:space:]]" /etc/fstab',
    "bytes": "timeout 5 df -k -P " + " ".join(FILE_SYSTEMS),
    "inodes": "timeout 5 df -i -P " + " ".join(FILE_SYSTEMS),
    "sysctls": "sysctl net.ipv4.ip_forward net.ipv4.ip_nonlocal_bind",
    "files": f'find {FOLDERS} -printf "%m %u %T@ %y %p -> %l\\n"',
    "certificates": f'find {FOLDERS} "(" -name "*.crt" -o -name "*.pem" ")" -print -exec openssl x509 -in {{}} ";"',
    "kubeconfigs": f'grep -H -E "^ *({_KUBECONFIG}):" /etc/kubernetes/*.conf',
    "keys": f'find {FOLDERS} -name "*.key" -print -exec openssl pkey -in {{}} -pubout ";"',
    "public-keys": f'find {FOLDERS} -name "*.pub" -print -exec openssl pkey -pubin -pubout -in {{}} ";"',
    "digests": (
        'find /etc/kubernetes -type f -not -name "*.key" -not -name "*.conf" -not -path "*/manifests/*" '
        "-exec sha256sum {} +"
    ),
    "manifests": 'find /etc/kubernetes/manifests -maxdepth 1 -type f -not -name ".*" -print -exec cat {} ";"',
    "processes": "ps -e -o pid,etimes,args",
    "kubelet-configuration": "cat /var/lib/kubelet/config.yaml",
    "kubelet-flags": "cat /var/lib/kubelet/kubeadm-flags.env",
    "kubelet-version": "kubelet --version",
    "kubeadm-version": "kubeadm version -o short",
    "containerd-version": "containerd --version",
    "configured-driver": (f'grep -r -H -E "^[^#]*({_DRIVER})" /etc/containerd /etc/crio /etc/docker/daemon.json'),
    "runtime": "timeout 5 crictl info",
    "haproxy": 'find /etc/haproxy /etc/kubernetes -name "*.cfg" -print -exec cat {} ";"',
    "keepalived": 'find /etc/keepalived /etc/kubernetes -name "keepalived*.conf" -print -exec cat {} ";"',
    "nginx": 'find /etc/nginx -name "*.conf" -print -exec cat {} ";"',
}
"""Asked at once, of every machine; what one does not have fails, and is told apart from what it answers."""


@dataclass(frozen=True)
class Target:
    """Where a machine is to connect to: `what` and `name` as in facts.machine.Reached."""

    what: str
    name: str
    url: str


@dataclass(frozen=True)
class EtcdAccess:
    """How to talk to the member on a machine: from its own flags, and in its own files where it is a container."""

    endpoint: str
    authority: str
    certificate: str
    key: str
    metrics: str = ""
    inside: bool = True

    def command(self, *words: str) -> str:
        """etcdctl, by the program that the member itself comes with."""
        enter = 'nsenter --mount --target "$(pgrep -xo etcd)" ' if self.inside else ""
        tls = f"--cacert {self.authority} --cert {self.certificate} --key {self.key}"
        return f"{enter}etcdctl --endpoints {self.endpoint} {tls} --command-timeout 4s {shlex.join(words)} -w json"


def etcd_questions(access: EtcdAccess, *, hashed: bool) -> dict[str, str]:
    """What a member is asked; the hash reads the whole database, and is left out where that is large."""
    asked = {
        "members": access.command("member", "list"),
        "alarms": access.command("alarm", "list"),
        "status": access.command("endpoint", "status"),
    }
    if hashed:
        asked["hash"] = access.command("endpoint", "hashkv")
    if access.metrics:
        asked["etcd-metrics"] = f'curl -s -S -m 4 {access.metrics} | grep -E "^({_METRICS})"'
    return asked


def presented_questions(addresses: Iterable[str]) -> dict[str, str]:
    """Which certificate is presented at each address and port of this machine."""
    return {
        f"presented {each}": f'timeout 4 openssl s_client -connect "{each}" </dev/null | openssl x509'
        for each in addresses
    }


def reached_question(targets: Sequence[Target], certificate: str = "", key: str = "") -> str:
    """Requests to all targets side by side. What answers is reached, whatever it says."""
    tls = f"--cert {certificate} --key {key} " if certificate else ""
    nowhere = " ".join(["-o /dev/null"] * len(targets))
    answer = '-w "%{http_code} %{time_total} %{url_effective} %{errormsg}\\n"'
    urls = " ".join(f'"{each.url}"' for each in targets)
    return f'curl -k -s -g --parallel --noproxy "*" --connect-timeout 3 -m 5 {tls}{nowhere} {answer} {urls}'
