"""Parts of sentences that findings share."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from checks.facts.certificates import Certificate


def listed(names: Iterable[str]) -> str:
    """`a`, `a and b` or `a, b and c`."""
    all_of = list(names)
    return " and ".join(part for part in (", ".join(all_of[:-1]), *all_of[-1:]) if part)


def day(time: datetime) -> str:
    """The day, as in 2026-06-01."""
    return f"{time:%Y-%m-%d}"


def days(span: timedelta) -> str:
    """A span in the unit that says most: `12 days`, `7 hours`, `3 minutes`."""
    for unit, seconds in (("day", 86400), ("hour", 3600), ("minute", 60)):
        number = int(span.total_seconds() // seconds)
        if number:
            return f"{number} {unit}" + ("s" if number > 1 else "")
    return "less than a minute"


def dates(certificate: Certificate) -> str:
    """A line of evidence: where a certificate is, whose it is, and when it is valid."""
    span = f"{certificate.begins:%Y-%m-%d %H:%M} to {certificate.ends:%Y-%m-%d %H:%M %Z}"
    return f"{certificate.place}: {certificate.subject}, valid from {span}"
