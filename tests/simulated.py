"""Machines and an API that answer the collector as those of a real cluster do, and fail on what they do not know."""

from __future__ import annotations

import base64
import json
import re
import shlex
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

import yaml
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
)
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from checks.collecting import sections
from checks.collecting.api import PATHS, SECRETS, Reply
from checks.collecting.questions import CLOCK, FIRST, TOKENS
from checks.facts.machine import BALANCER, CONTROL_PLANE, ETCD, WORKER
from provision.config.topology import MachineSpec, Role
from provision.errors import Unreachable
from provision.machines.machine import Machine
from provision.readonly.machine import ReadOnlyMachine
from provision.util.result import Result
from tests.healthy.machines import KUBELET_CONFIGURATION, command
from tests.healthy.objects import api_of
from tests.healthy.values import ENDPOINT, PKI, address

Output = tuple[str, int]
"""What a question was answered: the text of both streams, and the exit status."""

_QUESTION = re.compile(rf'^echo "{re.escape(sections._BEGIN)} ([^"]*)"\n\{{ (.*?); \}} 2>&1$', re.MULTILINE | re.DOTALL)


def printed(given: Mapping[str, Output]) -> str:
    """What a machine prints that answers so."""
    return "".join(f"\n{sections._BEGIN} {name}\n{text}{sections._END} {rc}\n" for name, (text, rc) in given.items())


def answered(**given: str | Output) -> sections.Answers:
    """Answers to questions, by their names with `_` for `-` and for a space; a text alone is that of a success."""
    output = {name.replace("__", " ").replace("_", "-"): _printed(each) for name, each in given.items()}
    return sections.answers(dict.fromkeys(output, "a command"), printed(output))


def _printed(given: str | Output) -> Output:
    return given if isinstance(given, tuple) else (given, 0)


class Host(Machine):
    """A machine that answers by the names of questions, and fails on a name or a command that it does not know.

    `delay` is what each command takes; `broken` raises instead.
    """

    def __init__(self, name: str, where: str, answers: Mapping[str, Output], *, delay: float = 0) -> None:
        super().__init__(MachineSpec(name, Role.WORKER, 1), where)
        self.answers = dict(answers)
        self.delay = delay
        self.broken: Callable[[str], Result | None] = lambda _: None
        self.commands: list[str] = []
        self.closed = 0

    def run(
        self, command: str, *, timeout: float = 60, stdin: bytes = b"", secret: bool = False, agent: bool = False
    ) -> Result:
        self.commands.append(command)
        assert secret, "what machines print may be secret"
        time.sleep(self.delay)
        if result := self.broken(command):
            return result
        if command == CLOCK:
            return Result(0, f"{time.time():.9f}\n", "")
        if command == TOKENS:
            return Result(0, self.answers["tokens"][0], "")
        if command.startswith("timeout 3 getent ahosts "):
            return Result(0, self.answers["resolved"][0], "")
        return Result(0, printed({name: self._answer(name) for name, _ in questions_of(command)}), "")

    def _answer(self, name: str) -> Output:
        if name not in self.answers:
            raise AssertionError(f"{self.name} does not know the question about {name}")
        return self.answers[name]

    def close(self) -> None:
        self.closed += 1


def questions_of(typed: str) -> list[tuple[str, str]]:
    """The questions that a command asks, by name."""
    assert typed.startswith("sudo -n env LC_ALL=C timeout "), f"unknown command: {typed}"
    found = _QUESTION.findall(shlex.split(typed)[-1])
    assert found, f"no questions in {typed}"
    return found


def unreachable(command: str) -> Result | None:
    """A machine that no login reaches."""
    raise Unreachable("it cannot be reached over SSH", answer="timed out")


@dataclass(frozen=True)
class Signed:
    """A certificate with its key, in PEM."""

    certificate: bytes
    key: bytes
    public_key: bytes


@cache
def signed(name: str, *, authority: bool = False, days: int = 365, kind: str = "ec", chain: str = "") -> Signed:
    """A certificate of a name, signed by itself, or by the authority `chain`."""
    key: Any = ec.generate_private_key(ec.SECP256R1()) if kind == "ec" else rsa.generate_private_key(65537, 2048)
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    issuer, signer = subject, key
    if chain:
        issuer = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, chain)])
        signer = load_pem_private_key(signed(chain, authority=True).key, None)
    now = datetime.now(UTC).replace(microsecond=0)
    made = (
        x509.CertificateBuilder()
        .subject_name(subject).issuer_name(issuer).public_key(key.public_key()).serial_number(4711)
        .not_valid_before(now - timedelta(days=1)).not_valid_after(now + timedelta(days=days))
        .add_extension(x509.BasicConstraints(authority, None), critical=True)
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.CLIENT_AUTH]), critical=False)
        .sign(signer, hashes.SHA256())
    )  # fmt: skip
    return Signed(
        made.public_bytes(Encoding.PEM),
        key.private_bytes(Encoding.PEM, PrivateFormat.TraditionalOpenSSL, NoEncryption()),
        key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo),
    )


class Objects:
    """An API that answers GET of its paths: what is not listed is an error of the test."""

    def __init__(self, bodies: Mapping[str, Any], server: str = f"https://{ENDPOINT}") -> None:
        self.bodies: dict[str, Any] = {path: (200, json.dumps(body)) for path, body in bodies.items()}
        self.server = server
        self.requested: list[str] = []
        self._lock = threading.Lock()

    def get(self, paths: Mapping[str, str]) -> Mapping[str, Reply]:
        with self._lock:
            self.requested += paths.values()
        return {name: self._reply(path) for name, path in paths.items()}

    def _reply(self, path: str) -> Reply:
        status, text = self.bodies[path]
        return Reply(f"GET {path}", status, text if status else "", "" if status else text)

    def close(self) -> None:
        """There is no connection."""


@dataclass
class Simulated:
    """A cluster: its machines by name, with their roles, and the objects of its API."""

    hosts: dict[str, Host]
    roles: dict[str, tuple[str, ...]]
    objects: Objects
    made: list[Host] = field(default_factory=list)

    @property
    def entries(self) -> list[tuple[Machine, tuple[str, ...]]]:
        """As an inventory names them."""
        return [(ReadOnlyMachine(host), self.roles[name]) for name, host in self.hosts.items()]

    def login(self, known: Any) -> Machine:
        """A login by an address."""
        for host in self.hosts.values():
            if host.address == known.address:
                self.made.append(host)
                return ReadOnlyMachine(host)
        raise AssertionError(f"no machine has the address {known.address}")


def cluster(control_planes: int = 3, workers: int = 3, *, balancer: bool = True, delay: float = 0) -> Simulated:
    """A healthy stacked cluster."""
    names = [f"cp{n}" for n in range(1, control_planes + 1)]
    others = [f"w{n}" for n in range(1, workers + 1)]
    members = {name: address(name) for name in names}
    bodies = dict(_bodies(names, others, members))
    roles: dict[str, tuple[str, ...]] = {"lb1": (BALANCER,)} if balancer else {}
    roles |= dict.fromkeys(names, (CONTROL_PLANE, ETCD)) | dict.fromkeys(others, (WORKER,))
    hosts = {
        name: Host(name, address(name), dict(_answers(name, mine, members, roles, bodies)), delay=delay)
        for name, mine in roles.items()
    }
    return Simulated(hosts, roles, Objects(bodies))


def _bodies(names: list[str], others: list[str], members: Mapping[str, str]) -> Iterator[tuple[str, Any]]:
    api = api_of(names, others, members, "stacked")
    services = list(api.services.get())
    lists = {
        "nodes": api.nodes, "pods": api.pods, "deployments": api.deployments, "daemon_sets": api.daemon_sets,
        "endpoint_slices": api.endpoint_slices, "leases": api.leases, "requests": api.requests,
    }  # fmt: skip
    for name, fact in lists.items():
        yield PATHS[name], {"items": list(fact.get())}
    yield PATHS["kubernetes_service"], services[0]
    yield PATHS["services"], {"items": services[1:]}
    kubeconfig = yaml.safe_dump({"clusters": [{"name": "", "cluster": {"server": f"https://{ENDPOINT}"}}]})
    for name, data in {
        "kubeadm-config": {"ClusterConfiguration": yaml.safe_dump(api.cluster_configuration.get())},
        "kubelet-config": {"kubelet": yaml.safe_dump(KUBELET_CONFIGURATION)},
        "kube-proxy": {"config.conf": "mode: ''\n", "kubeconfig.conf": kubeconfig},
        "coredns": {"Corefile": api.core_file.get()},
        "cluster-info": {"kubeconfig": kubeconfig},
    }.items():
        yield PATHS[name], {"metadata": {"name": name}, "data": data}
    token = {"token-id": "abcdef", "token-secret": "0123456789abcdef", "usage-bootstrap-signing": "true"}
    data = {key: base64.b64encode(value.encode()).decode() for key, value in token.items()}
    yield SECRETS, {"items": [{"metadata": {"name": "bootstrap-token-abcdef"}, "data": data}]}


_NOTHING: Output = ("", 1)
_NOT_FOUND: Output = ("sh: 1: it: not found\n", 127)


def _answers(
    name: str, mine: tuple[str, ...], members: Mapping[str, str], roles: Mapping[str, tuple[str, ...]], bodies: Any
) -> Iterator[tuple[str, Output]]:
    yield from dict.fromkeys(FIRST, _NOT_FOUND).items()
    yield from _host(name, mine)
    yield from _files(name, mine, members)
    yield from _second(name, mine, members, roles)
    if CONTROL_PLANE in mine:
        yield from ((each, (json.dumps(bodies[path]), 0)) for each, path in PATHS.items())
        token = {"token": "abcdef.0123456789abcdef", "usages": ["signing"], "expires": "2030-01-01T00:00:00Z"}
        yield "tokens", (json.dumps(token), 0)


def _host(name: str, mine: tuple[str, ...]) -> Iterator[tuple[str, Output]]:
    links = [
        {"ifname": "lo", "mtu": 65536, "flags": ["UP"], "addr_info": [{"local": "127.0.0.1"}]},
        {"ifname": "eth0", "mtu": 1500, "flags": ["UP"], "addr_info": [{"local": address(name)}], "address": "02::1"},
    ]
    units = ["haproxy"] if BALANCER in mine else ["kubelet", "containerd"]
    shown = "\n\n".join(
        f"Id={each}.service\nLoadState=loaded\nActiveState=active\nUnitFileState=enabled\nWantedBy=multi-user.target"
        for each in units
    )
    disk = "/dev/vda1 102400000 40000000 60000000 40% /\n"
    yield from {
        "host": (f"{name}\n", 0), "addresses": (address(name), 0), "interfaces": (json.dumps(links), 0),
        "now": (f"{int(time.time())}\n", 0), "machine-id": (f"{name}\n", 0), "container": ("none\n", 1),
        "uuid": (f"uuid {name}\n", 0), "kernel": ("6.1.0\n", 0), "system": ('PRETTY_NAME="Debian 12"\n', 0),
        "swap": ("", 0), "fstab": _NOTHING, "sysctls": ("net.ipv4.ip_forward = 1\n", 0), "units": (shown, 0),
        "time": ("inactive\nactive\n", 0), "bytes": (disk, 0), "inodes": (disk, 0),
        "files": (f"644 root 1770000000.5 f {PKI}/ca.crt -> \n", 0), "digests": (f"{'a' * 64}  {PKI}/ca.crt\n", 0),
        "public-keys": ("", 0), "configured-driver": ("/etc/containerd/config.toml: SystemdCgroup = true\n", 0),
        "containerd-version": ("containerd github.com/containerd/containerd v2.1.0 abc\n", 0),
        "haproxy": ("", 0), "keepalived": ("", 0), "nginx": ("", 0),
    }.items()  # fmt: skip


def _files(name: str, mine: tuple[str, ...], members: Mapping[str, str]) -> Iterator[tuple[str, Output]]:
    own = signed(name)
    lines = ["      1    5000 /sbin/init"]
    parts = ["kube-apiserver", "kube-controller-manager", "kube-scheduler", "etcd"] if CONTROL_PLANE in mine else []
    for at, component in enumerate(parts, 100):
        lines.append(f"{at:>7} {4000:>7} {' '.join(command(component, name, members, True))}")
    if BALANCER not in mine:
        lines.append("    900    4100 /usr/bin/kubelet --config=/var/lib/kubelet/config.yaml")
    manifests = "".join(
        f"/etc/kubernetes/manifests/{each}.yaml\n" + yaml.safe_dump({
            "metadata": {"name": each, "namespace": "kube-system"},
            "spec": {"containers": [{"name": each, "command": list(command(each, name, members, True))}]},
        }) + "\n" for each in parts
    )  # fmt: skip
    crt, key = f"{PKI}/apiserver.crt", f"{PKI}/apiserver.key"
    embedded = base64.b64encode(own.certificate).decode()
    yield from {
        "processes": ("\n".join(lines) + "\n", 0), "manifests": (manifests, 0),
        "certificates": (f"{crt}:{own.certificate.decode().strip()}\0", 0),
        "keys": (f"{key}\n{own.public_key.decode()}", 0),
        "kubeconfigs": (
            f"/etc/kubernetes/kubelet.conf:    server: https://{ENDPOINT}\n"
            f"/etc/kubernetes/kubelet.conf:    client-certificate-data: {embedded}\n", 0,
        ),
        "kubelet-configuration": (yaml.safe_dump(KUBELET_CONFIGURATION), 0),
        "kubelet-flags": ('KUBELET_KUBEADM_ARGS="--pod-infra-container-image=registry.k8s.io/pause:3.10"\n', 0),
        "kubelet-version": ("Kubernetes v1.37.2\n", 0), "kubeadm-version": ("v1.37.2\n", 0),
    }.items()  # fmt: skip


def _second(
    name: str, mine: tuple[str, ...], members: Mapping[str, str], roles: Mapping[str, tuple[str, ...]]
) -> Iterator[tuple[str, Output]]:
    planes = [each for each, have in roles.items() if CONTROL_PLANE in have]
    nodes = [*planes, *(each for each, have in roles.items() if WORKER in have)]
    pods = [f"http://10.244.{len(each)}.2:8080/health" for each in nodes]
    urls = [f"https://{ENDPOINT}/livez", *(f"https://{address(each)}:6443/livez" for each in planes),
            "https://10.96.0.1:443/livez", *dict.fromkeys(pods)]  # fmt: skip
    yield "reached ", ("".join(f"200 0.010 {each} \n" for each in urls), 0)
    yield "reached kubelet", ("".join(f"200 0.010 https://{address(each)}:10250/healthz \n" for each in nodes), 0)
    yield "reached etcd-peer", ("".join(f"200 0.010 https://{address(each)}:2380/version \n" for each in planes), 0)
    yield "resolved", (f"{address('lb1')}    STREAM k8s\n{address('lb1')}    DGRAM\n", 0)
    for port in (6443, 2379, 2380, 10250):
        yield f"presented {address(name)}:{port}", (signed(name).certificate.decode(), 0)
    if ETCD in mine:
        yield from _etcd(name, members)


def _etcd(name: str, members: Mapping[str, str]) -> Iterator[tuple[str, Output]]:
    listed = [
        {"ID": at, "name": each, "peerURLs": [f"https://{where}:2380"], "clientURLs": [f"https://{where}:2379"]}
        for at, (each, where) in enumerate(members.items(), 161)
    ]
    header = {"cluster_id": 7, "member_id": 161 + list(members).index(name), "revision": 12345, "raft_term": 3}
    status = {"header": header, "version": "3.6.8", "dbSize": 20000000, "dbSizeInUse": 9000000, "leader": 161,
              "raftTerm": 3}  # fmt: skip
    health = [{"endpoint": f"https://{where}:2379", "health": True} for where in members.values()]
    yield from {
        "members": (json.dumps({"header": header, "members": listed}), 0),
        "alarms": (json.dumps({"header": header, "alarms": None}), 0),
        "status": (json.dumps([{"Endpoint": "", "Status": status}]), 0),
        "hash": (json.dumps([{"Endpoint": "", "HashKV": {"header": header, "hash": 4711, "compact_revision": 5}}]), 0),
        "members-health": (json.dumps(health), 0),
        "etcd-metrics": ("etcd_server_has_leader 1\netcd_server_leader_changes_seen_total 1\n", 0),
    }.items()


def plain(facts: Any) -> str:
    """Everything that facts say, as one text."""
    return json.dumps(asdict(facts), default=str, ensure_ascii=False)
