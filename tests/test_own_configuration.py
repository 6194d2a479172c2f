"""A user's own kubeadm configuration: what is read and refused, and what it makes of the id of a cluster."""

from __future__ import annotations

from pathlib import Path

import pytest

from provision.clusters.state import States
from provision.config.cluster_id import ClusterId
from provision.config.configuration import file
from provision.config.configuration.own import Kind, OwnConfiguration
from provision.config.inventory import parse
from provision.config.settings import Settings
from provision.kubeadm import configuration
from provision.util.errors import BadInput
from tests.configurations import (
    CLUSTER,
    HEAD,
    INIT,
    JOIN,
    KUBELET,
    PODS,
    STACKED,
    TOKEN,
    cluster_of,
    cluster_with,
    configured,
    written,
)
from tests.test_inventory import GOOD


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
        _ = configured(text).documents


def test_a_field_that_is_there_twice_is_named_with_its_place() -> None:
    with pytest.raises(BadInput) as refused:
        _ = configured(f"{CLUSTER}clusterName: a\nclusterName: b\n").documents
    assert refused.value.answer == "line 1, column 1: the field clusterName is there twice"


def test_a_refusal_of_yaml_shows_no_line_of_the_file() -> None:
    with pytest.raises(BadInput) as refused:
        _ = configured(f"{INIT}bootstrapTokens: [{{token: {TOKEN}\n").documents
    assert "0123456789" not in str(refused.value)


def test_joins_of_control_planes_and_of_workers_are_two_documents() -> None:
    own = configured(f"{JOIN}controlPlane: {{}}\n---\n{JOIN}")
    assert set(own.documents) == {Kind.CONTROL_PLANE_JOIN, Kind.WORKER_JOIN}


def test_a_file_that_cannot_be_read_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="cannot be read: No such file"):
        file.read(tmp_path / "none.yaml")


def test_files_stand_in_the_folder_of_the_same_name(tmp_path: Path) -> None:
    (tmp_path / "audit.yaml").write_text(CLUSTER)
    (tmp_path / "audit/etc/kubernetes").mkdir(parents=True)
    (tmp_path / "audit/etc/kubernetes/policy.yaml").write_text("kind: Policy\n")
    assert file.read(tmp_path / "audit.yaml").files == {"/etc/kubernetes/policy.yaml": "kind: Policy\n"}


def _beside(path: Path, text: str, *names: str) -> OwnConfiguration:
    """A configuration beside a folder of its name that has files."""
    for each in (path.with_suffix("") / name for name in names):
        each.parent.mkdir(parents=True, exist_ok=True)
        each.write_text("text\n")
    return file.read(written(path, text))


@pytest.mark.parametrize(
    ("text", "names", "refused"),
    [
        (CLUSTER, ("README.md", "roles/main.yml"), "kubeadm/README.md would be put at /README.md of every control"),
        (CLUSTER, ("roles/main.yml",), "kubeadm/roles/main.yml would be put at /roles/main.yml"),
        (CLUSTER, ("etc/kubernetes/policy", "etc/passwd"), "kubeadm/etc/passwd would be put at /etc/passwd"),
        (CLUSTER, ("etc/kubernetes-old/policy",), "kubeadm/etc/kubernetes-old/policy would be put"),
        (
            f"{CLUSTER}apiServer: {{extraVolumes: [{{name: a, hostPath: /srv/a, mountPath: /in}}]}}\n",
            ("srv/a/file", "in/file"),
            "kubeadm/in/file would be put at /in/file",
        ),
        (
            f"{CLUSTER}apiServer: {{extraVolumes: [{{name: a, hostPath: /, mountPath: /host}}]}}\n",
            ("README.md",),
            "kubeadm/README.md would be put at /README.md",
        ),
    ],
)
def test_a_folder_that_is_called_so_by_chance_is_put_nowhere(
    tmp_path: Path, text: str, names: tuple[str, ...], refused: str
) -> None:
    with pytest.raises(BadInput) as found:
        _beside(tmp_path / "kubeadm.yaml", text, *names)
    assert (refused in found.value.what, bool(found.value.fix)) == (True, True), found.value.what


@pytest.mark.parametrize(
    ("text", "name"),
    [
        (CLUSTER, "etc/kubernetes/deep/er/policy.yaml"),
        (f"{INIT}patches: {{directory: /opt/patches}}\n", "opt/patches/etcd.json"),
        (
            f"{CLUSTER}scheduler: {{extraArgs: [{{name: config, value: /etc/scheduler.yaml}}]}}\n",
            "etc/scheduler.yaml",
        ),
        (
            f"{CLUSTER.replace('v1beta4', 'v1beta3')}scheduler: {{extraArgs: {{config: /etc/scheduler.yaml}}}}\n",
            "etc/scheduler.yaml",
        ),
        (
            f"{CLUSTER}apiServer: {{extraVolumes: [{{name: a, hostPath: /srv/a/, mountPath: /in}}]}}\n",
            "srv/a/b/file",
        ),
        (f"{KUBELET}tlsCertFile: /var/lib/kubelet-tls/tls.crt\n", "var/lib/kubelet-tls/tls.crt"),
    ],
)
def test_files_go_below_the_folder_of_kubernetes_and_where_the_configuration_names_a_path(
    tmp_path: Path, text: str, name: str
) -> None:
    assert _beside(tmp_path / "kubeadm.yaml", text, name).files == {f"/{name}": "text\n"}


def test_a_file_for_control_planes_that_is_not_text_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text(CLUSTER)
    (tmp_path / "a/etc/kubernetes").mkdir(parents=True)
    (tmp_path / "a/etc/kubernetes/binary").write_bytes(b"\xff\xfe")
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
    (tmp_path / "mine/etc/kubernetes").mkdir(parents=True)
    (tmp_path / "mine/etc/kubernetes/policy").write_text("")
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
    cluster = cluster_of(f"{CLUSTER}controlPlaneEndpoint: other.example.org:6443\n")
    inventory = parse.read(written(tmp_path / "lab.toml", GOOD))
    cluster.state = cluster.state.but(inventory=dict(inventory.content), endpoint_address="10.0.0.2")
    with pytest.raises(BadInput, match=r"controlPlaneEndpoint is other\.example\.org:6443.* lb\.example\.org:6443"):
        configuration.documents(cluster)


def test_a_clusters_state_keeps_the_configuration(tmp_path: Path) -> None:
    own = configured(CLUSTER + PODS, **{"/etc/policy": "text"})
    states = States(tmp_path)
    states.write(cluster_with(own).state)
    read = states.read(STACKED)
    assert read is not None
    assert (read.own_configuration, read.own_configuration and read.own_configuration.digest) == (own, own.digest)
