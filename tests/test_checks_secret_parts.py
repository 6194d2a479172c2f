"""What others wrote may hold a secret: it is left out of texts, of words and of objects of the API."""

from __future__ import annotations

import json
from typing import Any

import pytest

from checks.collecting.api import PATHS, Reply, objects
from checks.collecting.secret_parts import without_secrets, words_without_secrets
from checks.facts.fact import unread

SECRET = "hunter2hunter2"


@pytest.mark.parametrize(
    "text",
    [
        f"password={SECRET}", f'{{"password":"{SECRET}"}}', f"PASSWORD=\"a {SECRET} c\"", f"api-key: {SECRET}",
        f"https://user:{SECRET}@proxy.example.org:3128", f"Authorization: Bearer {SECRET}", f"Basic {SECRET}==",
        f"VAULT_TOKEN={SECRET}", f"--peerPass={SECRET}", f"apiToken: {SECRET}", f"--pass={SECRET}",
        f"--bgppeers=10.0.0.1:65000:{SECRET}:true", f"bgp_peers=10.0.0.1:65000:{SECRET}:true", f"passphrase={SECRET}",
    ],
)  # fmt: skip
def test_a_secret_of_a_text_is_left_out(text: str) -> None:
    assert SECRET not in without_secrets(text)


@pytest.mark.parametrize(
    "text",
    [
        "--service-account-private-key-file=/etc/kubernetes/pki/sa.key", "https://10.0.0.1:6443/livez", "a basic setup",
        "--tls-private-key-file=/etc/kubernetes/pki/apiserver.key", "etcd failed: reason withheld",
        "ssl-passthrough=true", "--bypass=10", "passive: 1", "peersPassed=3",
    ],
)  # fmt: skip
def test_what_is_not_a_secret_stays(text: str) -> None:
    assert without_secrets(text) == text


def test_a_word_behind_one_that_names_a_secret_is_left_out() -> None:
    assert SECRET not in " ".join(words_without_secrets(["own", "--password", SECRET, "--verbose"]))
    assert SECRET not in " ".join(words_without_secrets(["kube-vip", "--peerPass", SECRET]))


def _api(name: str, given: dict[str, Any]) -> str:

    replies = {each: Reply(each, 404, "{}") for each in PATHS} | {name: Reply(name, 200, json.dumps(given))}
    return repr(objects(replies, unread("nothing")))


def test_pods_of_others_bring_no_secret_along() -> None:
    pod = {
        "metadata": {"name": "own", "annotations": {"own/configuration": f'{{"x": "{SECRET}"}}'}},
        "spec": {"containers": [{
            "name": "own", "image": "own", "args": ["--password", SECRET], "env": [{"name": "A", "value": SECRET}],
            "livenessProbe": {"httpGet": {"httpHeaders": [{"name": "Authorization", "value": SECRET}]}},
        }]},
        "status": {},
    }  # fmt: skip
    shown = _api("pods", {"items": [pod]})
    assert "'own'" in shown
    assert SECRET not in shown


def test_the_stored_configuration_brings_no_secret_along() -> None:
    document = (
        "kind: ClusterConfiguration\napiServer:\n  extraEnvs: [{name: HTTPS_PROXY, value: 'http://u:"
        f"{SECRET}@proxy'}}]\n  extraArgs: [{{name: oidc-client-secret, value: {SECRET}}}]\nclusterName: mine\n"
    )
    given = {"metadata": {"name": "kubeadm-config"}, "data": {"ClusterConfiguration": document}}
    shown = _api("kubeadm-config", given)
    assert "'mine'" in shown
    assert SECRET not in shown


def test_a_corefile_is_known_by_its_directives() -> None:
    core_file = (
        f".:53 {{\n  health :8080\n  tsig {{\n    secret k. {SECRET}\n  }}\n  etcd {{\n    credentials root {SECRET}\n"
    )
    shown = _api("coredns", {"metadata": {"name": "coredns"}, "data": {"Corefile": core_file}})
    assert "health :8080" in shown
    assert SECRET not in shown
