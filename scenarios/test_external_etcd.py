"""An etcd cluster on machines of its own, and control planes that are its clients.

Source: https://kubernetes.io/docs/setup/production-environment/tools/kubeadm/setup-ha-etcd-with-kubeadm/
"""

from __future__ import annotations

import pytest
import yaml

from checks.collecting.documents import mapping, of_yaml
from fixtures.subjects.answers import unit_of
from fixtures.subjects.certificates import (
    ISSUED,
    MEMBER,
    alternative_names,
    issued_by,
    name,
    of_an_etcd_machine,
    public_key,
)
from fixtures.subjects.configured import command_of
from fixtures.subjects.facts import Object
from fixtures.subjects.files import PKI, NodeFiles
from fixtures.subjects.finding import below, found, holds
from provision.cluster import Cluster
from provision.config.addresses import url
from provision.etcd.manager import CONFIGURATION
from provision.machines.machine import Machine
from provision.node.host_workarounds import WORKAROUNDS
from provision.node.kubelet import KUBELET_CONFIG_DIR, kubelet_settings
from provision.util.result import Result

Files = dict[str, NodeFiles]

pytestmark = pytest.mark.topology("external")

_CLIENT = f"--cert {PKI}apiserver-etcd-client.crt --key {PKI}apiserver-etcd-client.key"


def _ask(machine: Machine, member: Machine, client: str) -> Result:
    """The answer of a member to a client on another machine. TLS 1.2 refuses before anything else is sent."""
    curl = f"sudo curl -sS -m {5 * machine.patience} --tls-max 1.2 --cacert {PKI}etcd/ca.crt"
    return machine.run(f"{curl} {client} {url(member.address, 2379)}/health")


def test_etcd_machine_has_exactly_the_expected_pki_files(files: Files, cluster: Cluster, etcd_machine: Machine) -> None:
    """The trees that the page draws: the authority's key is on the first machine alone."""
    first = etcd_machine is cluster.etcd_machines[0]
    assert files[etcd_machine.name].pki == of_an_etcd_machine(first=first)


def test_etcd_machine_has_only_a_manifest_beside_its_pki(files: Files, etcd_machine: Machine) -> None:
    """One manifest; no kubeconfig, since these kubelets know no API server."""
    others = {path for path in files[etcd_machine.name].facts if not path.startswith(PKI)}
    assert others == {"/etc/kubernetes/manifests/etcd.yaml"}


@pytest.mark.built
def test_etcd_configuration_is_where_the_page_puts_it(cluster: Cluster, etcd_machine: Machine) -> None:
    first = cluster.etcd_machines[0]
    folder = f"/tmp/{first.address}" if etcd_machine is first else etcd_machine.home
    assert "kind: ClusterConfiguration\n" in etcd_machine.succeed(f"sudo cat {folder}/kubeadmcfg.yaml")


def test_no_certificate_is_left_in_the_home_folder_of_an_etcd_machine(
    cluster: Cluster, joined_etcd_machine: Machine
) -> None:
    """No certificate stays behind in the home folder of the user who carried it."""
    assert below(joined_etcd_machine, "~/", ".crt", ".key") == []


def test_etcd_ca_key_is_on_the_first_etcd_machine_only(files: Files, cluster: Cluster, etcd_machine: Machine) -> None:
    """Neither to another machine, nor to the first's own folders for the others. A copy has any name."""
    first = cluster.etcd_machines[0]
    facts, key, certificate = files[first.name].facts, f"{PKI}etcd/ca.key", f"{PKI}etcd/ca.crt"
    # Keys are of a few kilobytes; what else lies about may be large.
    search = "sudo find /etc/kubernetes ~/ /tmp -type f -size -64k -exec sha256sum {} +"
    listed = found(etcd_machine, search, [f"{facts[certificate].sha256}  {certificate}"])
    copies = [line for line in listed if line.startswith(facts[key].sha256)]
    assert copies == ([f"{facts[key].sha256}  {key}"] if etcd_machine is first else [])


@pytest.mark.parametrize("own", MEMBER)
def test_member_certificate_differs_between_etcd_machines(files: Files, cluster: Cluster, own: str) -> None:
    """Unlike the authority, made anew for each: that is why the page deletes certificates between two machines."""
    serials = [files[each.name].certificates[f"{PKI}{own}.crt"].serial_number for each in cluster.etcd_machines]
    assert len(set(serials)) == len(serials)


@pytest.mark.parametrize("own", MEMBER)
def test_member_certificate_has_the_expected_issuer_and_subject(files: Files, etcd_machine: Machine, own: str) -> None:
    certificates = files[etcd_machine.name].certificates
    found, subject = certificates[f"{PKI}{own}.crt"], ISSUED[own][1].format(machine=etcd_machine.name)
    assert (issued_by(found, certificates[f"{PKI}etcd/ca.crt"]), name(found)) == (True, subject)


@pytest.mark.parametrize("own", MEMBER)
def test_member_key_belongs_to_its_certificate(files: Files, etcd_machine: Machine, own: str) -> None:
    found = files[etcd_machine.name]
    assert public_key(found.certificates[f"{PKI}{own}.crt"]) == found.public_keys[f"{PKI}{own}.key"]


@pytest.mark.parametrize("own", ["etcd/server", "etcd/peer"])
def test_member_certificate_has_exactly_the_expected_names(files: Files, etcd_machine: Machine, own: str) -> None:
    expected = {etcd_machine.name, etcd_machine.address, "localhost", "127.0.0.1", "::1"}
    assert alternative_names(files[etcd_machine.name].certificates[f"{PKI}{own}.crt"]) == expected


def test_etcd_machines_and_control_planes_share_one_etcd_ca(files: Files, cluster: Cluster) -> None:
    """On etcd's machines and control planes alike."""
    machines = (*cluster.etcd_machines, *cluster.control_planes)
    assert len({files[machine.name].facts[f"{PKI}etcd/ca.crt"].sha256 for machine in machines}) == 1


def test_files_of_an_etcd_machine_belong_to_root(files: Files, etcd_machine: Machine) -> None:
    facts = files[etcd_machine.name].facts
    assert {path: fact.owner for path, fact in facts.items() if fact.owner != "root:root"} == {}


def test_private_keys_of_an_etcd_machine_have_mode_600(files: Files, etcd_machine: Machine) -> None:
    facts = files[etcd_machine.name].facts
    assert {path: fact.mode for path, fact in facts.items() if path.endswith(".key") and fact.mode != "600"} == {}


def test_first_control_plane_has_the_client_certificate_of_an_etcd_machine(files: Files, cluster: Cluster) -> None:
    """Copied, not made anew: no control plane could, without the authority's key."""
    path = f"{PKI}apiserver-etcd-client.crt"
    copied = files[cluster.control_planes[0].name].facts[path].sha256
    assert copied in {files[machine.name].facts[path].sha256 for machine in cluster.etcd_machines}


def test_etcd_member_accepts_every_control_plane(cluster: Cluster, etcd_machine: Machine) -> None:
    answers = {each.name: _ask(each, etcd_machine, _CLIENT).stdout for each in cluster.control_planes}
    assert {name: '"health":"true"' in answer for name, answer in answers.items()} == dict.fromkeys(answers, True)


def test_etcd_member_accepts_the_client_certificate_of_every_etcd_machine(
    cluster: Cluster, etcd_machine: Machine
) -> None:
    """The page: copy the files "from any etcd node in the cluster"."""
    answers = {each.name: _ask(each, etcd_machine, _CLIENT).stdout for each in cluster.etcd_machines}
    assert {name: '"health":"true"' in answer for name, answer in answers.items()} == dict.fromkeys(answers, True)


def test_etcd_member_refuses_a_client_without_a_certificate(cluster: Cluster, etcd_machine: Machine) -> None:
    answer = _ask(cluster.control_planes[0], etcd_machine, "")
    assert (answer.ok, "alert" in answer.stderr) == (False, True), answer.stderr


def test_etcd_member_refuses_a_certificate_of_another_authority(cluster: Cluster, etcd_machine: Machine) -> None:
    """Of the cluster's own, which has nothing to say about etcd."""
    stranger = f"--cert {PKI}apiserver-kubelet-client.crt --key {PKI}apiserver-kubelet-client.key"
    answer = _ask(cluster.control_planes[0], etcd_machine, stranger)
    assert (answer.ok, "alert" in answer.stderr) == (False, True), answer.stderr


def test_no_etcd_process_runs_on_a_control_plane(cluster: Cluster, control_plane: Machine) -> None:
    processes = control_plane.succeed("pgrep -lx 'etcd|kubelet'").splitlines()
    assert {line.split()[1] for line in processes} == {"kubelet"}


def test_kube_system_has_no_etcd_pod(system_pods: list[Object]) -> None:
    assert [pod["metadata"]["name"] for pod in system_pods if pod["metadata"]["name"].startswith("etcd")] == []


def test_api_server_uses_every_etcd_member(cluster: Cluster, control_plane: Machine) -> None:
    flags = command_of(control_plane.succeed("sudo cat /etc/kubernetes/manifests/kube-apiserver.yaml"))
    servers = ",".join(url(machine.address, 2379) for machine in cluster.etcd_machines)
    assert {name: values for name, values in flags.items() if name.startswith("etcd-")} == {
        "etcd-servers": (servers,),
        "etcd-cafile": (f"{PKI}etcd/ca.crt",),
        "etcd-certfile": (f"{PKI}apiserver-etcd-client.crt",),
        "etcd-keyfile": (f"{PKI}apiserver-etcd-client.key",),
    }


def test_stored_configuration_names_every_etcd_member(cluster: Cluster, kubeadm_config: Object) -> None:
    expected = [url(machine.address, 2379) for machine in cluster.etcd_machines]
    assert (list(kubeadm_config["etcd"]), kubeadm_config["etcd"]["external"]["endpoints"]) == (["external"], expected)


def test_kubeadm_config_file_has_the_api_version_that_kubeadm_writes(cluster: Cluster, kubeadm_config: Object) -> None:
    """An older one would be read with a warning, or not at all."""
    written = cluster.control_planes[0].succeed("kubeadm config print init-defaults; cat kubeadm-config.yaml")
    assert {each["apiVersion"] for each in yaml.safe_load_all(written) if each} == {kubeadm_config["apiVersion"]}


def test_kubelet_of_an_etcd_machine_has_the_command_line_of_the_page(cluster: Cluster, etcd_machine: Machine) -> None:
    """By the page's unit, which names one folder more where a host makes settings of the kubelet necessary."""
    running = etcd_machine.succeed("tr '\\0' ' ' < /proc/$(pgrep -xo kubelet)/cmdline").split()
    ours = [f"--config-dir={KUBELET_CONFIG_DIR}"] if holds(etcd_machine, f"test -d {KUBELET_CONFIG_DIR}") else []
    assert running == ["/usr/bin/kubelet", *ours, f"--config={CONFIGURATION}"]


@pytest.mark.built
def test_kubelet_configuration_of_an_etcd_machine_has_no_host_workaround(
    cluster: Cluster, etcd_machine: Machine
) -> None:
    """It is the page's alone: what some hosts make necessary lies in that folder."""
    found = mapping(of_yaml(etcd_machine.succeed(f"cat {CONFIGURATION}"), CONFIGURATION), CONFIGURATION)
    assert found.keys() & kubelet_settings([each.name for each in WORKAROUNDS]).keys() == set()


def test_kubelet_of_an_etcd_machine_listens_on_localhost_only(cluster: Cluster, etcd_machine: Machine) -> None:
    listening = [line.split()[3] for line in etcd_machine.succeed("ss -Htln 'sport = :10250'").splitlines()]
    assert listening == ["127.0.0.1:10250"]


@pytest.mark.parametrize("service", ["kubelet", "containerd"])
def test_service_of_an_etcd_machine_runs_and_is_enabled(cluster: Cluster, etcd_machine: Machine, service: str) -> None:
    found = unit_of(etcd_machine, service)
    assert (found.active, "multi-user.target" in found.wanted_by) == ("active", True)


@pytest.mark.made
def test_version_stable_is_a_release_of_kubeadms_own_minor(cluster: Cluster) -> None:
    """The page's `kubernetesVersion: stable`: read from a download site, and without one kubeadm's own version."""
    configuration = {
        "apiVersion": cluster.facts.configuration_api, "kind": "ClusterConfiguration", "kubernetesVersion": "stable"
    }  # fmt: skip
    command = "kubeadm config images list --config /dev/stdin"
    listed = cluster.control_planes[0].run(command, stdin=yaml.safe_dump(configuration).encode())
    [server] = [line for line in listed.stdout.splitlines() if "kube-apiserver" in line]
    alone = "falling back to the local client version" in listed.stderr
    expected = str(cluster.version) if alone else f"v{cluster.version.series}."
    assert server.rpartition(":")[2].startswith(expected), server
