"""Stand-ins of clusters with addresses of one family, or of both."""

from __future__ import annotations

from typing import Any

import yaml

from provision.cluster import Cluster
from provision.config.addresses import Family
from provision.config.configuration.own import OwnConfiguration
from provision.kubeadm import configuration
from tests.stand_ins import fake_cluster

V4, V6 = "198.18.0.0/24", "fd6b:7562:6561:7::/64"
BOTH = f"{V4},{V6}"
SUBNETS = {Family.IPV4: V4, Family.IPV6: V6, Family.DUAL: BOTH}
RANGE = "198.18.0.0/22"
VARIANTS = ("", "-ipv6", "-dual")


def cluster_of(family: Family, topology: str = "stacked", own: str = "") -> Cluster:
    """A stand-in of a cluster whose machines have addresses of a family."""
    variant = "" if family is Family.IPV4 else f"-{family}"
    cluster = fake_cluster(name=f"{topology}-uploaded-1.37{variant}", subnet=SUBNETS[family])
    if own:
        cluster.state = cluster.state.but(configuration=OwnConfiguration("mine.yaml", own, {}).stored())
    return cluster


def documents(cluster: Cluster) -> dict[str, Any]:
    """What kubeadm is given, by kind."""
    return {each["kind"]: each for each in yaml.safe_load_all(configuration.render(cluster))}
