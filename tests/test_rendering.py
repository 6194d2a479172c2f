"""What is written to machines: pure renderings."""

from __future__ import annotations

import pytest
import yaml

from provision.config.cluster_state import Endpoint
from provision.kubeadm import commands
from provision.kubeadm.kubeconfig import rewritten
from provision.kubeadm.printed import parse, uploaded_key
from provision.loadbalancer import dns, haproxy
from provision.network import plugin
from provision.util.errors import Problem
from tests.stand_ins import PRINTED, fake_cluster


def test_join_commands_are_taken_as_printed() -> None:
    printed = parse(PRINTED)
    assert printed.control_plane_join.startswith("kubeadm join ")
    assert printed.control_plane_join.endswith("--certificate-key " + "a" * 64)
    assert "--control-plane" not in printed.worker_join
    assert (printed.certificate_key, printed.token) == ("a" * 64, "abcdef.0123456789abcdef")


def test_join_commands_on_one_line_are_read() -> None:
    assert parse(PRINTED.replace("\\\n\t", " ")).certificate_key == "a" * 64


def test_join_commands_are_not_in_any_representation() -> None:
    assert "0123456789abcdef" not in repr(parse(PRINTED))


@pytest.mark.parametrize(
    ("output", "key"),
    [
        ("[upload-certs] Using certificate key:\n" + "b" * 64 + "\n", "b" * 64),
        ("Please note that the certificate-key gives access to cluster sensitive data", ""),
        ("[upload-certs] Skipping phase. Please see --upload-certs", ""),
    ],
)
def test_the_key_of_uploaded_certificates_is_read(output: str, key: str) -> None:
    assert uploaded_key(output) == key


def test_a_missing_join_command_is_named() -> None:
    with pytest.raises(Problem, match="workers"):
        parse(PRINTED.split("Then you can")[0])


def test_the_load_balancer_forwards_to_exactly_the_given_control_planes() -> None:
    text = haproxy.render(6443, fake_cluster().control_planes[:1])
    assert [line.split() for line in text.splitlines() if "server cp" in line] == [
        ["server", "cp1", "198.18.0.11:6443"]
    ]


def test_the_name_server_has_the_given_records_and_forwards_no_other_name() -> None:
    text = dns.render(["198.18.0.2"], {"a.test": ["198.18.0.2"]})
    assert {"host-record=a.test,198.18.0.2", "no-resolv", "local=/#/"} <= set(text.splitlines())


def test_the_manifest_of_the_routes_is_filled_in() -> None:
    text = plugin.routes_manifest(Endpoint("name.test", "198.18.0.2"))
    kinds = [document["kind"] for document in yaml.safe_load_all(text)]
    assert ("DaemonSet" in kinds, "@IMAGE@" in text, "@API_HOST@" in text, "name.test" in text) == (
        True,
        False,
        False,
        True,
    )


def test_kubeadm_init_is_the_pages_command() -> None:
    assert commands.init_command(fake_cluster()) == (
        'sudo kubeadm init --control-plane-endpoint "cluster-endpoint.kubeadm-ha.test:6443" --upload-certs'
        " --pod-network-cidr 10.244.0.0/16 --kubernetes-version v1.37.2"
    )


def test_a_workaround_adds_its_option_to_kubeadm_init() -> None:
    assert commands.init_command(fake_cluster(workarounds={"cgroup-v1"})).endswith("SystemVerification")


def test_kubeconfig_for_the_host_still_checks_the_name() -> None:
    admin = yaml.safe_dump(
        {"clusters": [{"name": "k", "cluster": {"server": "x", "certificate-authority-data": "CA"}}]}
    )
    cluster = yaml.safe_load(rewritten(admin, Endpoint("name.test", "198.18.0.2")))["clusters"][0]["cluster"]
    assert cluster == {
        "server": "https://198.18.0.2:6443", "tls-server-name": "name.test", "certificate-authority-data": "CA",
    }  # fmt: skip
