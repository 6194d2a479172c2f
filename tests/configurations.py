"""Configurations of kubeadm, and stand-ins of clusters that are made with them."""

from __future__ import annotations

from pathlib import Path

from provision.cluster import Cluster
from provision.config.configuration import file
from provision.config.configuration.own import OwnConfiguration
from tests.fake_machine import Replies
from tests.stand_ins import fake_cluster

RECIPES = sorted((Path(__file__).parents[1] / "recipes/configurations").glob("*.yaml"))
HEAD = "apiVersion: kubeadm.k8s.io/v1beta4\nkind: {}\n"
CLUSTER, INIT, JOIN = (HEAD.format(f"{kind}Configuration") for kind in ("Cluster", "Init", "Join"))
KUBELET = "apiVersion: kubelet.config.k8s.io/v1beta1\nkind: KubeletConfiguration\n"
PROXY = "apiVersion: kubeproxy.config.k8s.io/v1alpha1\nkind: KubeProxyConfiguration\n"
TOKEN = "abcdef.0123456789abcdef"
PODS = "networking: {podSubnet: 10.50.0.0/16}\n"


def configured(text: str, **files: str) -> OwnConfiguration:
    """A configuration called mine.yaml, with files for control planes by their path."""
    return OwnConfiguration("mine.yaml", text, files)


STACKED = "stacked-uploaded-1.37-cfg-000000"
EXTERNAL = "external-uploaded-1.37-cfg-000000"


def cluster_with(
    own: OwnConfiguration, *workarounds: str, name: str = STACKED, replies: Replies | None = None
) -> Cluster:
    """A stand-in of a cluster that is made with a configuration."""
    cluster = fake_cluster(replies, name=name, workarounds=workarounds)
    cluster.state = cluster.state.but(configuration=own.stored())
    return cluster


def cluster_of(text: str, *workarounds: str, name: str = STACKED, replies: Replies | None = None) -> Cluster:
    """The same, by the text of a configuration."""
    return cluster_with(configured(text), *workarounds, name=name, replies=replies)


def recipe(name: str) -> Cluster:
    """The same, by the name of a recipe."""
    found = file.read(next(path for path in RECIPES if path.stem == name))
    cluster = cluster_with(found)
    if found.api.endswith("v1beta3"):
        cluster.state = cluster.state.but(version="v1.36.3")
    return cluster


def written(path: Path, text: str) -> Path:
    """The file, with the text in it."""
    path.write_text(text)
    return path
