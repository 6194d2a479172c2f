"""The shape of those fields that are read here and not by kubeadm alone: what has another one is refused by name. Pure.

kubeadm would refuse it, too, but comes later, with documents that are made of these fields.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import partial
from ipaddress import ip_network
from typing import Any

from provision.util.errors import BadInput

_LAST_ADDRESS = 10
"""The place in a Service network that DNS has; a network that ends before has too few addresses."""

_COMPONENTS = ("apiServer", "controllerManager", "scheduler")
_SECTIONS = (
    "networking", *_COMPONENTS, "etcd", "etcd.local", "etcd.external", "dns", "proxy", "featureGates", "timeouts",
    "nodeRegistration", "patches", "localAPIEndpoint", "controlPlane", "controlPlane.localAPIEndpoint", "discovery",
    "discovery.bootstrapToken", "conntrack",
)  # fmt: skip
_TEXTS = ("apiServer.certSANs", "etcd.local.serverCertSANs", "etcd.local.peerCertSANs", "skipPhases", "clusterDNS")
_OBJECTS: Mapping[str, tuple[str, ...]] = {
    **{f"{each}.extraVolumes": ("hostPath", "mountPath") for each in _COMPONENTS},
    "nodeRegistration.taints": ("key", "effect"),
    "bootstrapTokens": (),
}
"""Lists of objects, and the fields that each object needs."""
_OPTIONS = (*(f"{each}.extraArgs" for each in (*_COMPONENTS, "etcd.local")), "nodeRegistration.kubeletExtraArgs")


def check(where: str, document: Mapping[str, Any], *, old: bool) -> None:
    """Raises BadInput for the first field that is of another shape, without its value, which may be secret.

    `old` is whether options are a map.
    """
    for path, wrong in _rules(old=old):
        found = _at(document, path)
        if found is not None and (why := wrong(found)):
            raise BadInput(f"{where}.{path} {why}", fix=f"correct {path} in the file")


def _rules(*, old: bool) -> Iterator[tuple[str, Callable[[Any], str]]]:
    """Each field, and what is wrong with a value of it; sections are before what is in them."""
    yield from ((path, _no_section) for path in _SECTIONS)
    yield from ((path, _no_texts) for path in _TEXTS)
    yield from ((path, partial(_no_objects, needed=needed)) for path, needed in _OBJECTS.items())
    yield from ((path, _no_map if old else _no_options) for path in _OPTIONS)
    yield "networking.podSubnet", _no_networks
    yield "networking.serviceSubnet", lambda found: _no_networks(found) or _too_small(found)


def _no_section(found: Any) -> str:
    return "" if isinstance(found, Mapping) else f"is {_called(found)}, and must be a section with fields"


def _no_texts(found: Any) -> str:
    right = isinstance(found, list) and all(isinstance(each, str) for each in found)
    return "" if right else "must be a list of texts"


def _no_objects(found: Any, needed: tuple[str, ...]) -> str:
    if not isinstance(found, list) or not all(isinstance(each, Mapping) for each in found):
        return "must be a list of objects"
    missing = next((name for each in found for name in needed if not each.get(name)), "")
    return f"has an object without {missing}" if missing else ""


def _no_options(found: Any) -> str:
    if isinstance(found, Mapping):
        return "is a map, as it was in v1beta3, and must be a list of options with name and value"
    return "must be a list of options with name and value" if _no_objects(found, ("name",)) else ""


def _no_map(found: Any) -> str:
    return "" if isinstance(found, Mapping) else "must be a map of options and their values, in v1beta3"


def _no_networks(found: Any) -> str:
    if not isinstance(found, str):
        return f"is {_called(found)}, and must be a network, or two with a comma between them"
    for each in _each(found):
        try:
            ip_network(each, strict=False)
        except ValueError:
            return f"has {each}, which is not a network as 10.96.0.0/16 is one"
    return "" if not found or _each(found) else "has no network"


def _too_small(found: str) -> str:
    small = next((each for each in _each(found) if ip_network(each, strict=False).num_addresses <= _LAST_ADDRESS), "")
    return f"has {small}, which has too few addresses: the tenth is that of DNS" if small else ""


def _each(subnets: str) -> list[str]:
    return [each.strip() for each in subnets.split(",") if each.strip()]


def _called(found: Any) -> str:
    return {"str": "a text", "list": "a list", "dict": "a section"}.get(type(found).__name__, "a number")


def _at(document: Mapping[str, Any], path: str) -> Any:
    found: Any = document
    for name in path.split("."):
        found = found.get(name) if isinstance(found, Mapping) else None
    return found
