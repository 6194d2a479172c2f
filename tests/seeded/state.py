"""What can be seen of a cluster's state from outside of the checks: what a planted defect changed, and what stayed.

A state is text by key: a file with its mode, owner and digest, a process's command line, a rule, a field of the API.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from provision.cluster import ADMIN, Cluster
from provision.config.addresses import url
from provision.etcd import members
from provision.loadbalancer.haproxy import ADMIN_SOCKET
from provision.machines.machine import Machine

State = Mapping[str, str]

_SCRIPT = rf"""
say() {{ printf '%s\t%s\n' "$1" "$(echo $2)"; }}
find -L /etc/kubernetes /etc/haproxy /etc/containerd /etc/machine-id /usr/bin/kubelet /var/lib/kubelet/pki \
  /var/lib/kubelet/config.yaml /var/lib/kubelet/kubeadm-flags.env -type f 2>/dev/null |
  sort | while read -r path; do
    say "file $path" "$(stat -L -c '%a %U:%G' "$path") $(sha256sum "$path" | cut -c1-12)"
  done
for name in kube-apiserver kube-controller-manager kube-scheduler etcd kubelet haproxy; do
  pid=$(pgrep -xo "${{name:0:15}}") || {{ say "process $name" -; continue; }}
  say "process $name" "$(cat /proc/$pid/cmdline | tr '\0' ' ')"
done
for port in 2379 6443 10250; do
  ! pgrep -x haproxy >/dev/null || continue  # where it leads to another machine each time
  say "served :$port" "$(openssl s_client -connect 127.0.0.1:$port </dev/null 2>/dev/null |
    openssl x509 -noout -serial -enddate 2>/dev/null)"
done
say packets "$(nft list table inet seeded 2>/dev/null | sha256sum | cut -c1-12)"
say mtu "$(ip -o link | awk '$2 !~ /^(veth|vt)/ {{ print $2, $5 }}')"
say addresses "$(ip -o -4 address | awk '{{ print $2, $4 }}')"
say "host name" "$(hostname)"
for unit in haproxy containerd kubelet; do
  say "unit $unit" "$(systemctl is-enabled $unit 2>/dev/null) $(systemctl is-active $unit)"
done
say servers "$(echo 'show stat' | nc -U -N {ADMIN_SOCKET} 2>/dev/null |
  awk -F, '$2 !~ /END$/ && NR > 1 && NF > 1 {{ print $2, $18, $74 }}')"
"""

_KINDS = "nodes,configmaps,csr,deployments,pods,secrets,endpointslices"


def of(cluster: Cluster, machine: Machine) -> State:
    """The state of one machine, and of what the API and etcd have, as the first control plane's own API server sees it.

    What does not answer is missing, and so is a difference.
    """
    return {**_on(machine), **_api(cluster), **_etcd(cluster)}


def differences(before: State, after: State) -> dict[str, tuple[str, str]]:
    """The keys whose values differ, with both; what one does not have is empty there. Pure."""
    keys = sorted({*before, *after})
    pairs = {key: (before.get(key, ""), after.get(key, "")) for key in keys}
    return {key: pair for key, pair in pairs.items() if pair[0] != pair[1]}


def _on(machine: Machine) -> State:
    answer = machine.succeed('sudo bash -c "$(cat)" state', stdin=_SCRIPT.encode())
    return dict(line.split("\t", 1) for line in answer.splitlines() if "\t" in line)


def _etcd(cluster: Cluster) -> State:
    first = cluster.etcd_members[0]
    listed, alarms = (first.run(members.etcdctl(first, what, "list")).stdout for what in ("member", "alarm"))
    return {"etcd members": " | ".join(sorted(listed.splitlines())), "etcd alarms": " ".join(alarms.split())}


def _api(cluster: Cluster) -> State:
    first = cluster.control_planes[0]
    server = f"--server {url(first.address, 6443)}"
    answer = first.run(f"sudo {ADMIN} kubectl {server} get {_KINDS} -A -o json", secret=True)
    return api(json.loads(answer.stdout)["items"]) if answer.ok else {}


def api(items: Sequence[Mapping[str, Any]]) -> State:
    """What is of interest of objects of the API. Pure."""
    found: dict[str, str] = {}
    for item in items:
        found.update(_seen(item))
    nodes = [each["spec"].get("nodeName", "") for each in items if _is_dns(each)]
    found["coredns"] = f"{len(nodes)} pods on {len(set(nodes))} machines"
    return found


def _is_dns(item: Mapping[str, Any]) -> bool:
    return item["kind"] == "Pod" and (item["metadata"].get("labels") or {}).get("k8s-app") == "kube-dns"


def _digest(data: object) -> str:
    return hashlib.sha256(json.dumps(data, sort_keys=True).encode()).hexdigest()[:12]


def _seen(item: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    name, kind = item["metadata"]["name"], item["kind"]
    if kind == "Node":
        labels = {key: value for key, value in item["metadata"]["labels"].items() if "zone" in key}
        yield f"node {name} zones", str(labels)
        yield f"node {name} spec", json.dumps(item["spec"], sort_keys=True)
        yield f"node {name} addresses", " ".join(each["address"] for each in item["status"]["addresses"])
        info = item["status"]["nodeInfo"]
        yield f"node {name} info", " ".join(info[key] for key in ("kubeletVersion", "machineID"))
    elif kind == "ConfigMap":
        yield f"configmap {name}", _digest(item.get("data"))
    elif kind == "CertificateSigningRequest" and not item["status"].get("conditions"):
        yield f"pending request {name}", item["spec"]["username"]
    elif kind == "Deployment":
        pods = item["spec"]["template"]["spec"]
        yield f"deployment {name}", f"{item['spec']['replicas']} × {pods.get('nodeName', 'anywhere')} {_digest(pods)}"
    elif kind == "Secret" and item.get("type") == "bootstrap.kubernetes.io/token":
        yield f"token {name}", "ends" if "expiration" in item.get("data", {}) else "never ends"
    elif kind == "Pod" and (item["metadata"].get("annotations") or {}).get("kubernetes.io/config.mirror"):
        yield f"static pod {name}", " ".join(each["image"] for each in item["spec"]["containers"])
    elif kind == "EndpointSlice" and name == "kubernetes":
        yield (
            "endpoints of kubernetes",
            " ".join(sorted(each for one in item["endpoints"] for each in one["addresses"])),
        )
