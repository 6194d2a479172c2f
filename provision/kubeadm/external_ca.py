"""A cluster whose authorities' keys are on none of its machines: what kubeadm requests is signed here.

Source: https://kubernetes.io/docs/tasks/administer-cluster/kubeadm/kubeadm-certs/#external-ca-mode and
#generate-certificate-signing-requests-csr; for kubelets, whose requests no controller of the cluster signs,
https://kubernetes.io/docs/reference/access-authn-authz/certificate-signing-requests/#kubernetes-signers
"""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from typing import Any

from provision.cluster import Cluster
from provision.config import limits
from provision.kubeadm import configuration
from provision.kubeadm.authority import NAMES, Authority, issuer_of, subject
from provision.kubeadm.certificates import PKI
from provision.machines.machine import Machine
from provision.util.concurrency import NotYet, together
from provision.util.errors import CommandFailed
from provision.util.result import sections

_FOLDER = "/etc/kubernetes"
_KUBELETS = "kubernetes.io/kube-apiserver-client-kubelet"
_REQUESTS = "cd /etc/kubernetes\nfor file in $(find . -name '*.csr'); do echo \"== $file\"; cat $file; done\n"

# A private key never leaves its machine: the certificate comes to the kubeconfig that has it.
_EMBED = """\
config="kubectl config --kubeconfig {file}"
cluster=$($config view -o 'jsonpath={{.clusters[0].name}}') user=$($config view -o 'jsonpath={{.users[0].name}}')
$config set-cluster $cluster --certificate-authority {pki}/ca.crt --embed-certs
$config set-credentials $user --client-certificate {file}.crt --embed-certs
rm {file}.crt
"""


def make(cluster: Cluster) -> None:
    """Make the authorities, and keep them in the cluster's state, which only its owner can read."""
    made = {path: Authority.make(name, cluster.keys) for path, name in NAMES.items()}
    cluster.observations.secrets.authorities = {path: (each.certificate, each.key) for path, each in made.items()}


def make_service_account_key(cluster: Cluster) -> None:
    """The one pair of keys that needs no certificate: kubeadm makes it only as long as it sees no authority."""
    first = cluster.control_planes[0]
    first.put(configuration.FILE, configuration.render(cluster))
    first.succeed(f"sudo kubeadm init phase certs sa --config {configuration.FILE}")


def request(cluster: Cluster) -> None:
    """Have every control plane make its keys, and a request for each certificate that it needs."""
    together(lambda machine: _request(cluster, machine), cluster.control_planes)


def sign(cluster: Cluster) -> None:
    """Sign what every control plane requests, and put it in place; a kubeconfig has its certificate inside."""
    together(lambda machine: _sign(cluster, machine), cluster.control_planes)


def sign_kubelets(cluster: Cluster) -> None:
    """Sign the kubelets' requests that the cluster approves, until every machine that joins has its certificate."""
    waiting = {f"CN=system:node:{machine.name},O=system:nodes" for machine in cluster.nodes[1:]}
    authority = _authorities(cluster)["ca"]

    def unsigned() -> NotYet | None:
        listed = cluster.kubectl("get", "certificatesigningrequests", "-o", "json")
        if cluster.dry_run:
            return None
        for found in json.loads(listed)["items"]:
            if _is_approved(found):
                waiting.discard(_answer(cluster, authority, found))
        return NotYet(f"no kubelet has requested {', '.join(sorted(waiting))}") if waiting else None

    cluster.wait_until(unsigned, limits.SIGNED, "every kubelet that joins has its certificate", every=1)


def _request(cluster: Cluster, machine: Machine) -> None:
    machine.put(configuration.FILE, configuration.render(cluster, machine=machine))
    machine.succeed(f"sudo kubeadm certs generate-csr --config {configuration.FILE}")
    if machine is not cluster.control_planes[0]:  # as after a join: the kubelet requests its own, the other stays there
        machine.succeed(f"sudo rm {_FOLDER}/kubelet.conf* {_FOLDER}/super-admin.conf*")


def _sign(cluster: Cluster, machine: Machine) -> None:
    authorities = _authorities(cluster)
    for path, authority in authorities.items():
        machine.put(f"{PKI}/{path}.crt", authority.certificate)
    requests = sections(machine.as_root(_REQUESTS))
    if not requests and not cluster.dry_run:
        raise CommandFailed(f"on {machine.name}: {_FOLDER} has no request for a certificate")
    for path, request in requests.items():
        what = path.removeprefix("./").removeprefix("pki/").removesuffix(".csr")
        target = f"{_FOLDER}/{what}" if what.endswith(".conf") else f"{PKI}/{what}"
        machine.put(f"{target}.crt", authorities[issuer_of(what)].sign(request, what))
        if what.endswith(".conf"):
            machine.as_root(_EMBED.format(file=target, pki=PKI))
        machine.succeed(f"sudo rm {target}.csr")


def _authorities(cluster: Cluster) -> Mapping[str, Authority]:
    """The authorities by their files below pki/."""
    return {path: Authority(*pair) for path, pair in cluster.observations.secrets.authorities.items()}


def _is_approved(request: Any) -> bool:
    """Whether a kubelet may have what it requests, and does not have it yet."""
    status = request.get("status", {})
    approved = any(each["type"] == "Approved" for each in status.get("conditions", []))
    return approved and "certificate" not in status and request["spec"]["signerName"] == _KUBELETS


def _answer(cluster: Cluster, authority: Authority, request: Any) -> str:
    """Sign one request, as an object of the API; returns whom it is for."""
    pem = base64.b64decode(request["spec"]["request"]).decode()
    request["status"]["certificate"] = base64.b64encode(authority.sign(pem).encode()).decode()
    path = f"/apis/certificates.k8s.io/v1/certificatesigningrequests/{request['metadata']['name']}/status"
    cluster.kubectl("replace", "--raw", path, "-f", "-", stdin=json.dumps(request).encode())
    return subject(pem)
