"""What the procedure did to one of your machines, undone.

Undone is what the procedure put there, by its exact names, and what `kubeadm reset` undoes. The preparation stays
(packages, programs, images, sysctls, swap that is off), and so do the rules of iptables that kube-proxy made, the
interfaces of the pod network and what plugins other than `routes` wrote below /etc/cni.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable

from provision.config import limits
from provision.config.topology import Role
from provision.etcd import manager
from provision.kubeadm import configuration
from provision.loadbalancer import haproxy, keepalived, nginx
from provision.machines.machine import Machine
from provision.network import image
from provision.providers.inventory import host_keys
from provision.util.errors import CommandFailed

FILES = (
    ("haproxy", haproxy.CONFIGURATION),
    ("keepalived", keepalived.CONFIGURATION),
    ("keepalived", keepalived.SCRIPT),
    ("nginx", nginx.CONFIGURATION),
)
"""The files of each program of a load balancer."""

SAVED = ".before-kubeadm-ha"
"""The end of the name of a file as it was found; such a file is empty where there was none."""

_NODE = f"""\
{host_keys.FORGET}\
{image.FORGET}\
command -v kubeadm >/dev/null || exit 0
kubeadm reset --force --skip-phases remove-etcd-member  # all members go at once
rm -rf /etc/kubernetes/pki /etc/kubernetes/manifests/* /var/lib/etcd/* /etc/cni/net.d/10-routes.conflist
rm -f {manager.DROP_IN} {manager.CONFIGURATION}
settings={manager.HOST_SETTINGS}
[ ! -e $settings ] || {{ rm $settings; rmdir --ignore-fail-on-non-empty ${{settings%/*}}; }}
systemctl daemon-reload
"""

_LISTED = "\n".join(f"{program} {path}" for program, path in FILES)
_BALANCER = f"""\
while read -r program path; do
  saved=$path{SAVED}
  [ -e $saved ] || continue
  if [ -s $saved ]; then
    mv $saved $path
    systemctl try-reload-or-restart $program || systemctl stop $program
  else
    systemctl disable -q --now $program 2>/dev/null || true  # static pods are no service
    rm -f $saved $path
  fi
done <<'PROGRAMS'
{_LISTED}
PROGRAMS
"""


def save(machine: Machine, programs: Collection[str]) -> None:
    """Put the files of these programs aside, once, to be put back."""
    machine.as_root("".join(_SAVE.format(path=path, end=SAVED) for program, path in FILES if program in programs))


_SAVE = "[ -e {path}{end} ] || cp -p {path} {path}{end} 2>/dev/null || install -D /dev/null {path}{end}\n"

# What the etcd page's scripts make on the first etcd machine for each member holds private keys. In /tmp anybody may
# have put something else under that name: a link is not followed, and a folder with more in it stays with the rest.
_MEMBER = """\
folder=/tmp/{address}
if [ -f $folder/kubeadmcfg.yaml ] && [ ! -L $folder ]; then
  rm -rf $folder/kubeadmcfg.yaml $folder/pki; rmdir --ignore-fail-on-non-empty $folder
fi
"""


def undo(machine: Machine, members: Iterable[str] = ()) -> None:
    """Undo what the procedure did; fine where nothing happened. `members` are the etcd machines' addresses.

    Raises CommandFailed.
    """
    made = "".join(_MEMBER.format(address=address) for address in members) if machine.role is Role.ETCD else ""
    carried = _BALANCER if machine.role in (Role.LOAD_BALANCER, Role.CONTROL_PLANE) else ""
    script = carried + ("" if machine.role is Role.LOAD_BALANCER else made + _NODE)
    try:
        machine.as_root(script, timeout=limits.UNDO)
        machine.succeed(f"rm -f ~/kubeadmcfg.yaml ~/{configuration.FILE} ~/{configuration.JOIN_FILE}")
    except CommandFailed as failed:
        what = f"{machine.name} could not be made what it was"
        raise CommandFailed(what, answer=str(failed), fix="sudo kubeadm reset on it", machine=machine.name) from None
