"""What containers with IPv6 addresses need from their host beside what every one does: one small check each."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from provision.artifacts import engines
from provision.config.settings import Settings
from provision.node import host_workarounds
from provision.providers.finding import Finding, findings
from provision.util import local

_KERNEL = Path("/proc/sys/net/ipv6")
_NAT = ["unshare", "--net", "ip6tables", "-t", "nat", "-S"]
"""In a network of its own, so that nothing is read or made in the host's."""

NETAVARK = "netavark"
"""The one of podman's two makers of networks that knows networks of both families."""


def all_findings(settings: Settings) -> Iterator[Finding]:
    """Every check; none where machines have IPv4 addresses alone."""
    if settings.family.has_ipv6:
        yield from _kernel()
        yield from _address_translation()
        yield from _engine(settings)


@findings("IPv6")
def _kernel() -> Iterator[Finding]:
    if not _KERNEL.is_dir():
        fix = "start the kernel without ipv6.disable=1, and with its module ipv6"
        yield Finding(False, "IPv6: the kernel has none", fix)
        return
    for name in ("all", "default"):
        setting = f"net.ipv6.conf.{name}.disable_ipv6"
        off = (_KERNEL / "conf" / name / "disable_ipv6").read_text().strip() != "0"
        what = f"IPv6: {setting} is {int(off)}, and has to be 0"
        yield Finding(not off, what, f"sudo sysctl -w {setting}=0", setting=f"{setting}=0")


@findings("address translation of IPv6")
def _address_translation() -> Iterator[Finding]:
    """kube-proxy's rules: of the kernel that machines share with this host, whose own program tries it."""
    answer = local.run(_NAT, root=True, check=False)
    refused = f" ({answer.stderr.strip().splitlines()[-1]})" if answer.stderr.strip() and not answer.ok else ""
    what = f"ip6tables: rules of the table nat, which kube-proxy needs{refused}"
    yield Finding(answer.ok, what, "sudo modprobe ip6table_nat", packages=("iptables",))


@findings("an engine that makes networks with IPv6 addresses")
def _engine(settings: Settings) -> Iterator[Finding]:
    engine = engines.choose(settings.engine, host_workarounds.cgroup_version()).name
    if engine != "podman":
        what = f"networks with IPv6 addresses are made by podman, and by {engine} not yet"
        yield Finding(False, what, "--ha-engine podman", packages=("podman", NETAVARK))
        return
    backend = ["podman", "info", "--format", "{{.Host.NetworkBackend}}"]
    found = local.run(backend, root=True, check=False).stdout.strip()  # podman before 4.0 has no such field
    what = f"podman's networks are made by {found or 'an older program'}, and with IPv6 addresses by {NETAVARK}"
    fix = f'sudo apt-get install {NETAVARK}, and network_backend = "{NETAVARK}" in /etc/containers/containers.conf'
    yield Finding(found == NETAVARK, what, fix)
