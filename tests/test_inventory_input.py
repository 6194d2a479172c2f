"""What people write into inventories, and what machines answer: an error that names the place, never a traceback."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from provision.config.balancers import HAPROXY
from provision.config.inventory import ansible, parse
from provision.config.inventory.reading import Reading
from provision.config.topology import MachineSpec, Role
from provision.providers.inventory import facts
from provision.util import local
from provision.util.errors import BadInput, CommandFailed, Problem, Unreachable
from provision.util.result import Result
from tests.fake_machine import FakeMachine
from tests.test_inventory import FREE, GOOD

KNOWN = ("endpoint", "name", "kubernetes", "certificates", "prepare", "login", "hosts", "user", "port", "key", "jump",
         "sudo", "known_hosts", "role", "address", "connect", "password", "one", "w1")  # fmt: skip
PLAIN = st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.sampled_from(
    ["", "admin", "-oProxyCommand=x", "10.0.0.11", "10.0.0.300", "::1", "lb.example.org:6443", "lb:99999", "m@b:99999",
     "m@b:22", "~", "~stranger/key", "a" * 5000, "/" + "a" * 300, "\0", "{{ port }}", "etcd", "1.37",
     "1.99"]
)  # fmt: skip
NAMES = st.sampled_from(KNOWN) | st.text(max_size=8)
ANYTHING = st.recursive(PLAIN, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=4))
LOGIN = st.dictionaries(st.sampled_from(KNOWN), ANYTHING, max_size=6)
INVENTORIES = st.dictionaries(NAMES, ANYTHING) | st.fixed_dictionaries(
    {"endpoint": st.just("lb.example.org:6443") | PLAIN, "hosts": st.dictionaries(NAMES, LOGIN | PLAIN, max_size=5)},
    optional={"login": LOGIN | PLAIN, "kubernetes": PLAIN, "prepare": PLAIN},
)
GROUPS = st.sampled_from(["kube_control_plane", "kube_node", "etcd", "load_balancer", "a"])
VARIABLES = st.sampled_from(
    ["ansible_host", "ip", "ansible_user", "ansible_port", "ansible_private_key_file", "ansible_ssh_common_args",
     "ansible_become", "ha_endpoint", "ha_kubernetes", "ha_prepare", "ansible_password", "loadbalancer_apiserver"]
)  # fmt: skip
LISTED = ANYTHING | st.fixed_dictionaries(
    {"_meta": st.fixed_dictionaries({"hostvars": st.dictionaries(NAMES, st.dictionaries(VARIABLES, PLAIN))}) | PLAIN},
    optional={
        name: st.fixed_dictionaries(
            {}, optional={"hosts": st.lists(NAMES) | PLAIN, "children": st.lists(GROUPS) | PLAIN}
        )
        for name in ("kube_control_plane", "kube_node", "etcd", "load_balancer", "a")
    },
)


def _refused(action: Callable[[], object]) -> Problem | None:
    """What an action is refused with, None where it is not; anything but an error for people is let through."""
    try:
        action()
    except Problem as problem:
        return problem
    return None


EASY = settings(
    deadline=None, max_examples=50, database=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)  # fmt: skip


@EASY
@given(INVENTORIES)
def test_no_content_of_an_inventory_ends_in_a_traceback(raw: dict[str, Any]) -> None:
    refused = _refused(lambda: parse.parse(parse._anchored(raw, Path("/inventories")), Path("hosts.toml")))
    assert refused is None or refused.answer


@EASY
@given(st.text() | st.sampled_from([f"a = {'9' * 5000}", "a = " + "[" * 9999, GOOD]).flatmap(
    lambda text: st.just(text) | st.integers(0, len(text)).map(lambda cut: text[:cut])
))  # fmt: skip
def test_no_text_that_is_to_be_toml_ends_in_a_traceback(tmp_path: Path, text: str) -> None:
    path = tmp_path / "hosts.toml"
    path.write_bytes(text.encode(errors="surrogatepass"))
    refused = _refused(lambda: parse.read(path))
    assert refused is None or str(path) in refused.what


@EASY
@given(LISTED.map(json.dumps) | st.text())
def test_no_answer_of_ansible_ends_in_a_traceback(monkeypatch: pytest.MonkeyPatch, answer: str) -> None:
    monkeypatch.setattr(ansible, "program", lambda: "ansible-inventory")
    monkeypatch.setattr(local, "run", lambda *_, **__: Result(0, answer, ""))
    refused = _refused(lambda: parse.read(Path(__file__)))
    assert refused is None or __file__ in refused.what


@pytest.mark.parametrize("name", ["\0", "a" * 300, "nowhere/hosts.toml"])
def test_a_name_that_no_file_has_is_refused(name: str) -> None:
    with pytest.raises(BadInput, match="there is no inventory"):
        parse.read(Path(name))


@pytest.mark.parametrize(
    ("port", "message"),
    [("{{ port }}", "w1: port must be a number, not '{{ port }}'"), ("22x", "w1: port must be a number, not '22x'"),
     ("70000", "w1: 70000 is not a valid port"), ([22], "w1: port must be a number")],
)  # fmt: skip
def test_a_port_of_ansibles_that_is_none_names_the_host(
    port: object, message: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    listed = {"_meta": {"hostvars": {"w1": {"ansible_port": port}}}, "masters": {"hosts": ["w1"]}}
    monkeypatch.setattr(ansible, "program", lambda: "ansible-inventory")
    monkeypatch.setattr(local, "run", lambda *_, **__: Result(0, json.dumps(listed), ""))
    with pytest.raises(BadInput) as caught:
        parse.read(Path(__file__))
    assert message in caught.value.answer


@pytest.mark.parametrize(
    ("line", "message"),
    [("user = '-oProxyCommand=reboot'", "w1: '-oProxyCommand=reboot' is an invalid user name"),
     ("user = 'a b'", "w1: 'a b' is an invalid user name"),
     ("connect = 'two words'", "w1: connect 'two words' is not a name or an address"),
     ("jump = 'me@bastion:99999'", "w1: jump 'me@bastion:99999' is not like user@bastion"),
     ("jump = '-x@bastion'", "w1: jump '-x@bastion' is not like user@bastion"),
     ("key = '~stranger/key'", "w1: key ~stranger/key: Could not determine home directory"),
     (f"key = '{'a' * 300}'", "w1: there is no key")],
)  # fmt: skip
def test_a_login_that_is_not_valid_names_the_host(tmp_path: Path, line: str, message: str) -> None:
    (tmp_path / "hosts.toml").write_text(f"{GOOD}{line}\n".replace('connect = "203.0.113.7"\n', ""))
    with pytest.raises(BadInput) as caught:
        parse.read(tmp_path / "hosts.toml")
    assert message in caught.value.answer


@pytest.mark.parametrize("user", ["me@corp.example.org", "DOMAIN\\\\me", "service_account$"])
def test_users_of_a_directory_may_log_in(tmp_path: Path, user: str) -> None:
    (tmp_path / "hosts.toml").write_text(GOOD.replace('"admin"', f'"{user}"'))
    assert parse.read(tmp_path / "hosts.toml").host("one").user == user.replace("\\\\", "\\")


def test_relative_files_are_meant_from_the_inventorys_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "my lab"
    folder.mkdir()
    (folder / "id").write_text("a key")
    (folder / "hosts.toml").write_text(
        GOOD.replace("[login]", "[login]\nkey = 'id'\nknown_hosts = 'known'") + "known_hosts = '~/.ssh/other'\n"
    )
    for stands, path in ((folder, "hosts.toml"), (tmp_path, "my lab/hosts.toml"), (Path("/"), folder / "hosts.toml")):
        monkeypatch.chdir(stands)
        found = parse.read(Path(path))
        assert (found.host("one").key, found.host("one").known_hosts) == (folder / "id", folder / "known")
        assert found.host("w1").known_hosts == Path("~/.ssh/other").expanduser()
    again = parse.parse(found.content, Path("stacked-uploaded-1.37-inventory-my-lab"))
    assert again.host("one").key == folder / "id"


def test_relative_files_of_ansibles_are_meant_from_its_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "id").write_text("a key")
    table = {"role": "control-plane", "address": "10.0.0.1", "user": "me", "key": "id"}
    monkeypatch.setattr(ansible, "read", lambda _: Reading({"hosts": {"a": table}}))
    for path in (tmp_path, tmp_path / "hosts.ini"):
        path.touch() if path.suffix else None
        assert parse.read(path).host("a").key == tmp_path / "id"


def test_a_key_in_a_folder_that_is_closed_is_missing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> os.stat_result:
        raise PermissionError(13, "Permission denied")

    (tmp_path / "hosts.toml").write_text(GOOD + "key = '/root/id'\n")
    monkeypatch.setattr(Path, "is_file", refuse)
    with pytest.raises(BadInput, match="w1: there is no key /root/id"):
        parse.read(tmp_path / "hosts.toml")


ONE = MachineSpec("one", Role.CONTROL_PLANE, 11)
LOOK = facts.script("lb.example.org", ONE.role)


def _surveyed(**found: str) -> facts.Survey:
    answer = "".join(f"== {name}\n{text}\n" for name, text in (FREE | found).items())
    return facts.survey(FakeMachine({LOOK: answer}, ONE), "lb.example.org")


@pytest.mark.parametrize("answer", ["", "This account is currently not available.\n", "== name\none\n"])
def test_a_login_that_leads_to_no_shell_is_named(answer: str) -> None:
    machine = FakeMachine({LOOK: Result(1, answer, "nologin")}, ONE)
    with pytest.raises(Unreachable, match=r"on one: `echo == .*` is not answered") as caught:
        facts.survey(machine, "lb.example.org")
    assert (caught.value.machine, caught.value.answer) == ("one", "nologin")
    inventory = SimpleNamespace(endpoint="lb.example.org:6443", balancer=HAPROXY)
    assert isinstance(facts.surveys_or_silence(inventory, {"one": machine})[0], Unreachable)  # type: ignore[arg-type]


@EASY
@given(st.dictionaries(st.sampled_from(list(FREE)), st.text(st.characters(exclude_characters="="), max_size=80)))
def test_no_answer_of_a_machine_becomes_a_traceback(found: dict[str, str]) -> None:
    seen = _surveyed(**found)
    _ = seen.addresses, seen.endpoint, seen.files, seen.ports, seen.missing, seen.programs, seen.is_root, seen.name
    asking: tuple[Callable[[], object], ...] = (lambda: seen.host_facts, lambda: facts.version_of(seen))
    for ask in asking:
        refused = _refused(ask)
        assert refused is None or refused.what.startswith("on one: `")


def test_ports_are_those_that_ss_lists() -> None:
    listed = (
        "LISTEN 0      4096      *:6443      *:*",
        "LISTEN 0 128 127.0.0.1:2379 0.0.0.0:*",
        "LISTEN 0 1 [::1]:53 [::]:*",
    )
    assert _surveyed(ports="\n".join(listed)).ports == {6443, 2379, 53}


def test_a_disk_of_which_nothing_is_known_names_the_machine() -> None:
    with pytest.raises(CommandFailed, match="on one: `df -P /var/lib` says nothing about a disk"):
        _ = _surveyed(disk="df: not found").host_facts
    assert _surveyed(disk="Filesystem 1024-blocks\n/dev/mapper/a b 100 10 90 10% /var/lib").host_facts.disk_free == 0.9


@pytest.mark.parametrize("version", ["", "v1.37", "kubeadm: command not found"])
def test_a_control_plane_without_a_release_of_kubeadm_is_named(version: str) -> None:
    with pytest.raises(BadInput, match="on one: `kubeadm version -o short` answers with no exact version") as caught:
        facts.version_of(_surveyed(version=version))
    assert version in caught.value.answer
    with pytest.raises(BadInput, match="on one"):
        facts.common_version([_surveyed(version=version)])
    assert str(facts.version_of(_surveyed())) == "v1.37.2"
    assert str(facts.version_of(_surveyed(version="v1.37.2+vendor"))) == "v1.37.2+vendor"
