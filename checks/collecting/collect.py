"""One pass over a cluster: the API, each API server, and the machines, side by side, within half a minute."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from typing import Any

from checks.collecting import discovery, following, limits, machine, machine_facts, naming, seen, servers
from checks.collecting.access import Ways
from checks.collecting.balancer_haproxy import Wanted
from checks.collecting.balancer_pods import in_daemon_sets
from checks.collecting.discovery import Known
from checks.collecting.limits import Budget
from checks.collecting.machine import Visit
from checks.collecting.on_the_way import NOT_REACHED
from checks.collecting.questions import is_name
from checks.collecting.reaching_api import by_kubeconfig, on_control_planes, without
from checks.collecting.targets import API_PORT, Places, host_of, of_url, places, port_of, targets, with_port
from checks.facts.addresses import is_loopback
from checks.facts.cluster import Api, ApiServer, Facts
from checks.facts.fact import LOGIN, Unknown, unread
from checks.facts.machine import ANSWERS, BALANCER, CONTROL_PLANE, WORKER, MachineFacts
from provision.util.concurrency import within
from provision.util.errors import Problem

__all__ = ["Ways", "collected"]

_NO_LOGIN = "no login was given"


def collected(ways: Ways, say: Callable[[str], None] = lambda _: None) -> Facts:
    """Facts of a cluster; `say` gets a line at each step. Raises BadInput for a cluster that kubeadm did not make."""
    return _Collecting(ways, say).facts()


class _Collecting:
    """One pass; each step ends in time, whatever does not answer."""

    def __init__(self, ways: Ways, say: Callable[[str], None]) -> None:
        self._ways = ways
        self._say = say
        self._budget = Budget(ways.spent)

    def facts(self) -> Facts:
        visits, api = self._reached_at_once()
        api_read = datetime.now(UTC)
        known = _known(api, visits)
        endpoint = _endpoint(self._ways, api, visits)
        visits = naming.named([*visits, *self._logged_in_to(known, visits)], known)
        addresses = self._addresses(endpoint, visits)
        visits += self._balancers(addresses, visits)
        machines, through, each_server = self._second(visits, known, api, endpoint, addresses)
        machines += [_without_login(each) for each in known if each.name not in {one.name for one in machines}]
        return Facts(
            datetime.now(UTC), endpoint, self._ways.access, tuple(machines), api,
            seen.from_machines(through, machines) if through else None,
            tuple(seen.from_machines(each, machines) for each in each_server),
            round(self._budget.spent, 2), tuple(self._ways.notes), api_read=api_read,
        )  # fmt: skip

    def _reached_at_once(self) -> tuple[list[Visit], Api]:
        """What needs nothing from others: the machines of an inventory, and the API by a kubeconfig."""
        requests = self._ways.requests
        wanted = [(each, Visit(each.name, roles, each.address)) for each, roles in self._ways.machines]
        actions: list[Callable[[], Any]] = [partial(machine.first, *one) for one in wanted]
        actions += [partial(by_kubeconfig, requests)] if requests else []
        found = within(self._first_limit(len(wanted)), lambda action: action(), actions)
        visits = [each or _late(one) for each, (_, one) in zip(found, wanted, strict=False)]
        if requests:
            api = found[-1] or without("the API did not answer in time")
            visits = visits or self._at_its_server(api, requests.server)
            if api.nodes.known or not visits:
                missing = api.nodes.missing
                self._say(f"the API was not read: {missing}" if missing else "the API was read by the kubeconfig")
                return visits, api
            self._ways.notes.append(f"the API was not read by the kubeconfig: {api.nodes.missing}")
        api, way = on_control_planes(visits, self._budget)
        self._say(f"the API was read {way}")
        return visits, api

    def _at_its_server(self, api: Api, server: str) -> list[Visit]:
        """Where this host does not reach the API and there is a login, the machine that the kubeconfig leads to.

        It is of use where it is a control plane: its administrator's file reads the API, which names all others.
        """
        host = host_of(of_url(server))
        if api.nodes.known or api.nodes.needs or not self._ways.login or not host or is_loopback(host):
            return []
        one = Known(host, (CONTROL_PLANE,), host)
        [found] = within(self._first_limit(1), self._log_in, [one])
        found = found or _late(_visit(one))
        if found.administered or found.flags("kube-apiserver"):
            return [found]
        why = found.unreachable or "it is not a control plane"
        self._ways.notes.append(f"the API was not read on {host}, where the kubeconfig leads to: {why}")
        return []

    def _first_limit(self, machines: int) -> float:
        return self._budget.step(limits.LOGIN + limits.FIRST + limits.EXCHANGE, machines)

    def _logged_in_to(self, known: Sequence[Known], visits: Sequence[Visit]) -> list[Visit]:
        """Machines that no inventory names, by the login that was given."""
        there = {address for each in visits for address in each.addresses}
        wanted = [each for each in known if self._ways.login and each.address not in there]
        found = within(self._first_limit(len(wanted)), self._log_in, wanted)
        return [each or _late(_visit(one)) for each, one in zip(found, wanted, strict=True)]

    def _log_in(self, known: Known) -> Visit:
        assert self._ways.login
        try:
            made = self._ways.login(known)
        except Problem as problem:
            return replace(_visit(known), unreachable=machine.why(problem))
        return machine.first(made, _visit(known))

    def _addresses(self, endpoint: str, visits: Sequence[Visit]) -> tuple[str, ...]:
        """Addresses of the endpoint: as this host knows it, else as a machine does that was logged in to."""
        name = host_of(endpoint)
        [here] = within(self._budget.step(limits.NAMES, 0), _resolved, [name])
        if here or not is_name(name):
            return here or ()
        there = [each for each in visits if each.given.all()][:1]
        [found] = within(self._budget.step(limits.NAMES, 0), lambda each: machine.resolved(each, name), there) or [()]
        return found or ()

    def _balancers(self, addresses: Sequence[str], visits: Sequence[Visit]) -> list[Visit]:
        """The machine that has the endpoint's address, where no other machine has it."""
        there = {address for each in visits for address in each.addresses}
        wanted = [Known(each, (BALANCER,), each, node=False) for each in addresses if each not in there]
        if not self._ways.login or not wanted:
            return []
        found = within(self._first_limit(len(wanted)), self._log_in, wanted)
        taken = {each.name for each in visits}
        kept = []
        for one, each in zip(wanted, found, strict=True):
            if each is None or each.unreachable:
                why = each.unreachable if each else "it did not answer in time"
                self._ways.notes.append(f"the endpoint's machine {one.address} was not inspected: {why}")
            elif each.host_name in taken:
                kept.append(each)
            else:
                kept.append(replace(each, name=each.host_name or each.name))
        return kept

    def _second(
        self, visits: Sequence[Visit], known: Sequence[Known], api: Api, endpoint: str, addresses: Sequence[str]
    ) -> tuple[list[MachineFacts], ApiServer | None, list[ApiServer]]:
        """What follows from the first answers: all machines, each API server and the endpoint, side by side."""
        wanted = Wanted(port_of(endpoint) or API_PORT, frozenset(addresses))
        moved = tuple(in_daemon_sets(api.daemon_sets.value or ()))
        visits = [replace(each, wanted=wanted, of_daemon_sets=moved) for each in self._configured(visits)]
        there = places([*known, *visits])
        reading = [partial(self._machine, each, there, api, endpoint) for each in visits]
        requests = list(_requests(there, endpoint, addresses))
        actions: list[Callable[[], Any]] = [*reading, *(partial(servers.inspected, *one) for one in requests)]
        limit = self._budget.step(limits.SECOND + limits.EXCHANGE, len(visits))
        found = within(limit, lambda action: action(), actions)
        machines = [
            each or machine_facts.facts(replace(one, unreachable="it stopped answering"), ())
            for each, one in zip(found, visits, strict=False)
        ]
        listed = [each or _silent(*one) for each, one in zip(found[len(visits) :], requests, strict=True)]
        through = [replace(each, address=endpoint) for each in listed if not each.machine]
        return machines, through[0] if through else None, [each for each in listed if each.machine]

    def _configured(self, visits: Sequence[Visit]) -> list[Visit]:
        """Machines with what their processes are configured by beside their flags, which few of them are."""
        limit = self._budget.step(limits.EXCHANGE + limits.NAMES, len(visits))
        found = within(limit, lambda each: machine.more(each, following.configured(each)), visits)
        return [each or one for each, one in zip(found, visits, strict=True)]

    def _machine(self, visits: Visit, there: Places, api: Api, endpoint: str) -> MachineFacts:
        wanted = targets(visits.roles, there, api, endpoint)
        pki = str((api.cluster_configuration.value or {}).get("certificatesDir") or "").rstrip("/")
        groups = following.groups(visits, wanted, host_of(endpoint), pki)
        whole = self._ways.whole_database
        visits = machine.second(visits, groups, lambda given: following.hash_if_small(visits, given, always=whole))
        return machine_facts.facts(visits, wanted)


def _known(api: Api, visits: Sequence[Visit]) -> tuple[Known, ...]:
    """Machines by the API; where that is down, those of the inventory."""
    try:
        return discovery.machines(api)
    except Unknown:
        return tuple(Known(each.name, each.roles, each.address, WORKER in each.roles, each.ports) for each in visits)


def _visit(known: Known) -> Visit:
    return Visit(known.name, known.roles, known.address, ports=known.ports)


def _late(visits: Visit) -> Visit:
    return replace(visits, unreachable=f"{visits.name} ({visits.address}) did not answer in time")


def _endpoint(ways: Ways, api: Api, visits: Sequence[Visit]) -> str:
    """`name:port`: what an inventory says, what the stored configuration has, or where new nodes are sent to; while the
    API is down, where the administrator's files of the machines lead to.

    A kubeconfig of the user's comes last: what it names may be a tunnel of its own.
    """
    stored = (api.cluster_configuration.value or {}).get("controlPlaneEndpoint")
    named = with_port(ways.endpoint, API_PORT) or with_port(str(stored or ""), API_PORT)
    named = named or of_url(api.cluster_info_server.value or "")
    there = next((of_url(server) for each in visits for server in each.administered), "")
    return named or there or of_url(ways.requests.server if ways.requests else "")


def _resolved(host: str) -> tuple[str, ...]:
    try:
        found = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM) if host else []
    except (OSError, UnicodeError):
        return ()
    return tuple(dict.fromkeys(str(each[4][0]) for each in found))


def _requests(there: Places, endpoint: str, addresses: Sequence[str]) -> Iterator[tuple[str, str, int]]:
    """Whom this host asks: the endpoint, and the API server of each control plane, with its machine."""
    if endpoint:
        yield (addresses or [host_of(endpoint)])[0], "", port_of(endpoint) or API_PORT
    for name, each in sorted(there.items()):
        if CONTROL_PLANE in each.roles:
            yield each.address, name, each.ports.api_server


def _silent(address: str, name: str, port: int) -> ApiServer:
    late: Any = unread(f"{NOT_REACHED} in time")
    return ApiServer(with_port(address, port), name, late, late, late)


def _without_login(known: Known) -> MachineFacts:
    missing: Mapping[str, Any] = {each: unread(_NO_LOGIN, LOGIN) for each in ANSWERS}
    return MachineFacts(known.name, known.roles, known.address, **missing)
