"""Objects of the API: which are read, and what of them is kept. Nothing is kept that may be secret."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar

from checks.collecting.balancer_pods import in_spec, kube_vips_settings
from checks.collecting.documents import items, mapping, of_json, of_yaml, part
from checks.collecting.reading_kubernetes import SECRET_KEYS, moment
from checks.collecting.secret_parts import MARK, is_called_a_secret, without_secrets, words_without_secrets
from checks.collecting.targets import of_url
from checks.facts.cluster import Api, Object, Token
from checks.facts.fact import Fact, Unknown

T = TypeVar("T")

_SYSTEM = "/api/v1/namespaces/kube-system"
PATHS: Mapping[str, str] = {
    "nodes": "/api/v1/nodes",
    "pods": f"{_SYSTEM}/pods",
    "deployments": "/apis/apps/v1/namespaces/kube-system/deployments",
    "daemon_sets": "/apis/apps/v1/daemonsets",
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
_BRIEF = 160  # characters: two lines of a terminal
_DROPPED = frozenset(("managedFields", "env", "envFrom", "extraEnvs", "httpHeaders", "last-applied-configuration"))
_ANNOTATIONS = "kubeadm.kubernetes.io/"  # others hold whatever their owners put there


@dataclass(frozen=True)
class Reply:
    """What a request was answered: HTTP's status, 0 where nothing came, and the text, or the error."""

    how: str
    status: int
    text: str = ""
    error: str = ""


class Requests(Protocol):
    """A way to the API, and where that is, as a URL. Each path is requested once, with GET."""

    @property
    def server(self) -> str: ...

    def get(self, paths: Mapping[str, str]) -> Mapping[str, Reply]:
        """Replies by the names of the paths."""
        ...


class NotFound(Unknown):
    """The API has no such object, which may be healthy."""


def objects(replies: Mapping[str, Reply], tokens: Fact[tuple[Token, ...]]) -> Api:
    """Facts of the replies to PATHS."""

    def fact(name: str, read: Callable[[Any], T]) -> Fact[T]:
        return _fact(replies[name], name, read)

    service, others = fact("kubernetes_service", lambda one: (_object(one),)), fact("services", _items)
    services = others if not (service.known and others.known) else Fact(others.how, (*service.get(), *others.get()))
    return Api(
        fact("nodes", _items), fact("pods", _items), fact("deployments", _items), fact("daemon_sets", _daemon_sets),
        services, fact("endpoint_slices", _items), fact("leases", _items), fact("requests", _requests), tokens,
        fact("kubeadm-config", lambda one: _document(one, "ClusterConfiguration")),
        fact("kubelet-config", lambda one: _document(one, "kubelet")),
        fact("kube-proxy", lambda one: _document(one, "config.conf")),
        fact("kube-proxy", lambda one: _server(_data(one, "kubeconfig.conf"))),
        fact("cluster-info", lambda one: _server(_data(one, "kubeconfig"))),
        fact("coredns", lambda one: _directives(_data(one, "Corefile"))),
    )  # fmt: skip


def _fact(reply: Reply, name: str, read: Callable[[Any], T]) -> Fact[T]:
    try:
        return Fact(reply.how, read(of_json(text(reply), name)))
    except Unknown as unknown:
        return Fact(reply.how, None, unknown.reason, unknown.needs)


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
    """What the API gave as its reason, in one line: of a Status its message."""
    try:
        given = json.loads(reply.text)
    except (ValueError, RecursionError):
        given = None
    message = given.get("message") if isinstance(given, dict) else reply.text or reply.error
    return without_secrets(" ".join(str(message or reply.status).split()))[:_BRIEF]


def _items(given: Any) -> tuple[Object, ...]:
    if not isinstance(mapping(given, "the answer").get("items"), list):
        raise Unknown("the API answered with something else than a list")
    return tuple(_object(each) for each in items(given, "items", "the answer"))


def _daemon_sets(given: Any) -> tuple[Object, ...]:
    """Those of kube-system, and, wherever it is, the one of kube-vip with what it moves."""
    listed = items(given, "items", "the answer")
    movers = [bool(each) for each in map(_kube_vip, listed)]
    found = zip(_items(given), listed, movers, strict=True)
    return tuple(
        _with_settings(kept, raw) if moves else kept for kept, raw, moves in found
        if moves or kept["metadata"].get("namespace") == "kube-system"
    )  # fmt: skip


def _kube_vip(raw: Any) -> list[Mapping[str, Any]]:
    """Its containers that are kube-vip's, with what of their environment says what is moved."""
    spec = part(part(part(raw, "spec", "a DaemonSet"), "template", "its spec"), "spec", "its template")
    containers = [mapping(each, "a container") for each in items(spec, "containers", "the pod")]
    pods = [(each, in_spec({"containers": [each]})) for each in containers]
    return [
        {"name": each.get("name"), "image": each.get("image"), "command": ["kube-vip"], "env": kube_vips_settings(each)}
        for each, found in pods if any(one.program == "kube-vip" for one in found)
    ]  # fmt: skip


def _with_settings(kept: Object, raw: Any) -> Object:
    template = {"spec": {"containers": _kube_vip(raw)}}
    return {**kept, "spec": {**kept["spec"], "template": template}}


def _object(given: Any) -> Object:
    """An object without what nothing is judged by; raises Unknown for one without the parts that each has."""
    metadata = part(given, "metadata", "an object")
    if not isinstance(metadata.get("name"), str):
        raise Unknown("the API answered with an object that has no name")
    return {**_kept(given), **{name: _kept(part(given, name, "an object")) for name in ("metadata", "spec", "status")}}


def _requests(given: Any) -> tuple[Object, ...]:
    """Requests for certificates, without what is requested."""
    return tuple({**each, "spec": {k: v for k, v in each["spec"].items() if k != "request"}} for each in _items(given))


def _kept(given: Any) -> Any:
    """A value without what nothing is judged by: environment variables may be secret, and the rest is large."""
    if isinstance(given, Mapping):
        if isinstance(given.get("value"), str) and is_called_a_secret(str(given.get("name", ""))):
            given = {**given, "value": MARK}
        return {key: _part(key, value) for key, value in given.items() if key.rpartition("/")[2] not in _DROPPED}
    if isinstance(given, list) and all(isinstance(each, str) for each in given):
        return list(words_without_secrets(given))
    if isinstance(given, list):
        return [_kept(each) for each in given]
    return without_secrets(given) if isinstance(given, str) else given


def _part(key: str, value: Any) -> Any:
    if key == "annotations" and isinstance(value, Mapping):
        value = {name: each for name, each in value.items() if name.startswith(_ANNOTATIONS)}
    return _kept(value)


def _directives(core_file: str) -> str:
    """What a Corefile uses, a directive a line; of what says where a server answers, the whole line."""
    lines = (line.strip() for line in core_file.splitlines())
    return "\n".join(line if line.startswith(("health", "ready")) else line.split()[0] for line in lines if line)


def _data(given: Any, key: str) -> str:
    found = part(given, "data", "the ConfigMap").get(key)
    if not isinstance(found, str):
        raise NotFound(f"the ConfigMap has no {key}")
    return found


def _document(given: Any, key: str) -> Object:
    read = mapping(of_yaml(_data(given, key), key), key)
    kept: Object = _kept({name: value for name, value in read.items() if name not in SECRET_KEYS})
    return kept


def _server(kubeconfig: str) -> str:
    """Where a kubeconfig leads to; its user is not read."""
    clusters = items(of_yaml(kubeconfig, "the kubeconfig"), "clusters", "the kubeconfig")
    server = part(clusters[0], "cluster", "the kubeconfig").get("server") if clusters else None
    if not of_url(str(server)):
        raise Unknown("the kubeconfig names no server")
    return str(server)


def tokens_of(reply: Reply) -> Fact[tuple[Token, ...]]:
    """Bootstrap tokens, of the Secrets that have them; the secret part is dropped here."""
    return _fact(reply, "the list of bootstrap tokens", lambda given: tuple(map(_token, items(given, "items", "it"))))


def _token(secret: Any) -> Token:
    data = part(secret, "data", "a token's Secret")

    def value(name: str) -> str:
        try:
            return base64.b64decode(str(data.get(name) or ""), validate=True).decode()
        except ValueError:
            raise Unknown(f"{name} of a token is not as the API writes it") from None

    usages = tuple(name.removeprefix("usage-bootstrap-") for name in data if name.startswith("usage-"))
    return Token(value("token-id"), moment(value("expiration"), "the end of a token"), usages, value("description"))
