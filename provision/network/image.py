"""The image of our pod network, put together on a node of programs that the node has.

For nodes that take their images from a registry, which has none of this name; where images are carried, it is one.
"""

from __future__ import annotations

from provision.machines.machine import Machine
from provision.network.plugin import IMAGE

_PROGRAMS = ("sh", "sed", "mv", "sleep", "ip", "kubectl")
"""What `routes.yaml` calls."""

_TIMEOUT = 120  # seconds, for a hundred megabytes on a slow disk; it takes two

# The format of `docker save`: a layer, a configuration that names it by its digest, and a list of both.
_MAKE = """\
ctr -n k8s.io images list -q | grep -qxF {image} && exit 0
folder=$(mktemp -d /var/tmp/kubeadm-ha.XXXXXX)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
for program in {programs}; do
  file=$(command -v "$program")
  echo "$file"
  ldd "$file" 2>/dev/null | grep -o '/[^ ]*' || true  # a static program has no libraries
done | sed 's|^/||' | sort -u > files
tar -C / -chf "$folder/layer.tar" -T "$folder/files"
digest=$(sha256sum layer.tar | cut -d ' ' -f 1)
case $(uname -m) in x86_64) machine=amd64 ;; aarch64) machine=arm64 ;; *) machine=$(uname -m) ;; esac
path=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
cat > config.json <<CONFIG
{{"architecture": "$machine", "os": "linux", "config": {{"Cmd": ["sh"], "Env": ["PATH=$path"]}},
 "rootfs": {{"type": "layers", "diff_ids": ["sha256:$digest"]}}}}
CONFIG
echo '[{{"Config": "config.json", "RepoTags": ["{image}"], "Layers": ["layer.tar"]}}]' > manifest.json
tar -cf image.tar manifest.json config.json layer.tar
ctr -n k8s.io images import image.tar >/dev/null
"""

FORGET = f"ctr -n k8s.io images remove {IMAGE} >/dev/null 2>&1 || true\n"
"""Removes it, as root; fine where it is not."""


def make(machine: Machine) -> None:
    """Make the image on a node that has none of its name; raises CommandFailed."""
    machine.as_root(_MAKE.format(image=IMAGE, programs=" ".join(_PROGRAMS)), timeout=_TIMEOUT)
