"""How a container is called for that becomes a machine."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from provision.artifacts.engines import Engine
from provision.config.cluster_state import ClusterState
from provision.config.topology import OUTSIDE, MachineSpec
from provision.machines import keys
from provision.node.files import GATEWAY_VARIABLE
from provision.providers.container.removal import prefix

RESOLVER = "resolv.conf"
"""The file of a cluster's folder that all its machines have for their own."""

STORE_PATHS = ("containerd", "kubelet", "etcd")
"""What is below /var/lib on a disk of its own."""


def has_disks(spec: MachineSpec) -> bool:
    """Whether a machine is a node, or carries etcd."""
    return spec.role not in OUTSIDE


def arguments(
    engine: Engine,
    state: ClusterState,
    spec: MachineSpec,
    folder: Path,
    network: str,
    labels: Sequence[str],
    image: str,
) -> Iterator[str]:
    """All that stands behind `run --detach` or `create`; `folder` is the cluster's, `network` and `image` are names."""
    ssh = folder / "ssh"
    # The names first: an error shows the beginning of the command.
    yield from (f"--name={prefix(state.id)}-{spec.name}", f"--hostname={spec.name}")
    yield from (*engine.machine_flags, *engine.limits())
    if has_disks(spec):
        if not state.online:
            yield f"--env={GATEWAY_VARIABLE}={' '.join(map(str, state.addresses_of(state.name_server)))}"
        yield from (f"--volume={folder / 'disks' / spec.name / path}:/var/lib/{path}" for path in STORE_PATHS)
    yield from (f"--label={label}" for label in labels)
    yield from (f"--network={network}", *engine.address_flags(state.addresses_of(spec.name)))
    yield f"--volume={folder / RESOLVER}:/etc/resolv.conf:ro"
    yield f"--volume={ssh / f'{spec.name}.host_key'}:/etc/ssh/ssh_host_ed25519_key:ro"
    yield f"--volume={ssh / keys.AUTHORIZED_KEYS}:/etc/ssh/authorized_keys/ubuntu:ro"
    # A person who copies files from machine to machine has answered ssh's question about each of them.
    yield f"--volume={ssh / keys.KNOWN_HOSTS}:/etc/ssh/ssh_known_hosts:ro"
    yield image
    yield from engine.first_process
