"""nginx's configuration as what it forwards for the API: its stream module, or its proxy. Pure.

https://nginx.org/en/docs/stream/ngx_stream_core_module.html
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator, Mapping
from fnmatch import fnmatch

from checks.collecting.balancer_blocks import Statement, statements
from checks.collecting.balancer_haproxy import Wanted
from checks.collecting.balancer_words import host_and_port, number, seconds, unique, words
from checks.facts.balancer import Balancer, Server

_DEEPEST = 8  # includes within includes
_STICKY = ("ip_hash", "hash", "sticky")


def nginx(files: Mapping[str, str], main: str, where: str, wanted: Wanted) -> Balancer | None:
    """The balancer of files, from its main one; None where nothing there is for the API."""
    root = statements(list(_tokens(files, main, _DEEPEST)), ";")
    servers = [each for each in root.every("server") if each.open and _passes(each)]
    at_port = [each for each in servers if wanted.port in [port for _, port in _listens(each)]]
    upstreams = {each.words[1]: each for each in root.every("upstream") if each.open and len(each.words) > 1}
    chosen = at_port or [each for each in servers if _serves(root, each, upstreams, wanted)]
    found = [server for each in chosen for server in _servers(root, each, upstreams)]
    exact = [each for each in found if each.port == wanted.api_port]
    if not found:
        return None
    times = [_timeout(root, each) for each in chosen]
    notes = ["nginx ends TLS: clients' certificates do not reach the API"] * any(map(_is_http, chosen))
    return Balancer(
        "nginx", where, main, unique(text for each in chosen for text, _ in _listens(each)), tuple(exact or found),
        time := min((each for each in times if each is not None), default=None), time, "",
        any(each.name in _STICKY for upstream in upstreams.values() for each in upstream.block), notes=tuple(notes),
    )  # fmt: skip


def _tokens(files: Mapping[str, str], path: str, deep: int) -> Iterator[str]:
    """Words of a file, with those of what it includes in place."""
    text = re.sub(r"\$\{(\w+)\}", r"$\1", files.get(path, ""))
    tokens = [word for line in text.splitlines() for word in words(line, separators="{};")]
    at = 0
    while at < len(tokens):
        if tokens[at] == "include" and at + 1 < len(tokens) and deep:
            wanted = posixpath.join(posixpath.dirname(path), tokens[at + 1])
            for each in sorted(files):
                if each != path and fnmatch(each, wanted):
                    yield from _tokens(files, each, deep - 1)
            at += 2
        else:
            yield tokens[at]
            at += 1


def _passes(server: Statement) -> list[str]:
    """Where a server passes requests to, without the scheme."""
    found = [each.words[1] for each in server.every("proxy_pass") if len(each.words) > 1]
    return [re.sub(r"^https?://", "", each).split("/")[0] for each in found]


def _is_http(server: Statement) -> bool:
    return any("://" in word for each in server.every("proxy_pass") for word in each.words)


def _listens(server: Statement) -> Iterator[tuple[str, int | None]]:
    for each in server.own("listen"):
        text = each.words[1] if len(each.words) > 1 else ""
        yield text, number(text) or host_and_port(text)[1]


def _targets(root: Statement, name: str) -> list[str]:
    """What a name stands for: a variable may be any value of its map."""
    if not name.startswith("$"):
        return [name]
    maps = [each for each in root.every("map") if each.open and each.words[-1] == name]
    return [each.words[-1] for found in maps for each in found.block if len(each.words) > 1 and each.name != "include"]


def _servers(root: Statement, server: Statement, upstreams: Mapping[str, Statement]) -> Iterator[Server]:
    for name in (target for passed in _passes(server) for target in _targets(root, passed)):
        if name not in upstreams:
            yield _server([name], False)
            continue
        checked = any(True for _ in server.every("health_check"))
        yield from (_server(each.words[1:], checked) for each in upstreams[name].own("server") if len(each.words) > 1)


def _server(words: list[str], checked: bool) -> Server:
    """A server as nginx has it: without a check of its own, it goes by connections that fail."""
    host, port = host_and_port(words[0])
    out = "down" in words
    return Server(
        words[0], host, port or 0, "tcp" if checked else "passive", False if out else None,
        "down in the configuration" if out else "", "backup" in words,
    )  # fmt: skip


def _serves(root: Statement, server: Statement, upstreams: Mapping[str, Statement], wanted: Wanted) -> bool:
    return any(each.port == wanted.api_port for each in _servers(root, server, upstreams))


def _timeout(root: Statement, server: Statement) -> float | None:
    """Its own, or that of the block around it; None where it is nginx' own, ten minutes."""
    names = ("proxy_read_timeout", "proxy_send_timeout") if _is_http(server) else ("proxy_timeout",)
    given = [server.value(name) for name in names]
    for around in [each for kind in ("stream", "http") for each in root.every(kind) if server in each.block]:
        given = [own or around.value(name) for own, name in zip(given, names, strict=True)]
    return min((found for each in given if (found := seconds(each, "s")) is not None), default=None)
