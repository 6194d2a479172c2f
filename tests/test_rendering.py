"""What is written to machines: pure renderings."""

from __future__ import annotations

import pytest
import yaml

from provision.config.cluster_state import Endpoint
from provision.config.facts import Facts
from provision.config.versions import Version
from provision.errors import Problem
from provision.kubeadm import commands
from provision.kubeadm.kubeconfig import rewritten
from provision.kubeadm.printed import parse, uploaded_key
from provision.loadbalancer import dns, haproxy
from provision.network import plugin
from provision.node import host_workarounds, kubelet
from provision.node.host_workarounds import HostFacts
from tests.stand_ins import PRINTED, fake_cluster

NEWEST = Facts(Version(37, 2))
HEALTHY = HostFacts(cgroup_version=2, may_raise_limits=True, conntrack_writable=True, swap=False, disk_free=0.9)
POOR = HostFacts(
    cgroup_version=1, may_raise_limits=False, conntrack_writable=False, swap=True, disk_free=0.1, emulated=True
)


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
    text = dns.render("198.18.0.2", {"a.test": "198.18.0.2"})
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


def test_a_healthy_host_needs_no_workaround() -> None:
    assert host_workarounds.needed(HEALTHY, NEWEST) == ()
    assert kubelet.kubelet_files(()) == {}


def test_a_host_that_lacks_everything_needs_every_workaround() -> None:
    assert host_workarounds.needed(POOR, NEWEST) == host_workarounds.WORKAROUNDS


def test_an_old_version_needs_no_workaround_for_cgroup_v1() -> None:
    names = {each.name for each in host_workarounds.needed(POOR, Facts(Version(34, 4)))}
    assert names == {each.name for each in host_workarounds.WORKAROUNDS} - {"cgroup-v1"}


def test_the_reason_for_a_full_disk_has_the_share_that_is_available() -> None:
    (disk,) = (each for each in host_workarounds.WORKAROUNDS if each.name == "disk-pressure")
    assert "of which 10% is available" in disk.because(POOR)


@pytest.mark.parametrize("each", host_workarounds.WORKAROUNDS, ids=lambda each: each.name)
def test_each_workaround_has_a_reason_and_an_effect(each: host_workarounds.Workaround) -> None:
    assert (bool(each.reason), bool(each.effect)) == (True, True)


def test_the_kubelets_drop_in_is_a_kubelet_configuration() -> None:
    files = kubelet.kubelet_files({"cgroup-v1", "limits", "swap", "disk-pressure"})
    config = yaml.safe_load(files[f"{kubelet.KUBELET_CONFIG_DIR}/10-host.conf"])
    assert (config["kind"], config["failCgroupV1"], config["failSwapOn"]) == ("KubeletConfiguration", False, False)


def test_kubeconfig_for_the_host_still_checks_the_name() -> None:
    admin = yaml.safe_dump(
        {"clusters": [{"name": "k", "cluster": {"server": "x", "certificate-authority-data": "CA"}}]}
    )
    cluster = yaml.safe_load(rewritten(admin, Endpoint("name.test", "198.18.0.2")))["clusters"][0]["cluster"]
    assert cluster == {
        "server": "https://198.18.0.2:6443", "tls-server-name": "name.test", "certificate-authority-data": "CA",
    }  # fmt: skip
