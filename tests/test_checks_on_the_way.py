"""What happened on the way to a server, in words."""

from __future__ import annotations

import errno
import socket
import ssl

import pytest
import urllib3

from checks.collecting.on_the_way import what_happened


def _within(inner: BaseException) -> BaseException:
    """As urllib3 wraps what a socket raised."""
    outer = urllib3.exceptions.ProtocolError("Connection aborted.", inner)
    outer.__cause__ = inner
    return outer


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (socket.gaierror(-2, "Name or service not known"), "its name does not resolve here"),
        (ConnectionRefusedError(), "the connection is refused"),
        (TimeoutError(), "nothing comes in time"),
        (OSError(errno.EHOSTUNREACH, "No route to host"), "there is no route to it"),
        (OSError(errno.ENETUNREACH, "Network is unreachable"), "there is no route to it"),
        (ssl.SSLCertVerificationError(), "its certificate is not trusted"),
        (ConnectionResetError(), "the connection ends without an answer"),
        (urllib3.exceptions.ProxyError("x", OSError("y")), "the kubeconfig's proxy does not lead to it"),
    ],
)
def test_each_kind_has_its_words(error: BaseException, kind: str) -> None:
    assert what_happened(error, "own words") == f"{kind}: own words"
    assert what_happened(_within(error), "") == kind


def test_another_error_has_its_own_words() -> None:
    assert what_happened(OSError("strange"), "strange") == "strange"
    assert what_happened(OSError(), "") == "OSError"


def test_errors_that_hold_each_other_end() -> None:
    one, other = OSError(), OSError()
    one.__context__, other.__context__ = other, one
    assert what_happened(one, "x") == "x"
