"""What a host lacks for clusters with addresses of IPv6."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from provision.config.settings import Settings
from provision.providers.container import ipv6
from provision.providers.finding import Finding

# What a host lacks


def _program(folder: Path, name: str, text: str) -> None:
    (folder / name).write_text(f"#!/bin/sh\n{text}\n")
    (folder / name).chmod(0o755)


@pytest.fixture
def able(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A host that has all of it, in a folder: its programs, and the kernel's settings below `ipv6`."""
    _program(tmp_path, "unshare", "exit 0")
    _program(tmp_path, "podman", "echo netavark")
    _program(tmp_path, "docker", "exit 0")
    _program(tmp_path, "sudo", 'while [ "${1#-}" != "$1" ]; do shift; done; exec "$@"')
    for name in ("all", "default"):
        (tmp_path / "ipv6/conf" / name).mkdir(parents=True)
        (tmp_path / "ipv6/conf" / name / "disable_ipv6").write_text("0\n")
    monkeypatch.setattr(ipv6, "_KERNEL", tmp_path / "ipv6")
    monkeypatch.setenv("PATH", str(tmp_path), prepend=":")
    return tmp_path


def _lacking(family: str = "dual", **others: str) -> list[Finding]:
    return [each for each in ipv6.all_findings(Settings.of({"addresses-family": family, **others})) if not each.ok]


def test_a_host_that_has_everything_lacks_nothing(able: Path) -> None:
    assert (_lacking(), _lacking("ipv6")) == ([], [])


def test_nothing_is_checked_where_addresses_are_of_ipv4(able: Path) -> None:
    (able / "podman").unlink()
    assert list(ipv6.all_findings(Settings.of({}))) == []


def _without_kernel(host: Path) -> None:
    (host / "ipv6").rename(host / "gone")


def _disabled(host: Path) -> None:
    (host / "ipv6/conf/default/disable_ipv6").write_text("1\n")


def _without_tables(host: Path) -> None:
    _program(host, "unshare", 'echo "can\'t initialize ip6tables table nat" >&2; exit 3')


def _old_podman(host: Path) -> None:
    _program(host, "podman", "echo 'template: info:1: nil pointer' >&2; exit 125")


def _cni(host: Path) -> None:
    _program(host, "podman", "echo cni")


@pytest.mark.parametrize(
    ("breaking", "what", "fix"),
    [
        (_without_kernel, "IPv6: the kernel has none", "ipv6.disable=1"),
        (_disabled, "net.ipv6.conf.default.disable_ipv6 is 1", "sudo sysctl -w net.ipv6.conf.default.disable_ipv6=0"),
        (_without_tables, "(can't initialize ip6tables table nat)", "sudo modprobe ip6table_nat"),
        (_old_podman, "made by an older program", "apt-get install netavark"),
        (_cni, "networks are made by cni, and with IPv6 addresses by netavark", "network_backend"),
    ],
)
def test_what_a_host_lacks_is_named_with_what_to_type(
    able: Path, breaking: Callable[[Path], None], what: str, fix: str
) -> None:
    breaking(able)
    [finding] = _lacking()
    assert (what in finding.what, fix in finding.fix) == (True, True), finding


def test_docker_alone_is_named(able: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shutil.which", lambda name: None if name == "podman" else f"/usr/bin/{name}")
    [finding] = _lacking()
    assert (finding.what, finding.packages) == (
        "networks with IPv6 addresses are made by podman, and by docker not yet", ("podman", "netavark")
    )  # fmt: skip
