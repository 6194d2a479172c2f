"""The components of a cluster: each once, where machines agree; a machine without an answer is not a failure."""

from __future__ import annotations

import re

from fixtures.plugin.bookkeeping import seen
from provision.util.result import Result
from tests.fake_machine import Answers, Replies
from tests.stand_ins import fake_cluster

NODE = "v1.37.2|containerd://1.6.20|Debian GNU/Linux 12 (bookworm)|6.1.0\n"
IMAGES = "registry.k8s.io/etcd:3.7.0-0\nregistry.k8s.io/coredns/coredns:v1.14.6\n"


PROGRAM = f"{'0' * 52}  /usr/bin/kubeadm\n"
VERSIONS: Replies = {
    re.compile("kubectl get nodes -o 'jsonpath="): NODE * 6,
    re.compile("kubectl get pods -n kube-system -o 'jsonpath="): IMAGES * 3,
    'sha256sum "$(command -v kubeadm)"': lambda machine, _: f"{'fed' if machine == 'cp3' else '012'}cba987654{PROGRAM}",
    re.compile("etcd --version$"): "etcd Version: 3.7.0\nGit SHA: Not provided\n",
    "sudo haproxy -v": "HAProxy version 2.6.12-1+deb12u1 2023/12/16\n",
}


def test_a_component_is_listed_once_and_more_often_where_machines_differ() -> None:
    with Answers(VERSIONS) as answers:
        found = seen(fake_cluster(answers))
    assert found == {
        "HAProxy": "2.6.12-1+deb12u1",
        "container runtime": "containerd://1.6.20",
        "etcd": "3.7.0",
        "image coredns": "v1.14.6",
        "image etcd": "3.7.0-0",
        "kernel": "6.1.0",
        "kubeadm binary": "012cba987654, fedcba987654",
        "kubelet": "v1.37.2",
        "operating system": "Debian GNU/Linux 12 (bookworm)",
    }


def test_a_component_that_does_not_answer_is_left_out() -> None:
    assert seen(fake_cluster(dict.fromkeys(VERSIONS, Result(1, "", "no luck")))) == {}
