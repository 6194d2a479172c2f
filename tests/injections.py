"""Exceptions that no part of the harness foresees, raised where `FAKE_RAISES` says: `<place>=<name>`."""

from __future__ import annotations

import errno
import json
import os
from collections.abc import Callable, Mapping
from types import MappingProxyType

import paramiko
import yaml

from tests.notes import note


def _full() -> None:
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), "/somewhere/pki.tar")


def _lost() -> None:
    raise paramiko.SSHException("Channel closed.")


UNFORESEEN: Mapping[str, tuple[Callable[[], object], str]] = MappingProxyType(
    {
        "KeyError": (lambda: dict[str, str]()["endpoint"], "KeyError: 'endpoint'"),
        "IndexError": (lambda: [][0], "IndexError: list index out of range"),
        "OSError": (_full, "OSError: [Errno 28] No space left on device: '/somewhere/pki.tar'"),
        "JSONDecodeError": (lambda: json.loads(""), "json.decoder.JSONDecodeError: Expecting value: line 1 column 1"),
        "SSHException": (_lost, "paramiko.ssh_exception.SSHException: Channel closed."),
        "YAMLError": (lambda: yaml.safe_load("["), "yaml.parser.ParserError: while parsing a flow node"),
    }
)
"""By name: what raises it, and how its line begins at the end of a traceback."""


def inject(place: str) -> None:
    """Raise what is to be raised at this place, and note that it was tried."""
    where, _, name = os.environ.get("FAKE_RAISES", "").partition("=")
    if where == place:
        note("tried", where.replace(" ", "-"))
        UNFORESEEN[name][0]()
