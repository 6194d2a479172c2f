"""Commands that a shell runs, and that do something else than they say: found, and quiet on what only looks so."""

from __future__ import annotations

import pytest

from documentation.findings.rules import Finding, Weight
from documentation.pages import markdown
from documentation.programs.programs import Programs
from documentation.reports import all_rules
from tests import fake_programs


def _found(text: str, *rules: str) -> list[Finding]:
    page = markdown.parse(f"# Pears\n\n```sh\n{text}\n```\n", language="en")
    return [each for each in all_rules.check(page, Programs(kubelet=fake_programs.kubelet())) if each.check in rules]


def test_a_value_that_a_shell_puts_in_too_early_is_found() -> None:
    [found] = _found('PEARS="v3" curl -L https://pears.test/$PEARS/a.tgz | tar -x', "script")
    assert found.what == "`PEARS` is set for `curl` alone, and `$PEARS` is empty in its own words"
    assert found.fix == "write `PEARS=…; curl …`"


@pytest.mark.parametrize(
    "text",
    [
        "PEARS=v3; curl -L https://pears.test/$PEARS/a.tgz",
        "PEARS=v3 make pears",
        "export PEARS=v3\nPEARS=v4 curl -L https://pears.test/$PEARS/a.tgz",
        "PEARS=v3 sh -c 'echo $PEARS'",
        "PEARS=v3 curl -L https://pears.test/$PEARS_OF_TODAY/a.tgz",
    ],
)
def test_values_that_programs_get_in_time_are_quiet(text: str) -> None:
    assert _found(text, "script") == []


@pytest.mark.parametrize("text", ["journalctl -ul docker", "journalctl kubelet", "journalctl -xe kubelet.service"])
def test_a_unit_that_journalctl_is_not_given_as_one_is_found(text: str) -> None:
    [found] = _found(text, "script")
    assert (found.weight, "which does not follow a flag" in found.what) == (Weight.BREAKS, True)


@pytest.mark.parametrize(
    "text",
    [
        "journalctl -xeu kubelet",
        "journalctl -ukubelet",
        "journalctl -u kubelet -n 20 --no-pager",
        "journalctl --unit kubelet --since yesterday",
        "journalctl _SYSTEMD_UNIT=kubelet.service /usr/bin/kubelet <unit>",
        "journalctl -fu docker | grep kubelet",
    ],
)
def test_units_behind_their_flag_and_fields_are_quiet(text: str) -> None:
    assert _found(text, "script") == []


@pytest.mark.parametrize("address", ["https://a.test/download//pears.tgz", "http://a.test//pears"])
def test_an_address_that_lost_a_part_is_found(address: str) -> None:
    [found] = _found(f"curl -LO {address}", "script")
    assert found.what == f"`{address}` has nothing between two slashes"


@pytest.mark.parametrize("address", ["https://a.test/b/c", "https://web.test/2020/https://a.test/b", "file:///a//b"])
def test_addresses_that_are_whole_are_quiet(address: str) -> None:
    assert _found(f"curl -LO {address}", "script") == []


@pytest.mark.parametrize("text", ["curl -s https://a.test/key | sudo apt-key add -", "apt-key list"])
def test_a_program_that_systems_have_no_more_is_found(text: str) -> None:
    [found] = _found(text, "gone")
    assert found.fix == "put the key into /etc/apt/keyrings, and name it by signed-by"


def test_a_file_by_the_name_of_a_program_that_is_gone_is_quiet() -> None:
    assert _found("cat apt-key.gpg\ncurl -O https://a.test/apt-key.gpg", "gone") == []


def test_a_variable_that_the_kubelets_service_does_not_read_is_found() -> None:
    [found] = _found("KUBELET_KUBEADM_EXTRA_ARGS=--node-ip=192.0.2.1", "kubelet")
    assert (found.line, found.fix) == (4, "write `KUBELET_EXTRA_ARGS`")


@pytest.mark.parametrize(
    "text",
    [
        "KUBELET_EXTRA_ARGS=--node-ip=192.0.2.1",
        'KUBELET_KUBEADM_ARGS="--node-ip=192.0.2.1"',
        "KUBELET_MY_EXTRA_ARGS=--node-ip=192.0.2.1\nkubelet $KUBELET_MY_EXTRA_ARGS",
    ],
)
def test_variables_that_the_kubelets_service_reads_are_quiet(text: str) -> None:
    assert _found(text, "kubelet") == []


def test_variables_of_a_file_that_the_shell_reads_are_set() -> None:
    reading = '%secho "pears $(%s; echo "$VERSION_ID")"'
    for sets, quiet in ((". /etc/os-release", True), ("true", False)):
        found = _found("BEANS=3\necho $BEANS\n" + reading % ("", sets), "placeholder")
        assert (found == []) is quiet
