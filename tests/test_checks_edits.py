"""Lines that edit, as a shell runs them: on files as people and programs write them."""

from __future__ import annotations

import os
import subprocess
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import yaml

from checks.rules.edits import ENDPOINT_ADDED, ENDPOINT_CHANGED, SERVER, SERVER_CHANGED, edited, flag_edited, matched
from checks.rules.own_places import hidden
from tests.healthy import healthy, with_api, with_machine
from tests.healthy.verdicts import fixes

SIX = "[fd00::100]:6443"


def _typed(line: str, folder: Path) -> int:
    """What is typed, without root, where `/root` is a folder of this test."""
    line = line.replace("sudo ", "").replace("/root/", f"{folder}/root-")
    return subprocess.run(["sh", "-c", line], cwd=folder, check=False).returncode


def _edited(expression: str, text: str) -> Any:
    ended = subprocess.run(["sed", expression], input=text, capture_output=True, text=True, check=True)
    return yaml.safe_load(ended.stdout)


@pytest.mark.parametrize("endpoint", [SIX, "10.0.0.100:6443", "k8s.example.org:6443"])
@pytest.mark.parametrize(("expression", "text"), [
    (ENDPOINT_CHANGED, "apiVersion: v1\ncontrolPlaneEndpoint: 10.0.0.11:6443\nkubernetesVersion: v1.37.2\n"),
    (ENDPOINT_CHANGED, "apiVersion: v1\ncontrolPlaneEndpoint:\nkubernetesVersion: v1.37.2\n"),
    (ENDPOINT_ADDED, "apiVersion: v1\nkubernetesVersion: v1.37.2\n"),
])  # fmt: skip
def test_an_endpoint_is_stored_as_text_whatever_it_begins_with(expression: str, text: str, endpoint: str) -> None:
    read = _edited(expression.format(endpoint=endpoint), text)
    assert read == {"apiVersion": "v1", "controlPlaneEndpoint": endpoint, "kubernetesVersion": "v1.37.2"}


def test_an_endpoint_that_is_stored_empty_is_changed_and_not_written_twice() -> None:
    configuration = {**healthy().api.cluster_configuration.get(), "controlPlaneEndpoint": ""}
    (fix,) = fixes(with_api(healthy(), cluster_configuration=configuration))
    assert ENDPOINT_CHANGED.partition("{")[0] in fix


FLAG = flag_edited("advertise-address", "{address}")


def _of(manifest: Path, address: str) -> str:
    return FLAG.format(manifest=manifest, hidden=hidden(str(manifest)), address=address)


@pytest.mark.parametrize(("item", "address", "becomes"), [
    ("--advertise-address=10.0.0.11", "10.0.0.12", "--advertise-address=10.0.0.12"),
    ('"--advertise-address=10.0.0.11"', "10.0.0.12", "--advertise-address=10.0.0.12"),
    ("'--advertise-address=10.0.0.11'", "fd00::12", "--advertise-address=fd00::12"),
    ("--advertise-address=10.0.0.11  # cp1", "10.0.0.12", "--advertise-address=10.0.0.12"),
])  # fmt: skip
def test_a_flag_is_changed_in_quotes_too_and_the_old_manifest_is_kept(
    item: str, address: str, becomes: str, tmp_path: Path
) -> None:
    manifest, text = tmp_path / "kube-apiserver.yaml", f"command:\n- kube-apiserver\n- {item}\n- --secure-port=6443\n"
    manifest.write_text(text)
    assert _typed(_of(manifest, address), tmp_path) == 0
    assert yaml.safe_load(manifest.read_text()) == {"command": ["kube-apiserver", becomes, "--secure-port=6443"]}
    assert (tmp_path / "root-changed.yaml.before").read_text() == text
    assert sorted(each.name for each in tmp_path.iterdir()) == ["kube-apiserver.yaml", "root-changed.yaml.before"]


def test_a_flag_whose_edit_was_not_written_whole_does_not_become_the_manifest(tmp_path: Path) -> None:
    """As on a disk that is full, where the copy is empty."""
    manifest, text = tmp_path / "kube-apiserver.yaml", "command:\n- --advertise-address=10.0.0.11\n"
    manifest.write_text(text)
    assert _typed(_of(manifest, "10.0.0.12").replace("tee ", "tee /dev/null && : > "), tmp_path) != 0
    assert manifest.read_text() == text


KUBECTL = """#!/bin/sh
case "$*" in *" get "*) cat config-map ;; "replace -f "*) cp "$3" config-map ;; *) exit 64 ;; esac
"""


@pytest.mark.parametrize(("server", "replaced"), [("https://10.0.0.11:6443", True), ("https://new:6443", False)])
def test_a_config_map_that_sed_does_not_change_is_not_replaced_and_that_is_printed(
    server: str, replaced: bool, tmp_path: Path
) -> None:
    """Without that, the line would end well, and what follows it would be restarted for nothing."""
    (tmp_path / "config-map").write_text(f"data:\n  kubeconfig.conf: |-\n    server: {server}\n")
    (tmp_path / "kubectl").write_text(KUBECTL)
    (tmp_path / "kubectl").chmod(0o755)
    line = edited("kube-system", "kube-proxy", SERVER).format(endpoint="new:6443")
    path = f"{tmp_path}:{os.environ['PATH']}"
    ended = subprocess.run(
        ["sh", "-c", line], cwd=tmp_path, env={"PATH": path}, capture_output=True, text=True, check=False
    )  # fmt: skip
    assert (ended.returncode == 0, "server: https://new:6443" in (tmp_path / "config-map").read_text()) == (
        replaced, True,
    )  # fmt: skip
    assert ("identical" in ended.stdout) is not replaced


def test_a_kubeconfig_without_the_server_that_was_seen_is_not_called_changed(tmp_path: Path) -> None:
    file, text = tmp_path / "kubelet.conf", "    server: https://10.0.0.12:6443\n"
    file.write_text(text)
    line = SERVER_CHANGED.format(named="https://10.0.0.11:6443", server="https://new:6443", file=file)
    assert (_typed(line, tmp_path), file.read_text()) == (1, text)


def test_a_flag_that_is_not_there_in_this_form_changes_nothing_and_fails(tmp_path: Path) -> None:
    manifest, text = tmp_path / "kube-apiserver.yaml", "command:\n- --advertise-address\n- 10.0.0.11\n"
    manifest.write_text(text)
    assert _typed(_of(manifest, "10.0.0.12"), tmp_path) != 0
    assert [each.name for each in tmp_path.iterdir()] == ["kube-apiserver.yaml"]
    assert manifest.read_text() == text


@pytest.mark.parametrize("named", ["https://10.0.0.11:6443", "https://[fd00::11]:6443"])
@pytest.mark.parametrize("quote", ["", '"'])
def test_one_clusters_server_is_changed_in_a_kubeconfig_of_several(named: str, quote: str, tmp_path: Path) -> None:
    text = (
        f"clusters:\n- cluster:\n    server: {quote}{named}{quote}\n  name: mine\n"
        "- cluster:\n    server: https://10.9.9.9:6443\n    tls-server-name: x\n  name: another\n"
    )
    file = tmp_path / "admin.conf"
    file.write_text(text)
    line = SERVER_CHANGED.format(named=matched(named), server="https://[fd00::100]:6443", file=file)
    assert _typed(line, tmp_path) == 0
    read = yaml.safe_load(file.read_text())
    assert [each["cluster"]["server"] for each in read["clusters"]] == [
        "https://[fd00::100]:6443", "https://10.9.9.9:6443",
    ]  # fmt: skip


def test_a_setting_that_no_file_has_is_added_where_the_file_is_in_yaml(tmp_path: Path) -> None:
    kubelet = healthy().machine("w1").kubelet.get()
    settings = {key: value for key, value in kubelet.configuration.items() if key != "rotateCertificates"}
    facts = with_machine(healthy(), "w1", kubelet=replace(kubelet, configuration=settings))
    (line,) = fixes(facts)
    edit = line.partition(" && sudo systemctl")[0]
    file = tmp_path / "config.yaml"
    for text, changed in (("kind: KubeletConfiguration\na: 1", True), ('{"kind": "KubeletConfiguration"}\n', False)):
        file.write_text(text)
        assert (_typed(edit.replace(kubelet.configuration_file, str(file)), tmp_path) == 0) is changed
        assert ("rotateCertificates" in yaml.safe_load(file.read_text())) is changed
    off = with_machine(healthy(), "w1", kubelet=replace(kubelet, flags={"rotate-certificates": "false"}))
    assert fixes(off)[0].startswith("sudo grep -rn rotate-certificates /var/lib/kubelet/kubeadm-flags.env ")
