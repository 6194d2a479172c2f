"""Which machine is which: what was logged in to, against what the cluster's own API says of its nodes. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from checks.collecting.discovery import Known
from checks.collecting.machine import Visit, with_ports


def named(visits: Sequence[Visit], known: Sequence[Known]) -> list[Visit]:
    """Machines with the names of their nodes, whatever an inventory calls them, and their addresses and roles.

    One that is none of the cluster keeps its name, unless that is another's.
    """
    matches = _matches(visits, known)
    taken = {each.name for each in known if each.node}
    found = []
    for at, each in enumerate(visits):
        if match := matches.get(at):
            ports = with_ports(replace(each, ports=match.ports)).ports
            each = replace(each, name=_name(each, match), address=match.address, roles=match.roles, ports=ports)
        elif each.name in taken:
            each = replace(each, name=f"{each.name} ({each.address})")
        found.append(each)
    return found


def _matches(visits: Sequence[Visit], known: Sequence[Known]) -> dict[int, Known]:
    """By address, then by what the machine calls itself, and, of one that does not answer, by what it is called."""
    found: dict[int, Known] = {}
    left = list(known)
    for names in (_by_own_address, _by_address, _by_host_name, _by_name):
        for at, each in enumerate(visits):
            match = next((one for one in left if at not in found and one in set(names(each, left))), None)
            if match:
                found[at] = match
                left.remove(match)
    return found


def _by_own_address(visits: Visit, known: Sequence[Known]) -> Iterator[Known]:
    """The address that it is known by; one that moves between machines may be another's, too."""
    return (each for each in known if each.address == visits.address)


def _by_address(visits: Visit, known: Sequence[Known]) -> Iterator[Known]:
    return (each for each in known if each.address in visits.addresses)


def _by_host_name(visits: Visit, known: Sequence[Known]) -> Iterator[Known]:
    own = visits.host_name.lower()
    return (each for each in known if own and own in (each.name, each.name.partition(".")[0]))


def _by_name(visits: Visit, known: Sequence[Known]) -> Iterator[Known]:
    return (each for each in known if not visits.given.all() and visits.name == each.name)


def _name(visits: Visit, match: Known) -> str:
    """A node's own; of a member of etcd that is known by its address alone, an inventory's, or its host name."""
    if match.node:
        return match.name
    return visits.name if visits.name != match.name else visits.host_name or match.name
