"""What an administrator did on plain hosts, as shell: accounts, names, packages, and what such machines need.

Containers without CAP_SYS_RESOURCE on a kernel with cgroup v1 need more than a machine would, and an administrator who
has such machines has configured them: containerd's unit, containerd, the kubelet.
"""

from __future__ import annotations

from provision.config.balancers import Balancer
from provision.config.topology import Role
from tests.plain_hosts import registry
from tests.plain_hosts.image import BALANCER_TOOLS, NODE_PACKAGES
from tests.plain_hosts.layout import ADMIN, ENDPOINT, MIRROR, PORT, ROOT, PlainHost, endpoint_address
from tests.plain_hosts.mirror import KEY

_KEYRING = "/etc/apt/keyrings/plain.asc"

# Of a machine's first start: nothing here is about Kubernetes.
_ACCOUNTS = """\
ssh-keygen -A >/dev/null
printf 'Port {port}\\nPasswordAuthentication no\\nUseDNS no\\n' > /etc/ssh/sshd_config.d/site.conf
id {user} >/dev/null 2>&1 || useradd --create-home --shell /bin/bash {user}
install -d -m 700 -o {user} ~{user}/.ssh
echo '{key}' > ~{user}/.ssh/authorized_keys
chown {user} ~{user}/.ssh/authorized_keys
cat > /etc/hosts <<'HOSTS'
127.0.0.1 localhost
{names}
HOSTS
echo 'nameserver {bastion}' > /etc/resolv.conf
cat > /etc/systemd/system/default-route.service <<'UNIT'
[Unit]
After=network.target
[Service]
Type=oneshot
RemainAfterExit=yes
ExecStart=ip route replace default via {bastion}
[Install]
WantedBy=multi-user.target
UNIT
systemctl enable -q --now default-route.service
systemctl restart ssh
"""

_MIRROR = """\
dpkg -i {folder}/debian/busybox_*.deb >/dev/null
cat > /etc/systemd/system/mirror.service <<'UNIT'
[Service]
ExecStart=busybox httpd -f -p 80 -h {folder}
[Install]
WantedBy=multi-user.target
UNIT
systemctl enable -q --now mirror.service
"""

_SOURCES = """\
install -d -m 755 /etc/apt/keyrings
cp {folder}/debian/{key} {keyring}
rm -f /etc/apt/sources.list /etc/apt/sources.list.d/*
echo 'deb [signed-by={keyring}] http://{mirror}/debian/ /' > /etc/apt/sources.list.d/site.list
apt-get update -q
"""

# An installer leaves a line for swap: kubelets refuse to start where a machine swaps.
_SWAP = "echo '/swapfile none swap sw 0 0' >> /etc/fstab\n"

_CONTAINERD_UNIT = """\
install -d /etc/systemd/system/containerd.service.d
cat > /etc/systemd/system/containerd.service.d/site.conf <<'UNIT'
[Service]
ExecStartPre=
OOMScoreAdjust=0
LimitNOFILE=20000
LimitNPROC=30000
UNIT
"""

_INSTALL = "DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends {packages}\n"

_NODE = """\
echo 'deb [signed-by={keyring}] http://{mirror}/core:/stable:/v{series}/deb/ /' > /etc/apt/sources.list.d/k8s.list
apt-get update -q
"""

_CONTAINERD = """\
cat > /etc/containerd/config.toml <<CONFIG
version = 2
[plugins."io.containerd.grpc.v1.cri"]
  sandbox_image = "$(kubeadm config images list --kubernetes-version {version} | grep /pause:)"
  restrict_oom_score_adj = true
  [plugins."io.containerd.grpc.v1.cri".cni]
    bin_dir = "/opt/cni/bin"
  [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc]
    runtime_type = "io.containerd.runc.v2"
    [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc.options]
      SystemdCgroup = true
CONFIG
systemctl restart containerd
"""

_KUBELET = """\
install -d /etc/kubernetes/kubelet.d
cat > /etc/kubernetes/kubelet.d/10-site.conf <<'CONFIG'
apiVersion: kubelet.config.k8s.io/v1beta1
kind: KubeletConfiguration
failCgroupV1: false
failSwapOn: false
featureGates: {KubeletInUserNamespace: true}
evictionHard: {nodefs.available: 0%, nodefs.inodesFree: 0%, imagefs.available: 0%}
imageGCHighThresholdPercent: 100
CONFIG
echo KUBELET_EXTRA_ARGS=--config-dir=/etc/kubernetes/kubelet.d > /etc/default/kubelet
printf 'overlay\\nbr_netfilter\\n' > /etc/modules-load.d/k8s.conf
echo 'net.ipv4.ip_forward = 1' > /etc/sysctl.d/k8s.conf
sysctl -q -p /etc/sysctl.d/k8s.conf
sed -i '/ swap /d' /etc/fstab
systemctl enable -q kubelet
"""

_IMAGES = "for archive in {archives}; do ctr -n k8s.io images import $archive >/dev/null; done\nsync\n"


def first_start(host: PlainHost, machines: tuple[PlainHost, ...], key: str) -> str:
    """Accounts, names and a default route."""
    bastion = machines[0]
    names = {str(each.address): each.name for each in machines}
    names[str(bastion.address)] += f" {MIRROR}"
    at = str(endpoint_address(bastion))
    names[at] = f"{names.get(at, '')} {ENDPOINT}".strip()
    lines = "\n".join(f"{address} {name}" for address, name in names.items())
    return _ACCOUNTS.format(
        port=PORT, user=host.user, key=key, names=lines, bastion=bastion.address
    ) + _SWAP  # fmt: skip


def serve(folder: str) -> str:
    """Offer a folder to the others; run on the bastion."""
    return _MIRROR.format(folder=folder)


def packages(host: PlainHost, folder: str) -> str:
    """Take packages from the mirror alone; give the administrator's account sudo."""
    sudo = _INSTALL.format(packages="sudo") + (
        f"echo '{ADMIN} ALL=(ALL) NOPASSWD:ALL' > /etc/sudoers.d/{ADMIN}\nchmod 440 /etc/sudoers.d/{ADMIN}\n"
    )
    sources = _SOURCES.format(folder=folder, key=KEY, keyring=_KEYRING, mirror=MIRROR)
    return sources + _CONTAINERD_UNIT + ("" if host.user == ROOT else sudo)


def images(host: PlainHost, folder: str) -> str:
    """Install containerd and import what a machine would pull from a registry; `folder` holds the archives."""
    archives = " ".join(registry.archives_of(host.role, folder))
    return _INSTALL.format(packages="containerd") + _IMAGES.format(archives=archives)


def everything(host: PlainHost, balancer: Balancer, series: str, version: str, folder: str) -> str:
    """What `prepare = "none"` expects: the installation page's packages, settings and images, and the balancer's."""
    if host.role is Role.LOAD_BALANCER:
        return _INSTALL.format(packages=" ".join((*BALANCER_TOOLS, *balancer.packages)))
    kubernetes = _NODE.format(keyring=_KEYRING, mirror=MIRROR, series=series)
    carried = () if balancer.machines or host.role is not Role.CONTROL_PLANE else balancer.packages
    needed = _INSTALL.format(packages=" ".join((*NODE_PACKAGES, "kubeadm", "kubelet", "kubectl", *carried)))
    return kubernetes + needed + _CONTAINERD.format(version=version) + _KUBELET + images(host, folder)
