"""Versions, cluster ids and settings: what a user may ask for."""

from __future__ import annotations

import pytest

from provision.config.cluster_id import ClusterId
from provision.config.options import OPTIONS
from provision.config.settings import Settings
from provision.config.topology import Role
from provision.config.versions import Version, Wanted, releases
from provision.util.errors import BadInput


@pytest.mark.parametrize(
    ("text", "expected"),
    [("1.37.2", Version(37, 2)), ("v1.36.0", Version(36, 0)), ("1.38.0-rc.0", Version(38, 0, "rc.0"))],
)
def test_an_exact_version_is_parsed(text: str, expected: Version) -> None:
    assert Version.parse(text) == expected


@pytest.mark.parametrize("text", ["1.37", "1.37.0-rc", "1.37-rc.1", "1.37.0-ga.1", "2.0.1", "latest", ""])
def test_what_is_not_an_exact_version_is_refused(text: str) -> None:
    with pytest.raises(BadInput):
        Version.parse(text)


@pytest.mark.parametrize("text", ["1.32", "banana", "1", "1.37.x", "1.37.2.1", "1.32.0-rc.0"])
def test_a_version_that_cannot_be_requested_is_refused(text: str) -> None:
    with pytest.raises(BadInput):
        Wanted.parse(text)


def test_a_minor_accepts_its_patches_only() -> None:
    wanted = Wanted.parse("1.37")
    assert [wanted.accepts(Version(37, 0)), wanted.accepts(Version(37, 9)), wanted.accepts(Version(36, 1))] == [
        True, True, False,
    ]  # fmt: skip


def test_releases_are_sorted_by_number_and_what_is_none_is_left_out() -> None:
    tags = ["v1.37.0-rc.1", "v1.9.10", "v1.37.10", "v1.37.9", "v0.1.0", "nonsense", "v1.38.0-alpha.2"]
    assert [str(version) for version in releases(tags)] == [
        "v1.38.0-alpha.2", "v1.37.10", "v1.37.9", "v1.37.0-rc.1", "v1.9.10",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "version"),
    [
        ("stacked-uploaded-1.37", "1.37"),
        ("stacked-uploaded-1.37.2", "1.37.2"),
        ("stacked-uploaded-1.37-joins-parallel", "1.37"),
        ("stacked-uploaded-1.38.0-rc.0", "1.38.0-rc.0"),
        ("external-manual-1.38.0-alpha.12-joins-parallel-mutable", "1.38.0-alpha.12"),
    ],
)
def test_a_cluster_id_is_parsed_and_written_as_it_was(text: str, version: str) -> None:
    assert (str(ClusterId.parse(text)), ClusterId.parse(text).version) == (text, version)


@pytest.mark.parametrize("text", ["stacked", "weird-uploaded-1.37", "stacked-uploaded", "stacked-uploaded-1.37-UPPER"])
def test_what_is_not_a_cluster_id_is_refused(text: str) -> None:
    with pytest.raises(BadInput):
        ClusterId.parse(text)


def test_stacked_is_three_and_three_behind_a_balancer() -> None:
    roles = [spec.role for spec in ClusterId.parse("stacked-uploaded-1.37").machines]
    assert [roles.count(role) for role in (Role.LOAD_BALANCER, Role.CONTROL_PLANE, Role.WORKER)] == [1, 3, 3]


def test_addresses_of_machines_are_unique() -> None:
    hosts = [spec.host for spec in ClusterId.parse("stacked-uploaded-1.37").machines]
    assert len(set(hosts)) == len(hosts)


def test_an_option_comes_before_the_environment_before_ini_before_the_default(monkeypatch: pytest.MonkeyPatch) -> None:
    ini = {"keep": "always", "network": "routes"}
    assert Settings.of({}, {}).keep == "never"
    assert Settings.of({}, ini).keep == "always"
    monkeypatch.setenv("HA_KEEP", "failure")
    assert Settings.of({}, ini).keep == "failure"
    assert Settings.of({"keep": "never"}, ini).keep == "never"


@pytest.mark.parametrize("option", [option for option in OPTIONS if option.choices], ids=lambda option: option.name)
def test_every_choice_is_checked(option: object) -> None:
    name = getattr(option, "name", "")
    with pytest.raises(BadInput, match=name) as caught:
        Settings.of({name: "nonsense"})
    assert "one of" in caught.value.fix


@pytest.mark.parametrize(
    "given",
    [
        {"network": "calico"},
        {"addresses": "10.0.0.0/25"},
        {"addresses": "here"},
        {"kubernetes": "1.37,old"},
        {"variant": "mutable"},
        {"variant": "from-1.36"},
        {"variant": "5cp"},
    ],
)
def test_choices_that_do_not_go_together_are_refused(given: dict[str, str | None]) -> None:
    with pytest.raises(BadInput):
        Settings.of(given)


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({}, "stacked-uploaded-1.37"),
        ({"control-plane-joins": "parallel"}, "stacked-uploaded-1.37-joins-parallel"),
        ({"network": "flannel", "online": "yes"}, "stacked-uploaded-1.37-flannel"),
        ({"variant": "mine", "control-plane-joins": "parallel"}, "stacked-uploaded-1.37-joins-parallel-mine"),
    ],
)
def test_what_is_not_the_default_is_part_of_the_id(given: dict[str, str | None], expected: str) -> None:
    assert str(Settings.of(given).cluster_id("stacked", "1.37")) == expected
