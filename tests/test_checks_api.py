"""Replies of the API: what is kept of them, what is dropped, and the reason for those that do not come."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest

from checks.collecting.api import PATHS, SECRETS, NotFound, Reply, objects, text, tokens_of
from checks.facts.cluster import Api
from checks.facts.fact import Unknown, unread
from tests.simulated import cluster


def api(**bodies: Any) -> Api:
    """The objects of a healthy API, with some of its replies changed: bodies, texts, or whole replies."""
    replies = dict(cluster().objects.get({**PATHS}))
    for name, body in bodies.items():
        given = body if isinstance(body, (str, Reply)) else json.dumps(body)
        name = name if name in PATHS else name.replace("_", "-")
        replies[name] = given if isinstance(given, Reply) else Reply(f"GET {name}", 200, given)
    return objects(replies, unread("not in this test"))


def test_all_objects_of_a_healthy_cluster_are_read() -> None:
    read = api()
    unknown = [name for name in Api.__dataclass_fields__ if not getattr(read, name).known]
    assert unknown == ["tokens"]
    assert [each["metadata"]["name"] for each in read.services.get()] == ["kubernetes", "kube-dns"]


def test_what_may_be_secret_and_what_is_large_is_dropped() -> None:
    pod = {
        "metadata": {
            "name": "a", "managedFields": [{"manager": "x"}],
            "annotations": {"kubectl.kubernetes.io/last-applied-configuration": "hunter2", "checksum/password=": "x"},
        },
        "spec": {
            "containers": [{"name": "a", "command": ["x", "--password=hunter2"], "env": [{"value": "hunter2"}],
                            "envFrom": [{"secretRef": {"name": "s"}}]}],
            "initContainers": [{"env": [{"value": "hunter2"}]}],
        },
    }  # fmt: skip
    read = api(pods={"items": [pod]}, deployments={"items": [{"metadata": {"name": "d"}, "spec": {"template": pod}}]})
    kept = json.dumps([*read.pods.get(), *read.deployments.get()])
    for dropped in ("hunter2", "managedFields", '"env"', "envFrom", "last-applied"):
        assert dropped not in kept
    assert read.pods.get()[0]["spec"]["containers"][0]["command"] == ["x", "--password=‹secret›"]


def test_what_is_requested_for_certificates_is_dropped() -> None:
    request = {"metadata": {"name": "csr-1"}, "spec": {"signerName": "x", "request": "TFMw"}, "status": {}}
    assert api(requests={"items": [request]}).requests.get()[0]["spec"] == {"signerName": "x"}


@pytest.mark.parametrize(
    ("status", "body", "reason"),
    [
        (401, '{"message": "Unauthorized"}', "the API refuses it: Unauthorized"),
        (403, '{"message": "nodes is\\n forbidden"}', "the API refuses it: nodes is forbidden"),
        (404, '{"message": "not found"}', "the API has none: not found"),
        (404, "<html>", "the API has none: <html>"),
        (500, "", "the API answers with 500: 500"),
        (503, "[]", "the API answers with 503: []"),
        (302, "moved " * 99, "the API answers with 302: moved moved"),
    ],
)
def test_a_refusal_says_what_the_api_says(status: int, body: str, reason: str) -> None:
    with pytest.raises(Unknown) as raised:
        text(Reply("GET /x", status, body))
    assert raised.value.reason.startswith(reason)
    assert len(raised.value.reason) < 220
    assert bool(raised.value.needs) == (status in (401, 403))
    assert isinstance(raised.value, NotFound) == (status == 404)


def test_an_api_that_is_not_reached_says_why() -> None:
    assert api(nodes=Reply("GET /x", 0, error="connection refused")).nodes.missing == "connection refused"


@pytest.mark.parametrize(
    "body", ["", "{", "[]", "null", "7", '{"items": 5}', '{"items": [5]}', '{"items": [{}]}', '{"kind": "Status"}',
             '{"items": [{"metadata": {"name": 5}}]}',
             '{"items": [{"metadata": {"name": "a"}, "spec": [1]}]}', "[" * 9999],
)  # fmt: skip
def test_a_list_that_is_none_is_unknown(body: str) -> None:
    assert api(nodes=body).nodes.missing


def test_an_empty_list_is_an_answer() -> None:
    assert api(requests='{"items": []}').requests.get() == ()


@pytest.mark.parametrize(
    "data", [{}, {"ClusterConfiguration": ""}, {"ClusterConfiguration": "a: ["}, {"ClusterConfiguration": "- 1"},
             {"ClusterConfiguration": 5}, None, [1]],
)  # fmt: skip
def test_a_stored_configuration_that_is_none_is_unknown(data: Any) -> None:
    assert api(kubeadm_config={"metadata": {"name": "x"}, "data": data}).cluster_configuration.missing


def test_where_a_kubeconfig_leads_to_and_nothing_of_its_user() -> None:
    config = {"clusters": [{"cluster": {"server": "https://a:6443"}}], "users": [{"user": {"token": "hunter2hunter2"}}]}
    read = api(cluster_info={"data": {"kubeconfig": json.dumps(config)}})
    assert read.cluster_info_server.get() == "https://a:6443"
    for broken in ("", "{}", '{"clusters": []}', '{"clusters": [{"cluster": {"server": 5}}]}', "a: ["):
        assert api(cluster_info={"data": {"kubeconfig": broken}}).cluster_info_server.missing


def test_a_secret_header_of_a_kubelets_configuration_is_dropped() -> None:
    stored = "staticPodURLHeader: {Authorization: [hunter2]}\nrotateCertificates: true\n"
    read = api(kubelet_config={"data": {"kubelet": stored}})
    assert read.kubelet_configuration.get() == {"rotateCertificates": True}


def _token(**data: str) -> Reply:
    encoded = {key.replace("_", "-"): base64.b64encode(value.encode()).decode() for key, value in data.items()}
    return Reply("GET", 200, json.dumps({"items": [{"metadata": {"name": "x"}, "data": encoded}]}))


def test_tokens_lose_their_secret_part() -> None:
    reply = _token(
        token_id="abcdef", token_secret="0123456789abcdef", expiration="2030-01-01T00:00:00Z", description="d",
        usage_bootstrap_signing="true",
    )  # fmt: skip
    [token] = tokens_of(reply).get()
    assert (token.id, token.usages, token.description) == ("abcdef", ("signing",), "d")
    assert token.ends
    assert token.ends.isoformat() == "2030-01-01T00:00:00+00:00"
    assert "0123456789abcdef" not in repr(tokens_of(reply))


@pytest.mark.parametrize("reply", [
    _token(expiration="soon"), Reply("GET", 200, '{"items": [{"data": {"token-id": "%"}}]}'), Reply("GET", 200, "[]"),
    Reply("GET", 403, "{}"), Reply("GET", 200, '{"items": [{"data": {"token-id": "/w=="}}]}'),
])  # fmt: skip
def test_tokens_that_are_not_understood_are_unknown(reply: Reply) -> None:
    assert tokens_of(reply).missing


def test_only_tokens_are_requested_of_secrets() -> None:
    assert SECRETS.endswith("?fieldSelector=type%3Dbootstrap.kubernetes.io%2Ftoken")
    assert not [path for path in PATHS.values() if "secrets" in path]
