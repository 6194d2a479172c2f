"""A kubeconfig as a way to the API: a server with TLS on this host stands in for it, with an authority of its own."""

from __future__ import annotations

import base64
import json
import logging
import socket
import ssl
import stat
import threading
import time
from collections.abc import Iterator
from contextlib import closing, suppress
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import pytest
import yaml
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from checks.collecting import kubeconfig
from checks.collecting.api import Reply
from checks.collecting.kubeconfig import ByKubeconfig
from provision.errors import BadInput

_SECRET = "hunter2hunter2hunter2"
_TOKEN = "a-token-of-a-user"


class Authority:
    """An authority, and certificates that it signs."""

    def __init__(self) -> None:
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "authority")])
        own = self._builder(self._name, self._key.public_key()).add_extension(x509.BasicConstraints(True, None), True)
        self.certificate = own.sign(self._key, hashes.SHA256()).public_bytes(Encoding.PEM)

    def _builder(self, subject: x509.Name, key: Any) -> x509.CertificateBuilder:
        now = datetime.now(UTC)
        identifier = x509.AuthorityKeyIdentifier.from_issuer_public_key(self._key.public_key())
        return (
            x509.CertificateBuilder()
            .subject_name(subject).issuer_name(self._name).public_key(key)
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - timedelta(hours=1)).not_valid_after(now + timedelta(hours=1))
            .add_extension(identifier, False).add_extension(x509.SubjectKeyIdentifier.from_public_key(key), False)
        )  # fmt: skip

    def signs(self, name: str, *sans: x509.GeneralName) -> tuple[bytes, bytes]:
        """A certificate and its key."""
        key = ec.generate_private_key(ec.SECP256R1())
        built = self._builder(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)]), key.public_key())
        if sans:
            built = built.add_extension(x509.SubjectAlternativeName(sans), False)
        usages = [ExtendedKeyUsageOID.SERVER_AUTH, ExtendedKeyUsageOID.CLIENT_AUTH]
        made = built.add_extension(x509.ExtendedKeyUsage(usages), False).sign(self._key, hashes.SHA256())
        return made.public_bytes(Encoding.PEM), key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


class Api:
    """An API server on this host; it takes a bearer token, or a certificate of its authority."""

    def __init__(self, folder: Path) -> None:
        self.authority = Authority()
        self.folder = folder
        self.requested: list[tuple[str, str]] = []
        self.hang = threading.Event()
        (folder / "ca.crt").write_bytes(self.authority.certificate)
        pair = self.authority.signs("api", x509.IPAddress(ip_address("127.0.0.1")), x509.DNSName("api.example.org"))
        (folder / "server.pem").write_bytes(b"".join(pair))
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(folder / "server.pem")
        context.load_verify_locations(folder / "ca.crt")
        context.verify_mode = ssl.CERT_OPTIONAL
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self._server.daemon_threads = True
        self._server.socket = context.wrap_socket(self._server.socket, server_side=True, do_handshake_on_connect=False)
        self.port = self._server.server_address[1]
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    @property
    def server(self) -> str:
        return f"https://127.0.0.1:{self.port}"

    def close(self) -> None:
        self.hang.set()
        self._server.shutdown()
        self._server.server_close()

    def kubeconfig(self, user: Any, **of_cluster: Any) -> Path:
        """A kubeconfig of a user, with more or other values of its cluster."""
        authority = base64.b64encode(self.authority.certificate).decode()
        there = {"server": self.server, "certificate-authority-data": authority, **of_cluster}
        return self.written(yaml.safe_dump({
            "apiVersion": "v1", "kind": "Config", "current-context": "one",
            "clusters": [{"name": "c", "cluster": {key: value for key, value in there.items() if value is not None}}],
            "contexts": [{"name": "one", "context": {"cluster": "c", "user": "u"}}],
            "users": [{"name": "u", "user": user}],
        }))  # fmt: skip

    def written(self, text: str) -> Path:
        file = self.folder / "kubeconfig"
        file.write_text(text)
        file.chmod(0o600)
        return file

    def plugin(self, script: str) -> dict[str, Any]:
        """A user whose credentials a program gives."""
        program = self.folder / "plugin"
        program.write_text(f"#!/bin/sh\n{script}\n")
        program.chmod(program.stat().st_mode | stat.S_IXUSR)
        return {"exec": {"apiVersion": _EXEC, "command": str(program), "interactiveMode": "Never"}}


_EXEC = "client.authentication.k8s.io/v1"


def _handler(api: Api) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            certificate: Any = self.connection.getpeercert()
            user = dict(each[0] for each in certificate["subject"])["commonName"] if certificate else ""
            if self.headers.get("Authorization") == f"Bearer {_TOKEN}":
                user = "token"
            api.requested.append((user, self.path))
            if self.path == "/hang":
                api.hang.wait(30)
            body = json.dumps({"message": "Unauthorized"} if not user else {"items": []}).encode()
            with suppress(OSError):
                self.send_response(200 if user else 401)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

        def log_message(self, format: str, *args: Any) -> None:
            """Nothing is printed."""

    return Handler


@pytest.fixture
def api(tmp_path: Path) -> Iterator[Api]:
    with closing(Api(tmp_path)) as made:
        yield made


def reply(file: Path, path: str = "/api/v1/nodes", context: str = "") -> Reply:
    with closing(ByKubeconfig.load(file, context)) as requests:
        return requests.get({"nodes": path})["nodes"]


def test_a_bearer_token(api: Api) -> None:
    found = reply(api.kubeconfig({"token": _TOKEN}))
    assert (found.status, found.text, api.requested) == (200, '{"items": []}', [("token", "/api/v1/nodes")])
    assert found.how == f"GET {api.server}/api/v1/nodes"


def test_a_client_certificate(api: Api) -> None:
    certificate, key = (base64.b64encode(each).decode() for each in api.authority.signs("admin"))
    assert reply(api.kubeconfig({"client-certificate-data": certificate, "client-key-data": key})).status == 200
    assert api.requested[0][0] == "admin"


def test_a_user_that_the_api_does_not_know(api: Api) -> None:
    found = reply(api.kubeconfig({"token": "another"}))
    assert (found.status, json.loads(found.text)["message"]) == (401, "Unauthorized")


def test_another_context_than_the_current_one(api: Api) -> None:
    read = yaml.safe_load(api.kubeconfig({"token": "another"}).read_text())
    read["users"].append({"name": "v", "user": {"token": _TOKEN}})
    read["contexts"].append({"name": "two", "context": {"cluster": "c", "user": "v"}})
    file = api.written(yaml.safe_dump(read))
    assert (reply(file).status, reply(file, context="two").status) == (401, 200)
    with pytest.raises(BadInput, match="cannot be used") as raised:
        ByKubeconfig.load(file, "three")
    assert raised.value.answer == "it has no such context"


def test_an_exec_plugin_that_gives_a_token(api: Api) -> None:
    given = {"apiVersion": _EXEC, "kind": "ExecCredential", "status": {"token": _TOKEN}}
    assert reply(api.kubeconfig(api.plugin(f"cat <<'E'\n{json.dumps(given)}\nE"))).status == 200


def test_an_exec_plugin_that_gives_a_certificate(api: Api) -> None:
    certificate, key = (each.decode() for each in api.authority.signs("plugged"))
    status = {"clientCertificateData": certificate, "clientKeyData": key}
    given = {"apiVersion": _EXEC, "kind": "ExecCredential", "status": status}
    assert reply(api.kubeconfig(api.plugin(f"cat <<'E'\n{json.dumps(given)}\nE"))).status == 200
    assert api.requested[0][0] == "plugged"


@pytest.mark.parametrize(
    "script",
    [
        f"echo {_SECRET}; echo {_SECRET} >&2; exit 1",
        f"echo {_SECRET}",
        f'echo \'{{"apiVersion": "{_EXEC}", "kind": "ExecCredential", "status": {{"other": "{_SECRET}"}}}}\'',
        f'echo \'{{"apiVersion": "{_SECRET}", "kind": "x", "status": {{}}}}\'',
        "exit 127",
    ],
)
def test_an_exec_plugin_that_fails_is_named_and_not_quoted(
    api: Api, script: str, capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    file = api.kubeconfig(api.plugin(script))
    with pytest.raises(BadInput, match=f"the exec plugin {api.folder}/plugin of the kubeconfig .* gave no") as raised:
        ByKubeconfig.load(file)
    printed = capfd.readouterr()
    assert _SECRET not in f"{raised.value} {printed.out} {printed.err} {caplog.text}"
    assert api.requested == []
    assert not logging.getLogger().disabled


def test_an_exec_plugin_that_is_missing_is_named(api: Api) -> None:
    user = {"exec": {"apiVersion": _EXEC, "command": "/no/such/plugin"}}
    with pytest.raises(BadInput, match="the exec plugin /no/such/plugin"):
        ByKubeconfig.load(api.kubeconfig(user))


def test_an_exec_plugin_that_does_not_end(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kubeconfig, "_PLUGIN", 0.5)
    began = time.monotonic()
    with pytest.raises(BadInput, match="its exec plugin does not end"):
        ByKubeconfig.load(api.kubeconfig(api.plugin("exec sleep 3")))
    assert time.monotonic() - began < 3


def test_a_server_name_for_tls(api: Api) -> None:
    server = f"https://localhost:{api.port}"  # the certificate has no such name
    assert "'localhost'" in reply(api.kubeconfig({"token": _TOKEN}, server=server)).error
    found = reply(api.kubeconfig({"token": _TOKEN}, server=server, **{"tls-server-name": "api.example.org"}))
    assert found.status == 200


def test_a_server_of_another_authority_is_not_trusted(api: Api) -> None:
    other = base64.b64encode(Authority().certificate).decode()
    found = reply(api.kubeconfig({"token": _TOKEN}, **{"certificate-authority-data": other}))
    assert (found.status, "CERTIFICATE_VERIFY_FAILED" in found.error, api.requested) == (0, True, [])


def test_a_server_that_need_not_be_trusted(api: Api, recwarn: pytest.WarningsRecorder) -> None:
    more = {"certificate-authority-data": None, "insecure-skip-tls-verify": True}
    assert reply(api.kubeconfig({"token": _TOKEN}, **more)).status == 200
    assert not list(recwarn)


class Proxy:
    """A proxy that connects to whatever it is requested to, and notes that."""

    def __init__(self) -> None:
        self.requested: list[str] = []
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.port = self._listening.getsockname()[1]
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        while True:
            try:
                client, _ = self._listening.accept()
            except OSError:
                return
            head = b""
            while b"\r\n\r\n" not in head:
                head += client.recv(4096)
            self.requested.append(head.split(b"\r\n")[0].decode())
            host, _, port = head.split()[1].decode().rpartition(":")
            there = socket.create_connection((host, int(port)))
            client.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
            for one, other in ((client, there), (there, client)):
                threading.Thread(target=_copied, args=(one, other), daemon=True).start()

    def close(self) -> None:
        self._listening.close()


def _copied(one: socket.socket, other: socket.socket) -> None:
    with suppress(OSError):
        while data := one.recv(4096):
            other.sendall(data)
    with suppress(OSError):
        other.shutdown(socket.SHUT_WR)
    one.close()


def test_a_proxy_of_its_own(api: Api) -> None:
    with closing(Proxy()) as proxy:
        found = reply(api.kubeconfig({"token": _TOKEN}, **{"proxy-url": f"http://127.0.0.1:{proxy.port}"}))
        assert (found.status, len(proxy.requested)) == (200, 1)
        assert proxy.requested[0].startswith(f"CONNECT 127.0.0.1:{api.port} ")


def test_a_proxy_that_is_down_is_printed_without_its_password(api: Api) -> None:
    with closing(socket.create_server(("127.0.0.1", 0))) as taken:
        port = taken.getsockname()[1]
    found = reply(api.kubeconfig({"token": _TOKEN}, **{"proxy-url": f"http://user:{_SECRET}@127.0.0.1:{port}"}))
    assert found.status == 0
    assert found.error
    assert _SECRET not in found.error


def test_a_server_that_hangs_costs_its_limit_and_others_nothing(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kubeconfig, "_READ", 0.5)
    began = time.monotonic()
    with closing(ByKubeconfig.load(api.kubeconfig({"token": _TOKEN}))) as requests:
        found = requests.get({"hangs": "/hang", "nodes": "/api/v1/nodes"})
    assert time.monotonic() - began < 5
    assert (found["hangs"].status, found["nodes"].status) == (0, 200)
    assert "Read timed out" in found["hangs"].error


def test_an_answer_that_trickles_counts_as_none(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kubeconfig, "_LATE", 0.5)
    found = reply(api.kubeconfig({"token": _TOKEN}), "/hang")
    assert (found.status, found.error) == (0, "the answer took longer than 0.5 s")


def test_a_server_that_is_down(api: Api) -> None:
    with closing(socket.create_server(("127.0.0.1", 0))) as taken:
        port = taken.getsockname()[1]
    found = reply(api.kubeconfig({"token": _TOKEN}, server=f"https://127.0.0.1:{port}"))
    assert (found.status, "Connection refused" in found.error, "object at 0x" in found.error) == (0, True, False)


@pytest.mark.parametrize(
    "text",
    [
        "", "a: [", "- 1", "just a text", f"password: {_SECRET}\n  a: b", "{}", "current-context: one\ncontexts: 5\n",
        "current-context: one\ncontexts: []\n", f"{_SECRET}: {_SECRET}: {_SECRET}",
        f"current-context: {_SECRET}\ncontexts: []\nclusters: []\nusers: []\n",
    ],
)  # fmt: skip
def test_a_file_that_is_not_a_kubeconfig_is_refused_and_not_quoted(api: Api, text: str) -> None:
    with pytest.raises(BadInput, match="cannot be used") as raised:
        ByKubeconfig.load(api.written(text))
    assert raised.value.answer
    assert _SECRET not in str(raised.value)


def test_a_file_that_is_missing(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="cannot be used") as raised:
        ByKubeconfig.load(tmp_path / "none")
    assert "No such file" in raised.value.answer


def test_a_client_key_that_is_broken_is_refused_without_it(api: Api) -> None:
    broken = base64.b64encode(f"-----BEGIN PRIVATE KEY-----\n{_SECRET}\n-----END PRIVATE KEY-----".encode()).decode()
    file = api.kubeconfig({"client-certificate-data": broken, "client-key-data": broken})
    try:
        output = reply(file).error
    except BadInput as problem:
        output = str(problem)
    assert output
    assert _SECRET not in output


def test_the_file_is_left_as_it_is(api: Api) -> None:
    file = api.kubeconfig({"token": _TOKEN})
    before = (file.read_text(), file.stat().st_mtime_ns)
    reply(file)
    assert (file.read_text(), file.stat().st_mtime_ns) == before


def test_its_server_is_known(api: Api) -> None:
    with closing(ByKubeconfig.load(api.kubeconfig({"token": _TOKEN}))) as requests:
        assert requests.server == api.server
