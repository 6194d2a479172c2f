"""Objects of the API of a healthy cluster, and its API servers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from checks.facts.cluster import Api, ApiServer, Object
from checks.facts.machine import (
    CONTROL_PLANE,
)
from tests.healthy.certificates import certificates
from tests.healthy.machines import IMAGES, KUBELET_CONFIGURATION
from tests.healthy.values import ENDPOINT, NOW, PKI, VERSION, address, known


def server_of(name: str) -> ApiServer:
    presented = next(each for each in certificates(name, (CONTROL_PLANE,)) if each.place == f"{PKI}/apiserver.crt")
    return ApiServer(
        f"{address(name)}:6443", name, known(()), known(VERSION),
        known(replace(presented, place=f"{address(name)}:6443")),
    )  # fmt: skip


def pod(name: str, node: str, image: str = "registry.k8s.io/coredns/coredns:v1.13.1", **labels: str) -> Object:
    """A pod of kube-system that is ready."""
    return {
        "metadata": {"name": name, "namespace": "kube-system", "labels": labels},
        "spec": {"nodeName": node, "containers": [{"name": name, "image": image}]},
        "status": {
            "phase": "Running", "podIP": f"10.244.{len(node)}.2", "hostIP": address(node),
            "conditions": [{"type": "Ready", "status": "True"}],
            "containerStatuses": [{"name": name, "ready": True, "restartCount": 0, "image": image}],
        },
    }  # fmt: skip


def node(name: str, control_plane: bool = False, **labels: str) -> Object:
    """A node that is ready."""
    role = {"node-role.kubernetes.io/control-plane": ""} if control_plane else {}
    taints = [{"key": "node-role.kubernetes.io/control-plane", "effect": "NoSchedule"}] if control_plane else []
    conditions = [{"type": each, "status": "False"} for each in ("MemoryPressure", "DiskPressure", "PIDPressure")]
    return {
        "metadata": {"name": name, "labels": {"kubernetes.io/hostname": name, **role, **labels}},
        "spec": {"podCIDR": "10.244.1.0/24", "taints": taints},
        "status": {
            "addresses": [{"type": "InternalIP", "address": address(name)}, {"type": "Hostname", "address": name}],
            "conditions": [*conditions, {"type": "Ready", "status": "True"}],
            "nodeInfo": {
                "kubeletVersion": VERSION, "machineID": f"machine id of {name}", "systemUUID": f"uuid of {name}",
                "containerRuntimeVersion": "containerd://2.1.0", "kernelVersion": "6.1.0", "osImage": "Debian 12",
            },
        },
    }  # fmt: skip


def api_of(names: list[str], others: list[str], members: Mapping[str, str], topology: str) -> Api:
    nodes = tuple([node(each, control_plane=True) for each in names] + [node(each) for each in others])
    static = [each for each in IMAGES if each != "etcd" or topology == "stacked"]
    pods = [
        pod(f"{part}-{name}", name, IMAGES[part], component=part, tier="control-plane")
        for name in names
        for part in static
    ]
    spread = [*others, *names]
    pods += [pod(f"coredns-{n}", spread[n % len(spread)], **{"k8s-app": "kube-dns"}) for n in (0, 1)]
    pods += [
        pod(f"kube-proxy-{each}", each, f"registry.k8s.io/kube-proxy:{VERSION}", **{"k8s-app": "kube-proxy"})
        for each in [*names, *others]
    ]
    etcd = (
        {"local": {"dataDir": "/var/lib/etcd"}}
        if topology == "stacked"
        else {"external": {"endpoints": [f"https://{each}:2379" for each in members.values()]}}
    )
    configuration = {
        "apiVersion": "kubeadm.k8s.io/v1beta4", "kind": "ClusterConfiguration", "clusterName": "kubernetes",
        "controlPlaneEndpoint": ENDPOINT, "kubernetesVersion": VERSION, "certificatesDir": PKI, "etcd": etcd,
        "networking": {"dnsDomain": "cluster.local", "podSubnet": "10.244.0.0/16", "serviceSubnet": "10.96.0.0/12"},
    }  # fmt: skip
    leases: list[dict[str, Any]] = [
        {
            "metadata": {"name": each, "namespace": "kube-system"},
            "spec": {"holderIdentity": f"{names[0]}_1", "leaseTransitions": 1, "renewTime": NOW.isoformat()},
        }
        for each in ("kube-controller-manager", "kube-scheduler")
    ]
    slices = [{
        "metadata": {"name": "kubernetes", "namespace": "default"},
        "endpoints": [{"addresses": [address(each)], "conditions": {"ready": True}} for each in names],
        "ports": [{"port": 6443}],
    }]  # fmt: skip
    services = [
        {"metadata": {"name": "kubernetes", "namespace": "default"}, "spec": {"clusterIP": "10.96.0.1"}},
        {"metadata": {"name": "kube-dns", "namespace": "kube-system"}, "spec": {"clusterIP": "10.96.0.10"}},
    ]
    return Api(
        known(nodes), known(tuple(pods)),
        known(({
            "metadata": {"name": "coredns", "namespace": "kube-system"},
            "spec": {"replicas": 2, "template": {"spec": {}}}, "status": {"readyReplicas": 2},
        },)),
        known(({
            "metadata": {"name": "kube-proxy", "namespace": "kube-system"}, "spec": {"template": {"spec": {}}},
            "status": {"desiredNumberScheduled": len(nodes), "numberReady": len(nodes)},
        },)),
        known(tuple(services)), known(tuple(slices)), known(tuple(leases)), known(()), known(()), known(configuration),
        known(KUBELET_CONFIGURATION), known({"mode": "", "clusterCIDR": "10.244.0.0/16"}), known(f"https://{ENDPOINT}"),
        known(f"https://{ENDPOINT}"), known(".:53 {\n    health\n    forward . /etc/resolv.conf\n}\n"),
    )  # fmt: skip
