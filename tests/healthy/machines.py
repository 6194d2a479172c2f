"""The machines of a healthy cluster."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

from checks.facts.balancer import Balancer, Server
from checks.facts.certificates import Presented
from checks.facts.etcd import EtcdMetrics, EtcdView, Hash, Member, Status
from checks.facts.machine import (
    BALANCER,
    CONTROL_PLANE,
    ETCD,
    WORKER,
    Clock,
    Container,
    Disk,
    File,
    Identity,
    Interface,
    Kubelet,
    MachineFacts,
    Manifest,
    Process,
    Reached,
    Runtime,
    Swap,
    Unit,
)
from tests.healthy.certificates import certificate, certificates, keys, kubeconfigs
from tests.healthy.values import ENDPOINT, GIB, MADE, PKI, VERSION, address, known


def command(component: str, name: str, members: Mapping[str, str], stacked: bool) -> tuple[str, ...]:
    at, conf = address(name), f"/etc/kubernetes/{component.removeprefix('kube-')}.conf"
    urls = "https://127.0.0.1:2379" if stacked else ",".join(f"https://{each}:2379" for each in members.values())
    flags = {
        "kube-apiserver": (
            f"--advertise-address={at}", "--authorization-mode=Node,RBAC", f"--client-ca-file={PKI}/ca.crt",
            "--enable-admission-plugins=NodeRestriction", f"--etcd-cafile={PKI}/etcd/ca.crt",
            f"--etcd-certfile={PKI}/apiserver-etcd-client.crt", f"--etcd-keyfile={PKI}/apiserver-etcd-client.key",
            f"--etcd-servers={urls}", f"--kubelet-client-certificate={PKI}/apiserver-kubelet-client.crt",
            f"--kubelet-client-key={PKI}/apiserver-kubelet-client.key", "--secure-port=6443",
            f"--proxy-client-cert-file={PKI}/front-proxy-client.crt",
            f"--requestheader-client-ca-file={PKI}/front-proxy-ca.crt",
            "--service-account-issuer=https://kubernetes.default.svc.cluster.local",
            f"--service-account-key-file={PKI}/sa.pub", f"--service-account-signing-key-file={PKI}/sa.key",
            "--service-cluster-ip-range=10.96.0.0/12", f"--tls-cert-file={PKI}/apiserver.crt",
            f"--tls-private-key-file={PKI}/apiserver.key",
        ),
        "kube-controller-manager": (
            f"--authentication-kubeconfig={conf}", f"--authorization-kubeconfig={conf}", "--bind-address=127.0.0.1",
            f"--client-ca-file={PKI}/ca.crt", "--cluster-cidr=10.244.0.0/16", "--cluster-name=kubernetes",
            f"--cluster-signing-cert-file={PKI}/ca.crt", f"--cluster-signing-key-file={PKI}/ca.key",
            "--controllers=*,bootstrapsigner,tokencleaner", f"--kubeconfig={conf}", "--leader-elect=true",
            f"--root-ca-file={PKI}/ca.crt", f"--service-account-private-key-file={PKI}/sa.key",
            "--use-service-account-credentials=true",
        ),
        "kube-scheduler": (
            f"--authentication-kubeconfig={conf}", f"--authorization-kubeconfig={conf}", "--bind-address=127.0.0.1",
            f"--kubeconfig={conf}", "--leader-elect=true",
        ),
        "etcd": (
            f"--advertise-client-urls=https://{at}:2379", f"--cert-file={PKI}/etcd/server.crt",
            "--client-cert-auth=true", "--data-dir=/var/lib/etcd", f"--initial-advertise-peer-urls=https://{at}:2380",
            "--initial-cluster=" + ",".join(f"{each}=https://{where}:2380" for each, where in members.items()),
            f"--key-file={PKI}/etcd/server.key", f"--listen-client-urls=https://127.0.0.1:2379,https://{at}:2379",
            "--listen-metrics-urls=http://127.0.0.1:2381", f"--listen-peer-urls=https://{at}:2380", f"--name={name}",
            f"--peer-cert-file={PKI}/etcd/peer.crt", f"--peer-trusted-ca-file={PKI}/etcd/ca.crt",
            f"--trusted-ca-file={PKI}/etcd/ca.crt",
        ),
    }[component]  # fmt: skip
    return (component, *flags)


IMAGES = {
    "kube-apiserver": f"registry.k8s.io/kube-apiserver:{VERSION}",
    "kube-controller-manager": f"registry.k8s.io/kube-controller-manager:{VERSION}",
    "kube-scheduler": f"registry.k8s.io/kube-scheduler:{VERSION}",
    "etcd": "registry.k8s.io/etcd:3.6.8-0",
}

KUBELET_CONFIGURATION: dict[str, Any] = {
    "apiVersion": "kubelet.config.k8s.io/v1beta1", "kind": "KubeletConfiguration", "cgroupDriver": "systemd",
    "clusterDNS": ["10.96.0.10"], "clusterDomain": "cluster.local", "rotateCertificates": True,
    "staticPodPath": "/etc/kubernetes/manifests", "authentication": {"x509": {"clientCAFile": f"{PKI}/ca.crt"}},
    "resolvConf": "/run/systemd/resolve/resolv.conf", "containerRuntimeEndpoint": "",
}  # fmt: skip


def machine_of(
    name: str, roles: tuple[str, ...], names: list[str], others: list[str], members: Mapping[str, str], container: str
) -> MachineFacts:
    node, control_plane = CONTROL_PLANE in roles or WORKER in roles, CONTROL_PLANE in roles
    components = [each for each in IMAGES if (control_plane and each != "etcd") or (each == "etcd" and ETCD in roles)]
    commands = {each: command(each, name, members, ETCD in roles) for each in components}
    number = int(name.lstrip("abcdefghijklmnopqrstuvwxyz"))
    answers: dict[str, Any] = {
        "identity": Identity(
            name, f"machine id of {name}", "" if container else f"uuid of {name}", container, "Debian 12", "6.1.0"
        ),
        "clock": Clock(0.001 * number, 0.05, True),
        "interfaces": (
            Interface("lo", 65536, True, ("127.0.0.1", "::1")),
            Interface("eth0", 1500, True, (address(name),), f"02:00:00:00:00:{address(name).rpartition('.')[2]:0>2}"),
        ),
        "swap": Swap(), "renewals": (),
        "disks": (Disk("/var/lib/kubelet", "/", 100 * GIB, 60 * GIB, 6_000_000, 5_000_000),),
        "sysctls": {"net.ipv4.ip_forward": "1"},
        "files": tuple(File(each.place, "0644", "root", MADE) for each in certificates(name, roles)),
        "certificates": certificates(name, roles), "keys": keys(name, roles),
        "kubeconfigs": kubeconfigs(name, roles, name == "cp1"), "digests": {},
        "resolved": (address("lb1"),), "units": _units(roles),
        "manifests": tuple(
            Manifest(f"/etc/kubernetes/manifests/{each}.yaml", each, "kube-system", (
                Container(each, IMAGES[each], command),
            ))
            for each, command in commands.items()
        ),
        "processes": tuple(
            Process(each, 1000 + at, MADE + timedelta(minutes=1), command)
            for at, (each, command) in enumerate(commands.items())
        ) + ((Process("kubelet", 900, MADE + timedelta(minutes=1), ("/usr/bin/kubelet",)),) if node else ()),
        "presented": _presented(name, roles), "reached": _reached(name, roles, names, others, members),
        "balancers": (_haproxy(names),) if BALANCER in roles else (),
    }  # fmt: skip
    if node or ETCD in roles:
        answers["kubelet"] = Kubelet(VERSION, KUBELET_CONFIGURATION, {}, VERSION)
        answers["runtime"] = Runtime("containerd", "2.1.0", "systemd", "systemd")
    if ETCD in roles:
        listed = tuple(
            Member(f"{at:x}", each, (f"https://{where}:2380",), (f"https://{where}:2379",))
            for at, (each, where) in enumerate(members.items(), 0xA1)
        )
        own = next(each for each in listed if each.name == name)
        answers["etcd"] = EtcdView(listed)
        answers["etcd_status"] = Status(own.id, "3.6.8", "a1", 3, 12345, 20_000_000, 9_000_000)
        answers["etcd_hash"] = Hash(4711, 12345)
        answers["etcd_metrics"] = EtcdMetrics(1, 0.004, True, 2_500_000)
    given: dict[str, Any] = {key: known(value, f"on {name}") for key, value in answers.items()}
    return MachineFacts(name, roles, address(name), **given)


def _units(roles: tuple[str, ...]) -> dict[str, Unit]:
    wanted = ["haproxy"] if BALANCER in roles else ["kubelet", "containerd"]
    return {each: Unit(each, "active", "enabled") for each in wanted}


def _presented(name: str, roles: tuple[str, ...]) -> tuple[Presented, ...]:
    files = {each.place: each for each in certificates(name, roles)}
    at = address(name)
    places = {}
    if CONTROL_PLANE in roles:
        places[f"{at}:6443"] = f"{PKI}/apiserver.crt"
    if ETCD in roles:
        places |= {f"{at}:2379": f"{PKI}/etcd/server.crt", f"{at}:2380": f"{PKI}/etcd/peer.crt"}
    if CONTROL_PLANE in roles or WORKER in roles:
        places[f"{at}:10250"] = "/var/lib/kubelet/pki/kubelet.crt"
    found = [Presented(where, replace(files[file], place=where)) for where, file in places.items()]
    if CONTROL_PLANE in roles:  # certificates that they made for themselves, in memory
        for port, component in ((10257, "kube-controller-manager"), (10259, "kube-scheduler")):
            made = certificate(f"127.0.0.1:{port}", "localhost", serial=f"{component} {name}", issuer="CN=localhost-ca")
            found.append(Presented(f"127.0.0.1:{port}", made))
    return tuple(found)


def _reached(
    name: str, roles: tuple[str, ...], names: list[str], others: list[str], members: Mapping[str, str]
) -> tuple[Reached, ...]:
    found = []
    if BALANCER not in roles:
        found.append(Reached("endpoint", "", f"https://{ENDPOINT}/livez", 200, 0.01))
        found += [Reached("api-server", each, f"https://{address(each)}:6443/livez", 200, 0.01) for each in names]
    if CONTROL_PLANE in roles or WORKER in roles:
        found.append(Reached("service", "kubernetes", "https://10.96.0.1:443/livez", 200, 0.01))
        found += [Reached("pod", f"coredns-{n}", f"http://10.244.{n}.2:8080/health", 200, 0.01) for n in (0, 1)]
    if CONTROL_PLANE in roles:
        found += [
            Reached("kubelet", each, f"https://{address(each)}:10250/healthz", 200, 0.01) for each in [*names, *others]
        ]
    if ETCD in roles:
        found += [Reached("etcd-peer", each, f"https://{at}:2380/version", 200, 0.01) for each, at in members.items()]
    return tuple(found)


def _haproxy(names: list[str]) -> Balancer:
    servers = tuple(Server(each, address(each), 6443, "https", True, "L7OK") for each in names)
    return Balancer(
        "haproxy", "haproxy.service", "/etc/haproxy/haproxy.cfg", ("*:6443",), servers, 35.0, 35.0, "/livez"
    )
