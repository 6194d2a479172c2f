"""An operator's host with Python and ssh alone: what is done with an inventory's clusters needs no more there."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from provision.clusters.state import States
from provision.config.cluster_state import READY, ClusterState
from provision.config.settings import Settings
from provision.providers.inventory import findings
from provision.util.home import Home
from tests.test_inventory import GOOD, read

PROGRAMS = ("sh", "env", "rm", "setpriv", "ssh", "ssh-add", "ssh-agent")
"""What every Debian has, and openssh-client: no podman, no go, no mmdebstrap, no ip."""

CLUSTER = "stacked-uploaded-1.37-inventory-lab"
SILENT = GOOD.replace("me@bastion.example.org:2222", "me@127.0.0.1:1")
"""An inventory of machines of which none answers: their jump host has no sshd."""


@pytest.fixture
def bare(tmp_path: Path) -> dict[str, str]:
    """The environment on such a host."""
    (tmp_path / "bin").mkdir()
    for name in PROGRAMS:
        if found := shutil.which(name):
            (tmp_path / "bin" / name).symlink_to(found)
    return {"PATH": str(tmp_path / "bin"), "HA_HOME": str(tmp_path / "home"), "HOME": str(tmp_path)}


def call(bare: dict[str, str], *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "provision", *words], env=bare, capture_output=True, text=True, check=False,
        cwd=Path(__file__).parent.parent,
    )  # fmt: skip


@pytest.fixture
def cluster(tmp_path: Path, bare: dict[str, str]) -> str:
    """A kept cluster on machines of an inventory, none of which answers any more."""
    home, inventory = Home(Path(bare["HA_HOME"])), read(tmp_path, SILENT)
    state = ClusterState(
        CLUSTER, "v1.37.2", os.getpid(), 0.0, provider="inventory", inventory=dict(inventory.content),
        endpoint_address="10.0.0.2", own_dns=False, status=READY, kept=True,
    )  # fmt: skip
    States(home.clusters).write(state)
    return CLUSTER


def test_clusters_are_listed(bare: dict[str, str], cluster: str) -> None:
    ended = call(bare, "status")
    assert (ended.returncode, ended.stderr) == (0, "")
    assert ended.stdout.startswith(f"{cluster}\tv1.37.2\tready\tkept\t")


def test_where_there_is_no_cluster_status_says_so(bare: dict[str, str]) -> None:
    ended = call(bare, "status")
    assert (ended.returncode, ended.stdout, ended.stderr) == (0, "", "no clusters\n")


def test_machines_of_a_cluster_are_listed(bare: dict[str, str], cluster: str) -> None:
    ended = call(bare, "ssh", cluster)
    assert (ended.returncode, ended.stdout.split()[0]) == (0, "k8s-lb")


def test_machines_that_cannot_be_reached_keep_their_cluster(bare: dict[str, str], cluster: str) -> None:
    ended = call(bare, "clean", cluster)
    assert ended.returncode != 0
    assert f"Try: ./run clean {cluster} --forget" in ended.stderr
    assert "podman" not in ended.stderr
    assert call(bare, "status").stdout.startswith(cluster)


def test_a_cluster_is_forgotten(bare: dict[str, str], cluster: str) -> None:
    ended = call(bare, "clean", cluster, "--forget")
    assert (ended.returncode, ended.stdout) == (0, f"{cluster}\n")
    assert call(bare, "status").stdout == ""


def test_what_is_abandoned_is_looked_for_without_an_engine(bare: dict[str, str]) -> None:
    ended = call(bare, "clean")
    assert (ended.returncode, ended.stderr) == (0, "nothing to remove\n")


@pytest.mark.parametrize("mode", ["check", "build"])
def test_the_doctor_asks_for_nothing_but_the_machines(bare: dict[str, str], tmp_path: Path, mode: str) -> None:
    (tmp_path / "lab.toml").write_text(SILENT)
    ended = call(bare, "doctor", f"--ha-inventory={tmp_path / 'lab.toml'}", f"--ha-mode={mode}")
    missing = [line for line in ended.stdout.splitlines() if line.startswith("NO ")]
    assert [line for line in missing if "cannot be reached" not in line and "ssh-agent" not in line] == []


@pytest.mark.parametrize("mode", ["check", "build"])
def test_machines_that_do_not_answer_are_what_a_run_ends_with(bare: dict[str, str], tmp_path: Path, mode: str) -> None:
    """Up to where the first machine is entered: the rest is done on real ones (`plain_builds.py`)."""
    (tmp_path / "lab.toml").write_text(SILENT)
    ended = call(bare, "up", "stacked", f"--ha-inventory={tmp_path / 'lab.toml'}", f"--ha-mode={mode}")
    assert ended.returncode != 0
    assert "cannot be reached over SSH" in ended.stderr
    assert "Traceback" not in ended.stderr


def test_images_are_pulled_by_machines_where_no_engine_is_here(
    bare: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("provision.artifacts.catalog.official_reachable", lambda: True)
    chosen = Settings.of({})
    monkeypatch.setenv("PATH", bare["PATH"])
    assert findings.pulled_there(chosen)
    assert not findings.pulled_there(Settings.of({"artifacts": "modules"}))
    Path(bare["PATH"], "docker").symlink_to("/bin/true")
    assert not findings.pulled_there(chosen)


def _let_podman_refuse(bare: dict[str, str]) -> None:
    engine = Path(bare["PATH"], "podman")
    engine.write_text("#!/bin/sh\necho 'Error: not for you' >&2; exit 125\n")
    engine.chmod(0o755)


def test_a_user_who_may_not_become_root_needs_no_engine_for_a_cluster_of_an_inventory(
    bare: dict[str, str], cluster: str
) -> None:
    """podman is there, and refuses: machines of an inventory are none of its business."""
    _let_podman_refuse(bare)
    assert call(bare, "ssh", cluster).returncode == 0
    ended = call(bare, "clean", cluster, "--forget")
    assert (ended.returncode, ended.stdout) == (0, f"{cluster}\n")


def test_a_user_who_may_not_become_root_is_not_kept_from_machines_of_an_inventory(
    bare: dict[str, str], tmp_path: Path
) -> None:
    _let_podman_refuse(bare)
    (tmp_path / "lab.toml").write_text('kubernetes = "1.37"\n' + SILENT)
    ended = call(bare, "up", "stacked", f"--ha-inventory={tmp_path / 'lab.toml'}", "--ha-mode=build")
    assert "cannot be reached over SSH" in ended.stderr
    assert "not for you" not in ended.stderr
