"""What is the same in two nights, whatever it looks like."""

from __future__ import annotations

import pytest

from nightly.normal import normal


@pytest.mark.parametrize(
    ("one", "two"),
    [
        ("at 2026-11-24T22:51:16.123Z", "at 2026-11-25T01:00:00Z"),
        ("I1124 22:51:16.000001   12345 join.go:1] x", "I1125 01:02:03.100001     77 join.go:1] x"),
        ('{"b": 1, "uid": "x", "a": "2026-11-24T22:51:16Z"}', '{"a": "2025-01-01T00:00:00Z", "b": 1, "uid": "y"}'),
        ("coredns-5dd5756b68-x7k2p is up after 3.21s", "coredns-5dd5756b68-bbbbb is up after 12.5s"),
        ("sha256:" + "a" * 64, "sha256:" + "b" * 64),
        ("echo-vzk6n", "echo-qxcb8"),
        ("Waiting for pods: 1 of 3\nWaiting for pods: 2 of 3\nrolled out", "rolled out"),
        ("cp1_dc481e1d-0b90-46d4-bef3-f650da803971", "cp1_d44d86e0-b0c6-4e2e-8c08-3175cddb6c85"),
        ("Wants=b.service a.service", "Wants=a.service b.service"),
        ('{"clusterIP": "10.103.219.202", "nodePort": 30805}', '{"clusterIP": "10.102.63.9", "nodePort": 31000}'),
        (
            "[certs] Using x\n[certs] etcd/peer\n[certs] ca\n[kubeconfig]",
            "[certs] Using x\n[certs] ca\n[certs] etcd/peer\n[kubeconfig]",
        ),
        ("eyJhbGciOiJIUzI1NiIs..n8sGWuuxjFgdK5rr", "eyJhbGciOiJIUzI1NiIt..O5KBCpTL26mu8xo"),
    ],
)
def test_texts_are_equal_where_only_times_addresses_or_random_names_differ(one: str, two: str) -> None:
    assert normal(one, {}) == normal(two, {})


@pytest.mark.parametrize(
    ("one", "two"),
    [("600 root:root", "644 root:root"), ('{"a": 1}', '{"a": 2}'), ("listen 127.0.0.1", "listen 0.0.0.0"),
     ("kube-scheduler", "kube-controller"), ("v1.37.2", "v1.37.3"), ("expires in 364d", "expires in 3649d"),
     ("10.96.0.1", "10.96.0.10"), ("10.96.0.1", "10.97.3.4"), ("Wants=a.service", "Wants=b.service"),
     ('{"a": "x\\ny"}', '{"a": "x\\nz"}'), ("[certs] ca", "[certs] ca\n[certs] etcd/ca"),
     ("[certs] ca\n[etcd] a\n[certs] sa", "[certs] sa\n[etcd] a\n[certs] ca")],
)  # fmt: skip
def test_texts_differ_where_anything_else_does(one: str, two: str) -> None:
    assert normal(one, {}) != normal(two, {})


def test_machines_are_named_whatever_their_addresses() -> None:
    assert normal("198.18.3.11:6443 198.18.3.111", {"198.18.3.11": "cp1"}) == "‹cp1›:6443 198.18.3.111"
