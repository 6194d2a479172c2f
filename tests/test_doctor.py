"""The doctor: it answers on every host, and speaks of the machines that the same call of `up` would make."""

from __future__ import annotations

import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from provision.artifacts import catalog
from provision.cli import doctor
from provision.cli.parser import main
from provision.config.options import PROVIDERS
from provision.config.settings import Settings
from provision.providers import host_findings, table
from provision.providers.container import requirements
from provision.providers.finding import Finding, findings
from provision.providers.vagrant import requirements as virtual
from provision.util import local
from provision.util.errors import HostLacks
from tests.homes import FakeProvider


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("HA_HOME", str(tmp_path))
    monkeypatch.setattr(catalog, "official_reachable", lambda: True)
    return tmp_path


def a_user(monkeypatch: pytest.MonkeyPatch, path: Path) -> None:
    """A user who is not root, and whose path is one folder."""
    monkeypatch.setattr("os.geteuid", lambda: 1000)
    monkeypatch.setenv("PATH", str(path))


def provided(monkeypatch: pytest.MonkeyPatch, name: str, findings: Callable[[], Iterator[Finding]]) -> None:
    """Have a provider in place of the one of this name that finds only these."""

    class Provided(FakeProvider):
        def findings(self, machines: int) -> Iterator[Finding]:
            return findings()

    monkeypatch.setattr(table, "PROVIDERS", {name: lambda _: Provided()})


def program(folder: Path, name: str, text: str) -> None:
    folder.mkdir(exist_ok=True)
    (folder / name).write_text(f"#!/bin/sh\n{text}\n")
    (folder / name).chmod(0o755)


def test_a_host_without_anything_is_diagnosed(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    a_user(monkeypatch, home / "nowhere")
    lacking = [finding.what for finding in doctor.examine(Settings.of({})).lacking]
    assert "root, or sudo without a password (sudo is not installed)" in lacking
    assert "container engine (podman or docker)" in lacking
    assert any(what.startswith("could not find out: addresses") or what.startswith("ip is not") for what in lacking)


@pytest.mark.parametrize(("source", "needed"), [("", False), ("../kubernetes", True)])
def test_go_is_needed_for_a_source_tree_also_where_releases_are_downloaded(
    home: Path, monkeypatch: pytest.MonkeyPatch, source: str, needed: bool
) -> None:
    a_user(monkeypatch, home / "nowhere")
    lacking = [finding.what for finding in doctor.examine(Settings.of({"source": source})).lacking]
    assert any(what.startswith("go: builds the source tree") for what in lacking) is needed


def test_sudo_that_asks_for_a_password_is_a_finding(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program(home / "bin", "sudo", "echo sudo: a password is required >&2; exit 1")
    a_user(monkeypatch, home / "bin")
    assert [finding.ok for finding in host_findings._administrator()] == [False]
    monkeypatch.setenv("PATH", f"{home}/bin:/usr/bin:/bin")
    with pytest.raises(HostLacks, match="sudo refuses"):
        local.run(["true"], root=True)


def test_a_command_that_needs_root_says_that_sudo_is_missing(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program(home / "bin", "podman", "exit 0")
    a_user(monkeypatch, home / "bin")
    with pytest.raises(HostLacks, match="podman has to run as root, and sudo is not installed"):
        local.run(["podman", "ps"], root=True)


def test_a_docker_that_hangs_is_not_an_engine(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program(home / "bin", "docker", "exec sleep 60")
    monkeypatch.setattr(host_findings, "_PATIENCE", 0.2)
    monkeypatch.setenv("PATH", f"{home}/bin")
    (engine, *_) = host_findings._engine(Settings.of({}))
    assert (engine.ok, engine.what) == (False, "container engine (podman or docker)")


BREAKS = (
    OSError("no such device"),
    subprocess.TimeoutExpired("docker info", 20),
    KeyError("dst"),
    HostLacks("no room", answer="none at all", fix="make some"),
)


@pytest.mark.parametrize("error", BREAKS, ids=lambda error: type(error).__name__)
def test_what_cannot_be_found_out_is_a_finding_and_the_others_go_on(error: Exception) -> None:
    @findings("the weather")
    def check() -> Iterator[Finding]:
        yield Finding(True, "before")
        raise error

    before, unknown = check()
    assert (before.ok, unknown.ok) == (True, False)
    assert unknown.what.startswith("could not find out: the weather: ")
    assert str(error).splitlines()[0].strip("'") in unknown.what


def test_an_interruption_is_not_a_finding() -> None:
    @findings("the weather")
    def check() -> Iterator[Finding]:
        yield Finding(True, "before")
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        list(check())


@pytest.mark.parametrize("provider", PROVIDERS)
def test_even_a_list_of_checks_that_breaks_is_a_finding(
    home: Path, monkeypatch: pytest.MonkeyPatch, provider: str, capsys: pytest.CaptureFixture[str]
) -> None:
    def breaks() -> Iterator[Finding]:
        yield Finding(True, "before")
        raise RuntimeError("broken")

    provided(monkeypatch, provider, breaks)
    inventory = ["--ha-inventory", str(home / "hosts.toml")] if provider == "inventory" else []
    assert main(["doctor", "--ha-provider", provider, *inventory]) == 1
    shown = capsys.readouterr().out
    assert "ok  before" in shown
    assert "NO  could not find out: what else this host lacks: RuntimeError: broken" in shown


COUNTS = {
    "machines: 2 for stacked": ["stacked", "--ha-control-planes=1", "--ha-workers=0"],
    "machines: 5 for external, 2 for stacked": ["--ha-control-planes=1", "--ha-workers=0"],
    "machines: 10 for external, 7 for stacked": [],
    "machines: 9 for stacked": ["stacked", "--ha-mutable=yes"],
    "machines: 3 for stacked-uploaded-1.37-1cp-1w": ["stacked-uploaded-1.37-1cp-1w"],
    "machines: 7 for stacked": ["stacked", "--ha-upgrade-from=1.35", "--ha-kubernetes=1.36"],
}


@pytest.mark.parametrize("counted", COUNTS)
@pytest.mark.parametrize("provider", ["container", "vagrant"])
def test_it_speaks_of_the_machines_that_the_same_call_would_make(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], counted: str, provider: str
) -> None:
    if provider == "vagrant" and any("upgrade" in each for each in COUNTS[counted]):
        pytest.skip("clusters of containers are upgraded, no others")
    for module in (requirements, virtual):
        for name in ("making", "_libvirt", "_plugin", "_kvm", "room"):
            monkeypatch.setattr(module, name, lambda *_: iter(()), raising=False)
    main(["doctor", *COUNTS[counted], "--ha-provider", provider])
    first, *others = capsys.readouterr().out.splitlines()
    assert first == f"ok  {counted}"
    assert any(f" {counted.split()[1]} machines need " in line for line in others if "memory" in line)


def test_a_cluster_that_does_not_exist_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["doctor", "stackd"]) == 2
    assert "'stackd' is not a cluster id" in capsys.readouterr().err


def test_what_is_missing_is_installed_and_looked_for_again(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    installed: list[str] = []

    def run(command: list[str], **_: object) -> None:
        installed.extend(command)

    def lacks() -> Iterator[Finding]:
        yield Finding(bool(installed), "pears", packages=("pear",))

    monkeypatch.setattr(local, "run", run)
    provided(monkeypatch, "container", lacks)
    assert main(["doctor", "--fix"]) == 0
    assert installed[-1] == "pear"
    assert "ok  pears" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("findings", "status", "shown"),
    [
        ([Finding(True, "pears"), Finding(True, "plums")], 0, ["host: ok (./run doctor)"]),
        (
            [Finding(True, "pears"), Finding(False, "plums", packages=("plum",)), Finding(False, "memory", "buy some")],
            1,
            ["NO  plums", "NO  memory", "      fix: buy some",
             "install all missing packages with: sudo apt-get install -y --no-install-recommends plum"],
        ),
    ],
)  # fmt: skip
def test_a_quiet_doctor_has_one_line_where_nothing_is_missing(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str],
    findings: list[Finding], status: int, shown: list[str],
) -> None:  # fmt: skip
    provided(monkeypatch, "container", lambda: iter(findings))
    assert main(["doctor", "--quiet"]) == status
    assert capsys.readouterr().out.splitlines() == shown


def test_an_installation_that_is_refused_is_shown_with_a_fix(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise HostLacks("apt-get has to run as root, and sudo is not installed", fix="run as root")

    monkeypatch.setattr(local, "run", refuse)
    provided(monkeypatch, "container", lambda: iter([Finding(False, "pears", packages=("pear",))]))
    assert main(["doctor", "--fix"]) == 1
    assert capsys.readouterr().err.splitlines()[-2:] == [
        "apt-get has to run as root, and sudo is not installed", "Try: run as root",
    ]  # fmt: skip


def test_a_shard_is_named_where_one_is_chosen(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    provided(monkeypatch, "container", lambda: iter(()))
    assert main(["doctor", "stacked", "--ha-shard=2/5"]) == 0
    assert "ok  shard 2/5 of a night: a plan says which clusters it has" in capsys.readouterr().out
    main(["doctor", "stacked"])
    assert "shard" not in capsys.readouterr().out
