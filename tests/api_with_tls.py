"""An API server with an authority of its own, and a proxy, on this host; and kubeconfigs that lead there."""

from __future__ import annotations

import base64
import json
import socket
import ssl
import stat
import threading
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import yaml
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from tests.accepting import Accepting, server_context

SECRET = "hunter2hunter2hunter2"
TOKEN = "a-token-of-a-user"


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
        context = server_context(folder / "server.pem", *pair)
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
        return {"exec": {"apiVersion": EXEC, "command": str(program), "interactiveMode": "Never"}}


EXEC = "client.authentication.k8s.io/v1"


def _handler(api: Api) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            certificate: Any = self.connection.getpeercert()
            user = dict(each[0] for each in certificate["subject"])["commonName"] if certificate else ""
            if self.headers.get("Authorization") == f"Bearer {TOKEN}":
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


class Proxy(Accepting):
    """A proxy that connects to whatever it is requested to, and notes that."""

    def __init__(self) -> None:
        self.requested: list[str] = []
        super().__init__(self._serve)

    def _serve(self, client: socket.socket) -> None:
        head = _head(client)
        if not head:
            client.close()
            return
        self.requested.append(head.split(b"\r\n")[0].decode())
        host, _, port = head.split()[1].decode().rpartition(":")
        there = socket.create_connection((host, int(port)))
        client.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
        for one, other in ((client, there), (there, client)):
            threading.Thread(target=_copied, args=(one, other), daemon=True).start()


def _head(client: socket.socket) -> bytes:
    """What a client requests; nothing where it has left before."""
    head = b""
    while b"\r\n\r\n" not in head:
        more = client.recv(4096)
        if not more:
            return b""
        head += more
    return head


def _copied(one: socket.socket, other: socket.socket) -> None:
    with suppress(OSError):
        while data := one.recv(4096):
            other.sendall(data)
    with suppress(OSError):
        other.shutdown(socket.SHUT_WR)
    one.close()
