"""Plain hosts that stand in for your own machines.

python -m tests.plain_hosts up external --prepare packages > hosts.toml
./run up external --ha-inventory=hosts.toml --ha-mode=build
python -m tests.plain_hosts reboot
python -m tests.plain_hosts remove
"""

from __future__ import annotations

import argparse
import shutil
import sys
from pathlib import Path

from provision import artifacts
from provision.clusters.lifecycle import Clusters
from provision.config.balancers import BY_NAME, KINDS
from provision.config.choices import topologies
from provision.config.cluster_id import CERTIFICATES
from provision.config.inventory.model import WAYS
from provision.config.settings import Settings
from provision.config.topology import Role
from provision.recording.listeners import Console
from provision.util import local
from provision.util.concurrency import together
from tests.plain_hosts import administrator, image, layout, mirror, registry
from tests.plain_hosts.layout import PORT, PlainHost
from tests.plain_hosts.machines import ARCHIVES, MIRROR, Machines


def main() -> int:
    """Start, restart or remove the machines; an inventory of them is what `up` answers with."""
    options = _parser().parse_args()
    machines, folder = Machines(options.name), image.folder() / options.name
    if options.verb == "reboot":
        print("\n".join(machines.reboot()))
    else:
        machines.remove()
        shutil.rmtree(folder, ignore_errors=True)
    if options.verb == "up":
        print("\n".join(_up(machines, folder, options)))
    return 0


def _parser() -> argparse.ArgumentParser:
    formatter = argparse.RawDescriptionHelpFormatter
    parser = argparse.ArgumentParser(
        prog="python -m tests.plain_hosts", description=__doc__, formatter_class=formatter, allow_abbrev=False
    )
    parser.add_argument("--name", default="plain")
    verbs = parser.add_subparsers(dest="verb", required=True)
    up = verbs.add_parser("up", help="start the machines, and print an inventory of them", allow_abbrev=False)
    up.add_argument("topology", choices=topologies())
    up.add_argument("--prepare", choices=WAYS, default=WAYS[0], help="what the product is to do; the rest is done here")
    up.add_argument("--pulled", action="store_true", help="have what a registry has on the machines, as with packages")
    kinds = [kind.name for kind in KINDS if not kind.static_pods]  # whose images no registry has
    up.add_argument("--load-balancer", choices=kinds, default=kinds[0])
    up.add_argument("--certificates", choices=CERTIFICATES, default=CERTIFICATES[0])
    verbs.add_parser("reboot", help="start all machines anew, as after a power cut")
    verbs.add_parser("remove", help="remove the machines")
    return parser


def _up(machines: Machines, folder: Path, options: argparse.Namespace) -> list[str]:
    host = Clusters(Settings.of({}), (Console(lambda line: print(line, file=sys.stderr, flush=True)),)).host
    release = host.newest
    programs, images = artifacts.carried(release, host.engine, host.home, host.journal("artifacts"))
    plain, files = image.provide(), folder / "mirror"
    folder.mkdir(parents=True)
    mirror.make(files, plain.debs, programs, release.version)
    registry.fill(folder / "images", images.archives)
    balancer = BY_NAME[options.load_balancer]
    hosts = layout.hosts(machines.network(), options.topology, balancer)
    machines.start(hosts, plain.name, files, folder / "images")
    _introduce(machines, hosts, folder)
    version = release.version

    def prepare(each: PlainHost) -> None:
        script = administrator.packages(each, MIRROR)
        if options.prepare == "none":
            script += administrator.everything(each, balancer, version.series, str(version), ARCHIVES)
        elif (options.prepare == "packages" or options.pulled) and each.role is not Role.LOAD_BALANCER:
            script += administrator.images(each, ARCHIVES)
        machines.run(each, script)

    together(prepare, hosts[1:])
    return list(layout.inventory(hosts, options.name, options.prepare, options.certificates, balancer, folder))


def _introduce(machines: Machines, hosts: tuple[PlainHost, ...], folder: Path) -> None:
    """Accounts that the key of `folder` opens, and the machines' own keys, read at their consoles."""
    local.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "administrator", "-f", str(folder / "id")])
    key = (folder / "id.pub").read_text().strip()
    together(lambda host: machines.run(host, administrator.first_start(host, hosts, key)), hosts)
    machines.run(hosts[0], administrator.serve(MIRROR))
    public = together(lambda host: machines.run(host, "cat /etc/ssh/ssh_host_ed25519_key.pub"), hosts)
    known = (f"[{host.address}]:{PORT} {line.rsplit(' ', 1)[0]}" for host, line in zip(hosts, public, strict=True))
    (folder / "known_hosts").write_text("\n".join(known) + "\n")


if __name__ == "__main__":
    sys.exit(main())
