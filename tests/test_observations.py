"""What steps saw of a cluster: stored as it always was, read from older files, and silent about secrets."""

from __future__ import annotations

import json
from typing import Any

import pytest

from provision.clusters.state import States
from provision.config.cluster_state import ClusterState, Unreadable
from provision.kubeadm.commands import certificate_key
from provision.observations import ConnectionTest, Observations, PrintedJoins, Request, Secrets
from provision.util.errors import Problem
from tests.homes import ID, STATE
from tests.stand_ins import PRINTED, fake_cluster

pytest_plugins = "tests.home_fixtures"

TOKEN, KEY = "abcdef.0123456789abcdef", "c3" * 32
OF_AN_OLDER_CHECKOUT: dict[str, Any] = {
    "nc_before_init": {"command": "nc -zv lb 6443", "rc": 0, "answer": "succeeded"},
    "printed_joins": [f"kubeadm join --token {TOKEN} --control-plane", f"kubeadm join --token {TOKEN}"],
    "certificate_key": KEY,
    "upgrade_plan": "You can now apply the upgrade",
    "built_with": "v1.36.1",
    "availability": [[1795000000.5, 0.01, True], [1795000000.6, 2.0, False]],
    "authorities": {"ca": ["a certificate", "a private key"]},
}
"""Every field that there is, as files of before this class have it."""


def test_what_an_older_checkout_stored_is_read_and_stored_again_unchanged() -> None:
    seen = Observations.of(OF_AN_OLDER_CHECKOUT)
    assert json.loads(json.dumps(seen.stored())) == OF_AN_OLDER_CHECKOUT
    assert seen.nc_before_init == ConnectionTest("nc -zv lb 6443", 0, "succeeded")
    assert seen.availability[1] == Request(1795000000.6, 2.0, False)
    assert seen.secrets.authorities == {"ca": ("a certificate", "a private key")}


def test_what_was_not_seen_is_not_stored() -> None:
    assert Observations().stored() == {}
    assert Observations(upgrade_plan="a plan").stored() == {"upgrade_plan": "a plan"}


def test_what_another_version_recorded_survives_this_one() -> None:
    stored = {"weather": {"wind": 7}, "built_with": "v1.36.1"}
    assert Observations.of(stored).stored() == stored


def test_no_representation_shows_a_secret() -> None:
    seen = Observations.of(OF_AN_OLDER_CHECKOUT)
    for shown in (seen, seen.secrets, seen.secrets.printed_joins, fake_cluster()):
        for secret in (TOKEN, KEY, "a private key"):
            assert secret not in f"{shown} {shown!r}"
    assert repr(seen.secrets) == "<secrets: printed_joins, certificate_key, authorities>"
    assert (repr(Secrets()), repr(Observations()).count("none")) == ("<secrets: none>", 1)


def test_a_cluster_state_with_observations_is_written_and_read_again(states: States) -> None:
    states.write(STATE.but(observations=Observations.of(OF_AN_OLDER_CHECKOUT)))
    in_file = json.loads((states.folder(ID) / "state.json").read_text())["state"]["observations"]
    assert in_file == OF_AN_OLDER_CHECKOUT
    found: ClusterState | None = states.read(ID)
    assert found is not None
    assert found.observations == Observations.of(OF_AN_OLDER_CHECKOUT)


@pytest.mark.parametrize("seen", [[], "x", {"printed_joins": ["one"]}, {"availability": [[1]]}, {"authorities": []}])
def test_a_state_whose_observations_have_another_form_is_left_alone(states: States, seen: object) -> None:
    states.write(STATE)
    file = states.folder(ID) / "state.json"
    data = json.loads(file.read_text())
    data["state"]["observations"] = seen
    file.write_text(json.dumps(data))
    with pytest.raises(Unreadable, match="cannot be read"):
        states.read(ID)


def test_a_join_without_printed_commands_says_what_is_missing() -> None:
    with pytest.raises(Problem, match="no join commands are recorded of this cluster"):
        _ = fake_cluster().observations.printed_joins


def test_the_certificate_key_is_that_of_the_last_upload() -> None:
    cluster = fake_cluster()
    joins = PrintedJoins(f"kubeadm join --control-plane --certificate-key {'a1' * 32}", PRINTED)
    cluster.observations.secrets.printed_joins = joins
    assert certificate_key(cluster) == "a1" * 32
    cluster.observations.secrets.certificate_key = KEY
    assert certificate_key(cluster) == KEY
