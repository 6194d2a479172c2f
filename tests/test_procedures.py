"""The procedures and their scripts: which commands run where, for every path through the page."""

from __future__ import annotations

import re

import pytest
import yaml

from provision.config.cluster_id import ClusterId
from provision.etcd import manager, members
from provision.kubeadm import certificates, commands, configuration
from provision.procedure import last_state, procedure_of
from provision.procedure.step import State, Step, all_steps, link
from tests.fake_machine import Answers, Replies
from tests.stand_ins import commands as ran
from tests.stand_ins import fake_cluster

PATHS = ("stacked-uploaded-1.37", "stacked-manual-1.37", "external-uploaded-1.37", "external-manual-1.37")


def _steps(cluster: str) -> list[Step]:
    return all_steps(procedure_of(ClusterId.parse(cluster), "serial"))


@pytest.mark.parametrize("cluster", PATHS)
def test_the_steps_of_a_procedure_lead_to_its_states_in_order(cluster: str) -> None:
    states = [step.leads_to for step in _steps(cluster)]
    assert states == sorted(states)


@pytest.mark.parametrize("cluster", PATHS)
def test_a_correction_says_what_it_corrects(cluster: str) -> None:
    assert [step.name for step in _steps(cluster) if step.correction and not step.section] == []


@pytest.mark.parametrize(("cluster", "corrections"), list(zip(PATHS, (0, 1, 2, 4), strict=True)))
def test_each_path_through_the_page_has_its_own_corrections(cluster: str, corrections: int) -> None:
    assert sum(bool(step.correction) for step in _steps(cluster)) == corrections


@pytest.mark.parametrize(
    ("section", "end"),
    [("install-workers", "/high-availability/#install-workers"), ("setup-ha-etcd/#a", "/kubeadm/setup-ha-etcd/#a")],
)
def test_a_section_of_another_page_links_to_that_page(section: str, end: str) -> None:
    assert link(section).endswith(end)


@pytest.mark.parametrize(
    ("cluster", "words"),
    [
        ("stacked-uploaded-1.37", ["--control-plane-endpoint", "--upload-certs", "--pod-network-cidr"]),
        ("stacked-manual-1.37", ["--control-plane-endpoint", "--pod-network-cidr"]),
        ("external-uploaded-1.37", ["--config", "--upload-certs"]),
        ("external-manual-1.37", ["--config"]),
    ],
)
def test_kubeadm_init_has_the_options_of_its_path(cluster: str, words: list[str]) -> None:
    flags = [word for word in commands.init_command(fake_cluster(name=cluster)).split() if word.startswith("--")]
    assert [flag for flag in flags if flag != "--kubernetes-version"] == words


def test_members_certificates_are_made_in_the_pages_order() -> None:
    lines = members.certificates_script(fake_cluster(name="external-uploaded-1.37").etcd_machines).splitlines()
    servers = [line.split("/tmp/")[1].split("/")[0] for line in lines if "etcd-server" in line]
    assert servers == ["198.18.0.33", "198.18.0.32", "198.18.0.31"]
    assert [line.split()[1] for line in lines if "-name ca.key -type f -delete" in line][-2:] == [
        "/tmp/198.18.0.33",
        "/tmp/198.18.0.32",
    ]


def test_etcds_configuration_files_are_filled_in() -> None:
    machines = fake_cluster(name="external-uploaded-1.37").etcd_machines
    script = members.configurations_script(machines, "kubeadm.k8s.io/v1beta4")
    assert ("@API@" in script or "@HOST" in script, "HOST2=198.18.0.33" in script, 'NAME0="etcd1"' in script) == (
        False,
        True,
        True,
    )


def test_the_kubelet_of_an_etcd_machine_knows_no_api_server() -> None:
    settings = yaml.safe_load(manager.configuration())
    assert (settings["authorization"], settings["authentication"]["webhook"]) == (
        {"mode": "AlwaysAllow"}, {"enabled": False},
    )  # fmt: skip


@pytest.mark.parametrize(
    ("workarounds", "option"), [([], ""), (["conntrack"], ""), (["swap"], "--config-dir=/etc/kubernetes/kubelet.d ")]
)
def test_the_kubelet_of_an_etcd_machine_reads_the_hosts_settings_beside_the_pages(
    workarounds: list[str], option: str
) -> None:
    lines = manager.drop_in(workarounds).splitlines()
    page = "--config=/etc/systemd/system/kubelet.service.d/kubelet.conf"
    assert lines == ["[Service]", "ExecStart=", f"ExecStart=/usr/bin/kubelet {option}{page}", "Restart=always"]


@pytest.mark.parametrize("workarounds", [[], ["cgroup-v1"]])
def test_the_hosts_settings_are_on_every_etcd_machine_and_not_in_the_pages_file(workarounds: list[str]) -> None:
    """Also where the machines' owner has prepared them."""
    replies: Replies = {
        re.compile("^sudo install -D -m 644 /dev/stdin /etc/(kubernetes|systemd/system)/kubelet"): "",
        "sudo mkdir -p /etc/kubernetes/manifests": "",
        "sudo systemctl daemon-reload && sudo systemctl restart kubelet": "",
        "systemctl status --no-pager --lines=5 kubelet": "Active: active (running)",
    }
    with Answers(replies) as answers:
        cluster = fake_cluster(answers, name="external-uploaded-1.37", workarounds=workarounds)
        manager.apply(cluster)
    written = {
        machine: any(manager.HOST_SETTINGS in each for each in ran(cluster, machine)) for machine in cluster.machines
    }
    assert {machine for machine, files in written.items() if files} == (
        {"etcd1", "etcd2", "etcd3"} if workarounds else set()
    )
    assert "failCgroupV1" not in manager.configuration()


def test_kubeadms_configuration_has_every_etcd_member_as_endpoint() -> None:
    document = yaml.safe_load(configuration.render(fake_cluster(name="external-uploaded-1.37")))
    assert document["etcd"]["external"]["endpoints"] == [f"https://198.18.0.{n}:2379" for n in (31, 32, 33)]


def test_a_given_certificate_key_goes_into_the_configuration() -> None:
    documents = list(yaml.safe_load_all(configuration.render(fake_cluster(name="external-uploaded-1.37"), "a" * 64)))
    assert [each.get("certificateKey") for each in documents] == [None, "a" * 64]


@pytest.mark.parametrize(("stacked", "count"), [(True, 8), (False, 9)])
def test_etcds_authority_is_carried_by_hand_only_where_etcd_is_stacked(stacked: bool, count: int) -> None:
    needed = certificates.needed(stacked=stacked)
    assert (len(needed), "etcd/ca.key" in needed) == (count, stacked)


def test_scripts_carry_and_move_the_same_files() -> None:
    files = certificates.shared(stacked=True)
    copied = certificates.copy_script(files, "ubuntu", ["198.18.0.12"])
    moved = certificates.move_script(files, "ubuntu")
    assert '    scp /etc/kubernetes/pki/etcd/ca.key "${USER}"@$host:etcd-ca.key' in copied
    assert "mv /home/${USER}/etcd-ca.key /etc/kubernetes/pki/etcd/ca.key" in moved
    assert copied.count("scp ") == moved.count("mv ") == len(files)


def test_the_script_for_root_moves_files_from_roots_home() -> None:
    """The page's script looks in /home/${USER}; for a login as root that is nowhere."""
    assert "mv /root/ca.crt" in certificates.move_script(certificates.shared(stacked=True), "root")
    assert "mv /home/${USER}/ca.crt" in certificates.move_script(certificates.shared(stacked=True), "ubuntu")


def test_etcdctl_connects_to_the_member_of_its_machine() -> None:
    machine = fake_cluster().control_planes[1]
    line = members.etcdctl(machine, "endpoint", "health", certificate="peer")
    assert line.endswith("--endpoints https://198.18.0.12:2379 endpoint health")
    assert "/etc/kubernetes/pki/etcd/peer.key" in line


def test_late_machines_have_no_part_in_the_procedure() -> None:
    cluster = fake_cluster(name="stacked-uploaded-1.37-mutable")
    assert ([each.name for each in cluster.control_planes], "cp4" in cluster.machines) == (["cp1", "cp2", "cp3"], True)


@pytest.mark.parametrize(("end", "upgrades"), [("", True), ("-faults", False)])
def test_a_cluster_for_faults_is_upgraded_by_one_of_them(end: str, upgrades: bool) -> None:
    cluster = ClusterId.parse(f"stacked-uploaded-1.37-from-1.36{end}")
    names = [step.name for step in all_steps(procedure_of(cluster, "serial"))]
    assert ("upgrade the first control plane" in names) is upgrades
    assert (last_state(cluster) is State.UPGRADED) is upgrades
