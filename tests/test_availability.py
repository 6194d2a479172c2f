"""How the API's availability is measured, against a server with TLS: no request is lost, and what ends it is raised."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from dataclasses import replace
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from provision.cluster import Cluster
from provision.config.cluster_state import Endpoint
from provision.kubeadm.authority import Authority
from provision.loadbalancer.availability import outages, samples, watched
from provision.util.concurrency import Ticker
from provision.util.errors import CommandFailed
from tests.accepting import Accepting, server_context
from tests.stand_ins import fake_cluster

READY, UNREADY = b"HTTP/1.1 200 OK\r\n\r\nok", b"HTTP/1.1 500 Internal Server Error\r\n\r\n"


class OnLoopback(Cluster):
    """A cluster whose load balancer is on this host."""

    endpoint = Endpoint("", "127.0.0.1")
    host_address = "127.0.0.1"


class Api(Accepting):
    """An API server on loopback whose certificate is for the endpoint's name; `answer` returns what it sends."""

    def __init__(self, folder: Path) -> None:
        self.answer: Callable[[], bytes] = lambda: READY
        self.connected, self.requested = threading.Event(), threading.Event()
        authority = Authority.make("kubernetes", "ecdsa-p256")
        fake = fake_cluster({"sudo cat /etc/kubernetes/pki/ca.crt": authority.certificate})
        self.cluster = OnLoopback(fake.state, fake.machines, fake.journal)
        self._context = server_context(folder / "server.pem", *_pair(authority, fake.endpoint.name))
        super().__init__(self._serve)
        self.cluster.endpoint = replace(fake.endpoint, address="127.0.0.1", port=self.port)

    def _serve(self, plain: socket.socket) -> None:
        self.connected.set()
        with plain, suppress(OSError), self._context.wrap_socket(plain, server_side=True) as connection:
            connection.recv(1024)
            self.requested.set()
            connection.sendall(self.answer())


def _pair(authority: Authority, name: str) -> tuple[bytes, bytes]:
    """A certificate and its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "kube-apiserver")])
    names = x509.SubjectAlternativeName([x509.DNSName(name)])
    request = x509.CertificateSigningRequestBuilder(subject).add_extension(names, critical=False)
    signed = authority.sign(request.sign(key, hashes.SHA256()).public_bytes(Encoding.PEM).decode(), "apiserver")
    return signed.encode(), key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


@pytest.fixture
def api(tmp_path: Path) -> Iterator[Api]:
    with closing(Api(tmp_path)) as made:
        yield made


def test_the_request_that_runs_at_the_end_is_waited_for(api: Api) -> None:
    """It is the one that takes long, so by nature the one that fails."""
    took: list[float] = []
    ending = threading.Event()

    def slow() -> bytes:
        start = time.monotonic()
        ending.wait(30)
        time.sleep(1.2)  # longer than a ticker is waited for elsewhere
        took.append(time.monotonic() - start)
        return UNREADY

    api.answer = slow
    began = time.monotonic()
    with watched(api.cluster):
        assert api.requested.wait(30)
        ending.set()
    assert [sample.ok for sample in samples(api.cluster)] == [False]
    assert took[0] - 0.001 <= outages(samples(api.cluster))[0].seconds <= time.monotonic() - began


def test_a_request_that_has_not_ended_in_time_has_failed(api: Api) -> None:
    over = threading.Event()

    def hang() -> bytes:
        over.wait(60)
        return READY

    api.answer = hang
    with watched(api.cluster, longest=0.2):
        api.requested.wait(30)
    over.set()
    assert [sample.ok for sample in samples(api.cluster)] == [False]


def test_requests_that_succeed_are_not_an_outage(api: Api) -> None:
    answered = threading.Semaphore(0)

    def ready() -> bytes:
        answered.release()
        return READY

    api.answer = ready
    with watched(api.cluster):
        assert all(answered.acquire(timeout=30) for _ in range(3))
    assert len(samples(api.cluster)) >= 3
    assert outages(samples(api.cluster)) == []


def test_an_answer_that_is_not_ok_and_a_certificate_for_another_name_are_failures(api: Api) -> None:
    api.answer = lambda: UNREADY
    with watched(api.cluster):
        assert api.requested.wait(30)
    before = len(samples(api.cluster))
    api.answer = lambda: READY
    api.cluster.endpoint = replace(api.cluster.endpoint, name="another.test")
    api.connected.clear()
    with watched(api.cluster):
        assert api.connected.wait(30)
    assert len(samples(api.cluster)) > before
    assert {sample.ok for sample in samples(api.cluster)} == {False}


@pytest.mark.parametrize("authority", ["", "cat: permission denied"])
def test_without_an_authority_nothing_is_measured_and_that_is_an_error(authority: str) -> None:
    measured = watched(fake_cluster({"sudo cat /etc/kubernetes/pki/ca.crt": authority}))
    with pytest.raises(CommandFailed, match=r"on cp1: /etc/kubernetes/pki/ca\.crt holds no certificate"):
        measured.__enter__()


@pytest.fixture
def unforeseen(api: Api) -> Cluster:
    """A cluster without a name to check the certificate by: no request can be sent, and that is not a failed one."""
    api.cluster.endpoint = replace(api.cluster.endpoint, name="")
    return api.cluster


def test_an_error_that_ends_the_requests_is_raised(api: Api, unforeseen: Cluster) -> None:
    with pytest.raises(ValueError, match="server_hostname"), watched(unforeseen):
        assert api.connected.wait(30)
    assert [sample.ok for sample in samples(unforeseen)] == [False]


def test_an_error_that_ended_the_requests_does_not_hide_why_the_step_failed(api: Api, unforeseen: Cluster) -> None:
    def upgrade() -> None:
        with watched(unforeseen):
            assert api.connected.wait(30)
            raise CommandFailed("the upgrade")

    with pytest.raises(CommandFailed, match="the upgrade"):
        upgrade()


def test_a_ticker_that_is_stopped_without_failure_has_none() -> None:
    ticker = Ticker(lambda: 0.01)
    ticker.stop()
    assert ticker.failure is None
