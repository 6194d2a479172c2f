"""The cluster's name server: dnsmasq on the load balancer, which knows the cluster's machines and nothing else."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from provision.cluster import Cluster
from provision.config.cluster_state import DOMAIN, REGISTRY

CONFIGURATION = "/etc/dnsmasq.d/cluster.conf"


def render(addresses: Sequence[str], records: Mapping[str, Sequence[str]]) -> str:
    """The configuration of a server at `addresses` for names to addresses, at most one of each family. Pure.

    Every other name is answered at once with "no such name".
    """
    hosts = "\n".join(f"host-record={','.join((name, *targets))}" for name, targets in records.items())
    return f"no-resolv\nno-hosts\nbind-dynamic\nlisten-address={','.join(addresses)}\nlocal=/#/\n{hosts}\n"


def apply(cluster: Cluster) -> None:
    """Serve the endpoint's name and every machine's name."""
    machine = cluster.outside[0]
    records = {cluster.endpoint.name: cluster.endpoint_addresses}
    if cluster.state.served_repository:
        records[REGISTRY] = cluster.addresses_of(machine)
    records |= {f"{each.name}.{DOMAIN}": cluster.addresses_of(each) for each in cluster.machines.values()}
    machine.put(CONFIGURATION, render(cluster.addresses_of(machine), records))
    machine.succeed("sudo systemctl enable --quiet dnsmasq && sudo systemctl restart dnsmasq")
