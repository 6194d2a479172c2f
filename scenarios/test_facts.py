"""What depends on the version of kubeadm is as `provision/config/facts.py` has it.

Source: https://kubernetes.io/docs/reference/setup-tools/kubeadm/implementation-details/
"""

from __future__ import annotations

from pathlib import Path

import pytest

from fixtures.subjects.facts_patch import FILE, patch, sentence
from fixtures.subjects.observed_facts import Observed
from provision.cluster import Cluster
from provision.config import facts
from provision.config.facts import Facts


@pytest.mark.built
@pytest.mark.upgraded(False)
def test_facts_that_are_known_hold_for_the_release(cluster: Cluster, observed_facts: Observed) -> None:
    """Of a release that is newer than all that is known, by those of the newest."""
    version = cluster.kubeadm_version
    different = observed_facts.different(Facts(version))
    unseen = ", ".join(sorted(observed_facts.unseen))
    text = Path(facts.__file__).read_text()
    assert not different, (
        f"{sentence(different, version)}\nnot observed: {unseen}\n"
        f"a patch of {FILE}, in which sources are to be named:\n{patch(text, different, version)}"
    )
    assert not observed_facts.unread, f"facts of {version} were not read: {observed_facts.unread}"
