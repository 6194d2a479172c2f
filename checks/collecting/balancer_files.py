"""The load balancers of a machine, by its files: services' own, and those of static pods. Pure.

No text makes any of it raise: what is not understood is a note of a balancer, or is passed over.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import pairwise

from checks.collecting.balancer_haproxy import Wanted, haproxy
from checks.collecting.balancer_keepalived import keepalived
from checks.collecting.balancer_nginx import nginx
from checks.collecting.balancer_pods import BalancerPod, kube_vip, pods_of
from checks.collecting.balancer_stat import states
from checks.facts.balancer import Balancer

Files = Mapping[str, str]
"""Text by path, as on the machine."""

_HAPROXY, NGINX = "/etc/haproxy/haproxy.cfg", "/etc/nginx/nginx.conf"
_KEEPALIVED = "/etc/keepalived/keepalived.conf"


def balancers_of(
    files: Files, manifests: Files, stat: str, wanted: Wanted, haproxy_arguments: tuple[str, ...] = ()
) -> Iterator[Balancer]:
    """Each balancer of the API. `stat` is what HAProxy prints of its servers; its arguments name its files.

    A file that a static pod reads is that pod's, and no service's.
    """
    pods = [(path, pod) for path, text in manifests.items() for pod in pods_of(text)]
    for path, pod in pods:
        found = _of_pod(pod, path, files, stat, wanted)
        if found is not None:
            yield found
    programs = {pod.program for _, pod in pods}
    given = [_of_service(program, files, stat, wanted, haproxy_arguments) for program in _SERVICES - programs]
    yield from sorted((each for each in given if each is not None), key=lambda each: each.kind)


_SERVICES = frozenset({"haproxy", "nginx", "keepalived"})


def _of_service(program: str, files: Files, stat: str, wanted: Wanted, arguments: tuple[str, ...]) -> Balancer | None:
    where = f"{program}.service"
    if program == "haproxy":
        named = _named(arguments) or [_HAPROXY]
        return haproxy(dict(_in_order(files, named)), where, wanted, {}, states(stat))
    if program == "nginx":
        return nginx(files, NGINX, where, wanted)
    return keepalived(files, _KEEPALIVED, where, wanted)


def _of_pod(pod: BalancerPod, path: str, files: Files, stat: str, wanted: Wanted) -> Balancer | None:
    """Includes are by the container's own paths."""
    if pod.program == "kube-vip":
        return kube_vip(pod, path)
    main = pod.configurations[0]
    if pod.program == "haproxy":
        named = [pod.on_the_machine(each) for each in pod.configurations]
        return haproxy(dict(_in_order(files, named)), path, wanted, pod.settings, states(stat))
    inside = {pod.inside(each): text for each, text in files.items()}
    reader = nginx if pod.program == "nginx" else keepalived
    return reader(inside, main, path, wanted)


def _named(arguments: tuple[str, ...]) -> list[str]:
    """What `-f` names, each file or folder, in a command."""
    return [each for option, each in pairwise(arguments) if option in ("-f", "--")]


def _in_order(files: Files, named: list[str]) -> Iterator[tuple[str, str]]:
    """Files that are named; of a folder those that end in `.cfg`, by name, as HAProxy reads them."""
    for name in named:
        if name in files:
            yield name, files[name]
        folder = name.rstrip("/") + "/"
        for path in sorted(files):
            if path.startswith(folder) and "/" not in path[len(folder) :] and path.endswith(".cfg"):
                yield path, files[path]
