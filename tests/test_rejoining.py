"""Certificate keys and join commands that are made anew: they are learned as secrets, or what is missing is named."""

from __future__ import annotations

import pytest

from provision.kubeadm import rejoining
from provision.util.errors import CommandFailed, Problem
from tests.stand_ins import fake_cluster

MAKE_KEY = "kubeadm certs certificate-key"
MAKE_JOIN = "sudo kubeadm token create --print-join-command"
KEY = "0f" * 32
JOIN = "kubeadm join lb:6443 --token abcdef.0123456789abcdef --discovery-token-ca-cert-hash sha256:00"


@pytest.mark.parametrize("printed", [f"{KEY}\n", f"W1126 a warning\n[upload-certs] Using certificate key:\n{KEY}\n"])
def test_the_key_that_was_printed_is_a_secret_from_then_on(printed: str) -> None:
    cluster = fake_cluster({MAKE_KEY: printed})
    assert rejoining.new_key(cluster, cluster.control_planes[0]) == KEY
    assert KEY not in cluster.journal.redact(f"somewhere {KEY}")


@pytest.mark.parametrize("printed", ["", "\n", "done\n", f"{KEY}\nbut not last\n"])
def test_a_certificate_key_that_was_not_printed_is_an_error(printed: str) -> None:
    cluster = fake_cluster({MAKE_KEY: printed})
    with pytest.raises(Problem, match="printed no certificate key"):
        rejoining.new_key(cluster, cluster.control_planes[0])


def test_the_token_of_a_new_join_command_is_a_secret_from_then_on() -> None:
    cluster = fake_cluster({MAKE_JOIN: f"{JOIN}\n"})
    assert rejoining.new_join(cluster, cluster.control_planes[0]) == JOIN
    assert "0123456789abcdef" not in cluster.journal.redact("token abcdef.0123456789abcdef")


@pytest.mark.parametrize("printed", ["", "kubeadm join lb:6443\n", "--token "])
def test_a_join_command_that_was_not_printed_names_the_machine(printed: str) -> None:
    cluster = fake_cluster({MAKE_JOIN: printed})
    with pytest.raises(CommandFailed, match="on cp1: `kubeadm token create --print-join-command` printed no command"):
        rejoining.new_join(cluster, cluster.control_planes[0])
