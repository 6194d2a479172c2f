"""Authorities whose keys are on none of the machines: the cluster runs without them, and says what it cannot do.

Source: https://kubernetes.io/docs/tasks/administer-cluster/kubeadm/kubeadm-certs/#external-ca-mode
"""

from __future__ import annotations

import re
from collections import Counter

import pytest

from fixtures.subjects.certificates import public_key
from fixtures.subjects.configured import command_of
from fixtures.subjects.files import PKI, NodeFiles
from fixtures.subjects.finding import below
from fixtures.subjects.renewals import expirations
from provision.cluster import Cluster
from provision.config.cluster_id import ELSEWHERE
from provision.kubeadm import configuration
from provision.machines.machine import Machine
from provision.util.result import last_lines

pytestmark = pytest.mark.authority(ELSEWHERE)

Files = dict[str, NodeFiles]

_LINE = "=====\n"
_PLANTED = (
    'key=$(mktemp) && trap \'rm -f "$key"\' EXIT && openssl genpkey -algorithm ed25519 -out "$key"'
    f" && openssl pkey -pubout -in \"$key\" && printf '{_LINE.strip()}\\n'"
)
"""Makes a key that the search has to find, or it searches nothing; prints its public half."""
_PUBLIC_HALVES = (
    "sudo grep -rlI 'PRIVATE KEY' /etc /root /home /tmp /opt /var/lib/kubelet"
    " | sudo xargs -r -n 1 sh -c 'openssl pkey -pubout -in \"$0\" 2>/dev/null || true'"
)


@pytest.mark.built
def test_no_machine_has_an_authoritys_key(files: Files, cluster: Cluster, machine: Machine) -> None:
    """Whatever a file is called: the public halves of all private keys are compared with the authorities'."""
    first = files[cluster.control_planes[0].name].certificates
    # Lines of a public half may be lines of the private one, so that what it prints is kept out of every record.
    planted, found = machine.succeed(f"{_PLANTED} && {_PUBLIC_HALVES}", secret=True).split(_LINE)
    authorities = {path: public_key(first[f"{PKI}{path}.crt"]) for path in ("ca", "etcd/ca", "front-proxy-ca")}
    assert (planted in found, [path for path, public in authorities.items() if public in found]) == (True, [])


def test_no_signing_request_is_left_on_a_control_plane(cluster: Cluster, control_plane: Machine) -> None:
    assert below(control_plane, "/etc/kubernetes/", ".csr") == []


@pytest.mark.parametrize("option", ["cert", "key"])
def test_controller_manager_has_no_signing_authority(cluster: Cluster, control_plane: Machine, option: str) -> None:
    """kubeadm tells it of no authority, so that it does not try."""
    manifest = control_plane.succeed("sudo cat /etc/kubernetes/manifests/kube-controller-manager.yaml")
    assert command_of(manifest)[f"cluster-signing-{option}-file"] == ("",)


@pytest.mark.changes
def test_kubeadm_renews_no_certificate_without_the_ca_keys(
    files: Files, cluster: Cluster, control_plane: Machine
) -> None:
    """It says so of each certificate and its authority, and changes none."""
    listed = expirations(control_plane).values()
    expected = Counter(each.authority for each in listed if each.authority and not each.missing)
    output = control_plane.succeed("sudo kubeadm certs renew all")
    refused = Counter(
        each.replace("/", "-") for each in re.findall(r"Detected external (\S+), .* can't be renewed", output)
    )
    assert (refused, NodeFiles(control_plane).facts) == (expected, files[control_plane.name].facts)


@pytest.mark.changes
def test_kubeadm_refuses_to_upload_certificates_without_the_ca_keys(cluster: Cluster) -> None:
    command = f"sudo kubeadm init phase upload-certs --upload-certs --config {configuration.FILE}"
    result = cluster.control_planes[0].run(command)
    refused = "can't use upload-certs with an external CA or an external front-proxy CA" in result.stderr
    assert (result.ok, refused) == (False, True), last_lines(result.stderr, 40)
