"""What a cluster says it is made of: each thing once, where machines agree; and no answer is no failure."""

from __future__ import annotations

from fixtures.components import seen
from provision.machines.machine import Result
from tests.stand_ins import fake_cluster

NODE = "v1.37.2|containerd://1.6.20|Debian GNU/Linux 12 (bookworm)|6.1.0\n"
IMAGES = "registry.k8s.io/etcd:3.7.0-0\nregistry.k8s.io/coredns/coredns:v1.14.6\n"


def answers(machine: str, command: str) -> Result:
    said = {
        "get nodes": NODE * 6,
        "get pods": IMAGES * 3,
        "sha256sum": "0123456789abcdef  /usr/bin/kubeadm\n"
        if machine != "cp3"
        else "fedcba9876543210  /usr/bin/kubeadm\n",
        "etcd --version": "etcd Version: 3.7.0\nGit SHA: Not provided\n",
        "haproxy -v": "HAProxy version 2.6.12-1+deb12u1 2023/12/16\n",
    }
    return Result(0, next((text for part, text in said.items() if part in command), ""), "")


def test_each_thing_once_and_several_where_machines_differ() -> None:
    assert seen(fake_cluster(answers)) == {
        "HAProxy": "2.6.12-1+deb12u1",
        "container runtime": "containerd://1.6.20",
        "etcd": "3.7.0",
        "image coredns": "v1.14.6",
        "image etcd": "3.7.0-0",
        "kernel": "6.1.0",
        "kubeadm binary": "0123456789ab, fedcba987654",
        "kubelet": "v1.37.2",
        "operating system": "Debian GNU/Linux 12 (bookworm)",
    }


def test_what_does_not_answer_is_left_out() -> None:
    assert seen(fake_cluster(lambda *_: Result(1, "", "no luck"))) == {}
