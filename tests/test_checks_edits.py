"""Lines that edit, as a shell runs them: on files as people and programs write them."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from checks.rules.edits import ENDPOINT_ADDED, ENDPOINT_CHANGED, flag_edited
from tests.healthy import healthy, with_api
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
    assert _typed(FLAG.format(manifest=manifest, address=address), tmp_path) == 0
    assert yaml.safe_load(manifest.read_text()) == {"command": ["kube-apiserver", becomes, "--secure-port=6443"]}
    assert (tmp_path / "root-changed.yaml.before").read_text() == text


def test_a_flag_that_is_not_there_in_this_form_changes_nothing_and_fails(tmp_path: Path) -> None:
    manifest, text = tmp_path / "kube-apiserver.yaml", "command:\n- --advertise-address\n- 10.0.0.11\n"
    manifest.write_text(text)
    assert _typed(FLAG.format(manifest=manifest, address="10.0.0.12"), tmp_path) != 0
    assert [each.name for each in tmp_path.iterdir()] == ["kube-apiserver.yaml"]
    assert manifest.read_text() == text
