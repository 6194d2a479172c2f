"""Stand-ins for machines and clusters, for tests of what happens around them."""

from __future__ import annotations

import re
from collections.abc import Collection

from provision.cluster import ADMIN, Cluster
from provision.clusters import evidence
from provision.config.cluster_state import ClusterState
from provision.recording.journal import Journal, Listener
from provision.util.redaction import Redactor
from provision.util.result import Result
from tests.fake_machine import Answers, FakeMachine, Replies

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


_SUDO_KUBECTL = f"^sudo {re.escape(ADMIN)} kubectl "

PROCEDURE: Replies = {
    re.compile(r"^sudo install -D -m \d+ /dev/stdin /etc/(dnsmasq\.d/cluster\.conf|haproxy/haproxy\.cfg)$"): "",
    re.compile(r"^sudo systemctl enable --quiet (\w+) && sudo systemctl (restart|reload-or-restart) \1$"): "",
    "sudo haproxy -c -q -f /etc/haproxy/haproxy.cfg": "",
    "ss -Hltn 'sport = :6443'": "LISTEN 0 2000 0.0.0.0:6443 0.0.0.0:*\n",
    "nc -zv -w 2 198.18.0.2 6443": Result(0, "", "Connection to 198.18.0.2 6443 port [tcp/*] succeeded!\n"),
    re.compile("^sudo kubeadm init "): PRINTED,
    re.compile("^sudo kubeadm join "): "This node has joined the cluster\n",
    f"sudo {ADMIN} kubectl apply -f -": "configmap/routes created\n",
    re.compile(f"{_SUDO_KUBECTL}wait -n kube-public configmap/cluster-info "): "configmap/cluster-info condition met\n",
    re.compile(f"{_SUDO_KUBECTL}-n kube-system wait --for=condition=Ready node "): "node/cp1 condition met\n",
}
"""What machines answer on which all of the stacked procedure works."""


COLLECTED = sorted(
    {
        each
        for some in (evidence._EVERYWHERE, *evidence._BY_ROLE.values(), *evidence._BY_PROGRAM.values())
        for each in some.values()
    }
)
"""The commands whose answers are collected after a failure, on machines of all roles."""


def fake_cluster(
    replies: Answers | Replies | None = None,
    listeners: tuple[Listener, ...] = (),
    workarounds: Collection[str] = (),
    name: str = "stacked-uploaded-1.37",
    subnet: str = "198.18.0.0/24",
) -> Cluster:
    """A cluster of fake machines, by its id. Without replies they know no command at all."""
    answers = replies if isinstance(replies, Answers) else Answers(replies or {})
    state = ClusterState(
        name, "v1.37.2", 1, 0.0, subnet=subnet, network="routes", workarounds=dict.fromkeys(workarounds, "")
    )
    addresses = state.addresses
    machines = {spec.name: FakeMachine(answers, spec, addresses[spec.name]) for spec in state.specs}
    return Cluster(state, machines, Journal(name, Redactor(), listeners))


def commands(cluster: Cluster, machine: str) -> list[str]:
    """What was run on a fake machine."""
    fake = cluster.machines[machine]
    assert isinstance(fake, FakeMachine)
    return fake.commands
