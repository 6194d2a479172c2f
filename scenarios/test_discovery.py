"""Joins by a file in every form that kubeadm takes: the worker becomes what a printed token would have made it.

Source: https://kubernetes.io/docs/reference/setup-tools/kubeadm/kubeadm-join/#file-or-https-based-discovery
"""

from __future__ import annotations

import re

import pytest

from fixtures.subjects.discoveries import Discoveries
from provision.cluster import Cluster
from provision.config.topology import Role
from provision.util.result import last_lines

pytestmark = pytest.mark.lengthy

every = pytest.mark.parametrize(
    "way", ["by_file", "by_file_with_token", "by_embedded_certificate", "by_certificate_files"]
)
REFUSED = {
    "without_credentials": "could( not|n't) find authentication credentials for the TLS bootstrap process",
    "with_a_strangers_authority": "certificate signed by unknown authority",
}


@every
def test_worker_that_joined_by_file_is_ready(discoveries: Discoveries, way: str) -> None:
    assert (discoveries.joined(way).failure, discoveries.joined(way).ready) == ("", True)


@every
def test_kubelet_that_joined_by_file_has_its_own_certificate(
    mutable: Cluster, discoveries: Discoveries, way: str
) -> None:
    """Whatever it proved with that it may join was for that alone."""
    worker = mutable.late(Role.WORKER)
    assert discoveries.joined(way).client == f"CN=system:node:{worker.name},O=system:nodes"


@every
def test_kubelet_that_joined_by_file_uses_the_endpoint(mutable: Cluster, discoveries: Discoveries, way: str) -> None:
    assert discoveries.joined(way).server == f"https://{mutable.endpoint}"


@every
def test_join_by_file_leaves_only_kubelet_conf_and_the_ca(discoveries: Discoveries, way: str) -> None:
    """Neither the credentials nor a kubeconfig that has them."""
    files = {path for path in discoveries.joined(way).files if not path.startswith("kubelet.d/")}
    assert files == {"kubelet.conf", "pki/ca.crt"}


@pytest.mark.parametrize("way", REFUSED)
def test_join_by_an_unusable_file_says_why(discoveries: Discoveries, way: str) -> None:
    output = discoveries.refused(way)
    assert re.search(REFUSED[way], output), last_lines(output, 40)
