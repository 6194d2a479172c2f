"""Keys that a login may name and that have a passphrase, and ssh-agents that hold keys, or none."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from provision.config.inventory import parse
from provision.config.inventory.model import Inventory
from provision.config.inventory.ssh_configuration import SshConfiguration
from tests.test_inventory import GOOD


@pytest.fixture
def keys(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home folder with a usual key, and a folder of keys of which one has a passphrase."""
    made = tmp_path / "keys"
    made.mkdir()
    (tmp_path / ".ssh").mkdir()
    for path, passphrase in ((made / "plain", ""), (made / "locked", "secret"), (tmp_path / ".ssh/id_ed25519", "")):
        subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", passphrase, "-f", path], check=True)
    monkeypatch.setenv("HOME", str(tmp_path))
    return made


@pytest.fixture
def agent(tmp_path: Path, keys: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """An ssh-agent that holds no key; where it listens."""
    del keys
    socket = tmp_path / "agent"
    running = subprocess.Popen(["ssh-agent", "-D", "-a", socket], stdout=subprocess.PIPE)
    assert running.stdout
    running.stdout.readline()  # it listens
    monkeypatch.setenv("SSH_AUTH_SOCK", str(socket))
    yield socket
    running.terminate()
    running.communicate(timeout=10)


def _read(folder: Path, text: str) -> Inventory:
    (folder / "hosts.toml").write_text(text)
    return parse.read(folder / "hosts.toml")


def test_a_key_with_a_passphrase_is_left_to_the_agent(keys: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SSH_AUTH_SOCK", "/nowhere")
    found = _read(keys, GOOD.replace("[login]", "[login]\nkey = 'locked'\njump_key = 'locked'") + "key = 'plain'\n")
    assert {host.name: host.key for host in found.hosts if host.key} == {"w1": keys / "plain"}
    assert {host.jump.key for host in found.hosts if host.jump} == {None}
    [note] = [note for note in found.notes if "passphrase" in note]
    assert note == f"login: {keys}/locked has a passphrase: instead of the file, what the ssh-agent holds is taken"


def test_keys_that_need_no_passphrase_are_taken_whatever_the_agent_holds(keys: Path, agent: Path) -> None:
    subprocess.run(["ssh-add", "-q", str(keys / "plain")], check=True, timeout=10)
    (keys / "none").write_text("no key at all")  # which is shown where it is logged in with it
    (keys / "none").chmod(0o600)
    found = _read(keys, GOOD.replace("[login]", "[login]\nkey = 'plain'") + "key = 'none'\n")
    assert {host.key for host in found.hosts} == {keys / "plain", keys / "none"}
    assert [note for note in found.notes if "passphrase" in note] == []


def test_a_jump_hosts_key_stays_where_the_machine_keeps_its_own(keys: Path) -> None:
    """Without one, the jump host would be given the machine's."""
    found = _read(keys, GOOD.replace("[login]", "[login]\nkey = 'plain'\njump_key = 'locked'"))
    assert {host.jump.key for host in found.hosts if host.jump} == {keys / "locked"}


def test_the_usual_key_is_taken_where_the_agent_holds_none(keys: Path, agent: Path) -> None:
    assert SshConfiguration().default_key() == str(keys.parent / ".ssh" / "id_ed25519")
    subprocess.run(["ssh-add", "-q", str(keys / "plain")], check=True, timeout=10)
    assert SshConfiguration().default_key() == ""
