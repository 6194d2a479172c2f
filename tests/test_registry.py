"""The registry of images beside the machines: what it serves, and what it answers."""

from __future__ import annotations

import hashlib
import json
import shutil
import subprocess
from importlib.resources import files
from pathlib import Path

import pytest

from provision.artifacts.archive import Image, write_archive, write_layer
from provision.config.cluster_state import REGISTRY
from provision.config.configuration.own import OwnConfiguration
from provision.kubeadm import configuration
from provision.loadbalancer import registry
from provision.util.errors import BadInput
from tests.stand_ins import fake_cluster

HEAD = "apiVersion: kubeadm.k8s.io/v1beta4\nkind: ClusterConfiguration\n"
needs_perl = pytest.mark.skipif(not shutil.which("perl"), reason="this host has no perl, which the machines have")


@pytest.fixture
def served(tmp_path: Path) -> Path:
    """The folder of a registry with one image, as on the load balancer."""
    layer = write_layer(tmp_path / "layer", {}, {"/etc/name": "coredns"})
    archive, folder = tmp_path / "images.tar", tmp_path / "registry"
    write_archive(archive, [Image("registry.k8s.io/coredns/coredns:v1.14.6", (layer,))])
    (folder / "archive").mkdir(parents=True)
    shutil.unpack_archive(archive, folder / "archive", filter="data")
    listed = json.loads((folder / "archive/manifest.json").read_text())
    sizes = {path.name: path.stat().st_size for path in (folder / "archive").iterdir()}
    for path, text in registry.manifests(listed, sizes, "mirror").items():
        target = folder / "manifests" / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text)
    return folder


def _ask(folder: Path, request: str) -> tuple[str, dict[str, str], bytes]:
    """Status, headers and body of an answer."""
    program = files("provision.loadbalancer").joinpath("registry.pl").read_text().replace("/srv/registry", str(folder))
    lines = f"{request} HTTP/1.1\r\nHost: {REGISTRY}\r\n\r\n"
    answer = subprocess.run(["perl", "-e", program], input=lines.encode(), capture_output=True, check=True).stdout
    head, _, body = answer.partition(b"\r\n\r\n")
    status, *rest = head.decode().split("\r\n")
    return status.partition(" ")[2], dict(line.split(": ", 1) for line in rest), body


@needs_perl
def test_an_image_is_pulled_by_its_tag_and_its_digests(served: Path) -> None:
    """The name is the last part alone, as kubeadm has it in another repository."""
    status, headers, body = _ask(served, "GET /v2/mirror/coredns/manifests/v1.14.6")
    manifest = json.loads(body)
    assert (status, headers["Content-Type"]) == ("200 OK", manifest["mediaType"])
    by_digest = f"/v2/mirror/coredns/manifests/sha256:{hashlib.sha256(body).hexdigest()}"
    assert _ask(served, f"GET {by_digest}")[2] == body
    for blob in (manifest["config"], *manifest["layers"]):
        _, headers, content = _ask(served, f"GET /v2/mirror/coredns/blobs/{blob['digest']}")
        assert f"sha256:{hashlib.sha256(content).hexdigest()}" == blob["digest"]
        assert (int(headers["Content-Length"]), len(content)) == (blob["size"], blob["size"])


@needs_perl
def test_a_head_request_gets_the_size_and_no_body(served: Path) -> None:
    status, headers, body = _ask(served, "HEAD /v2/mirror/coredns/manifests/v1.14.6")
    assert (status, int(headers["Content-Length"]) > 100, body) == ("200 OK", True, b"")


@needs_perl
@pytest.mark.parametrize(
    ("request_line", "status"),
    [
        ("GET /v2/", "200 OK"),
        ("GET /v2/mirror/coredns/manifests/v0", "404 Not Found"),
        ("GET /v2/mirror/other/manifests/v1.14.6", "404 Not Found"),
        ("GET /v2/mirror/../../../etc/manifests/passwd", "404 Not Found"),
        (f"GET /v2/mirror/coredns/blobs/sha256:{'0' * 64}", "404 Not Found"),
        ("PUT /v2/mirror/coredns/manifests/v1", "405 Method Not Allowed"),
        ("GET /etc/passwd", "405 Method Not Allowed"),
    ],
)
def test_nothing_but_its_images_is_served(served: Path, request_line: str, status: str) -> None:
    assert _ask(served, request_line)[0] == status


def _state(repository: str, *, online: bool = False) -> tuple[str, bool]:
    """What is served of a repository, and whether the configuration is accepted."""
    own = OwnConfiguration("mine.yaml", f"{HEAD}imageRepository: {repository}\n")
    cluster = fake_cluster(name="stacked-uploaded-1.37-cfg-000000")
    cluster.state = cluster.state.but(configuration=own.stored(), online=online)
    try:
        return cluster.state.served_repository, bool(configuration.documents(cluster))
    except BadInput:
        return cluster.state.served_repository, False


def test_a_repository_is_served_where_it_is_beside_the_machines() -> None:
    assert _state(f"{REGISTRY}/mirror/k8s") == ("mirror/k8s", True)


def test_a_repository_elsewhere_needs_the_internet() -> None:
    assert (_state("registry.example.com/k8s"), _state("registry.example.com/k8s", online=True)) == (
        ("", False),
        ("", True),
    )


def test_nothing_is_served_without_a_configuration() -> None:
    cluster = fake_cluster()  # whose machines know no command
    registry.apply(cluster)
    assert cluster.state.served_repository == ""
