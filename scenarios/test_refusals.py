"""What must fail, by what the documentation says is needed: each attempt is refused, says why, and harms nothing.

Tried on a cluster that may be changed, with a fourth control plane.
"""

from __future__ import annotations

import re

import pytest

from fixtures.plugin.parameters import only
from fixtures.subjects.refusals import Refusals
from provision.cluster import Cluster
from provision.config.topology import Role
from provision.util.result import last_lines

_DECODING = "error decoding secret data with provided key: cipher: message authentication failed"
_MIXED = r"can not mix '--config' with arguments \[certificate-key\]"

_MISSING = {
    "ca.crt": "failure loading certificate for CA: couldn't load the certificate file",
    "ca.key": 'could not load expected certificate "[a-z-]+" or validate the existence of key "ca"',
    "sa.key": "failure loading key for service account: couldn't load the private key file",
    "sa.pub": "failure loading key for service account: couldn't load the public key file",
    "front-proxy-ca.crt": "failure loading certificate for front-proxy CA: couldn't load the certificate file",
    "front-proxy-ca.key": 'could not load expected certificate "front-proxy-client" or validate the existence of key',
    "etcd/ca.crt": "failure loading certificate for etcd CA|{facts.etcd_client_check}.*etcd/ca.crt doesn't exist",
}
_MISSING_STACKED = {
    "etcd/ca.key": 'could not load expected certificate "[a-z-]+" or validate the existence of key "etcd'
}
_MISSING_EXTERNAL = {
    "apiserver-etcd-client.crt": "apiserver-etcd-client.crt doesn't exist",
    "apiserver-etcd-client.key": "apiserver-etcd-client.key doesn't exist",
}
_OTHERWISE = {
    "with_no_certificates": "failure loading certificate for CA: couldn't load the certificate file",
    "with_all_certificates": r"certificate \S+ is invalid: x509: certificate is valid for .*, not {late}",
    "with_another_key": _DECODING,
    "with_the_key_before": _DECODING,
    "with_a_short_key": "invalid certificate key size 31, the key must be an AES key of size 32",
    "with_expired_certificates": 'Secret "kubeadm-certs" was not found .* might have expired',
    "with_another_hash": "cluster CA found in cluster-info ConfigMap is invalid: none of the public keys",
    "with_an_expired_token": "could not find a JWS signature in the cluster-info ConfigMap for token ID",
    "with_an_unknown_name": "lookup unknown.kubeadm-ha.test.* no such host",
    "with_no_endpoint": "cluster that doesn't have a stable controlPlaneEndpoint address",
    "mixing join": _MIXED,
    "mixing init": _MIXED,
}
_OTHERWISE_EXTERNAL = {
    "with_the_pages_upload": "Secret does not include the required certificate or key",
    "with_client_files_left_at_home": (
        r"\[ERROR {facts.etcd_version_check}\]: couldn't load external etcd's server cert"
    ),
}

_ANSWERS = {
    **{f"without {path}": answer for path, answer in (_MISSING | _MISSING_STACKED | _MISSING_EXTERNAL).items()},
    **_OTHERWISE,
    **_OTHERWISE_EXTERNAL,
}
"""Attempt → what kubeadm answers, in its own words, given the facts of its version and the late machine's name.

A regular expression, since it takes certificates in any order.
"""

ATTEMPTS = [
    *(f"without {path}" for path in _MISSING),
    *only("stacked", *(f"without {path}" for path in _MISSING_STACKED)),
    *only("external", *(f"without {path}" for path in _MISSING_EXTERNAL)),
    *_OTHERWISE,
    *only("external", *_OTHERWISE_EXTERNAL),
]


@pytest.mark.parametrize("attempt", ATTEMPTS)
def test_faulty_call_of_kubeadm_is_refused(refusals: Refusals, attempt: str) -> None:
    assert refusals.attempt(*attempt.split()).rc != 0


@pytest.mark.parametrize("attempt", ATTEMPTS)
def test_refused_call_of_kubeadm_says_why(refusals: Refusals, mutable: Cluster, attempt: str) -> None:
    output = refusals.attempt(*attempt.split()).output
    answer = _ANSWERS[attempt].format(facts=mutable.facts, late=mutable.late(Role.CONTROL_PLANE).name)
    assert re.search(answer, output), last_lines(output, 40)


@pytest.mark.parametrize("attempt", ATTEMPTS)
def test_refused_call_of_kubeadm_leaves_the_cluster_unchanged(refusals: Refusals, attempt: str) -> None:
    refusal = refusals.attempt(*attempt.split())
    assert (refusal.after, set(refusal.after.ready.values())) == (refusal.before, {True})
