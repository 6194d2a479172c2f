"""A cluster that answers what traffic needs of one: its kubeconfig, its namespace, and each member's hash."""

from __future__ import annotations

import base64
import json
import re
from typing import Any

import yaml

from provision.cluster import Cluster
from tests.api_with_tls import Authority
from tests.fake_machine import Replies
from tests.stand_ins import fake_cluster

HASHKV = re.compile(" hashkv ")
_APPLY = re.compile("kubectl apply -f -$")
_LEFT = re.compile("kubectl delete namespace -l kubeadm-ha=traffic --wait=false$")
REMOVE = re.compile("kubectl delete namespace kubeadm-ha-traffic-[0-9a-f]{8} --ignore-not-found --wait=false$")


def hashed(number: int, compacted: int = 3) -> str:
    """What etcdctl prints of a member's hash."""
    return json.dumps([{"Endpoint": "x", "HashKV": {"header": {}, "hash": number, "compact_revision": compacted}}])


def _kubeconfig(authority: Authority) -> str:
    certificate, key = authority.signs("kubernetes-admin")
    data = {
        "client-certificate-data": base64.b64encode(certificate).decode(),
        "client-key-data": base64.b64encode(key).decode(),
    }
    there = {"certificate-authority-data": base64.b64encode(authority.certificate).decode(), "server": "https://x"}
    return yaml.safe_dump({"clusters": [{"name": "c", "cluster": there}], "users": [{"name": "u", "user": data}]})


def cluster(**replies: Any) -> Cluster:
    """It answers otherwise to `remove` and to `hashkv` where that is given."""
    known: Replies = {
        "sudo cat /etc/kubernetes/admin.conf": _kubeconfig(Authority()),
        _LEFT: "", _APPLY: "", REMOVE: replies.pop("remove", ""), HASHKV: replies.pop("hashkv", hashed(7)),
    }  # fmt: skip
    return fake_cluster(known)
