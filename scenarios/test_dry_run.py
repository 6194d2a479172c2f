"""Dry runs: they end well, say what they would do, and leave machine and cluster as they were.

Source: `--dry-run` of https://kubernetes.io/docs/reference/setup-tools/kubeadm/; kubeadm's own CI asks only whether
they end well.
"""

from __future__ import annotations

import pytest

from fixtures.subjects.rehearsals import Rehearsals
from fixtures.subjects.traces import SCRATCH, differences
from provision.util.result import last_lines

_WRITES_A_MANIFEST = '[dryrun] Would write file "/etc/kubernetes/manifests/kube-apiserver.yaml'
ATTEMPTS = {
    "init": "[dryrun] Wrote certificates, kubeconfig files and control plane manifests to",
    "join_as_worker": "[kubelet-start] Would start the kubelet",
    "join_as_control_plane": "[kubelet-start] Would start the kubelet",
    "upgrade_apply": _WRITES_A_MANIFEST,
    "upgrade_node_of_a_control_plane": _WRITES_A_MANIFEST,
    "upgrade_node_of_a_worker": '[dryrun] Would write file "/var/lib/kubelet/config.yaml"',
    "reset_of_a_control_plane": "[dryrun] Would stop the kubelet service",
    "reset_of_a_worker": "[dryrun] Would stop the kubelet service",
}
"""Dry run → something that it says."""

every = pytest.mark.parametrize("attempt", ATTEMPTS)


@every
def test_dry_run_succeeds(rehearsals: Rehearsals, attempt: str) -> None:
    rehearsal = rehearsals.attempt(attempt)
    assert rehearsal.rc == 0, last_lines(rehearsal.output, 40)


@every
def test_dry_run_says_what_it_would_do(rehearsals: Rehearsals, attempt: str) -> None:
    output = rehearsals.attempt(attempt).output
    assert ATTEMPTS[attempt] in output, last_lines(output, 40)


@every
def test_dry_run_leaves_the_machine_unchanged(rehearsals: Rehearsals, attempt: str) -> None:
    """But for the folder that it names, with all that it would have written, and what kubeadm writes in earnest."""
    rehearsal = rehearsals.attempt(attempt)
    is_node = attempt.startswith(("upgrade_", "reset_"))
    assert rehearsal.before.running or not is_node, "no container of a node was seen to run: none can be missed"
    changed = differences(rehearsal.before.without(SCRATCH), rehearsal.after.without(SCRATCH))
    assert set(changed.pop("files", ())) == rehearsal.in_earnest
    assert changed == {}


@every
def test_dry_run_leaves_the_cluster_unchanged(rehearsals: Rehearsals, attempt: str) -> None:
    rehearsal = rehearsals.attempt(attempt)
    before, after = rehearsal.objects_before, rehearsal.objects_after
    assert {name for name in before.keys() | after.keys() if before.get(name) != after.get(name)} == set()


@every
def test_dry_run_files_are_readable_by_root_only(rehearsals: Rehearsals, attempt: str) -> None:
    """Keys of authorities are among it, and stay there until they are removed by hand."""
    files = rehearsals.attempt(attempt).after.files
    wrong = {path for path, fact in files.items() if path == SCRATCH and not fact.startswith("700 root:root")}
    wrong |= {path for path, fact in files.items() if path.startswith(SCRATCH) and " root:root" not in fact}
    assert wrong == set()
