"""Objects of the API: which are read, and what of them is kept. Nothing is kept that may be secret."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol, TypeVar

import yaml

from checks.facts.cluster import Api, Object, Token
from checks.facts.fact import Fact, Unknown

T = TypeVar("T")

_SYSTEM = "/api/v1/namespaces/kube-system"
PATHS: Mapping[str, str] = {
    "nodes": "/api/v1/nodes",
    "pods": f"{_SYSTEM}/pods",
    "deployments": "/apis/apps/v1/namespaces/kube-system/deployments",
    "daemon_sets": "/apis/apps/v1/namespaces/kube-system/daemonsets",
    "kubernetes_service": "/api/v1/namespaces/default/services/kubernetes",
    "services": f"{_SYSTEM}/services",
    "endpoint_slices": "/apis/discovery.k8s.io/v1/namespaces/default/endpointslices",
    "leases": "/apis/coordination.k8s.io/v1/namespaces/kube-system/leases",
    "requests": "/apis/certificates.k8s.io/v1/certificatesigningrequests",
    "kubeadm-config": f"{_SYSTEM}/configmaps/kubeadm-config",
    "kubelet-config": f"{_SYSTEM}/configmaps/kubelet-config",
    "kube-proxy": f"{_SYSTEM}/configmaps/kube-proxy",
    "coredns": f"{_SYSTEM}/configmaps/coredns",
    "cluster-info": "/api/v1/namespaces/kube-public/configmaps/cluster-info",
}
"""What is read by every way in. checks/cluster-role.yaml allows it, and nothing else."""

SECRETS = f"{_SYSTEM}/secrets?fieldSelector=type%3Dbootstrap.kubernetes.io%2Ftoken"
_DROPPED = frozenset(("managedFields", "env", "envFrom", "last-applied-configuration"))


@dataclass(frozen=True)
class Reply:
    """What a request was answered: HTTP's status, 0 where nothing came, and the text, or the error."""

    how: str
    status: int
    text: str = ""
    error: str = ""


class Requests(Protocol):
    """A way to the API. Each path is requested once, with GET."""

    def get(self, paths: Mapping[str, str]) -> Mapping[str, Reply]:
        """Replies by the names of the paths."""
        ...


class NotFound(Unknown):
    """The API has no such object, which may be healthy."""


def objects(replies: Mapping[str, Reply], tokens: Fact[tuple[Token, ...]]) -> Api:
    """Facts of the replies to PATHS."""

    def fact(name: str, read: Callable[[Any], T]) -> Fact[T]:
        return _fact(replies[name], name, read)

    service, others = fact("kubernetes_service", lambda one: (_kept(one),)), fact("services", _items)
    services = others if not (service.known and others.known) else Fact(others.how, (*service.get(), *others.get()))
    return Api(
        fact("nodes", _items), fact("pods", _items), fact("deployments", _items), fact("daemon_sets", _items), services,
        fact("endpoint_slices", _items), fact("leases", _items), fact("requests", _requests), tokens,
        fact("kubeadm-config", lambda one: _document(one, "ClusterConfiguration")),
        fact("kubelet-config", lambda one: _document(one, "kubelet")),
        fact("kube-proxy", lambda one: _document(one, "config.conf")),
        fact("kube-proxy", lambda one: _server(one["data"]["kubeconfig.conf"])),
        fact("cluster-info", lambda one: _server(one["data"]["kubeconfig"])),
        fact("coredns", lambda one: str(one["data"]["Corefile"])),
    )  # fmt: skip


def _fact(reply: Reply, name: str, read: Callable[[Any], T]) -> Fact[T]:
    try:
        return Fact(reply.how, read(json.loads(text(reply))))
    except Unknown as unknown:
        return Fact(reply.how, None, unknown.reason, unknown.needs)
    except (ValueError, KeyError, TypeError, AttributeError, yaml.YAMLError) as error:
        return Fact(reply.how, None, f"{name} is not as kubeadm writes it: {type(error).__name__}: {error}")


def text(reply: Reply) -> str:
    """What was answered; raises Unknown, with the permission that would help where that is missing."""
    if reply.status == 200:
        return reply.text
    if reply.status in (401, 403):
        raise Unknown(f"the API refuses it: {_message(reply)}", "the permissions of checks/cluster-role.yaml")
    if reply.status == 404:
        raise NotFound(f"the API has none: {_message(reply)}")
    raise Unknown(reply.error or f"the API answers with {reply.status}: {_message(reply)}")


def _message(reply: Reply) -> str:
    try:
        return str(json.loads(reply.text)["message"])
    except (ValueError, KeyError, TypeError):
        return reply.text.strip()[:120] or reply.error or str(reply.status)


def _items(given: Any) -> tuple[Object, ...]:
    return tuple(_kept(each) for each in given["items"])


def _requests(given: Any) -> tuple[Object, ...]:
    """Requests for certificates, without what is requested."""
    kept = _items(given)
    return tuple({**each, "spec": {k: v for k, v in each["spec"].items() if k != "request"}} for each in kept)


def _kept(given: Any) -> Any:
    """An object without what nothing is judged by: environment variables may be secret, and the rest is large."""
    if isinstance(given, dict):
        return {key: _kept(value) for key, value in given.items() if key.rpartition("/")[2] not in _DROPPED}
    return [_kept(each) for each in given] if isinstance(given, list) else given


def _document(given: Any, key: str) -> Object:
    found = yaml.safe_load(given["data"][key])
    if not isinstance(found, dict):
        raise ValueError(f"{key} is no document")
    return found


def _server(kubeconfig: str) -> str:
    """Where a kubeconfig leads to; its user is not read."""
    return str(yaml.safe_load(kubeconfig)["clusters"][0]["cluster"]["server"])


def tokens_of(reply: Reply) -> Fact[tuple[Token, ...]]:
    """Bootstrap tokens, of the Secrets that have them; the secret part is dropped here."""
    return _fact(reply, "the list of bootstrap tokens", lambda given: tuple(_token(each) for each in given["items"]))


def _token(secret: Any) -> Token:
    def value(name: str) -> str:
        return base64.b64decode(secret.get("data", {}).get(name, "")).decode()

    usages = tuple(
        name.removeprefix("usage-bootstrap-") for name in secret.get("data", {}) if name.startswith("usage-")
    )
    ends = value("expiration")
    return Token(value("token-id"), datetime.fromisoformat(ends) if ends else None, usages, value("description"))
