"""What the page asks of machines is what kubeadm checks before it begins: it refuses them by one thing at a time.

Tried with a fourth control plane that has not joined.
"""

from __future__ import annotations

import re

import pytest

from fixtures.subjects.preflight import OLD, Preflight
from provision.cluster import Cluster
from provision.util.result import last_lines

ANSWERS = {
    "with_one_processor": r"\[ERROR NumCPU\]: the number of available CPUs 1 is less than the required 2",
    "as_a_plain_user": r"\[ERROR IsPrivilegedUser\]: user is not running as root",
    "with_a_port_in_use": r"\[ERROR Port-10250\]: Port 10250 is in use",
    "before_etcd": r"\[ERROR {facts.etcd_version_check}\]: .*connection refused",
    "with_an_old_etcd": (
        rf"\[ERROR {{facts.etcd_version_check}}\]: this version of kubeadm only supports external etcd version "
        rf">= [\d.-]+. Current version: {re.escape(OLD)}"
    ),
}
"""What is wrong → what kubeadm answers, in its own words, given the facts of its version."""


def test_machine_passes_the_preflight_checks(preflight: Preflight) -> None:
    answer = preflight.look("with_nothing_wrong")
    assert (answer.rc, "[preflight] Running pre-flight checks" in answer.output) == (0, True), last_lines(
        answer.output, 40
    )


@pytest.mark.parametrize("wrong", ANSWERS)
def test_preflight_refuses_the_machine_with_the_expected_error(
    preflight: Preflight, mutable: Cluster, wrong: str
) -> None:
    answer = preflight.look(wrong)
    expected = ANSWERS[wrong].format(facts=mutable.facts)
    assert (answer.rc != 0, bool(re.search(expected, answer.output))) == (True, True), last_lines(answer.output, 40)


@pytest.mark.parametrize("wrong", ANSWERS)
def test_preflight_reports_only_one_error(preflight: Preflight, wrong: str) -> None:
    """A refusal for another reason would prove nothing."""
    assert len(re.findall(r"\[ERROR \S+\]", preflight.look(wrong).output)) == 1
