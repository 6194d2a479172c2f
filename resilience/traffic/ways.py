"""The clients of a cluster: who goes to the API by which way."""

from __future__ import annotations

import random
import ssl
import time

from provision.cluster import Cluster
from provision.machines.machine import Machine
from provision.machines.ssh import SshMachine
from provision.util.errors import CommandFailed
from resilience.availability import API, BALANCER_KEPT, BALANCER_NEW, SERVICE
from resilience.histories.records import Kind
from resilience.traffic import objects
from resilience.traffic.clients import Client
from resilience.traffic.in_pod import InPod
from resilience.traffic.objects import Wanted
from resilience.traffic.recorder import Recorder
from resilience.traffic.transport import CONNECT, REQUEST, Direct, Lost, Place, Transport
from resilience.traffic.watchers import Watcher

KEYS = tuple(f"object-{number}" for number in range(1, 7))
"""Few enough that clients meet, and enough that most of their writes go through."""

_API_PORT = 6443  # where kubeadm has an API server listen
_ALLOWED = 15.0  # seconds until each API server knows what a new service account may do: it watches that, in tenths


class Ways:
    """The clients of a cluster, by the ways that they go."""

    def __init__(self, cluster: Cluster, recorder: Recorder, context: ssl.SSLContext, chance: random.Random) -> None:
        self._cluster, self._recorder, self._context, self._chance = cluster, recorder, context, chance

    def clients(self, machine: Machine | None, uid: str) -> list[Client]:
        """One to each API server, two by the balancer anew, one on a connection that is kept, and one in a pod."""
        found = [self._client(f"{API}/{each.name}", self._to(each)) for each in self._cluster.control_planes]
        found += [self._client(f"{BALANCER_NEW}/{number}", self._balancer(keep=False)) for number in (1, 2)]
        found.append(self._client(BALANCER_KEPT, self._balancer(keep=True)))
        if machine:
            found.append(self._client(SERVICE, self._inside(machine, uid)))
        return found

    def watchers(self) -> list[Watcher]:
        """One by the balancer, and one by each API server in turn."""
        ways = [self._to(each) for each in self._cluster.control_planes]
        return [
            Watcher("watch/balancer", [self._balancer(keep=False)], self._recorder),
            Watcher("watch/servers", ways, self._recorder),
        ]

    def last(self) -> Client:
        """What reads at the end."""
        return self._client("final", self._balancer(keep=False))

    def _client(self, name: str, transport: Transport) -> Client:
        return Client(name, transport, self._recorder, KEYS, random.Random(self._chance.random()))

    def _balancer(self, *, keep: bool) -> Direct:
        endpoint = self._cluster.endpoint
        return self._direct(Place(endpoint.address, endpoint.port, endpoint.name, self._cluster.host_address), keep)

    def _to(self, machine: Machine) -> Direct:
        """To one API server; its certificate must be for this very address, so that no other can answer."""
        at = Place(machine.address, _API_PORT, machine.address, self._cluster.host_address)
        return self._direct(at, keep=True)

    def _direct(self, place: Place, keep: bool) -> Direct:
        patience = self._cluster.patience
        return Direct(place, self._context, keep=keep, connect=CONNECT * patience, limit=REQUEST * patience)

    def _inside(self, machine: Machine, uid: str) -> InPod:
        """The way from a pod on a machine, once it works. Raises CommandFailed where it does not."""
        if not isinstance(machine, SshMachine):
            raise CommandFailed(f"{machine.name} is not reached over SSH, so there is no way into its pods")
        inside = InPod(machine.conversation, uid, limit=REQUEST * self._cluster.patience)
        if why := inside.opened():
            raise CommandFailed(f"on {machine.name}: the client in a pod did not start", answer=why)
        expect_allowed(inside, self._recorder.namespace)
        return inside


def expect_allowed(inside: Transport, namespace: str, seconds: float = _ALLOWED) -> None:
    """Wait until a new service account may list; raises CommandFailed with the last answer."""
    wanted, deadline, shown = objects.request(namespace, Wanted(Kind.LIST)), time.monotonic() + seconds, ""
    while time.monotonic() < deadline:
        try:
            answer = inside.exchange(wanted)
        except Lost as lost:
            shown = lost.why
        else:
            if answer.status == 200:
                return
            shown = f"{answer.status}: {answer.body[:200].decode(errors='replace')}"
        time.sleep(0.2)
    inside.close()
    raise CommandFailed("the client in a pod did not reach the API before there was any fault", answer=shown)
