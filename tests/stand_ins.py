"""Stand-ins for machines and clusters, for tests of what happens around them."""

from __future__ import annotations

from collections.abc import Callable, Collection

from provision.cluster import Cluster, Endpoint
from provision.journal import Journal, Listener
from provision.machines.machine import Machine, Result
from provision.redaction import Redactor
from provision.topology import ClusterId, MachineSpec
from provision.versions import Version

PRINTED = """
You can now join any number of control-plane nodes running the following command on each as root:

  kubeadm join cluster-endpoint.kubeadm-ha.test:6443 --token abcdef.0123456789abcdef \\
\t--discovery-token-ca-cert-hash sha256:1234567890123456789012345678901234567890123456789012345678901234 \\
\t--control-plane --certificate-key aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa

Then you can join any number of worker nodes by running the following on each as root:

kubeadm join cluster-endpoint.kubeadm-ha.test:6443 --token abcdef.0123456789abcdef \\
\t--discovery-token-ca-cert-hash sha256:1234567890123456789012345678901234567890123456789012345678901234
"""
"""What `kubeadm init --upload-certs` prints, with made-up secrets."""


class FakeMachine(Machine):
    """Answers every command the way `answer` says, and notes it."""

    def __init__(self, spec: MachineSpec, answer: Callable[[str, str], Result]) -> None:
        super().__init__(spec, f"198.18.0.{spec.host}")
        self.commands: list[str] = []
        self._answer = answer

    def run(
        self, command: str, *, timeout: float = 60, stdin: bytes = b"", secret: bool = False, agent: bool = False
    ) -> Result:
        self.commands.append(command)
        return self._answer(self.name, command)

    def close(self) -> None:
        """Nothing to let go of."""


def ok(_machine: str, command: str) -> Result:
    """The answer of a world in which everything works."""
    return Result(0, PRINTED if "kubeadm init" in command else "", "")


def fake_cluster(
    answer: Callable[[str, str], Result] = ok,
    listeners: tuple[Listener, ...] = (),
    accommodations: Collection[str] = (),
    name: str = "stacked-uploaded-1.37",
) -> Cluster:
    """A cluster of fake machines, by its id."""
    cluster = ClusterId.parse(name)
    return Cluster(
        id=cluster,
        version=Version.parse("v1.37.2"),
        endpoint=Endpoint("cluster-endpoint.kubeadm-ha.test", "198.18.0.2"),
        machines={spec.name: FakeMachine(spec, answer) for spec in cluster.machines},
        journal=Journal(str(cluster), Redactor(), listeners),
        host_address="198.18.0.1",
        accommodations=frozenset(accommodations),
    )


def commands(cluster: Cluster, machine: str) -> list[str]:
    """What was run on a fake machine."""
    fake = cluster.machines[machine]
    assert isinstance(fake, FakeMachine)
    return fake.commands
