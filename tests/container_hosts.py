"""Containers that stand in for your own machines: they are only started, and an inventory that names them is printed.

    python -m tests.container_hosts external --certificates manual > hosts.toml
    ./run up external --ha-inventory=hosts.toml --ha-mode=build

They are a cluster of this host, `<topology>-uploaded-<version>-hosts`, which `./run clean ID` removes.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator

from provision.cluster import Cluster
from provision.clusters.lifecycle import Clusters
from provision.config.choices import topologies
from provision.config.settings import Settings
from provision.loadbalancer import dns
from provision.machines import keys
from provision.machines.ssh import SshMachine
from provision.recording.listeners import Console
from provision.util.concurrency import together

# The provider `container` has machines know each other's host keys, and only its own user log in. Your machines do not.
_AS_YOUR_MACHINES = """\
cp /etc/ssh/authorized_keys/ubuntu /etc/ssh/authorized_keys/root
umount /etc/ssh/ssh_known_hosts
rm -f /etc/ssh/ssh_known_hosts
"""


def main() -> int:
    """Start the machines, and print the inventory."""
    options = _parser().parse_args()
    settings = Settings.of({"variant": "hosts"})
    clusters = Clusters(settings, (Console(lambda line: print(line, file=sys.stderr, flush=True)),))
    wanted = settings.cluster_id(options.topology, clusters.host.newest.version.series)
    cluster = clusters.start(wanted).cluster
    clusters.registry.keep(str(wanted))
    dns.apply(cluster)
    together(lambda machine: machine.as_root(_AS_YOUR_MACHINES), cluster.machines.values())
    print("\n".join(_inventory(cluster, options)))
    return 0


def _parser() -> argparse.ArgumentParser:
    formatter = argparse.RawDescriptionHelpFormatter
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=formatter, allow_abbrev=False)
    parser.add_argument("topology", choices=topologies())
    parser.add_argument("--certificates", default="uploaded")
    parser.add_argument("--prepare", default="none")
    parser.add_argument("--root", action="store_true", help="log in as root, without sudo")
    parser.add_argument("--agent", action="store_true", help="name no key: an ssh-agent has to hold it")
    parser.add_argument("--jump", action="store_true", help="go through the load balancer")
    return parser


def _inventory(cluster: Cluster, options: argparse.Namespace) -> Iterator[str]:
    balancer = cluster.carriers[0]
    assert isinstance(balancer, SshMachine)
    folder = balancer.login.known_hosts.parent
    user = "root" if options.root else balancer.user
    yield f'name = "stand-ins"\nendpoint = "{cluster.endpoint}"'
    yield f'certificates = "{options.certificates}"\nprepare = "{options.prepare}"'
    yield f'[login]\nuser = "{user}"\nsudo = {str(not options.root).lower()}'
    yield f'known_hosts = "{balancer.login.known_hosts}"'
    if not options.agent:
        yield f'key = "{folder / keys.LOGIN_KEY}"'
    if options.jump:
        yield f'jump = "{user}@{balancer.address}:22"'
    for machine in cluster.machines.values():
        yield f'[hosts.{machine.name}]\nrole = "{machine.role}"\naddress = "{machine.address}"'


if __name__ == "__main__":
    sys.exit(main())
