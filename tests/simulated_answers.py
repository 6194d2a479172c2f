"""What the machines and the API of a healthy cluster answer, as text."""

from __future__ import annotations

import base64
import json
import time
from collections.abc import Iterator, Mapping
from typing import Any

import yaml

from checks.collecting.api import PATHS, SECRETS
from checks.collecting.questions import FIRST
from checks.facts.machine import BALANCER, CONTROL_PLANE, ETCD, WORKER
from tests.healthy.machines import KUBELET_CONFIGURATION, command
from tests.healthy.objects import api_of
from tests.healthy.values import ENDPOINT, PKI, address
from tests.signing import signed

Output = tuple[str, int]
"""What a question was answered: the text of both streams, and the exit status."""


def bodies_of(names: list[str], others: list[str], members: Mapping[str, str]) -> Iterator[tuple[str, Any]]:
    """Bodies of a healthy API by their paths."""
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


def answers_of(
    name: str, mine: tuple[str, ...], members: Mapping[str, str], roles: Mapping[str, tuple[str, ...]], bodies: Any
) -> Iterator[tuple[str, Output]]:
    """What a healthy machine answers, by the names of questions."""
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
        "swap": ("", 0), "fstab": _NOTHING, "swap-units": ("", 0), "renewals": ("", 0),
        "sysctls": ("net.ipv4.ip_forward = 1\n", 0), "units": (shown, 0),
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
