"""What is done on machines for a configuration of the user's own, and how a plan and a report show it."""

from __future__ import annotations

import html
import json
from pathlib import Path

import pytest
import yaml

from provision.artifacts.catalog import Release
from provision.cluster import ADMIN
from provision.config.versions import Version
from provision.kubeadm import approvals, commands, configuration, validation
from provision.network import plugin
from provision.observations import PrintedJoins
from provision.providers import preview
from provision.recording.journal import Journal
from provision.util.errors import BadInput, CommandFailed
from provision.util.redaction import Redactor
from provision.util.result import Result
from report.page import write_report
from tests.configurations import (
    CLUSTER,
    JOIN,
    KUBELET,
    STACKED,
    TOKEN,
    cluster_of,
    cluster_with,
    configured,
    recipe,
)
from tests.fake_machine import Replies
from tests.stand_ins import commands as commands_on
from tests.stand_ins import fake_cluster


def test_kubeadm_init_takes_the_file() -> None:
    assert commands.init_command(cluster_of(CLUSTER)) == "sudo kubeadm init --config kubeadm-config.yaml --upload-certs"


def test_machines_join_by_a_file_where_the_configuration_has_one_for_their_role() -> None:
    cluster = cluster_of(f"{JOIN}nodeRegistration: {{taints: []}}\n")
    assert configuration.joins_by_file(cluster, control_plane=False)
    assert not configuration.joins_by_file(cluster, control_plane=True)


def test_a_join_by_file_has_what_the_command_says_and_what_the_file_says() -> None:
    cluster = cluster_of(f"{JOIN}controlPlane: {{}}\nnodeRegistration: {{taints: []}}\n")
    key = "a" * 64
    printed = PrintedJoins(
        f"--certificate-key {key}", f"--token {TOKEN} --discovery-token-ca-cert-hash sha256:{'0' * 64}"
    )
    found = yaml.safe_load(configuration.render_join(cluster, printed, cluster.control_planes[1], control_plane=True))
    assert (found["controlPlane"], found["nodeRegistration"]) == ({"certificateKey": key}, {"taints": []})
    assert found["discovery"]["bootstrapToken"]["token"] == TOKEN


def test_routes_have_addresses_of_their_own_where_there_is_no_pod_network() -> None:
    cluster = recipe("no-pod-network")
    assert (plugin.pod_cidr(cluster), plugin.has_own_addresses(cluster)) == ("", True)
    follow = "cidrs=10.244.${address##*.}.0/24"
    assert follow in plugin.routes_manifest(cluster.endpoint, own_addresses=True)
    assert follow not in plugin.routes_manifest(cluster.endpoint)


def test_files_go_to_every_control_plane_for_root_alone() -> None:
    path = "/etc/kubernetes/policy.yaml"
    cluster = cluster_with(
        configured(CLUSTER, **{path: "text"}), replies={f"sudo install -D -m 600 /dev/stdin {path}": ""}
    )
    configuration.put_files(cluster)
    assert [name for name in cluster.machines if commands_on(cluster, name)] == ["cp1", "cp2", "cp3"]


def test_no_serving_certificate_is_approved_unless_kubelets_request_some() -> None:
    approvals.approve_serving(cluster_of(CLUSTER))  # which runs no command: the machines know none


def _kubeadm(folder: Path, *lines: str) -> Path:
    program = folder / "kubeadm"
    program.write_text("\n".join(("#!/bin/sh", *lines)) + "\n")
    program.chmod(0o755)
    return program


def test_what_the_real_kubeadm_refuses_is_shown_in_its_words(tmp_path: Path) -> None:
    refusing = _kubeadm(tmp_path, 'echo "strict decoding error: unknown field \\"bogus\\"" >&2', "exit 1")
    with pytest.raises(BadInput, match=r"kubeadm v1\.37\.2 refuses mine\.yaml \(for init\)") as refused:
        validation.by(refusing, cluster_of(f"{CLUSTER}bogus: 1\n"), Redactor())
    assert refused.value.answer == 'strict decoding error: unknown field "bogus"'


def test_kubeadm_is_given_every_document(tmp_path: Path) -> None:
    kept = _kubeadm(tmp_path, f'cat "$4" >> {tmp_path}/seen')
    validation.by(kept, recipe("nodes"), Redactor())
    seen = (tmp_path / "seen").read_text()
    assert [seen.count(f"kind: {kind}") for kind in ("InitConfiguration", "JoinConfiguration")] == [1, 2]
    assert [seen.count(f"kind: {kind}") for kind in ("KubeletConfiguration", "KubeProxyConfiguration")] == [1, 1]


def test_a_refusal_on_the_machine_names_it() -> None:
    refusal = Result(1, "", "unknown field\nTo see the stack trace of this error execute with --v=5 or higher\n")
    replies: Replies = {
        "sudo install -D -m 600 /dev/stdin kubeadm-config.yaml": "",
        "sudo kubeadm config validate --config kubeadm-config.yaml": refusal,
    }
    with pytest.raises(CommandFailed, match="on cp1: kubeadm refuses") as refused:
        validation.on_the_machine(cluster_of(CLUSTER, replies=replies))
    assert refused.value.answer == "unknown field"


def _request(node: str, **status: object) -> dict[str, object]:
    spec = {"signerName": approvals.SIGNER, "username": f"system:node:{node}"}
    return {"metadata": {"name": f"csr-{node}"}, "spec": spec, "status": status}


def test_serving_certificates_of_the_clusters_nodes_alone_are_approved() -> None:
    nodes = [machine.name for machine in fake_cluster().nodes]
    waiting = {"items": [*map(_request, nodes), _request("stranger")]}
    issued = {"items": [_request(name, certificate="PEM") for name in nodes]}
    answers = iter([json.dumps(waiting), json.dumps(issued)])
    approve = f"sudo {ADMIN} kubectl certificate approve " + " ".join(f"csr-{name}" for name in nodes)
    replies: Replies = {f"sudo {ADMIN} kubectl get csr -o json": lambda *_: next(answers), approve: ""}
    cluster = cluster_of(f"{KUBELET}serverTLSBootstrap: true\n", replies=replies)
    approvals.approve_serving(cluster)
    assert commands_on(cluster, "cp1").count(approve) == 1


def test_a_plan_shows_what_kubeadm_gets_beside_the_file() -> None:
    state = cluster_with(configured(f"{CLUSTER}kubernetesVersion: stable\n")).state
    release, journal = Release(Version(37, 2), "fake"), Journal(state.id, Redactor())
    lines = list(preview.lines(state, release, journal, how="podman", memory=0, joins="serial"))
    shown = " ".join(" ".join(lines[lines.index("mine.yaml is what kubeadm gets, and beside it:") :]).split())
    assert "ClusterConfiguration.kubernetesVersion: v1.37.2 (the file says stable): a run does not depend" in shown
    assert "have kubeadm check the configuration" in shown


def test_a_report_lists_what_kubeadm_got_beside_the_file(tmp_path: Path) -> None:
    merges = [str(each) for each in configuration.merges(cluster_of(CLUSTER))]
    run = {"started": 0.0, "finished": 1.0, "clusters": [{"id": STACKED, "merges": merges}]}
    (tmp_path / "run.json").write_text(json.dumps(run))
    page = html.unescape(write_report(tmp_path, Redactor()).read_text())
    assert all(each in page for each in merges)
