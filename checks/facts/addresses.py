"""Whose an address or a host name is, as far as facts tell."""

from __future__ import annotations

from collections.abc import Iterator
from ipaddress import ip_address

from checks.facts.cluster import Facts
from checks.facts.machine import MachineFacts


def is_address(text: str) -> bool:
    """Whether a text is an IP address, and no name."""
    try:
        ip_address(text)
    except ValueError:
        return False
    return True


def is_loopback(text: str) -> bool:
    """Whether a host is the machine itself."""
    return text == "localhost" or (is_address(text) and ip_address(text).is_loopback)


def normal(text: str) -> str:
    """An address in its one spelling; a name as it is, in small letters."""
    return str(ip_address(text)) if is_address(text) else text.lower().rstrip(".")


def addresses_of(facts: Facts, machine: MachineFacts) -> Iterator[str]:
    """Every address of a machine: as others see it, its interfaces', its node's; without loopback's."""
    found = [machine.address]
    found += [each for interface in machine.interfaces.value or () for each in interface.addresses]
    for node in facts.api.nodes.value or ():
        if node.get("metadata", {}).get("name") == machine.name:
            found += [each.get("address", "") for each in node.get("status", {}).get("addresses") or ()]
    yield from (normal(each) for each in found if is_address(each) and not is_loopback(each))


def same_host(facts: Facts, machine: MachineFacts, host: str) -> bool:
    """Whether a host is a machine: by an address of it, or by its name, with or without a domain."""
    if is_address(host):
        return normal(host) in set(addresses_of(facts, machine))
    return normal(host).partition(".")[0] == normal(machine.name).partition(".")[0]


def machine_of_host(facts: Facts, host: str) -> MachineFacts | None:
    """The machine that a host is; None where it is none that is known."""
    return next((each for each in facts.machines if same_host(facts, each, host)), None)
