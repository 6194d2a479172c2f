"""Nothing secret is written down: not in any file of the run so far, its report, or what is collected after a failure.

`junit.xml` and the last report are written when the session ends. Then every file of the run is searched again, by
`fixtures/plugin/ending.py`, but only for what the redactor learned: tokens and certificate keys. Finished runs are
searched for private keys and credentials, which are read from machines here, by `python -m tests.real_leaks FOLDER`.
"""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from fixtures.plugin.redaction import redactor_of
from fixtures.plugin.run import run_key
from fixtures.subjects.secrets import Secrets
from provision.cluster import Cluster
from provision.clusters.evidence import collect
from provision.machines.machine import Machine
from report.page import write_report

pytestmark = pytest.mark.built  # the keys of an existing cluster stay where they are


@pytest.fixture(scope="session")
def written_down(cluster: Cluster, request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with everything that a run writes about this cluster: its records so far, report, evidence."""
    folder = tmp_path_factory.mktemp("written")
    shutil.copytree(request.config.stash[run_key].folder, folder, dirs_exist_ok=True)
    write_report(folder, redactor_of(request.config))
    collect(cluster, folder / "evidence")
    return folder


def test_evidence_has_the_join_commands(written_down: Path, cluster: Cluster) -> None:
    """Or the tests below would prove nothing: sudo writes every command line to the journal, tokens included.

    Who logs in as root needs no sudo.
    """
    if cluster.state.thawed:
        pytest.skip("the journals of its machines begin when it was thawed, after every join")
    of_cluster = written_down / "evidence" / cluster.journal.cluster  # of others there is some where a test failed
    journals = {path.parent.name: path.read_text() for path in of_cluster.glob("*/sudo.log")}
    joined = {name for name, text in journals.items() if "kubeadm join" in text}
    assert joined == {machine.name for machine in cluster.nodes[1:] if machine.user != "root"}


_CERTIFICATE_KEYS = pytest.param("certificate_keys", marks=pytest.mark.certificates("uploaded"))


@pytest.mark.parametrize("kind", ["tokens", "private_keys", "credentials", _CERTIFICATE_KEYS])
def test_no_secret_is_in_the_records(written_down: Path, secrets: Secrets, kind: str) -> None:
    assert secrets.found_in(written_down, kind) == []


def test_private_keys_of_the_control_plane_are_known(secrets: Secrets, control_plane: Machine) -> None:
    """Or nothing could be found."""
    assert secrets.count(control_plane.name) > 10
