"""One pass over a cluster: the API, each API server, and the machines, in parallel."""

from __future__ import annotations

import socket
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

from checks.collecting import discovery, machine, servers
from checks.collecting.api import PATHS, SECRETS, Reply, Requests, objects, tokens_of
from checks.collecting.balancer_haproxy import Wanted
from checks.collecting.discovery import Known
from checks.collecting.kubectl import OnControlPlane
from checks.collecting.machine import Asked
from checks.collecting.questions import TOKENS
from checks.collecting.reading_kubernetes import tokens
from checks.collecting.targets import API_PORT, host_of, places, port_of, targets
from checks.facts.cluster import Api, ApiServer, Facts, Token
from checks.facts.fact import LOGIN, Fact, Unknown, unread
from checks.facts.machine import ANSWERS, BALANCER, CONTROL_PLANE, WORKER, MachineFacts
from provision.config.addresses import at
from provision.errors import BadInput, Problem
from provision.machines.machine import Machine

_AT_ONCE = 64  # machines: connections wait for the network, and not for this host
_NO_LOGIN = "no login was given"


@dataclass
class Ways:
    """The ways in. `machines` are those that an inventory names, with their roles; `login` makes one of an address.

    `requests` is the way to the API by a kubeconfig; without it, it is reached on control planes.
    """

    requests: Requests | None = None
    machines: Sequence[tuple[Machine, tuple[str, ...]]] = ()
    login: Callable[[Known], Machine] | None = None
    endpoint: str = ""
    access: tuple[str, ...] = ()
    notes: list[str] = field(default_factory=list)


def collected(ways: Ways, say: Callable[[str], None] = lambda _: None) -> Facts:
    """Facts of a cluster; `say` gets a line at each step. Raises BadInput for a cluster that kubeadm did not make."""
    began = time.monotonic()
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        named = [(each, each.name, roles, each.address) for each, roles in ways.machines]
        started = [pool.submit(machine.first, *each) for each in named]
        by_kubeconfig = pool.submit(_api, ways.requests) if ways.requests else None
        asked = [each.result() for each in started]
        api, way = by_kubeconfig.result() if by_kubeconfig else _on_control_planes(asked)
        say(f"the API was read {way}")
        known = _known(api, asked)
        asked += _logged_in(pool, ways, known, asked, api)
        endpoint = ways.endpoint or _endpoint(api, ways.requests)
        _named_by_the_cluster(asked, known)
        listed = _servers(pool, asked, known, endpoint)
        wanted = Wanted(port_of(endpoint) or API_PORT, frozenset(_addresses(host_of(endpoint))))
        for each in asked:
            each.endpoint_name, each.wanted = host_of(endpoint), wanted
        there = places([*known, *asked])
        found = tuple(pool.map(lambda each: machine.second(each, targets(each.roles, there, api, endpoint)), asked))
        through, *each_server = [each.result() for each in listed]
    through = _by_address(found, through, endpoint)
    without = tuple(_without_login(each) for each in known if each.name not in {one.name for one in asked})
    facts = Facts(
        datetime.now(UTC), endpoint, ways.access, (*found, *without), api, through, tuple(each_server), 0.0,
        tuple(ways.notes),
    )  # fmt: skip
    facts = _seen_from_machines(facts)
    return replace(facts, seconds=round(time.monotonic() - began, 2))


def _api(requests: Requests) -> tuple[Api, str]:
    replies = requests.get({**PATHS, "secrets": SECRETS})
    _refuse_others(replies)
    return objects(replies, tokens_of(replies["secrets"])), "by the kubeconfig"


def _refuse_others(replies: Mapping[str, Reply]) -> None:
    """Raise BadInput for a cluster that kubeadm did not make: no rule knows what is right there."""
    if replies["nodes"].status == 200 and replies["kubeadm-config"].status == 404:
        raise BadInput(
            "kubeadm did not make this cluster: it has no ConfigMap kubeadm-config in kube-system",
            fix="sudo kubeadm init phase upload-config kubeadm --config FILE  # if it was deleted",
        )


def _on_control_planes(asked: Sequence[Asked]) -> tuple[Api, str]:
    """The API as a control plane reads it: the first on which an API server answers."""
    api = None
    for each in asked:
        if CONTROL_PLANE not in each.roles or each.unreachable:
            continue
        replies = OnControlPlane(each.machine, each.address).get(PATHS)
        _refuse_others(replies)
        api = objects(replies, _tokens(each.machine))
        if api.nodes.known:
            return api, f"on {each.name}"
    if api is None:
        error = "no control plane can be logged in to"
        nothing = {name: Reply("kubectl", 0, error=error) for name in PATHS}
        api = objects(nothing, unread(error))
    return api, "on no control plane"


def _tokens(machine: Machine) -> Fact[tuple[Token, ...]]:
    how = f"on {machine.name}: {TOKENS}"
    try:
        return Fact(how, tokens(machine.succeed(TOKENS, timeout=15, secret=True)))
    except (Problem, ValueError, KeyError) as problem:
        return unread(f"kubeadm does not list tokens: {problem}".splitlines()[0], how=how)


def _known(api: Api, asked: Sequence[Asked]) -> tuple[Known, ...]:
    try:
        return discovery.machines(api)
    except Unknown:
        return tuple(Known(each.name, each.roles, each.address, WORKER in each.roles) for each in asked)


def _endpoint(api: Api, requests: Requests | None) -> str:
    """`name:port`: what the stored configuration has, else where the kubeconfig leads to."""
    stored = (api.cluster_configuration.value or {}).get("controlPlaneEndpoint")
    if stored:
        return str(stored) if port_of(str(stored)) else f"{stored}:{API_PORT}"
    parts = urlsplit(getattr(requests, "server", "") or api.cluster_info_server.value or "")
    return at(parts.hostname, parts.port or 443) if parts.hostname else ""


def _logged_in(
    pool: ThreadPoolExecutor, ways: Ways, known: Sequence[Known], asked: Sequence[Asked], api: Api
) -> list[Asked]:
    """Machines that no inventory names, by the login that was given; the balancer by the endpoint's address."""
    if not ways.login:
        return []
    addresses = {address for each in asked for address in (*each.addresses, each.address)}
    wanted = [each for each in known if each.address not in addresses]
    started = [pool.submit(machine.first, ways.login(each), each.name, each.roles, each.address) for each in wanted]
    found = [each.result() for each in started]
    addresses |= {address for each in found for address in (*each.addresses, each.address)}
    for address in _addresses(host_of(ways.endpoint or _endpoint(api, ways.requests))):
        if address not in addresses:
            balancer = Known(address, (BALANCER,), address, node=False)
            one = machine.first(ways.login(balancer), address, (BALANCER,), address)
            if one.unreachable:
                ways.notes.append(f"the endpoint's machine {address} was not inspected: {one.unreachable}")
            else:
                one.name = one.given.maybe("host").strip() or address
                found.append(one)
    return found


def _addresses(host: str) -> list[str]:
    try:
        found = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM) if host else []
    except (OSError, UnicodeError):
        return []
    return list(dict.fromkeys(str(each[4][0]) for each in found))


def _named_by_the_cluster(asked: Sequence[Asked], known: Sequence[Known]) -> None:
    """Machines get the names of their nodes, whatever an inventory calls them, and their addresses and roles."""
    for each in asked:
        own = {each.address, *each.addresses}
        match = next((one for one in known if one.address in own), None)
        match = match or next((one for one in known if one.name == each.name and each.unreachable), None)
        if match:
            each.name, each.address, each.roles = match.name, match.address, match.roles


def _servers(pool: ThreadPoolExecutor, asked: Sequence[Asked], known: Sequence[Known], endpoint: str) -> list[Any]:
    """The endpoint first, then the API server of each control plane."""
    planes = {each.name: each.address for each in known if CONTROL_PLANE in each.roles}
    planes |= {each.name: each.address for each in asked if CONTROL_PLANE in each.roles}
    host, port = host_of(endpoint), port_of(endpoint) or API_PORT
    return [
        pool.submit(servers.asked, host, "", port),
        *(pool.submit(servers.asked, address, name, API_PORT) for name, address in sorted(planes.items())),
    ]


def _without_login(known: Known) -> MachineFacts:
    missing: Mapping[str, Any] = {each: unread(_NO_LOGIN, LOGIN) for each in ANSWERS}
    return MachineFacts(known.name, known.roles, known.address, **missing)


def _by_address(found: Sequence[MachineFacts], through: ApiServer, endpoint: str) -> ApiServer:
    """The endpoint by the address that machines know it by, where this host does not know its name."""
    addresses = [address for each in found for address in each.resolved.value or ()]
    if _addresses(host_of(endpoint)) or not addresses:
        return through
    return replace(servers.asked(addresses[0], "", port_of(endpoint) or API_PORT), address=endpoint)


def _seen_from_machines(facts: Facts) -> Facts:
    """API servers that this host cannot reach are as their own machines see them."""
    return replace(facts, servers=tuple(_server_seen(facts, each) for each in facts.servers))


def _server_seen(facts: Facts, server: ApiServer) -> ApiServer:
    if server.certificate.known or server.ready.known:
        return server
    for each in facts.machines:
        for request in each.reached.value or ():
            if each.name == server.machine == request.target and request.what == "api-server" and request.answered:
                shown = next((one for one in each.presented.value or () if one.address == server.address), None)
                certificate = Fact("", shown.certificate) if shown and shown.certificate else server.certificate
                ready = () if request.code in (200, 401, 403) else (f"/livez answers with {request.code}",)
                return replace(
                    server, ready=Fact(each.reached.how, ready), certificate=certificate, seen_from=each.name
                )
    return server
