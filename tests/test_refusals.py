"""What is refused about options of a run: a number out of its range, and what another choice decides."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from provision.config.settings import Settings
from provision.util.errors import BadInput

MIRROR = "https://mirror.example.org/core:/stable:"

FAMILIES = {"families": "yes"}


@pytest.fixture
def inventory(tmp_path: Path) -> str:
    """A file of five control planes and two workers; shared certificates are copied by hand."""
    roles = {"lb": "load-balancer"} | dict.fromkeys(("cp1", "cp2", "cp3", "cp4", "cp5"), "control-plane")
    roles |= dict.fromkeys(("w1", "w2"), "worker")
    hosts = [
        f'[hosts.{name}]\nrole = "{role}"\naddress = "192.0.2.{number}"\n'
        for number, (name, role) in enumerate(roles.items(), 1)
    ]
    path = tmp_path / "hosts.toml"
    path.write_text('endpoint = "lb.example:6443"\ncertificates = "manual"\n[login]\nuser = "me"\n' + "".join(hosts))
    return str(path)


@pytest.mark.parametrize("given", [{"workers": "-1"}, {"workers": "10"}, {"control-planes": "0"}, {"workers": "two"}])
def test_a_number_out_of_its_range_is_refused(given: dict[str, str | None]) -> None:
    with pytest.raises(BadInput, match="must be a number from"):
        Settings.of(given)


@pytest.mark.parametrize("given", [{"workers": "0"}, {"workers": "9"}, {"control-planes": "1"}])
def test_the_ends_of_a_range_belong_to_it(given: dict[str, str | None]) -> None:
    Settings.of(given)


def test_more_kubelets_than_workers_are_refused_before_there_is_a_version() -> None:
    with pytest.raises(BadInput, match="2 kubelets are too many for 1 workers"):
        Settings.of({"kubelets": "-1,-2", "workers": "1"})


def test_as_many_kubelets_as_workers_are_fine() -> None:
    Settings.of({"kubelets": "-1,-2", "workers": "2"})


@pytest.mark.parametrize(
    ("given", "listed"),
    [
        ({"workers": "2"}, "--ha-workers 2"),
        ({"control-planes": "5", "workers": "1"}, "--ha-control-planes 5"),
        ({"certificates": "manual"}, "--ha-certificates manual"),
        ({"certificates": "manual", "authority": "elsewhere"}, "--ha-certificates manual --ha-authority elsewhere"),
        ({"kubelets": "-1"}, "--ha-kubelets -1"),
        ({"upgrade-from": "previous"}, "--ha-upgrade-from previous"),
    ],
)
def test_what_families_choose_by_themselves_is_refused(given: dict[str, str | None], listed: str) -> None:
    with pytest.raises(BadInput) as refused:
        Settings.of(FAMILIES | given)
    message = f"families choose versions, machines and certificates by themselves: {listed}"
    assert refused.value.what == message
    assert refused.value.fix.startswith("leave them out, and HA_")


def test_a_variable_counts_as_given(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HA_WORKERS", "5")
    with pytest.raises(BadInput, match=re.escape("--ha-workers 5")) as refused:
        Settings.of(FAMILIES)
    assert refused.value.fix == "leave them out, and HA_WORKERS in the environment"


@pytest.mark.parametrize(
    "given",
    [
        {"workers": "3", "control-planes": "3"},
        {"workers": "1", "control-planes": "2"},
        {"certificates": "uploaded,manual"},
        {"keys": "rsa-4096", "network": "flannel", "online": "yes", "control-plane-joins": "parallel"},
        {"kubernetes": "1.36", "mutable": "yes", "keep": "failure"},
    ],
)
def test_defaults_repetitions_and_what_families_heed_are_not_refused(given: dict[str, str | None]) -> None:
    Settings.of(FAMILIES | given)


@pytest.mark.parametrize(
    ("given", "listed"),
    [
        ({"workers": "1"}, "--ha-workers 1"),
        ({"control-planes": "2", "workers": "2"}, "--ha-control-planes 2"),
    ],
)
def test_what_an_inventory_says_otherwise_is_refused(inventory: str, given: dict[str, str | None], listed: str) -> None:
    with pytest.raises(BadInput) as refused:
        Settings.of({"inventory": inventory} | given)
    assert refused.value.what == f"{inventory} says something else of its cluster: {listed}"


def test_certificates_that_an_inventory_has_not_are_refused(inventory: str) -> None:
    Path(inventory).write_text(Path(inventory).read_text().replace('"manual"', '"uploaded"'))
    with pytest.raises(BadInput, match="--ha-certificates manual"):
        Settings.of({"inventory": inventory, "certificates": "manual"})


@pytest.mark.parametrize(
    "given",
    [
        {},
        {"workers": "3"},
        {"workers": "2", "control-planes": "5"},
        {"certificates": "uploaded,manual"},
        {"certificates": "manual"},
    ],
)
def test_defaults_and_what_an_inventory_says_too_are_not_refused(inventory: str, given: dict[str, str | None]) -> None:
    Settings.of({"inventory": inventory} | given)


def test_an_inventory_is_not_read_for_options_that_are_not_given(tmp_path: Path) -> None:
    Settings.of({"inventory": str(tmp_path / "absent.toml")})


@pytest.mark.parametrize("given", [{"workers": "1"}, {"workers": "1", "control-planes": "2"}])
def test_counts_that_do_not_make_a_chosen_cluster_are_refused(given: dict[str, str | None]) -> None:
    with pytest.raises(BadInput, match=r"other choices do not make .*-2cp: .*--ha-workers 1"):
        Settings.of({"cluster": "stacked-uploaded-1.37-2cp"} | given)


@pytest.mark.parametrize("given", [{}, {"control-planes": "2"}, {"workers": "3"}])
def test_defaults_and_counts_that_make_a_chosen_cluster_are_not_refused(given: dict[str, str | None]) -> None:
    Settings.of({"cluster": "stacked-uploaded-1.37-2cp"} | given)


@pytest.mark.parametrize(
    "address", ["mirror.example.org", f"{MIRROR}/", "https://a b", "file:///srv", "https://x';id'"]
)
def test_a_mirror_of_packages_that_is_not_an_address_is_refused(address: str, inventory: str) -> None:
    with pytest.raises(BadInput, match="is not an address of a web site as in"):
        Settings.of({"packages": address, "inventory": inventory})


def test_a_mirror_of_packages_is_refused_where_nothing_installs_any() -> None:
    with pytest.raises(BadInput, match="containers get their programs from artifacts"):
        Settings.of({"packages": MIRROR})


def test_a_mirror_of_packages_goes_with_your_machines_and_with_virtual_ones(inventory: str) -> None:
    Settings.of({"packages": MIRROR, "inventory": inventory})
    Settings.of({"packages": MIRROR, "provider": "vagrant"})
