"""One request to the API: each way in which it can be lost has its kind, and says whether it may have been sent."""

from __future__ import annotations

import errno
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from resilience.histories.records import Loss
from resilience.traffic.transport import Direct, Lost, Place, Request
from tests import misbehaving_api
from tests.misbehaving_api import Api, answer, listening

GET = Request("GET", "/api/v1/namespaces/n/configmaps/a")
PUT = Request("PUT", "/api/v1/namespaces/n/configmaps/a", {"a": 1})


@pytest.fixture
def api(tmp_path: Path) -> Iterator[Api]:
    with misbehaving_api.misbehaving(tmp_path) as made:
        yield made


def direct(api: Api, *, keep: bool = False, place: Place | None = None, limit: float = 30) -> Direct:
    return Direct(place or api.place, api.context, keep=keep, connect=limit, limit=limit)


def lost(way: Direct, request: Request = PUT) -> Lost:
    with pytest.raises(Lost) as raised:
        way.exchange(request)
    way.close()
    return raised.value


@pytest.mark.parametrize("status", [200, 201, 404, 409, 429, 500, 504])
def test_a_complete_answer_is_returned_whatever_its_status(api: Api, status: int) -> None:
    api.script = [answer(status, {"code": status})]
    response = direct(api).exchange(PUT)
    assert (response.status, response.body) == (status, b'{"code": %d}' % status)
    assert api.requested == [("PUT", PUT.path, {"a": 1})]


@pytest.mark.parametrize(
    ("behave", "loss"),
    [
        (misbehaving_api.hang, Loss.TIMEOUT),
        (misbehaving_api.half_and_hang, Loss.TIMEOUT),
        (misbehaving_api.close, Loss.RESET),
        (misbehaving_api.reset, Loss.RESET),
        (misbehaving_api.half, Loss.RESET),
        (misbehaving_api.nonsense, Loss.RESET),
    ],
)
@pytest.mark.parametrize("keep", [True, False])
def test_a_request_that_is_lost_behind_its_sending_may_have_been_done(
    api: Api, behave: misbehaving_api.Behaviour, loss: Loss, keep: bool
) -> None:
    api.script = [behave]
    found = lost(direct(api, keep=keep, limit=5 if loss is Loss.TIMEOUT else 30))
    assert (found.loss, found.sent, len(api.requested)) == (loss, True, 1)
    assert found.why.isprintable()
    assert found.why


def test_a_port_on_which_nothing_listens_refuses_a_request_that_is_surely_not_sent(api: Api) -> None:
    place = replace(api.place, port=misbehaving_api.refused())
    found = lost(direct(api, place=place))
    assert (found.loss, found.sent) == (Loss.REFUSED, False)


def _reset(connection: socket.socket) -> None:
    connection.recv(16)
    misbehaving_api.reset(connection, b"")  # type: ignore[arg-type]


def _silent(connection: socket.socket) -> None:
    connection.settimeout(60)
    connection.recv(4096)
    connection.recv(4096)


@pytest.mark.parametrize(
    ("behave", "loss"),
    [
        (_reset, Loss.RESET),
        (lambda connection: connection.recv(4096), Loss.RESET),  # as a balancer closes that has no server left
        (_silent, Loss.TIMEOUT),
        (lambda connection: connection.sendall(b"HTTP/1.0 503 no server\r\n\r\n"), Loss.TLS),
    ],
)
def test_what_ends_before_encryption_is_agreed_on_is_surely_not_sent(
    api: Api, behave: Callable[[socket.socket], None], loss: Loss
) -> None:
    with listening(behave) as port:
        limit = 0.5 if loss is Loss.TIMEOUT else 30
        found = lost(direct(api, place=replace(api.place, port=port), limit=limit))
    assert (found.loss, found.sent) == (loss, False)


def test_a_certificate_of_another_authority_or_name_is_not_sent_anything(api: Api) -> None:
    other_name = lost(direct(api, place=replace(api.place, name="other.example.org")))
    api.strange = True
    other_authority = lost(direct(api))
    assert [(each.loss, each.sent) for each in (other_name, other_authority)] == [(Loss.TLS, False)] * 2
    assert api.requested == []


def test_a_name_that_does_not_resolve_has_a_kind_of_its_own(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    def unknown(*_: object) -> None:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    found = lost(direct(api, place=replace(api.place, address="nowhere.example.org")))
    assert (found.loss, found.sent) == (Loss.NAME, False)


@pytest.mark.parametrize("number", ["EHOSTUNREACH", "ENETUNREACH"])
def test_a_host_without_a_route_is_unreachable(api: Api, monkeypatch: pytest.MonkeyPatch, number: str) -> None:
    def unreachable(*_: object) -> None:
        raise OSError(getattr(errno, number), "no route")

    monkeypatch.setattr(socket, "create_connection", unreachable)
    found = lost(direct(api))
    assert (found.loss, found.sent) == (Loss.UNREACHABLE, False)


def test_a_connection_is_kept_and_one_that_broke_is_not_tried_again_by_itself(api: Api) -> None:
    way = direct(api, keep=True)
    api.script = [answer(200, {}), answer(200, {}), misbehaving_api.close, answer(200, {})]
    way.exchange(PUT)
    way.exchange(PUT)
    assert api.connections == 1
    with pytest.raises(Lost):
        way.exchange(PUT)
    assert (api.connections, len(api.requested)) == (1, 3)
    assert way.exchange(PUT).status == 200
    assert (api.connections, len(api.requested)) == (2, 4)
    way.close()


def test_a_server_that_announces_its_end_on_a_kept_connection_costs_no_request(api: Api) -> None:
    way = direct(api, keep=True)
    api.script = [answer(200, {}, keep=False), answer(200, {})]
    assert [way.exchange(PUT).status for _ in range(2)] == [200, 200]
    assert api.connections == 2
    way.close()


def test_new_connections_are_made_for_each_request_where_that_is_wanted(api: Api) -> None:
    way = direct(api)
    assert [way.exchange(GET).status for _ in range(3)] == [200] * 3
    assert api.connections == 3


def test_a_whole_request_ends_within_its_limit(api: Api) -> None:
    over = threading.Event()

    def drips(connection: ssl.SSLSocket, request: bytes) -> None:
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 10000\r\n\r\n")
        for _ in range(900):
            if over.wait(0.1):
                return
            connection.sendall(b" ")

    api.script = [drips]
    begin = time.monotonic()
    assert lost(direct(api, limit=1)).loss is Loss.TIMEOUT
    assert time.monotonic() - begin < 60
    over.set()


def test_another_thread_ends_what_waits_for_an_answer(api: Api) -> None:
    way = direct(api, limit=120)

    def interrupts(connection: ssl.SSLSocket, request: bytes) -> None:
        way.interrupt()
        misbehaving_api.hang(connection, request)

    api.script = [interrupts]
    begin = time.monotonic()
    assert lost(way).sent
    assert time.monotonic() - begin < 60
