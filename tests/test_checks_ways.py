"""From options to ways in: which go together, what each opens, and that all of it ends."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from checks.cli import logins, ways
from checks.cli.kubeconfigs import chosen
from checks.cli.logins import ByAddress
from checks.cli.options import parser, period
from checks.collecting.discovery import Known
from checks.collecting.kubeconfig import ByKubeconfig
from checks.collecting.plugins import NoCredentials
from checks.facts.machine import CONTROL_PLANE, ETCD
from provision.config.topology import Role
from provision.machines.ssh import SshMachine
from provision.readonly.machine import ReadOnlyMachine
from provision.util.errors import BadInput
from tests.simulated import Host, Objects

_KEY = "private-key"


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A user without any configuration of ssh, in a folder of its own with a key."""
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.delenv("KUBECONFIG", raising=False)
    monkeypatch.chdir(tmp_path)
    (tmp_path / _KEY).write_text("a key")
    return tmp_path


@pytest.mark.parametrize(
    ("typed", "refusal"),
    [
        ([], "there is nothing to check"),
        (["--from", "b", "hosts.toml"], "--from judges a bundle alone"),
        (["--from", "b", "--kubeconfig", "k"], "--from judges a bundle alone"),
        (["--from", "b", "--ssh", "u"], "--from judges a bundle alone"),
        (["--ssh", "ubuntu"], "--ssh needs --kubeconfig"),
        (["hosts.toml", "--ssh", "ubuntu"], "--ssh needs --kubeconfig"),
        (["--kubeconfig", "k", "--key", _KEY], "--key, --jump and --known-hosts are about --ssh"),
        (["hosts.toml", "--jump", "a@b"], "--key, --jump and --known-hosts are about --ssh"),
        (["hosts.toml", "--context", "x"], "--context is one of a kubeconfig"),
        (["--from", "b", "--context", "x"], "--context is one of a kubeconfig"),
    ],
)  # fmt: skip
def test_options_that_do_not_go_together_are_refused(typed: list[str], refusal: str) -> None:
    with pytest.raises(BadInput, match=refusal):
        ways.refuse(parser().parse_args(typed))


@pytest.mark.parametrize(
    "typed",
    [
        ["hosts.toml"], ["--kubeconfig", "k"], ["--kubeconfig", "k", "--context", "x"], ["--from", "b"],
        ["--kubeconfig", "k", "--ssh", "u", "--key", "f", "--jump", "a@b"], ["hosts.toml", "--kubeconfig", "k"],
    ],
)  # fmt: skip
def test_options_that_go_together_are_taken(typed: list[str]) -> None:
    ways.refuse(parser().parse_args(typed))


@pytest.mark.parametrize(
    ("typed", "user", "port"),
    [
        ("ubuntu", "ubuntu", None),
        ("root:2222", "root", 2222),
        ("a.b-c_d", "a.b-c_d", None),
        ("ubuntu:22", "ubuntu", 22),
    ],
)
def test_a_user_with_or_without_a_port(typed: str, user: str, port: int | None) -> None:
    made = ByAddress.of(typed, Path(_KEY), "")
    assert (made.user, made.port) == (user, port)


@pytest.mark.parametrize("typed", ["", ":22", "a:", "a:b", "a@b", "a:22:33", "a b", "a:123456", "a:0"])
def test_what_is_not_a_user_with_a_port_is_refused(typed: str) -> None:
    with pytest.raises(BadInput, match="is not like USER or USER:PORT"):
        ByAddress.of(typed, Path(_KEY), "")


@pytest.mark.parametrize(("ssh", "key", "jump"), [("a:99999", _KEY, ""), ("a", "missing", ""), ("a", _KEY, "a b@c:d")])
def test_what_no_login_can_work_with_is_refused_before_anything_is_connected_to(ssh: str, key: str, jump: str) -> None:
    with pytest.raises(BadInput):
        ByAddress.of(ssh, Path(key), jump)


@pytest.mark.parametrize("address", ["10.0.0.11", "fd00::11"])
def test_a_login_to_an_address(address: str, home: Path) -> None:
    made = ByAddress.of("admin:2222", Path(_KEY), "jumper@bastion.example.org:22022")
    machine = made(Known("cp1", (CONTROL_PLANE,), address))
    assert isinstance(machine, ReadOnlyMachine)
    reached = machine._machine
    assert isinstance(reached, SshMachine)
    assert (machine.name, machine.address, reached.login.user, reached.login.port) == ("cp1", address, "admin", 2222)
    assert reached.login.key == home / _KEY
    assert reached.login.connect == address
    assert reached.login.jump
    assert (reached.login.jump.user, reached.login.jump.port) == ("jumper", 22022)
    assert made.made == [machine]


def test_a_user_who_is_root_needs_no_sudo() -> None:
    machine = ByAddress.of("root", Path(_KEY), "")(Known("cp1", (CONTROL_PLANE,), "10.0.0.11"))
    assert isinstance(machine, ReadOnlyMachine)
    assert isinstance(machine._machine, SshMachine)
    assert not machine._machine.login.sudo


def test_roles_of_a_control_plane_with_and_without_a_member() -> None:
    assert logins.roles_of(Role.CONTROL_PLANE, stacked=True) == (CONTROL_PLANE, ETCD)
    assert logins.roles_of(Role.CONTROL_PLANE, stacked=False) == (CONTROL_PLANE,)
    assert logins.roles_of(Role.LOAD_BALANCER, stacked=True) == ("load-balancer",)


def opened(typed: Sequence[str], monkeypatch: pytest.MonkeyPatch) -> tuple[Any, Objects, Host]:
    """Ways of options, with a kubeconfig and a cluster that are not read."""
    requests, host = Objects({}), Host("cp1", "10.0.0.11", {})
    closed: list[str] = []
    monkeypatch.setattr(requests, "close", lambda: closed.append("requests"))
    monkeypatch.setattr(ByKubeconfig, "load", lambda file, context: requests)
    monkeypatch.setattr(ways, "of_cluster", lambda name: [(host, (CONTROL_PLANE,))])
    with ways.opened(parser().parse_args(typed)) as given:
        pass
    assert bool(closed) == ("--kubeconfig" in typed)
    return given, requests, host


def test_each_way_is_named_and_ends_with_the_check(monkeypatch: pytest.MonkeyPatch) -> None:
    given, requests, host = opened(["stacked", "--kubeconfig", "k", "--ssh", "u", "--key", _KEY], monkeypatch)
    assert given.access == ("kubeconfig", "ssh", "inventory")
    assert (given.requests, given.machines, host.closed) == (requests, ((host, (CONTROL_PLANE,)),), 1)
    assert isinstance(given.login, ByAddress)


def test_what_was_not_given_is_not_there(monkeypatch: pytest.MonkeyPatch) -> None:
    given, _, host = opened(["stacked", "--whole-database"], monkeypatch)
    assert (given.access, given.requests, given.login, given.whole_database) == (("inventory",), None, None, True)
    assert host.closed == 1
    given, _, host = opened(["--kubeconfig", "k"], monkeypatch)
    assert (given.access, given.machines, given.whole_database, host.closed) == (("kubeconfig",), (), False, 0)


@pytest.mark.parametrize(
    ("typed", "variable", "expected"),
    [
        ([], "one", ["one"]),
        ([], ":missing::one:two:one", ["one", "two"]),
        (["--context", "x"], "two:one", ["two", "one"]),
        (["--ssh", "u", "--key", _KEY], "one", ["one"]),
        (["--kubeconfig", "two"], "one", ["two"]),
        (["--kubeconfig", "~/two"], "one", ["HOME/two"]),
        ([], "", ["HOME/.kube/config"]),
        (["stacked"], "one", []),
        (["--from", "bundle"], "missing", []),
    ],
)
def test_the_kubeconfigs_are_those_that_kubectl_would_use(
    typed: list[str], variable: str, expected: list[str], home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("one", "two", ".kube/config"):
        (home / name).parent.mkdir(exist_ok=True)
        (home / name).touch()
    monkeypatch.setenv("KUBECONFIG", variable)
    options = parser().parse_args(typed)
    ways.refuse(options)
    assert [str(each) for each in chosen(options)] == [each.replace("HOME", str(home)) for each in expected]


@pytest.mark.parametrize(("variable", "refusal"), [("a:b", "no file of .KUBECONFIG exists: a, b"), (":", "names no")])
def test_a_variable_without_any_file_is_refused(variable: str, refusal: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KUBECONFIG", variable)
    with pytest.raises(BadInput, match=refusal):
        ways.refuse(parser().parse_args([]))


def test_an_inventory_is_a_way_in_where_the_plugin_of_the_kubeconfig_hangs(monkeypatch: pytest.MonkeyPatch) -> None:
    def load(files: object, context: str) -> ByKubeconfig:
        raise NoCredentials("the exec plugin aws did not answer")

    monkeypatch.setattr(ByKubeconfig, "load", load)
    monkeypatch.setattr(ways, "of_cluster", lambda name: [(Host("cp1", "10.0.0.11", {}), (CONTROL_PLANE,))])
    with ways.opened(parser().parse_args(["stacked", "--kubeconfig", "k"])) as given:
        assert given.notes == ["the API was not read by the kubeconfig: the exec plugin aws did not answer"]
        assert (given.requests, given.access) == (None, ("inventory",))
    with pytest.raises(NoCredentials), ways.opened(parser().parse_args(["--kubeconfig", "k"])):
        pass


def test_ways_end_when_the_check_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    host = Host("cp1", "10.0.0.11", {})
    monkeypatch.setattr(ways, "of_cluster", lambda name: [(host, (CONTROL_PLANE,))])
    with pytest.raises(KeyboardInterrupt), ways.opened(parser().parse_args(["stacked"])):
        raise KeyboardInterrupt
    assert host.closed == 1


def test_an_inventory_is_a_way_in_with_its_endpoint(home: Path) -> None:
    (home / "hosts.toml").write_text(
        f'endpoint = "lb.example.org:6443"\n[login]\nuser = "ubuntu"\nkey = "{_KEY}"\n'
        '[hosts.cp1]\nrole = "control-plane"\naddress = "10.0.0.11"\n'
    )
    try:
        with ways.opened(parser().parse_args(["hosts.toml"])) as given:
            assert [(machine.name, roles) for machine, roles in given.machines] == [("cp1", (CONTROL_PLANE, ETCD))]
            assert given.endpoint == "lb.example.org:6443"
    except BadInput as problem:
        pytest.fail(str(problem))


@pytest.mark.parametrize(("typed", "hours"), [("30", 720), ("7d", 168), ("12h", 12)])
def test_a_period(typed: str, hours: int) -> None:
    assert period(typed).total_seconds() == hours * 3600


@pytest.mark.parametrize("typed", ["", "x", "-1", "1w", "1.5"])
def test_what_is_not_a_period_is_refused(typed: str) -> None:
    with pytest.raises(SystemExit):
        parser().parse_args(["hosts.toml", f"--expires-within={typed}"])
