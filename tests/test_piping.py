"""Commands with a pipe, and others in which a part may fail: whatever fails in there is heard of."""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path

import pytest

from fixtures.subjects.traces import trace
from provision.config.cluster_id import ClusterId
from provision.kubeadm import certificates, workarounds
from provision.machines.machine import Machine, piped
from provision.providers.container.layers import clone_store
from provision.util import local
from provision.util.errors import CommandFailed
from provision.util.result import Result
from tests.fake_machine import Replies
from tests.stand_ins import fake_cluster

_STORED = ["meta/a b.db", "meta/blob"]
_FOUND = "kind: ConfigMap\nmaxPerCore: null\n"


class LocalMachine(Machine):
    """Runs commands here, by `sh`, with programs of a folder before those of this host."""

    def __init__(self, programs: Path) -> None:
        super().__init__(ClusterId.parse("stacked-uploaded-1.37").machines[0], "198.18.0.1")
        self._path = f"{programs}:{os.environ['PATH']}"
        programs.mkdir(exist_ok=True)

    def run(
        self, command: str, *, timeout: float = 60, stdin: bytes = b"", secret: bool = False, agent: bool = False
    ) -> Result:
        found = subprocess.run(
            ["/bin/sh", "-c", command], input=stdin, capture_output=True, timeout=timeout, check=False,
            env=dict(os.environ, PATH=self._path),
        )  # fmt: skip
        return Result(found.returncode, found.stdout.decode(), found.stderr.decode())

    def close(self) -> None: ...


@pytest.fixture
def programs(tmp_path: Path) -> Path:
    """A folder of programs; there is a `sudo` that runs a command with its variables, as the same user."""
    folder = tmp_path / "programs"
    folder.mkdir()
    _add(folder, "sudo", 'exec env "$@"')
    return folder


def _add(folder: Path, name: str, script: str) -> None:
    (folder / name).write_text(f"#!/bin/sh\n{script}\n")
    (folder / name).chmod(0o755)


@pytest.mark.parametrize(
    ("parts", "good"),
    [(("true", "cat"), True), (("false", "cat"), False), (("true", "false", "cat"), False), (("true", "false"), False)],
)
def test_a_pipe_fails_where_any_part_of_it_does(programs: Path, parts: tuple[str, ...], good: bool) -> None:
    assert LocalMachine(programs).run(piped(*parts)).ok is good


def test_parts_of_a_pipe_keep_their_quotes(programs: Path) -> None:
    assert LocalMachine(programs).succeed(piped("printf '%s' \"it's\"", "tr i I")) == "It's"


def test_certificates_are_carried_as_they_are(tmp_path: Path, programs: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    machine, folder = LocalMachine(programs), tmp_path / "pki"
    folder.mkdir()
    (folder / "ca.crt").write_text("trust")
    monkeypatch.setattr(certificates, "PKI", folder)
    certificates.carry(machine, machine, ["ca.crt"])
    assert (folder / "ca.crt").read_text() == "trust"


def test_a_certificate_that_is_missing_is_an_error_and_not_carried(
    tmp_path: Path, programs: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    machine = LocalMachine(programs)
    monkeypatch.setattr(certificates, "PKI", tmp_path)
    with pytest.raises(CommandFailed, match="tar -C"):
        certificates.carry(machine, machine, ["ca.crt"])


@pytest.mark.parametrize("fails", [False, True])
def test_kube_proxys_configuration_is_read_or_the_step_fails(programs: Path, tmp_path: Path, fails: bool) -> None:
    """What is read may be a part of it: an answer that breaks off is not a configuration to go on with."""
    replaced = tmp_path / "replaced"
    script = f"printf '{_FOUND}'; exit {int(fails)}"
    _add(programs, "kubectl", f'case "$*" in *get*) {script};; *replace*) cat > {replaced};; esac')
    reading = re.compile(r"kubectl -n kube-system get configmap kube-proxy -o yaml")
    replies: Replies = {reading: lambda _, command: LocalMachine(programs).run(command)}
    cluster = fake_cluster(replies, workarounds=["conntrack"])
    if fails:
        with pytest.raises(CommandFailed):
            workarounds.let_kube_proxy_start(cluster)
    else:
        workarounds.let_kube_proxy_start(cluster)
        assert "maxPerCore: 0" in replaced.read_text()


@pytest.mark.parametrize("broken", ["", "ss", "ctr", "systemctl"])
def test_trace_of_a_machine_is_whole_or_none(programs: Path, broken: str) -> None:
    for name, script in {
        "find": "printf '/etc/\\t755 root:root\\n'; exit 1",  # a file vanished
        "systemctl": "echo ActiveState=active; echo MainPID=1",
        "ctr": 'case "$*" in *tasks*) echo "one 1 RUNNING";; *) echo one;; esac',
        "ss": "echo 'LISTEN 0 128 0.0.0.0:22 0.0.0.0:*'",
        "nft": "true",
    }.items():
        _add(programs, name, "exit 1" if name == broken else script)
    if broken:
        with pytest.raises(CommandFailed):
            trace(LocalMachine(programs))
    else:
        found = trace(LocalMachine(programs))
        assert (*found.listening, *found.containers, *sorted(found.active)) == (
            "0.0.0.0:22",
            "one",
            "containerd",
            "kubelet",
        )


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(local, "is_root", lambda: True)  # for these files, anybody is enough
    folder = tmp_path / "store"
    (folder / "meta").mkdir(parents=True)
    for name in _STORED:
        (folder / name).write_text(name)
    return folder


def test_store_is_cloned_with_databases_of_its_own(tmp_path: Path, store: Path) -> None:
    clone_store(store, clone := tmp_path / "machines" / "cp1")
    assert [(clone / name).read_text() for name in _STORED] == _STORED
    assert [(clone / name).samefile(store / name) for name in _STORED] == [False, True]


def test_store_whose_databases_are_not_found_is_not_cloned(
    tmp_path: Path, store: Path, programs: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Machines would write to one and the same."""
    _add(programs, "find", "exit 1")
    monkeypatch.setenv("PATH", f"{programs}:{os.environ['PATH']}")
    with pytest.raises(CommandFailed):
        clone_store(store, tmp_path / "clone")
