"""Keys: everything that kubeadm makes on a control plane has keys of the one configured algorithm.

Source: `encryptionAlgorithm` of
https://kubernetes.io/docs/reference/config-api/kubeadm-config.v1beta4/#kubeadm-k8s-io-v1beta4-ClusterConfiguration
"""

from __future__ import annotations

import pytest

from fixtures.subjects.certificates import KEYED_AUTHORITIES, OWN, key_algorithm
from fixtures.subjects.files import PKI, NodeFiles
from provision.config.configuration.expected import Expected
from provision.machines.machine import Machine

Files = dict[str, NodeFiles]


@pytest.mark.parametrize("pair", [*KEYED_AUTHORITIES, *OWN, "sa"])
def test_key_has_the_requested_algorithm(files: Files, expected: Expected, control_plane: Machine, pair: str) -> None:
    assert key_algorithm(files[control_plane.name].public_keys[f"{PKI}{pair}.key"]) == expected.keys


@pytest.mark.parametrize("config", ["admin.conf", "controller-manager.conf", "scheduler.conf"])
def test_client_key_of_a_kubeconfig_has_the_requested_algorithm(
    files: Files, expected: Expected, control_plane: Machine, config: str
) -> None:
    client = files[control_plane.name].kubeconfigs[config].client
    assert client is not None
    assert key_algorithm(client) == expected.keys
