"""keepalived's configuration: addresses that it moves by VRRP, and servers that it forwards to by the kernel. Pure.

https://www.keepalived.org/manpage.html
"""

from __future__ import annotations

import posixpath
from collections.abc import Iterator, Mapping
from dataclasses import replace
from fnmatch import fnmatch

from checks.collecting.balancer_blocks import Statement, statements
from checks.collecting.balancer_haproxy import Wanted
from checks.collecting.balancer_words import expanded, number, unique, words
from checks.facts.addresses import is_address, normal
from checks.facts.balancer import Balancer, Server

_DEEPEST = 8  # includes within includes
_CHECKS = {
    "TCP_CHECK": "tcp", "HTTP_GET": "http", "SSL_GET": "https", "MISC_CHECK": "", "BFD_CHECK": "", "UDP_CHECK": "",
    "PING_CHECK": "tcp",
}  # fmt: skip


def keepalived(files: Mapping[str, str], main: str, where: str, wanted: Wanted) -> Balancer | None:
    """What it moves, of several instances those with an address of the endpoint; None where it moves nothing."""
    root = statements(list(_tokens(files, main, {}, _DEEPEST)), "\n")
    every = [each for each in root.every("vrrp_instance") if each.open]
    ours = [each for each in every if wanted.addresses & {normal(address) for address in _addresses(each)}]
    chosen = [each for each in ours or every if any(_addresses(each))]
    servers = tuple(_servers(root, wanted))
    if not chosen and not servers:
        return None
    return Balancer(
        "keepalived", where, main, servers=servers,
        virtual_addresses=unique(address for each in chosen for address in _addresses(each)),
        router_id=",".join(unique(each.value("virtual_router_id") for each in chosen)).strip(","),
        notes=tuple(
            f"{' '.join(each.words[:2])}: state {each.value('state') or 'BACKUP'}, priority "
            f"{each.value('priority') or '100'}, interface {each.value('interface') or 'unknown'}"
            for each in chosen
        ),
    )  # fmt: skip


def _tokens(files: Mapping[str, str], path: str, known: dict[str, str], deep: int) -> Iterator[str]:
    """Words of a file; a line's end is one, too. Lines for one configuration id, `@name`, are read as others are."""
    for line in files.get(path, "").splitlines():
        found = words(expanded(line, known), comments="#!", separators="{}")
        if found and found[0].startswith("@"):
            found = found[1:]
        if found and found[0].startswith("$") and "=" in found[0]:
            name, _, value = found[0].partition("=")
            known[name[1:]] = " ".join([value, *found[1:]]).strip()
        elif found[:1] == ["include"] and len(found) > 1 and deep:
            wanted = posixpath.join(posixpath.dirname(path), found[1])
            for each in sorted(files):
                if each != path and fnmatch(each, wanted):
                    yield from _tokens(files, each, known, deep - 1)
        else:
            yield from found
            yield "\n"


def _addresses(instance: Statement) -> Iterator[str]:
    """Without prefix, device and label. Those that are excluded from messages are moved as well."""
    for name in ("virtual_ipaddress", "virtual_ipaddress_excluded"):
        for block in instance.own(name):
            for each in block.block:
                found = (word.partition("/")[0] for word in each.words)
                yield from (word for word in found if is_address(word))


def _servers(root: Statement, wanted: Wanted) -> Iterator[Server]:
    """Real servers of the virtual one at the endpoint's port, or of those at the port of API servers."""
    for virtual in root.every("virtual_server"):
        if not virtual.open or number(virtual.words[-1]) not in (wanted.port, wanted.api_port):
            continue
        for each in virtual.own("real_server"):
            if len(each.words) > 2:
                checks = [_CHECKS[one.name] for one in each.block if one.name in _CHECKS]
                server = Server(each.words[1], each.words[1], number(each.words[2]) or 0, "none")
                yield replace(server, checked=checks[0]) if checks else server
