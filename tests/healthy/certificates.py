"""Certificates, keys and kubeconfigs of a healthy cluster."""

from __future__ import annotations

from typing import Any

from checks.facts.certificates import Certificate, Key, Kubeconfig
from checks.facts.machine import (
    CONTROL_PLANE,
    ETCD,
    WORKER,
)
from tests.healthy.values import ENDPOINT, MADE, PKI, YEAR, address


def certificate(place: str, common_name: str, **more: Any) -> Certificate:
    """A certificate that was made a month ago for a year."""
    given: dict[str, Any] = {
        "subject": f"CN={common_name}", "issuer": "CN=kubernetes", "serial": f"{abs(hash((place, common_name))):x}",
        "begins": MADE, "ends": MADE + YEAR, "common_name": common_name, "public_key": f"key of {place}",
        "key_id": f"id of {place}", "signed_by": "id of ca", "usages": ("clientAuth",),
    }  # fmt: skip
    return Certificate(place, **{**given, **more})


def _authority(place: str, name: str) -> Certificate:
    short = place.removeprefix(f"{PKI}/").removesuffix(".crt")
    return certificate(
        place, name, issuer=f"CN={name}", ends=MADE + 10 * YEAR, authority=True, public_key=f"key of {short}",
        key_id=f"id of {short}", signed_by=f"id of {short}", serial=f"authority {short}", usages=(),
    )  # fmt: skip


def certificates(name: str, roles: tuple[str, ...]) -> tuple[Certificate, ...]:
    found = []
    if CONTROL_PLANE in roles:
        found += [
            _authority(f"{PKI}/ca.crt", "kubernetes"),
            _authority(f"{PKI}/front-proxy-ca.crt", "front-proxy-ca"),
            _own(name, "apiserver", "kube-apiserver", names=(
                name, "k8s.example.org", "kubernetes", "kubernetes.default", "kubernetes.default.svc",
                "kubernetes.default.svc.cluster.local",
            ), addresses=("10.96.0.1", address(name)), usages=("serverAuth",)),
            _own(name, "apiserver-kubelet-client", "kube-apiserver-kubelet-client"),
            _own(name, "front-proxy-client", "front-proxy-client", issuer="CN=front-proxy-ca",
                 signed_by="id of front-proxy-ca"),
            _own(name, "apiserver-etcd-client", "kube-apiserver-etcd-client", issuer="CN=etcd-ca",
                 signed_by="id of etcd/ca"),
        ]  # fmt: skip
    if ETCD in roles:
        for file in ("etcd/server", "etcd/peer"):
            found.append(_own(
                name, file, name, issuer="CN=etcd-ca", signed_by="id of etcd/ca", names=("localhost", name),
                addresses=(address(name), "127.0.0.1", "::1"), usages=("serverAuth", "clientAuth"),
            ))  # fmt: skip
        found.append(_own(name, "etcd/healthcheck-client", "kube-etcd-healthcheck-client", issuer="CN=etcd-ca",
                          signed_by="id of etcd/ca"))  # fmt: skip
    if ETCD in roles or CONTROL_PLANE in roles:
        found.append(_authority(f"{PKI}/etcd/ca.crt", "etcd-ca"))
    if WORKER in roles:
        found.append(_authority(f"{PKI}/ca.crt", "kubernetes"))
    if CONTROL_PLANE in roles or WORKER in roles:
        found.append(certificate(
            "/var/lib/kubelet/pki/kubelet-client-current.pem", f"system:node:{name}", organizations=("system:nodes",),
            public_key=f"kubelet of {name}", serial=f"kubelet {name}",
        ))  # fmt: skip
        found.append(certificate(
            "/var/lib/kubelet/pki/kubelet.crt", f"{name}@1", issuer=f"CN={name}-ca@1", usages=("serverAuth",),
            signed_by=f"id of {name}-ca", names=(name,), public_key=f"serving of {name}", serial=f"serving {name}",
        ))  # fmt: skip
    return tuple(found)


def _own(name: str, file: str, common_name: str, **more: Any) -> Certificate:
    return certificate(
        f"{PKI}/{file}.crt", common_name, **{"public_key": f"{file} of {name}", "serial": f"{file} {name}", **more}
    )


def keys(name: str, roles: tuple[str, ...]) -> tuple[Key, ...]:
    found = []
    if CONTROL_PLANE in roles:
        shared = ["ca", "front-proxy-ca"] + (["etcd/ca"] if ETCD in roles else [])
        found += [Key(f"{PKI}/{each}.key", f"key of {each}", private=True) for each in shared]
        found += [Key(f"{PKI}/sa.key", "key of sa", private=True), Key(f"{PKI}/sa.pub", "key of sa", private=False)]
        own = ["apiserver", "apiserver-kubelet-client", "front-proxy-client", "apiserver-etcd-client"]
        found += [Key(f"{PKI}/{each}.key", f"{each} of {name}", private=True) for each in own]
    if ETCD in roles:
        own = ["etcd/server", "etcd/peer", "etcd/healthcheck-client"]
        found += [Key(f"{PKI}/{each}.key", f"{each} of {name}", private=True) for each in own]
        if name == "etcd1":
            found.append(Key(f"{PKI}/etcd/ca.key", "key of etcd/ca", private=True))
    return tuple(found)


def kubeconfigs(name: str, roles: tuple[str, ...], first: bool) -> tuple[Kubeconfig, ...]:
    endpoint, own = f"https://{ENDPOINT}", f"https://{address(name)}:6443"
    users = {}
    if CONTROL_PLANE in roles:
        users = {
            "admin": ("kubernetes-admin", endpoint), "controller-manager": ("system:kube-controller-manager", own),
            "scheduler": ("system:kube-scheduler", own),
        }  # fmt: skip
        if first:
            users["super-admin"] = ("kubernetes-super-admin", endpoint)
    found = [
        Kubeconfig(
            f"/etc/kubernetes/{file}.conf", server,
            certificate(f"/etc/kubernetes/{file}.conf", user, public_key=f"{file} of {name}", serial=f"{file} {name}"),
            authority="ca",
        )
        for file, (user, server) in users.items()
    ]  # fmt: skip
    if CONTROL_PLANE in roles or WORKER in roles:
        server = own if CONTROL_PLANE in roles else endpoint  # as ControlPlaneKubeletLocalMode has it since 1.36
        found.append(Kubeconfig(
            "/etc/kubernetes/kubelet.conf", server, None, "/var/lib/kubelet/pki/kubelet-client-current.pem", "ca"
        ))  # fmt: skip
    return tuple(found)
