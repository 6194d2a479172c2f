"""Plain hosts, before any is started: their inventories are valid, and they have what a registry has."""

from __future__ import annotations

import json
import tarfile
from ipaddress import IPv4Network
from pathlib import Path

import pytest

from provision.artifacts.archive import Image, write_archive, write_layer
from provision.artifacts.images import AGNHOST, OFFICIAL_AGNHOST
from provision.config.balancers import CONTROL_PLANES, HAPROXY, KEEPALIVED, NGINX, Balancer
from provision.config.choices import topologies
from provision.config.inventory import parse
from provision.config.inventory.model import WAYS
from provision.config.topology import Role
from provision.network.plugin import IMAGE
from tests.plain_hosts import layout, registry


@pytest.mark.parametrize("topology", topologies())
@pytest.mark.parametrize("prepare", WAYS)
@pytest.mark.parametrize("balancer", [HAPROXY, KEEPALIVED, CONTROL_PLANES, NGINX], ids=lambda kind: kind.name)
def test_an_inventory_of_plain_hosts_is_one_to_build_on(
    tmp_path: Path, topology: str, prepare: str, balancer: Balancer
) -> None:
    hosts = layout.hosts(IPv4Network("198.18.0.0/24"), topology, balancer)
    (tmp_path / "id").touch()
    lines = layout.inventory(hosts, "plain", prepare, "uploaded", balancer, tmp_path)
    (tmp_path / "hosts.toml").write_text("\n".join(lines))
    found = parse.read(tmp_path / "hosts.toml")
    parse.to_be_built(found, tmp_path)
    assert (found.topology, found.prepare, len(found.hosts)) == (topology, prepare, len(hosts) - 1)
    planes = [host for host in found.hosts if host.role is Role.CONTROL_PLANE]
    assert sorted((host.sudo, host.jump is not None) for host in planes) == [
        (False, False),
        (True, False),
        (True, True),
    ]
    assert {host.port for host in found.hosts} == {layout.PORT}
    assert found.balancer == balancer


def test_each_machine_has_the_images_that_it_would_pull_and_none_of_ours(tmp_path: Path) -> None:
    layer = write_layer(tmp_path / "a.layer", {}, {"/a": "a"})
    names = [f"registry.example/{name}:1" for name in registry._OF[Role.CONTROL_PLANE] if name != "agnhost"]
    write_archive(tmp_path / "all.tar", [Image(name, (layer,)) for name in (*names, AGNHOST, IMAGE)])
    registry.fill(tmp_path / "images", [tmp_path / "all.tar"])
    found = {}
    for path in map(Path, registry.archives_of(Role.CONTROL_PLANE, str(tmp_path / "images"))):
        with tarfile.open(path) as archive:
            (image,) = json.loads(registry._read(archive, "manifest.json"))
            assert {image["Config"], *image["Layers"]} < set(archive.getnames())
        found[path] = image["RepoTags"][0]
    assert set(found.values()) == {*names, OFFICIAL_AGNHOST}
    assert set(found) == set((tmp_path / "images").iterdir())
