"""API servers as this host sees them: each is requested once, and one that hangs costs its limit alone."""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator
from contextlib import closing, suppress
from pathlib import Path

import pytest

from checks.collecting import seen, servers
from checks.facts.certificates import Presented
from checks.facts.cluster import ApiServer
from checks.facts.fact import Fact, unread
from checks.facts.machine import MachineFacts, Reached
from tests.accepting import Accepting, server_context
from tests.healthy.certificates import certificate
from tests.healthy.values import known
from tests.signing import signed


class Server(Accepting):
    """Answers each path with a status and a body; connections are counted."""

    def __init__(self, folder: Path, answers: dict[str, tuple[int, str]]) -> None:
        self.answers = answers
        made = signed("kube-apiserver")
        self._context = server_context(folder / "server.pem", made.certificate, made.key)
        super().__init__(self._serve)

    def _serve(self, plain: socket.socket) -> None:
        with plain, suppress(OSError), self._context.wrap_socket(plain, server_side=True) as secure:
            path = secure.recv(4096).partition(b" ")[2].partition(b" ")[0].decode()
            status, body = self.answers.get(path, (404, ""))
            secure.sendall(f"HTTP/1.1 {status} x\r\nContent-Length: {len(body)}\r\n\r\n{body}".encode())


_WELL = {"/readyz?verbose": (200, "[+]ping ok\n"), "/version": (200, '{\n  "gitVersion": "v1.37.2"\n}')}


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    with closing(Server(tmp_path, dict(_WELL))) as made:
        yield made


def inspected(port: int) -> ApiServer:
    return servers.inspected("127.0.0.1", "cp1", port)


def test_a_server_that_is_well(server: Server) -> None:
    found = inspected(server.port)
    assert (found.ready.get(), found.version.get(), found.machine) == ((), "v1.37.2", "cp1")
    assert found.certificate.get().common_name == "kube-apiserver"
    assert server.connections == 3


@pytest.mark.parametrize(
    ("answer", "failing"),
    [((500, "[+]ping ok\n[-]etcd failed: reason withheld\n"), ("[-]etcd failed: reason withheld",)),
     ((503, "no server is available"), ("HTTP 503",))],
)  # fmt: skip
def test_a_server_that_is_not_ready_says_what_fails(
    server: Server, answer: tuple[int, str], failing: tuple[str, ...]
) -> None:
    server.answers["/readyz?verbose"] = answer
    assert inspected(server.port).ready.get() == failing


def test_a_server_that_was_late_once_is_ready(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    """As on a busy disk; two in a row are what a balancer takes out."""
    server.answers["/readyz?verbose"] = (500, "[-]etcd-readiness failed: reason withheld")

    def recovers(seconds: float) -> None:
        server.answers |= _WELL

    monkeypatch.setattr(time, "sleep", recovers)
    assert inspected(server.port).ready.get() == ()


def test_a_server_that_answers_to_users_alone_is_not_known_to_be_well(server: Server) -> None:
    server.answers = dict.fromkeys(_WELL, (401, "{}"))
    found = inspected(server.port)
    assert "anonymous-auth" in found.ready.missing
    assert "anonymous-auth" in found.version.missing
    assert found.certificate.known


def test_another_server_has_no_version(server: Server) -> None:
    server.answers["/version"] = (200, "<html>")
    assert inspected(server.port).version.missing == "/version names no version"


def test_a_server_that_is_down_is_tried_once() -> None:
    with closing(socket.create_server(("127.0.0.1", 0))) as taken:
        port = taken.getsockname()[1]
    found = inspected(port)
    assert {each.missing for each in (found.ready, found.version, found.certificate)} == {found.ready.missing}
    assert found.ready.missing.startswith("not reached from here: the connection is refused: ")
    assert not found.accepts


def test_a_server_that_says_nothing_costs_its_limit_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(servers, "_ANSWER", 0.3)
    with closing(socket.create_server(("127.0.0.1", 0))) as silent:
        found = inspected(silent.getsockname()[1])
        silent.setblocking(False)
        silent.accept()[0].close()
        with pytest.raises(BlockingIOError):  # it was tried once
            silent.accept()
    assert found.ready.missing.startswith("takes connections and does not answer: nothing comes in time")
    assert found.accepts


def test_an_address_of_ipv6_is_shown_in_brackets() -> None:
    assert servers.inspected("[::1]", "", 1).address == servers.inspected("::1", "", 1).address == "[::1]:1"


def test_a_name_that_does_not_exist_is_printed() -> None:
    assert servers.inspected("a..b", "", 1).ready.missing.startswith("not reached from here: its name does not resolve")


def _machine(name: str, *reached: Reached) -> MachineFacts:
    shown = Presented("10.0.0.11:6443", certificate("10.0.0.11:6443", "kube-apiserver"))
    return MachineFacts(name, (), "10.0.0.11", reached=known(reached), presented=known((shown,)))


def _silent(machine: str) -> ApiServer:
    none: Fact[object] = unread("does not answer")
    return ApiServer("10.0.0.11:6443", machine, none, none, none)  # type: ignore[arg-type]


def test_a_server_that_is_not_reached_from_here_is_as_its_own_machine_sees_it() -> None:
    url = "https://10.0.0.11:6443/livez"
    machines = (
        _machine("cp2", Reached("api-server", "cp1", url, 200, 0.1)),
        _machine("cp1", Reached("api-server", "cp1", url, 500, 0.1)),
    )
    found = seen.from_machines(_silent("cp1"), machines)
    assert (found.seen_from, found.ready.get()) == ("cp1", ("/livez answers with 500",))
    assert found.certificate.known


def test_the_endpoint_is_as_the_first_machine_sees_it_that_reaches_it() -> None:
    url = "https://lb:6443/livez"
    machines = (
        _machine("w1", Reached("endpoint", "", url, 0, 3.0, "timed out")),
        _machine("w2", Reached("endpoint", "", url, 401, 0.1)),
    )
    found = seen.from_machines(_silent(""), machines)
    assert (found.seen_from, found.ready.get()) == ("w2", ())


def test_a_server_that_nothing_reaches_stays_unknown() -> None:
    failed = Reached("api-server", "cp1", "https://x", 0, 3.0, "timed out")
    assert seen.from_machines(_silent("cp1"), (_machine("cp1", failed),)) == _silent("cp1")
    answering = ApiServer("a", "cp1", known(()), known(""), unread("x"))
    assert seen.from_machines(answering, (_machine("cp1", failed),)) is answering
