"""The cluster's name server: dnsmasq on the load balancer, which knows the cluster's machines and nothing else."""

from __future__ import annotations

from collections.abc import Mapping

from provision.cluster import Cluster
from provision.config.cluster_state import DOMAIN, REGISTRY

CONFIGURATION = "/etc/dnsmasq.d/cluster.conf"


def render(address: str, records: Mapping[str, str]) -> str:
    """The configuration of a server at `address` for names to addresses. Pure.

    Every other name is answered at once with "no such name".
    """
    hosts = "\n".join(f"host-record={name},{target}" for name, target in records.items())
    return f"no-resolv\nno-hosts\nbind-dynamic\nlisten-address={address}\nlocal=/#/\n{hosts}\n"


def apply(cluster: Cluster) -> None:
    """Serve the endpoint's name and every machine's name."""
    records = {cluster.endpoint.name: cluster.endpoint.address}
    if cluster.state.served_repository:
        records[REGISTRY] = cluster.outside[0].address
    records |= {f"{machine.name}.{DOMAIN}": machine.address for machine in cluster.machines.values()}
    machine = cluster.outside[0]
    machine.put(CONFIGURATION, render(machine.address, records))
    machine.succeed("sudo systemctl enable --quiet dnsmasq && sudo systemctl restart dnsmasq")
