"""What the procedure did to somebody's machine, undone. The preparation stays, and so does everything else."""

from __future__ import annotations

from provision.errors import CommandFailed
from provision.etcd import manager
from provision.inventory import acquainting
from provision.loadbalancer import haproxy
from provision.machines.machine import Machine
from provision.topology import Role

SAVED = f"{haproxy.CONFIGURATION}.before-kubeadm-ha"
"""The load balancer's configuration as it was found."""

# What the etcd page's scripts make on the first etcd machine, in folders named for addresses, holds private keys.
_NODE = f"""\
{acquainting.FORGET}\
for each in /tmp/*/kubeadmcfg.yaml; do [ ! -e "$each" ] || rm -r "${{each%/*}}"; done
command -v kubeadm >/dev/null || exit 0
kubeadm reset --force --skip-phases remove-etcd-member  # all members go at once
rm -rf /etc/kubernetes/pki /etc/kubernetes/manifests/* /var/lib/etcd/* /etc/cni/net.d/10-routes.conflist
rm -f {manager.DROP_IN} {manager.CONFIGURATION}
settings={manager.HOST_SETTINGS}
[ ! -e $settings ] || {{ rm $settings; rmdir --ignore-fail-on-non-empty ${{settings%/*}}; }}
systemctl daemon-reload
"""

_BALANCER = f"""\
[ -e {SAVED} ] || exit 0
mv {SAVED} {haproxy.CONFIGURATION}
systemctl reload-or-restart haproxy || systemctl stop haproxy
"""


def undo(machine: Machine) -> None:
    """Make a machine what it was before the procedure; fine where nothing happened. Raises CommandFailed."""
    script = _BALANCER if machine.role is Role.LOAD_BALANCER else _NODE
    try:
        machine.as_root(script, timeout=180)
        machine.succeed("rm -f ~/kubeadmcfg.yaml ~/kubeadm-config.yaml")
    except CommandFailed as failed:
        what = f"{machine.name} could not be made what it was"
        raise CommandFailed(what, answer=str(failed), remedy="sudo kubeadm reset on it", machine=machine.name) from None
