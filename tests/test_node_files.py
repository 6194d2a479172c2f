"""Files of every node, before anything is started."""

from __future__ import annotations

import tomllib

from provision.node.files import PLUGIN_LINKS, node_files

PUBLISHED = "/opt/cni/bin"  # where flannel's and calico's manifests put their plugins, and Kubernetes' packages theirs


def test_containerd_finds_debians_plugins_where_published_networks_put_theirs() -> None:
    files = node_files(())
    containerd = tomllib.loads(files["/etc/containerd/config.toml"])
    assert containerd["plugins"]["io.containerd.grpc.v1.cri"]["cni"]["bin_dir"] == PUBLISHED
    links = dict(line.removeprefix("L ").split(" - - - - ") for line in files[PLUGIN_LINKS].splitlines())
    needed = ("loopback", "ptp", "portmap", "bridge", "host-local")
    assert {name: links[f"{PUBLISHED}/{name}"] for name in needed} == {name: f"/usr/lib/cni/{name}" for name in needed}
