"""HAProxy's configuration as what it forwards for the API. Pure; what is not understood is a note, and never raises."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from checks.collecting.balancer_checks import Check, check_of
from checks.collecting.balancer_sections import PROXIES, Section, sections
from checks.collecting.balancer_stat import State
from checks.collecting.balancer_words import host_and_port, number, ports, seconds, unique
from checks.facts.balancer import Balancer, Server

_STICKY = ("source", "hdr", "hash", "uri", "url_param", "rdp-cookie")
_TLS_ENDS = "TLS ends at the balancer: clients' certificates do not reach the API"
_MOST_SERVERS = 200
"""A server-template may stand for any number; more than this cannot be a load balancer of an API."""


@dataclass(frozen=True)
class Wanted:
    """What counts as the API: the endpoint's port and addresses, and the port of API servers."""

    port: int = 6443
    addresses: frozenset[str] = frozenset()
    api_port: int = 6443


@dataclass
class _Chosen:
    """Proxies that are for the API."""

    fronts: list[Section] = field(default_factory=list)
    backs: list[Section] = field(default_factory=list)


def haproxy(
    files: Mapping[str, str],
    where: str,
    wanted: Wanted,
    environment: Mapping[str, str] = {},
    states: Mapping[tuple[str, str], State] = {},
) -> Balancer | None:
    """The balancer of files in their order; None where nothing there is for the API."""
    every, notes = sections(files, environment)
    chosen = _for_the_api(every, wanted)
    if not chosen.backs:
        return None
    checks = {id(each): check_of(each) for each in chosen.backs}
    servers = [server for each in chosen.backs for server in _servers(each, chosen, checks[id(each)], states, wanted)]
    both = [*chosen.fronts, *chosen.backs]
    remarks = [note for each in checks.values() for note in each.notes]
    remarks += [_TLS_ENDS] if any(map(_ends_tls, chosen.fronts)) else []
    return Balancer(
        "haproxy", where, next(iter(files), ""), unique(bind for each in chosen.fronts for bind in _shown(each)),
        tuple(servers), _shortest(both, "client"), _shortest(both, "server"),
        next((each.path for each in checks.values() if each.path), ""), any(map(_is_sticky, chosen.backs)),
        notes=unique([*remarks, *notes]),
    )  # fmt: skip


def _for_the_api(every: list[Section], wanted: Wanted) -> _Chosen:
    """What listens at the endpoint's port, and what that forwards to; else what has servers at API servers' port."""
    named = {each.name: each for each in every if each.kind in ("backend", "listen")}
    fronts = [each for each in every if each.kind in ("frontend", "listen")]
    at_port = [each for each in fronts if any(wanted.port in found for _, found in _binds(each))]
    at_address = [each for each in at_port if any(host in ("", *wanted.addresses) for host, _ in _binds(each))]
    chosen = _Chosen(at_address or at_port)
    chosen.backs = [back for front in chosen.fronts for back in _behind(front, named)]
    exact = [each for each in chosen.backs if _serves(each, wanted)]
    if not exact and not chosen.backs:
        exact = [each for each in every if each.kind in PROXIES - {"frontend"} and _serves(each, wanted)]
    chosen.backs = _once(exact or chosen.backs)
    own = {id(each) for each in chosen.backs}
    chosen.fronts = [front for front in fronts if any(id(back) in own for back in _behind(front, named))]
    if at_port:
        chosen.fronts = [each for each in chosen.fronts if each in (at_address or at_port)]
    return chosen


def _once(found: list[Section]) -> list[Section]:
    return list({id(each): each for each in found}.values())


def _behind(front: Section, named: Mapping[str, Section]) -> Iterator[Section]:
    """Where a frontend may forward to. A `listen` has servers of its own."""
    if front.kind == "listen" and any(line[0] in ("server", "server-template") for line in front.lines):
        yield front
    for line in front.every_line:
        if line[0] in ("default_backend", "use_backend") and len(line) > 1 and line[1] in named:
            yield named[line[1]]


def _binds(section: Section) -> Iterator[tuple[str, range]]:
    for line in section.lines:
        if line[0] == "bind" and len(line) > 1:
            for each in line[1].split(","):
                host, port = host_and_port(each)
                yield host, ports(each.rpartition(":")[2]) if port is None else range(port, port + 1)


def _shown(section: Section) -> Iterator[str]:
    for line in section.lines:
        if line[0] == "bind" and len(line) > 1:
            for each in line[1].split(","):
                yield f"{each} transparent" if "transparent" in line else each


def _ends_tls(section: Section) -> bool:
    return any(line[0] == "bind" and "ssl" in line for line in section.lines)


def _serves(section: Section, wanted: Wanted) -> bool:
    lines = (line for line in section.lines if line[0] == "server" and len(line) > 2)
    return any(host_and_port(line[2])[1] == wanted.api_port for line in lines)


def _is_sticky(section: Section) -> bool:
    balance = (section.last("balance") or [""])[0].partition("(")[0]
    return balance in _STICKY or any(line[:1] == ["stick"] or line[:1] == ["cookie"] for line in section.every_line)


def _servers(
    section: Section, chosen: _Chosen, check: Check, states: Mapping[tuple[str, str], State], wanted: Wanted
) -> Iterator[Server]:
    defaults = [word for line in section.every_line if line[0] == "default-server" for word in line[1:]]
    own_port = next((found[0] for each in chosen.fronts for _, found in _binds(each) if found), wanted.port)
    for name, address, options in _lines(section):
        host, port = host_and_port(address)
        state = states.get((section.name, name), State())
        words = [*defaults, *options]
        out = "disabled" in words and "enabled" not in words[words.index("disabled") :]
        up, why = (False, "disabled in the configuration") if out and state.up is None else (state.up, state.words)
        yield Server(
            name, host, port or own_port, check.of(words), up, why, "backup" in words,
            (state.address,) if state.address and state.address != host else (),
        )  # fmt: skip


def _lines(section: Section) -> Iterator[tuple[str, str, list[str]]]:
    """Name, address and options of each server; a template stands for as many as it says."""
    for line in section.lines:
        if line[0] == "server" and len(line) > 2:
            yield line[1], line[2], line[3:]
        elif line[0] == "server-template" and len(line) > 3:
            count = number(line[2].rpartition("-")[2]) or 1
            for each in range(1, min(count, _MOST_SERVERS) + 1):
                yield f"{line[1]}{each}", line[3], line[4:]


def _shortest(found: list[Section], side: str) -> float | None:
    """The shortest time without data that ends a connection. A tunnel's time is that of both sides, once it stands."""
    times = []
    for each in found:
        if each.kind == ("backend" if side == "client" else "frontend"):
            continue
        old = {"client": "clitimeout", "server": "srvtimeout"}[side]
        given = each.last("timeout", "tunnel") or each.last("timeout", side) or each.last(old)
        times.append(seconds(given[0], "ms") if given else None)
    return min((each for each in times if each is not None), default=None)
