"""A user's own kubeadm configuration: what is read, refused and merged, and what is expected of a cluster with it."""

from __future__ import annotations

import html
import json
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
import yaml

from fixtures.subjects.configured import command_of, differing, exists, labels_of, mounts_of, taints_of, takes_pods
from provision.artifacts.catalog import Release
from provision.cluster import ADMIN, Cluster
from provision.clusters.state import States
from provision.config.cluster_id import ClusterId
from provision.config.configuration import file
from provision.config.configuration.expected import Expected
from provision.config.configuration.own import Kind, OwnConfiguration
from provision.config.inventory import parse
from provision.config.settings import Settings
from provision.config.versions import Version
from provision.errors import BadInput, CommandFailed
from provision.kubeadm import approvals, commands, configuration, validation
from provision.network import plugin
from provision.observations import PrintedJoins
from provision.providers import preview
from provision.recording.journal import Journal
from provision.recording.redaction import Redactor
from provision.util.result import Result
from report.page import write_report
from tests.fake_machine import Replies
from tests.stand_ins import commands as commands_on
from tests.stand_ins import fake_cluster
from tests.test_inventory import GOOD

RECIPES = sorted((Path(__file__).parents[1] / "recipes/configurations").glob("*.yaml"))
HEAD = "apiVersion: kubeadm.k8s.io/v1beta4\nkind: {}\n"
CLUSTER, INIT, JOIN = (HEAD.format(f"{kind}Configuration") for kind in ("Cluster", "Init", "Join"))
KUBELET = "apiVersion: kubelet.config.k8s.io/v1beta1\nkind: KubeletConfiguration\n"
PROXY = "apiVersion: kubeproxy.config.k8s.io/v1alpha1\nkind: KubeProxyConfiguration\n"
TOKEN = "abcdef.0123456789abcdef"
PODS = "networking: {podSubnet: 10.50.0.0/16}\n"


def _own(text: str, **files: str) -> OwnConfiguration:
    return OwnConfiguration("mine.yaml", text, files)


STACKED = "stacked-uploaded-1.37-cfg-000000"
EXTERNAL = "external-uploaded-1.37-cfg-000000"


def _with(own: OwnConfiguration, *workarounds: str, name: str = STACKED, replies: Replies | None = None) -> Cluster:
    cluster = fake_cluster(replies, name=name, workarounds=workarounds)
    cluster.state = cluster.state.but(configuration=own.stored())
    return cluster


def _cluster(text: str, *workarounds: str, name: str = STACKED, replies: Replies | None = None) -> Cluster:
    return _with(_own(text), *workarounds, name=name, replies=replies)


def _recipe(name: str) -> Cluster:
    found = file.read(next(path for path in RECIPES if path.stem == name))
    cluster = _with(found)
    if found.api.endswith("v1beta3"):
        cluster.state = cluster.state.but(version="v1.36.3")
    return cluster


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a: [", "mine.yaml is not valid YAML"),
        ("- a\n", "document 1 is list"),
        ("", "mine.yaml has no document"),
        ("kind: Pod\napiVersion: v1\n", "document 1 is of the kind 'Pod'"),
        (HEAD.format("ResetConfiguration"), "is of the kind 'ResetConfiguration'"),
        (CLUSTER + "---\nfoo: 1\n", "document 2 is of the kind ''"),
        ("kind: ClusterConfiguration\napiVersion: v1\n", "ClusterConfiguration, has the apiVersion 'v1'"),
        (f"{CLUSTER}---\n{CLUSTER}", "two documents of the kind ClusterConfiguration"),
        (f"{JOIN}---\n{JOIN}", "two documents of the kind JoinConfiguration of workers"),
        (f"{CLUSTER}clusterName: a\nclusterName: b\n", "mine.yaml is not valid YAML"),
    ],
)
def test_what_is_not_a_configuration_is_refused(text: str, message: str) -> None:
    with pytest.raises(BadInput, match=message.replace("'", ".")):
        _ = _own(text).documents


def test_a_field_that_is_there_twice_is_named_with_its_place() -> None:
    with pytest.raises(BadInput) as refused:
        _ = _own(f"{CLUSTER}clusterName: a\nclusterName: b\n").documents
    assert refused.value.answer == "line 1, column 1: the field clusterName is there twice"


def test_a_refusal_of_yaml_shows_no_line_of_the_file() -> None:
    with pytest.raises(BadInput) as refused:
        _ = _own(f"{INIT}bootstrapTokens: [{{token: {TOKEN}\n").documents
    assert "0123456789" not in str(refused.value)


def test_joins_of_control_planes_and_of_workers_are_two_documents() -> None:
    own = _own(f"{JOIN}controlPlane: {{}}\n---\n{JOIN}")
    assert set(own.documents) == {Kind.CONTROL_PLANE_JOIN, Kind.WORKER_JOIN}


def test_a_file_that_cannot_be_read_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="cannot be read: No such file"):
        file.read(tmp_path / "none.yaml")


def test_files_stand_in_the_folder_of_the_same_name(tmp_path: Path) -> None:
    (tmp_path / "audit.yaml").write_text(CLUSTER)
    (tmp_path / "audit/etc/kubernetes").mkdir(parents=True)
    (tmp_path / "audit/etc/kubernetes/policy.yaml").write_text("kind: Policy\n")
    assert file.read(tmp_path / "audit.yaml").files == {"/etc/kubernetes/policy.yaml": "kind: Policy\n"}


def test_a_file_for_control_planes_that_is_not_text_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text(CLUSTER)
    (tmp_path / "a").mkdir()
    (tmp_path / "a/binary").write_bytes(b"\xff\xfe")
    with pytest.raises(BadInput, match="is not a text in UTF-8"):
        file.read(tmp_path / "a.yaml")


def _id(path: Path, **more: str) -> ClusterId:
    return Settings.of({"configuration": str(path), **more}).cluster_id("stacked", "1.37")


def test_a_clusters_id_tells_configurations_apart_by_text_and_files(tmp_path: Path) -> None:
    mine = tmp_path / "mine.yaml"
    mine.write_text(CLUSTER)
    first = _id(mine)
    mine.write_text(f"{CLUSTER}clusterName: other\n")
    second = _id(mine)
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine/policy").write_text("")
    assert len({first, second, _id(mine)}) == 3
    assert (first.configured, str(first).startswith("stacked-uploaded-1.37-cfg-")) == (True, True)
    assert ClusterId.parse(str(first)) == first


def test_the_version_of_the_file_is_the_clusters(tmp_path: Path) -> None:
    mine = tmp_path / "mine.yaml"
    mine.write_text(f"{CLUSTER}kubernetesVersion: v1.36.3\n")
    assert [str(each) for each in Settings.of({"configuration": str(mine)}).wanted] == ["1.36.3"]


@pytest.mark.parametrize(
    "given",
    [{"authority": "elsewhere", "certificates": "manual"}, {"families": "yes"}],
    ids=["authorities elsewhere", "families"],
)
def test_choices_that_have_a_configuration_of_their_own_are_refused(tmp_path: Path, given: dict[str, str]) -> None:
    (tmp_path / "mine.yaml").write_text(CLUSTER)
    with pytest.raises(BadInput):
        Settings.of({"configuration": str(tmp_path / "mine.yaml"), **given})


def test_an_inventory_names_a_configuration_relative_to_itself(tmp_path: Path) -> None:
    """For a cluster that is built; one that is only checked has its own."""
    (tmp_path / "mine.yaml").write_text(CLUSTER)
    (tmp_path / "lab.toml").write_text(f'configuration = "mine.yaml"\n{GOOD}')
    built = Settings.of({"inventory": str(tmp_path / "lab.toml"), "mode": "build"})
    checked = Settings.of({"inventory": str(tmp_path / "lab.toml")})
    digest = OwnConfiguration("mine.yaml", CLUSTER).digest
    ids = [str(each.cluster_ids("stacked", "1.37")[0]) for each in (built, checked)]
    assert ids == [f"stacked-uploaded-1.37-cfg-{digest}-inventory-lab", "stacked-uploaded-1.37-inventory-lab"]


def test_the_endpoint_of_an_inventory_stays(tmp_path: Path) -> None:
    cluster = _cluster(f"{CLUSTER}controlPlaneEndpoint: other.example.org:6443\n")
    inventory = parse.read(_written(tmp_path / "lab.toml", GOOD))
    cluster.state = cluster.state.but(inventory=dict(inventory.content), endpoint_address="10.0.0.2")
    with pytest.raises(BadInput, match=r"controlPlaneEndpoint is other\.example\.org:6443.* lb\.example\.org:6443"):
        configuration.documents(cluster)


def _written(path: Path, text: str) -> Path:
    path.write_text(text)
    return path


def test_a_clusters_state_keeps_the_configuration(tmp_path: Path) -> None:
    own = _own(CLUSTER + PODS, **{"/etc/policy": "text"})
    states = States(tmp_path)
    states.write(_with(own).state)
    read = states.read(STACKED)
    assert read is not None
    assert (read.own_configuration, read.own_configuration and read.own_configuration.digest) == (own, own.digest)


MERGED = {
    "ClusterConfiguration.kubernetesVersion": "v1.37.2",
    "ClusterConfiguration.controlPlaneEndpoint": "cluster-endpoint.kubeadm-ha.test:6443",
}


def test_what_kubeadm_gets_beside_the_file_is_listed_with_its_reason() -> None:
    merges = configuration.merges(_cluster(CLUSTER + PODS))
    assert {each.field: each.used for each in merges} == MERGED
    assert all(each.why and not each.file for each in merges)


def test_a_word_for_a_version_is_replaced_and_listed() -> None:
    merges = configuration.merges(_cluster(f"{CLUSTER}kubernetesVersion: stable-1.37\n{PODS}"))
    assert [(each.file, each.used) for each in merges if "Version" in each.field] == [("stable-1.37", "v1.37.2")]


def test_a_file_without_a_cluster_gets_the_pages_pod_network() -> None:
    merges = configuration.merges(_cluster(f"{KUBELET}maxPods: 50\n"))
    assert {each.field for each in merges} == {*MERGED, "ClusterConfiguration.networking.podSubnet"}


def test_host_workarounds_that_change_what_the_file_says_are_listed() -> None:
    text = f"{KUBELET}failSwapOn: true\nmaxPods: 5\n---\n{PROXY}conntrack: {{maxPerCore: 1000}}\n"
    merges = configuration.merges(_cluster(text, "swap", "conntrack"))
    found = {each.field: (each.file, each.used) for each in merges if "workaround" in each.why}
    assert found == {
        "KubeletConfiguration.failSwapOn": ("True", "False"),
        "KubeProxyConfiguration.conntrack.maxPerCore": ("1000", "0"),
    }


def test_documents_that_kubeadm_gets_are_the_files_with_what_was_missing() -> None:
    text = configuration.render(_cluster(f"{KUBELET}maxPods: 50\n---\n{CLUSTER}clusterName: mine\n{PODS}"))
    cluster, kubelet = yaml.safe_load_all(text)
    assert (cluster["clusterName"], cluster["kubernetesVersion"], kubelet["maxPods"]) == ("mine", "v1.37.2", 50)


@pytest.mark.parametrize(
    ("name", "text", "field"),
    [
        (STACKED, f"{CLUSTER}kubernetesVersion: v1.36.0\n", "kubernetesVersion is v1.36.0"),
        (STACKED, f"{CLUSTER}controlPlaneEndpoint: 203.0.113.1:6443\n", "controlPlaneEndpoint is 203.0.113.1:6443"),
        (STACKED, f"{CLUSTER}certificatesDir: /etc/ssl\n", "certificatesDir is /etc/ssl"),
        (STACKED, f"{CLUSTER}etcd: {{external: {{endpoints: ['https://a:2379']}}}}\n", "etcd.external needs"),
        (EXTERNAL, f"{CLUSTER}etcd: {{local: {{dataDir: /var/lib/etcd}}}}\n", "etcd.local needs"),
        (EXTERNAL, f"{CLUSTER}etcd: {{external: {{endpoints: ['https://a:2379']}}}}\n", "etcd.external.endpoints"),
        (STACKED, f"{INIT}nodeRegistration: {{name: first}}\n", "nodeRegistration.name is first"),
        (STACKED, f"{JOIN}nodeRegistration: {{criSocket: 'unix:///run/crio.sock'}}\n", "criSocket is unix"),
        (STACKED, f"{INIT}localAPIEndpoint: {{advertiseAddress: 10.0.0.1}}\n", "advertiseAddress is 10.0.0.1"),
        (STACKED, f"{INIT}localAPIEndpoint: {{bindPort: 8443}}\n", "bindPort is 8443"),
        (STACKED, f"{JOIN}discovery: {{bootstrapToken: {{token: {TOKEN}}}}}\n", "discovery cannot be known before"),
        (STACKED, f"{JOIN}controlPlane: {{certificateKey: '{'a' * 64}'}}\n", "certificateKey is what"),
        (STACKED, f"{INIT}dryRun: true\n", "dryRun is True"),
        (STACKED, f"{KUBELET}cgroupDriver: cgroupfs\n", "cgroupDriver is cgroupfs"),
        (STACKED, f"{KUBELET}staticPodPath: /srv\n", "staticPodPath is /srv"),
        ("stacked-uploaded-1.37-ecdsa-p256-cfg-000000", f"{CLUSTER}encryptionAlgorithm: RSA-4096\n", "RSA-4096"),
        (STACKED, CLUSTER.replace("v1beta4", "v1beta3"), "does not read"),
    ],
)
def test_what_cannot_work_here_is_refused_by_name(name: str, text: str, field: str) -> None:
    with pytest.raises(BadInput) as refused:
        configuration.documents(_cluster(text, name=name))
    assert ("mine.yaml" in refused.value.what, field in refused.value.what) == (True, True), refused.value.what
    assert ("0123456789" in str(refused.value), bool(refused.value.fix)) == (False, True)


@pytest.mark.parametrize(
    "text",
    [
        f"{CLUSTER}kubernetesVersion: 1.37.2\n",
        f"{CLUSTER}etcd: {{local: {{dataDir: /var/lib/etcd}}}}\n",
        f"{INIT}nodeRegistration: {{criSocket: 'unix:///run/containerd/containerd.sock'}}\n",
        f"{INIT}localAPIEndpoint: {{bindPort: 6443}}\n",
        f"{KUBELET}cgroupDriver: systemd\n",
    ],
)
def test_what_the_file_repeats_is_not_refused(text: str) -> None:
    assert configuration.documents(_cluster(text))


def test_the_endpoint_of_the_file_is_the_clusters() -> None:
    cluster = _cluster(f"{CLUSTER}controlPlaneEndpoint: api.example.test:8443\n")
    assert (str(cluster.endpoint), cluster.endpoint.address) == ("api.example.test:8443", "198.18.0.2")
    assert configuration.documents(cluster)[Kind.CLUSTER]["controlPlaneEndpoint"] == "api.example.test:8443"


def test_an_endpoint_without_a_port_has_kubeadms() -> None:
    cluster = _cluster(f"{CLUSTER}controlPlaneEndpoint: api.example.test\n")
    assert (str(cluster.endpoint), bool(configuration.documents(cluster))) == ("api.example.test:6443", True)


@pytest.mark.parametrize("path", RECIPES, ids=lambda path: path.stem)
def test_each_recipe_is_merged_without_a_refusal(path: Path) -> None:
    cluster = _recipe(path.stem)
    assert configuration.render(cluster)
    assert {each.field for each in configuration.merges(cluster)} == set(MERGED)


def test_emulation_adds_to_options_and_leaves_the_files_own() -> None:
    text = f"{CLUSTER}scheduler: {{extraArgs: [{{name: leader-elect-lease-duration, value: 20s}}]}}\n"
    found = Expected.of(configuration.documents(_cluster(text, "emulation"))).arguments["kube-scheduler"]
    assert found == {"leader-elect-lease-duration": ("20s",), "leader-elect-renew-deadline": ("45s",)}


def test_what_is_secret_in_a_file_is_known_to_the_redactor_and_in_no_representation() -> None:
    key = "c2VjcmV0IGtleSBmb3IgdGVzdHMgb25seSwgdGhpcw=="
    secret = f"resources: [{{providers: [{{aescbc: {{keys: [{{name: a, secret: {key}}}]}}}}]}}]\n"
    text = f"{INIT}bootstrapTokens: [{{token: {TOKEN}}}]\ncertificateKey: {'b' * 64}\n"
    own = OwnConfiguration("mine.yaml", text, {"/etc/encryption.yaml": secret})
    assert set(own.secrets) == {TOKEN, "b" * 64, key}
    redact = Redactor()
    redact.learn(*own.secrets)
    shown = redact(f"{text} {secret} {own!r}")
    assert [each for each in ("0123456789abcdef", "b" * 64, key) if each in shown or each in repr(own)] == []


def test_without_a_configuration_the_documented_values_are_expected() -> None:
    found = configuration.expected(fake_cluster())
    service = {"kubernetes", "kubernetes.default", "kubernetes.default.svc", "kubernetes.default.svc.cluster.local"}
    assert found.server_names == {"10.96.0.1", *service}
    assert (found.cluster_name, found.dns_domain) == ("kubernetes", "cluster.local")
    assert (found.service_subnets, found.pod_subnets) == (("10.96.0.0/12",), ("10.244.0.0/16",))
    assert (found.cluster_dns, found.dns_address, found.api_address) == (("10.96.0.10",), "10.96.0.10", "10.96.0.1")
    assert found.image("kube-proxy", "v1.37.2") == "registry.k8s.io/kube-proxy:v1.37.2"
    assert (found.certificate_validity, found.authority_validity) == (timedelta(days=365), timedelta(days=3650))
    assert (found.kube_proxy, found.dns, found.keys, found.proxied_cidr) == (True, True, "rsa-2048", "10.244.0.0/16")


EXPECTED: dict[str, Callable[[Expected], bool]] = {
    "names": lambda it: {"api.example.com", "203.0.113.10"} < it.server_names and bool(it.etcd_peer_names),
    "networks": lambda it: (it.api_address, it.cluster_dns, it.cluster_name) == (
        "172.31.0.1", ("172.31.0.10",), "prod-1",
    ) and "kubernetes.default.svc.prod.internal" in it.server_names,
    "images": lambda it: it.image_repository == "registry.kubeadm-ha.test/mirror",
    "keys": lambda it: it.keys == "ecdsa-p384",
    "validity": lambda it: it.certificate_validity == timedelta(days=3650),
    "encryption": lambda it: "encryption-provider-config" in it.arguments["kube-apiserver"],
    "audit": lambda it: it.mounts["kube-apiserver"].get("/var/log/kubernetes") == "/var/log/kubernetes",
    "serving": lambda it: it.kubelet.get("serverTLSBootstrap") is True,
    "without-kube-proxy": lambda it: (it.kube_proxy, it.dns, it.keys) == (False, False, "rsa-2048"),
    "v1beta3": lambda it: (it.keys, it.arguments["kube-scheduler"], it.kube_proxy) == (
        "ecdsa-p256", {"v": ("3",)}, False,
    ),
    "no-pod-network": lambda it: it.pod_subnets == (),
    "nodes": lambda it: (it.first_taints, it.worker_labels.get("pool")) == ((), "blue"),
}  # fmt: skip
"""What is expected of a cluster of each recipe, and of no other."""


@pytest.mark.parametrize("name", EXPECTED)
def test_each_recipe_is_expected_of_its_own_cluster_alone(name: str) -> None:
    """A cluster that is judged by the expectations of another is red."""
    found = {path.stem for path in RECIPES if EXPECTED[name](configuration.expected(_recipe(path.stem)))}
    assert found == {name}


def test_every_recipe_has_its_expectation() -> None:
    assert {path.stem for path in RECIPES} == set(EXPECTED)


def test_taints_and_labels_are_those_of_each_role() -> None:
    cluster = _recipe("nodes")
    expected, worker = configuration.expected(cluster), cluster.workers[0]
    assert [taints_of(cluster, expected, each) for each in cluster.control_planes] == [(), (), ()]
    assert taints_of(cluster, expected, worker) == (("example.com/dedicated", "PreferNoSchedule"),)
    assert labels_of(expected, cluster, worker) == {"pool": "blue", "example.com/disk": "ssd"}
    assert all(takes_pods(cluster, expected, each) for each in cluster.nodes)


def test_usual_control_planes_take_no_pods() -> None:
    cluster = fake_cluster()
    expected = configuration.expected(cluster)
    taking = [each.name for each in cluster.nodes if takes_pods(cluster, expected, each)]
    assert taking == [each.name for each in cluster.workers]


@pytest.mark.parametrize(
    ("thing", "there"),
    [("kube-proxy", False), ("configmaps/kube-proxy", False), ("coredns", False), ("kubeadm-config", True)],
)
def test_what_an_addon_brings_is_not_expected_without_it(thing: str, there: bool) -> None:
    assert exists(configuration.expected(_recipe("without-kube-proxy")), thing) is there


def test_stored_fields_that_differ_are_listed_with_both_values() -> None:
    own = {"clusterName": "a", "certificateValidityPeriod": "87600h", "scheduler": {"extraArgs": {"v": "3"}}}
    stored = {
        "clusterName": "b", "certificateValidityPeriod": "87600h0m0s", "dns": {},
        "scheduler": {"extraArgs": [{"name": "v", "value": "3"}]},
    }  # fmt: skip
    assert differing(own, stored) == {"clusterName": ("a", "b")}


def test_options_and_folders_of_a_static_pod_are_read_from_its_manifest() -> None:
    container = {
        "command": ["kube-apiserver", "--v=3", "--a=1", "--a=2"],
        "volumeMounts": [{"mountPath": "/in", "name": "one"}],
    }
    pod = {"containers": [container], "volumes": [{"name": "one", "hostPath": {"path": "/out"}}]}
    manifest = yaml.safe_dump({"spec": pod})
    assert (command_of(manifest), mounts_of(manifest)) == ({"v": ("3",), "a": ("1", "2")}, {"/in": "/out"})


def test_kubeadm_init_takes_the_file() -> None:
    assert commands.init_command(_cluster(CLUSTER)) == "sudo kubeadm init --config kubeadm-config.yaml --upload-certs"


def test_machines_join_by_a_file_where_the_configuration_has_one_for_their_role() -> None:
    cluster = _cluster(f"{JOIN}nodeRegistration: {{taints: []}}\n")
    assert configuration.joins_by_file(cluster, control_plane=False)
    assert not configuration.joins_by_file(cluster, control_plane=True)


def test_a_join_by_file_has_what_the_command_says_and_what_the_file_says() -> None:
    cluster = _cluster(f"{JOIN}controlPlane: {{}}\nnodeRegistration: {{taints: []}}\n")
    key = "a" * 64
    printed = PrintedJoins(
        f"--certificate-key {key}", f"--token {TOKEN} --discovery-token-ca-cert-hash sha256:{'0' * 64}"
    )
    found = yaml.safe_load(configuration.render_join(cluster, printed, cluster.control_planes[1], control_plane=True))
    assert (found["controlPlane"], found["nodeRegistration"]) == ({"certificateKey": key}, {"taints": []})
    assert found["discovery"]["bootstrapToken"]["token"] == TOKEN


def test_routes_have_addresses_of_their_own_where_there_is_no_pod_network() -> None:
    cluster = _recipe("no-pod-network")
    assert (plugin.pod_cidr(cluster), plugin.has_own_addresses(cluster)) == ("", True)
    follow = "cidrs=10.244.${address##*.}.0/24"
    assert follow in plugin.routes_manifest(cluster.endpoint, own_addresses=True)
    assert follow not in plugin.routes_manifest(cluster.endpoint)


def test_files_go_to_every_control_plane_for_root_alone() -> None:
    path = "/etc/kubernetes/policy.yaml"
    cluster = _with(_own(CLUSTER, **{path: "text"}), replies={f"sudo install -D -m 600 /dev/stdin {path}": ""})
    configuration.put_files(cluster)
    assert [name for name in cluster.machines if commands_on(cluster, name)] == ["cp1", "cp2", "cp3"]


def test_no_serving_certificate_is_approved_unless_kubelets_request_some() -> None:
    approvals.approve_serving(_cluster(CLUSTER))  # which runs no command: the machines know none


def _kubeadm(folder: Path, *lines: str) -> Path:
    program = folder / "kubeadm"
    program.write_text("\n".join(("#!/bin/sh", *lines)) + "\n")
    program.chmod(0o755)
    return program


def test_what_the_real_kubeadm_refuses_is_shown_in_its_words(tmp_path: Path) -> None:
    refusing = _kubeadm(tmp_path, 'echo "strict decoding error: unknown field \\"bogus\\"" >&2', "exit 1")
    with pytest.raises(BadInput, match=r"kubeadm v1\.37\.2 refuses mine\.yaml \(for init\)") as refused:
        validation.by(refusing, _cluster(f"{CLUSTER}bogus: 1\n"), Redactor())
    assert refused.value.answer == 'strict decoding error: unknown field "bogus"'


def test_kubeadm_is_given_every_document(tmp_path: Path) -> None:
    kept = _kubeadm(tmp_path, f'cat "$4" >> {tmp_path}/seen')
    validation.by(kept, _recipe("nodes"), Redactor())
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
        validation.on_the_machine(_cluster(CLUSTER, replies=replies))
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
    cluster = _cluster(f"{KUBELET}serverTLSBootstrap: true\n", replies=replies)
    approvals.approve_serving(cluster)
    assert commands_on(cluster, "cp1").count(approve) == 1


def test_a_plan_shows_what_kubeadm_gets_beside_the_file() -> None:
    state = _with(_own(f"{CLUSTER}kubernetesVersion: stable\n")).state
    release, journal = Release(Version(37, 2), "fake"), Journal(state.id, Redactor())
    lines = list(preview.lines(state, release, journal, how="podman", memory=0, joins="serial"))
    shown = " ".join(" ".join(lines[lines.index("mine.yaml is what kubeadm gets, and beside it:") :]).split())
    assert "ClusterConfiguration.kubernetesVersion: v1.37.2 (the file says stable): a run does not depend" in shown
    assert "have kubeadm check the configuration" in shown


def test_a_report_lists_what_kubeadm_got_beside_the_file(tmp_path: Path) -> None:
    merges = [str(each) for each in configuration.merges(_cluster(CLUSTER))]
    run = {"started": 0.0, "finished": 1.0, "clusters": [{"id": STACKED, "merges": merges}]}
    (tmp_path / "run.json").write_text(json.dumps(run))
    page = html.unescape(write_report(tmp_path, Redactor()).read_text())
    assert all(each in page for each in merges)
