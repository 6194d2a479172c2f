"""The questions to a machine, as shell: first what needs no answer before it, then what does. Pure.

Private keys stay where they are: of a kubeconfig the lines without them are read, of a key its public part, and of any
other file the certificates alone.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

MANIFESTS = "/etc/kubernetes/manifests"
CONFIGURATION = "/var/lib/kubelet/config.yaml"
FOLDERS = "/etc/kubernetes /var/lib/kubelet/pki"
UNITS = ("kubelet", "containerd", "crio", "docker", "cri-docker", "haproxy", "keepalived", "nginx", "etcd", "pacemaker")
TIME = "chrony chronyd ntp ntpd ntpsec openntpd ptp4l systemd-timesyncd"
"""What keeps clocks right. timedatectl, which would tell, starts a service for its answer."""
FILE_SYSTEMS = ("/var/lib/kubelet", "/var/lib/etcd", "/var/lib/containerd", "/var/log")
CRON = (
    "/etc/crontab /etc/anacrontab /etc/cron.d /etc/cron.hourly /etc/cron.daily /etc/cron.weekly /etc/cron.monthly "
    "/var/spool/cron"
)
_SYSTEMD = "/etc/systemd/system"
_UNIT = "Id,LoadState,ActiveState,UnitFileState,WantedBy,RequiredBy"
_KUBECONFIG = "server|certificate-authority-data|client-certificate-data|client-certificate"
_CERTIFICATE = '-a -H -z -o -E "[-]----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----"'
_DRIVER = "SystemdCgroup|systemd_cgroup|cgroup_manager"
_METRICS = (
    "etcd_server_leader_changes_seen_total|etcd_server_has_leader|etcd_disk_wal_fsync_duration_seconds|"
    "process_start_time_seconds"
)
_ETCD = (
    "NAME|DATA_DIR|LISTEN_CLIENT_URLS|ADVERTISE_CLIENT_URLS|LISTEN_PEER_URLS|INITIAL_ADVERTISE_PEER_URLS|"
    "LISTEN_METRICS_URLS|TRUSTED_CA_FILE|CERT_FILE|KEY_FILE|PEER_TRUSTED_CA_FILE|PEER_CERT_FILE|PEER_KEY_FILE|"
    "QUOTA_BACKEND_BYTES|CONFIG_FILE"
)

CLOCK = "date +%s.%N"
TOKENS = "sudo -n kubeadm token list -o json"


def _certificates(folders: str) -> str:
    """Every certificate of a file, in one process for all files; nothing else of them is printed."""
    return f'find {folders} "(" -name "*.crt" -o -name "*.pem" ")" -exec grep {_CERTIFICATE} {{}} +'


def _keys(folders: str) -> str:
    return f'find {folders} -name "*.key" -print -exec openssl pkey -in {{}} -pubout ";"'


def _manifests(folder: str) -> str:
    return (
        f'find {folder} -maxdepth 1 "(" -type f -o -type l ")" -not -name ".*" -print -exec cat {{}} ";" -exec echo ";"'
    )


PROGRAMS = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
"""Where programs are, in etcd's image too: sudo of some distributions leaves /usr/local/bin out."""
SOCKETS = ("/run/haproxy/admin.sock", "/var/lib/haproxy/stats", "/run/haproxy.sock", "/run/haproxy/haproxy.sock")
"""Where distributions and guides have HAProxy's socket."""

FIRST: Mapping[str, str] = {
    "host": "hostname",
    "addresses": "hostname -I",
    "interfaces": "ip -j address",
    "now": "date +%s",
    "processes": "ps -e -o pid,etimes,args",
    "machine-id": "cat /etc/machine-id",
    "container": "systemd-detect-virt -c",
    "uuid": "cat /sys/class/dmi/id/product_uuid",
    "kernel": "uname -r",
    "system": "cat /etc/os-release",
    "swap": "swapon --show --noheadings",
    "fstab": 'grep -E "^[^#[:space:]]+[[:space:]]+[^[:space:]]+[[:space:]]+swap[[:space:]]" /etc/fstab',
    "swap-units": (f'find {_SYSTEMD} -maxdepth 1 "(" -name "*.swap" -o -name swap.target ")" -printf "%f %s %l\\n"'),
    "renewals": (  # names of files alone, and the timers that are on
        f'grep -r -l -E "^[^#]*(kubeadm.* certs renew|k8s-certs-renew)" {CRON} {_SYSTEMD}; '
        f'find {_SYSTEMD}/timers.target.wants -name "*.timer"'
    ),
    "sysctls": "sysctl net.ipv4.ip_forward net.ipv4.ip_nonlocal_bind",
    "files": f'find {FOLDERS} -printf "%m %u:%g %T@ %y %p -> %l\\n"',
    "certificates": _certificates(FOLDERS),
    "kubeconfigs": f'grep -H -E "^ *({_KUBECONFIG}): *[^ ,{{}}]+ *$" /etc/kubernetes/*.conf',
    "keys": _keys(FOLDERS),
    "public-keys": f'find {FOLDERS} -name "*.pub" -print -exec cat {{}} ";"',
    "digests": (
        'find /etc/kubernetes -type f -not -name "*.key" -not -name "*.conf" -not -path "*/manifests/*" '
        "-exec sha256sum {} +"
    ),
    "manifests": _manifests(MANIFESTS),
    "kubelet-configuration": f"cat {CONFIGURATION}",
    "kubelet-flags": "cat /var/lib/kubelet/kubeadm-flags.env",
    "kubelet-version": "kubelet --version",
    "kubeadm-version": "kubeadm version -o short",
    "containerd-version": "containerd --version",
    "configured-driver": (
        f'grep -r -H -E --include "*.toml" --include "*.conf" --include daemon.json "^[^#]*({_DRIVER})"'
        " /etc/containerd /etc/crio /etc/docker"
    ),
    "etcd-environment": f'grep -h -E "^ETCD_({_ETCD})=" /etc/etcd.env /etc/default/etcd /etc/etcd/etcd.conf',
    "haproxy": 'find /etc/haproxy /etc/kubernetes -name "*.cfg" -print -exec cat {} ";"',
    "keepalived": 'find /etc/keepalived /etc/kubernetes -name "keepalived*.conf" -print -exec cat {} ";"',
    "nginx": 'find /etc/nginx -name "*.conf" -print -exec cat {} ";"',
    # What may hang stands last: a systemd, a file system of the network, or a runtime that does not answer.
    **{f"stat {each}": f'test -S {each} && echo "show stat" | timeout 2 nc -U -N {each}' for each in SOCKETS},
    "units": f"timeout 3 systemctl show -p {_UNIT} {' '.join(UNITS)}",
    "time": f"systemctl is-active {TIME}",
    "runtime": "timeout 3 crictl info",
    "bytes": "timeout 3 df -k -P " + " ".join(FILE_SYSTEMS),
    "inodes": "timeout 3 df -i -P " + " ".join(FILE_SYSTEMS),
}
"""Requested at once, of every machine; what one does not have fails, and is kept apart from what it answers."""

_PATH = re.compile(r"/[\w@:+][\w.@:+-]*(/[\w@:+][\w.@:+-]*)*", re.ASCII)
_NAME = re.compile(r"[\w*][\w.:@*-]*", re.ASCII)
_URL = re.compile(r"https?://[\w.:\[\]-]+(/[\w./-]*)?", re.ASCII)


def is_path(text: str) -> bool:
    """Whether a text that a machine printed is a path, and nothing that a shell would take for more."""
    return bool(_PATH.fullmatch(text))


def is_name(text: str) -> bool:
    """Whether a text that the API or a machine gave is a host's name or address."""
    return bool(_NAME.fullmatch(text))


def is_url(text: str) -> bool:
    """Whether a text that the API or a machine gave is a URL."""
    return bool(_URL.fullmatch(text))


@dataclass(frozen=True)
class Target:
    """Where a machine is to connect to: `what` and `name` as in facts.machine.Reached."""

    what: str
    name: str
    url: str


@dataclass(frozen=True)
class EtcdAccess:
    """How to talk to the member on a machine: from its own flags, and in its own files where it is a container.

    `process` is its pid where it is one, 0 where etcd is a service of the machine itself.
    """

    endpoint: str
    authority: str
    certificate: str
    key: str
    metrics: str = ""
    process: int = 0

    def command(self, *words: str) -> str:
        """etcdctl, by the program that the member itself comes with."""
        enter = f"PATH={PROGRAMS} nsenter --mount --target {self.process} " if self.process else ""
        tls = f"--cacert {self.authority} --cert {self.certificate} --key {self.key}"
        return f'{enter}etcdctl --endpoints "{self.endpoint}" {tls} --command-timeout 3s {shlex.join(words)} -w json'


def etcd_questions(access: EtcdAccess) -> dict[str, str]:
    """The questions to a member; not for its hash, which reads the whole database."""
    found = {
        "status": access.command("endpoint", "status"),  # first, since it is answered without a quorum, too
        "members": access.command("member", "list"),
        "alarms": access.command("alarm", "list"),
        "members-health": access.command("endpoint", "health", "--cluster"),
    }
    if access.metrics:
        metrics = f'curl -s -S -g -m 3 "{access.metrics}" | grep -E "^({_METRICS})"'
        found = {"etcd-metrics": metrics, **found}
    return found


def hash_question(access: EtcdAccess, revision: int) -> dict[str, str]:
    """The hash of a member's data as they were at a revision."""
    return {"hash": access.command("endpoint", "hashkv", "--rev", str(revision))}


def presented_questions(addresses: Iterable[str]) -> dict[str, str]:
    """Which certificate is presented at each address and port of this machine."""
    return {
        f"presented {each}": f'timeout 3 openssl s_client -connect "{each}" </dev/null | openssl x509'
        for each in addresses
    }


def reached_question(targets: Sequence[Target], certificate: str = "", key: str = "") -> str:
    """Requests to all targets side by side. What answers is reached, whatever it says.

    A connection has all of the four seconds: with TLS, it takes one or two where everything waits for processors.
    """
    tls = f"--cert {certificate} --key {key} " if certificate else ""
    nowhere = " ".join(["-o /dev/null"] * len(targets))
    answer = '-w "%{http_code} %{time_total} %{url_effective} %{errormsg}\\n"'
    urls = " ".join(f'"{each.url}"' for each in targets)
    return f'curl -k -s -g --parallel --noproxy "*" -m 4 {tls}{nowhere} {answer} {urls}'


def configuration_questions(etcd: Mapping[int, str], configuration: str, drop_ins: str) -> dict[str, str]:
    """What processes are configured by, beside their flags: etcd's files by its pids, for containers have their own."""
    found = {f"etcd-configuration {pid}": f"cat /proc/{pid}/root{each}" for pid, each in etcd.items() if is_path(each)}
    if is_path(configuration):
        found["kubelet-configuration elsewhere"] = f"cat {configuration}"
    if is_path(drop_ins):
        found["kubelet-drop-ins"] = (
            f'find {drop_ins} -name "*.conf" "(" -type f -o -type l ")" -print -exec cat {{}} ";" -exec echo ";"'
        )
    return found


def elsewhere_questions(folders: Iterable[str], manifests: str, data: Iterable[str]) -> dict[str, str]:
    """What stands where kubeadm does not put it: certificates, static pods, etcd's data."""
    found: dict[str, str] = {}
    if pki := " ".join(sorted(each for each in folders if is_path(each))):
        found["certificates elsewhere"] = _certificates(f"{pki} -maxdepth 2")
        found["keys elsewhere"] = _keys(f"{pki} -maxdepth 2")
    if is_path(manifests):
        found["manifests elsewhere"] = _manifests(manifests)
    if paths := " ".join(sorted(each for each in data if is_path(each))):
        found |= {"bytes elsewhere": f"timeout 3 df -k -P {paths}", "inodes elsewhere": f"timeout 3 df -i -P {paths}"}
    return found
