"""How long something may take, each with its reason and its source: constants of etcd, kubelet, HAProxy, kubeadm."""

from __future__ import annotations

from dataclasses import dataclass

from resilience.traffic.transport import CONNECT, REQUEST


@dataclass(frozen=True)
class Bound:
    """So many seconds, why, and where that is written."""

    seconds: float
    reason: str
    source: str

    def __add__(self, other: Bound) -> Bound:
        reason, source = f"{self.reason}; {other.reason}", f"{self.source} {other.source}"
        return Bound(self.seconds + other.seconds, reason, source)


_ETCD_CLIENT = "https://github.com/kubernetes/kubernetes/blob/master/staging/src/k8s.io/apiserver/pkg/storage/storagebackend/factory/etcd3.go"
_PODS = "https://kubernetes.io/docs/concepts/workloads/pods/pod-lifecycle/#restart-policy"

ELECTION = Bound(
    2, "an etcd follower campaigns one to two election timeouts (1000 ms) after the last heartbeat",
    "https://etcd.io/docs/v3.6/tuning/#time-parameters",
)  # fmt: skip

REQUESTS = Bound(
    CONNECT + REQUEST, f"a client gives up a request after {REQUEST:.0f} s, a new connection after {CONNECT:.0f} s",
    "resilience/traffic/transport.py",
)  # fmt: skip

CHECKS = Bound(
    3, "HAProxy takes a server out after two failed checks a second apart (inter 1s fall 2), each given a second; "
    "nginx passes a connection on that is not taken for a second (proxy_connect_timeout)",
    "https://docs.haproxy.org/2.6/configuration.html#5.2-fall",
)  # fmt: skip

NOTICED = CHECKS + REQUESTS
"""Until requests by the balancer are answered again when one API server of several is gone or hangs."""

KEEPALIVE = Bound(
    40, "an API server's connection to an etcd member is probed after 30 s without an answer, for 10 s",
    _ETCD_CLIENT,
)  # fmt: skip

ENDPOINTS = Bound(
    25, "an API server that is gone leaves the Service's endpoints 15 s after its last lease, at a turn of 10 s",
    "https://github.com/kubernetes/kubernetes/blob/master/pkg/controlplane/instance.go",
)  # fmt: skip
"""What the way by the Service may take longer: kube-proxy checks no API server by itself."""

LEASES = Bound(
    17, "a leader's lease lasts 15 s (--leader-elect-lease-duration), and others try every 2 s",
    "https://kubernetes.io/docs/reference/command-line-tools-reference/kube-controller-manager/",
)  # fmt: skip

RESTARTED = Bound(
    120, "the kubelet starts a container again at once, and the second time within ten minutes after 10 s; an API "
    "server's probes then have to succeed every 10 s", _PODS,
)  # fmt: skip

BACKED_OFF = RESTARTED + Bound(
    300, "a scheduler and a controller-manager end where they cannot renew their lease while their API server is away; "
    "the kubelet starts what ends again and again after 10, 20, 40 and up to 300 s, until it has run for ten minutes",
    _PODS,
)  # fmt: skip
"""Where an API server is away, and may have been in a fault before: the back-off lasts from one to the next."""

UNIT = Bound(
    2, "systemd starts a unit again 100 ms after it failed (RestartSec), and HAProxy listens within a second",
    "https://www.freedesktop.org/software/systemd/man/latest/systemd.service.html#RestartSec=",
)  # fmt: skip

ADVERTS = Bound(
    4, "keepalived takes an address after three of its holder's adverts are missing, a second apart (advert_int), and "
    "less than one more", "https://www.rfc-editor.org/rfc/rfc5798#section-6.1",
)  # fmt: skip

TRACKED = Bound(
    9, "keepalived's script says that a proxy is gone three times (fall), a second apart, and has two to answer",
    "https://github.com/kubernetes/kubeadm/blob/main/docs/ha-considerations.md#keepalived-configuration",
)  # fmt: skip

BOOTED = Bound(
    240, "what is switched on, or restored, starts its static pods in turn; the kubelet's back-off for an API server "
    "without etcd is 10, 20, 40 s", _PODS,
)  # fmt: skip


def lasting(seconds: float) -> Bound:
    """What stands still for a while answers after it."""
    return Bound(seconds, f"what is stopped for {seconds:.0f} s answers afterwards", "the fault itself")
