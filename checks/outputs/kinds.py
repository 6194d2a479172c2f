"""Kinds of rules, in plain English. A kind is the middle of an id: KHA-ETCD-003 is about etcd."""

from __future__ import annotations

HEADINGS = {
    "CP": "API servers, controllers and schedulers",
    "NODE": "Nodes",
    "ETCD": "etcd",
    "LB": "Load balancers",
    "CERT": "Certificates",
    "DRIFT": "Machines that differ where they should not",
    "REACH": "Who reaches whom",
    "ID": "Names, addresses and clocks of machines",
    "ONE": "What depends on one machine",
    "CONC": "What is concentrated in one place",
    "KEY": "Keys and tokens",
    "VER": "Versions",
}
"""In the order of the documentation and of the page: what brings a cluster down first."""


def kind_of(id: str) -> str:
    """The kind of an id; the id itself where it has none."""
    parts = id.split("-")
    return parts[1] if len(parts) == 3 else id


def heading(kind: str) -> str:
    """The heading of a kind."""
    return HEADINGS.get(kind, kind)


def place(kind: str) -> tuple[int, str]:
    """Sorts kinds; those without a heading are last."""
    known = list(HEADINGS)
    return (known.index(kind) if kind in known else len(known), kind)
