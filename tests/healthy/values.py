"""Values that all parts of a healthy cluster share."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from checks.facts.fact import Fact

NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)
VERSION = "v1.37.2"
ENDPOINT = "k8s.example.org:6443"
GIB = 1024**3
PKI = "/etc/kubernetes/pki"
YEAR = timedelta(days=365)
MADE = NOW - timedelta(days=30)


def known(value: Any, how: str = "a test") -> Fact[Any]:
    """A fact that was read."""
    return Fact(how, value)


def address(name: str) -> str:
    """The address of a machine: 10.0.0.11 is cp1's."""
    base = {"lb": 0, "cp": 10, "w": 20, "etcd": 30}[name.rstrip("0123456789")]
    return f"10.0.0.{base + int(name.lstrip('abcdefghijklmnopqrstuvwxyz'))}"
