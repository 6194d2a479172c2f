"""What happened on the way to a server that was not reached, in words. Pure."""

from __future__ import annotations

import errno
import http.client
import socket
import ssl
from collections.abc import Iterator

import urllib3

NOT_REACHED = "not reached from here"
"""No sign that a server is down: a firewall, a proxy or a name may be the reason."""

_NO_ROUTE = (errno.EHOSTUNREACH, errno.ENETUNREACH, errno.EADDRNOTAVAIL)


def what_happened(error: BaseException, output: str) -> str:
    """One part of a sentence: what happened, and the error's own words."""
    kind = next((found for each in _causes(error) if (found := _kind(each))), "")
    return f"{kind}: {output}" if kind and output else kind or output or type(error).__name__


def _causes(error: BaseException) -> Iterator[BaseException]:
    """An error, and those that it was made of: urllib3 keeps them in several places."""
    seen: list[BaseException] = []
    left = [error]
    while left:
        each = left.pop(0)
        if each not in seen:
            seen.append(each)
            yield each
            within = (getattr(each, "original_error", None), each.__cause__, each.__context__, *each.args)
            left += [one for one in within if isinstance(one, BaseException)]


def _kind(error: BaseException) -> str:
    """Python refuses some names before it resolves them, as one with an empty part: that is a UnicodeError."""
    if isinstance(error, urllib3.exceptions.ProxyError):
        return "the kubeconfig's proxy does not lead to it"
    if isinstance(error, (socket.gaierror, urllib3.exceptions.NameResolutionError, UnicodeError)):
        return "its name does not resolve here"
    if isinstance(error, ConnectionRefusedError):
        return "the connection is refused"
    if isinstance(error, ssl.SSLCertVerificationError):
        return "its certificate is not trusted"
    if isinstance(error, urllib3.exceptions.NewConnectionError):
        return ""  # it counts itself among those in time, and holds what happened
    if isinstance(error, (TimeoutError, urllib3.exceptions.TimeoutError)):
        return "nothing comes in time"
    if isinstance(error, OSError) and error.errno in _NO_ROUTE:
        return "there is no route to it"
    if isinstance(error, (ConnectionResetError, ssl.SSLEOFError, http.client.RemoteDisconnected)):
        return "the connection ends without an answer"
    return ""
