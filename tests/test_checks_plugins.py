"""Exec plugins of kubeconfigs: what they are given and give, and that nothing of them is left."""

from __future__ import annotations

import base64
import json
import os
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from checks.collecting import plugins
from checks.collecting.kubeconfig import ByKubeconfig
from checks.collecting.plugins import NoCredentials, credentials
from provision.util.errors import BadInput
from tests.api_with_tls import EXEC, SECRET

_GIVES = json.dumps({"apiVersion": EXEC, "kind": "ExecCredential", "status": {"token": SECRET}})


def plugin(folder: Path, script: str, **more: Any) -> dict[str, Any]:
    program = folder / "plugin"
    program.write_text(f"#!/bin/sh\n{script}\n")
    program.chmod(0o700)
    return {"apiVersion": EXEC, "command": str(program), **more}


def given(exec_: dict[str, Any], cluster: dict[str, Any] | None = None) -> dict[str, str]:
    return credentials(exec_, cluster or {}, "admin.conf", "kubectl get nodes")


def lives(file: Path) -> bool:
    """Whether the process lives whose pid a file has; a zombie does not."""
    try:
        return Path(f"/proc/{file.read_text().strip()}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


def ends(file: Path) -> bool:
    """Whether it is gone soon: what got a signal need not have ended at once. By itself it lives for minutes."""
    return becomes(lambda: not lives(file))


def becomes(true: Callable[[], bool]) -> bool:
    deadline = time.monotonic() + 30
    while not true() and time.monotonic() < deadline:
        time.sleep(0.02)
    return true()


def hasten(monkeypatch: pytest.MonkeyPatch, ready: Callable[[subprocess.Popen[str]], bool]) -> None:
    """Give a plugin half a second, from when it is ready: the host may be too busy to start it within these."""
    communicate = subprocess.Popen.communicate

    def later(process: subprocess.Popen[str], timeout: float) -> tuple[str, str]:
        assert becomes(lambda: ready(process))
        return communicate(process, timeout=timeout)

    monkeypatch.setattr(plugins, "SECONDS", 0.5)
    monkeypatch.setattr("subprocess.Popen.communicate", later)


def written(file: Path) -> bool:
    return file.exists() and bool(file.read_text())


@pytest.mark.parametrize("deaf", ["", "trap '' TERM; "])
def test_a_plugin_that_hangs_is_named_and_ended_with_its_children(
    deaf: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    child, own = tmp_path / "child", tmp_path / "own"
    hasten(monkeypatch, lambda _: written(own) and written(child))
    script = f"{deaf}echo $$ >{own}; sh -c '{deaf}echo $$ >{child}; sleep 300; sleep 300' & sleep 300; sleep 300"
    began = time.monotonic()
    with pytest.raises(NoCredentials, match=f"exec plugin {tmp_path}/plugin of .* did not answer within 0.5 s"):
        given(plugin(tmp_path, script))
    assert time.monotonic() - began < 60
    assert ends(own)
    assert ends(child)


def test_a_child_that_holds_the_output_of_a_plugin_that_ended_does_not_delay_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    child = tmp_path / "child"
    hasten(monkeypatch, lambda process: written(child) and process.poll() is not None)
    with pytest.raises(NoCredentials, match="did not answer"):
        given(plugin(tmp_path, f"sh -c 'echo $$ >{child}; sleep 300; true' & echo '{_GIVES}'"))
    assert ends(child)


def test_what_a_plugin_leaves_behind_ends_though_it_gave_credentials(tmp_path: Path) -> None:
    child = tmp_path / "child"
    script = f"sh -c 'echo $$ >{child}; sleep 300; true' >/dev/null & while ! [ -s {child} ]; do sleep 0.01; done"
    assert given(plugin(tmp_path, f"{script}; echo '{_GIVES}'")) == {"token": SECRET}
    assert ends(child)


def test_an_interrupt_ends_a_plugin(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    own = tmp_path / "own"

    def interrupt(self: object, timeout: float) -> None:
        assert becomes(lambda: written(own))
        raise KeyboardInterrupt

    monkeypatch.setattr("subprocess.Popen.communicate", interrupt)
    with pytest.raises(KeyboardInterrupt):
        given(plugin(tmp_path, f"echo $$ >{own}; sleep 300; true"))
    assert ends(own)


def test_a_plugin_is_given_what_the_protocol_says(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As the protocol has it: its arguments, its environment beside this one's, and the cluster on request alone."""
    monkeypatch.setenv("OF_THE_USER", "here")
    (tmp_path / "ca.crt").write_text("the authority")
    cluster = {
        "server": "https://x:6443", "tls-server-name": "x", "certificate-authority": str(tmp_path / "ca.crt"),
        "extensions": [{"name": "other", "extension": 1}, {"name": plugins._CONFIG, "extension": {"realm": "a"}}],
    }  # fmt: skip
    script = f'echo "$KUBERNETES_EXEC_INFO" >{tmp_path}/info; echo "$@ $REGION $OF_THE_USER" >{tmp_path}/given'
    made = plugin(tmp_path, f"{script}; test -t 0 || echo '{_GIVES}'", args=["get", "token"],
                  env=[{"name": "REGION", "value": "north"}])  # fmt: skip
    given(made, cluster)
    assert (tmp_path / "given").read_text() == "get token north here\n"
    alone = {"apiVersion": EXEC, "kind": "ExecCredential", "spec": {"interactive": False}}
    assert json.loads((tmp_path / "info").read_text()) == alone
    given({**made, "provideClusterInfo": True}, cluster)
    assert json.loads((tmp_path / "info").read_text())["spec"]["cluster"] == {
        "server": "https://x:6443", "tls-server-name": "x", "config": {"realm": "a"},
        "certificate-authority-data": base64.b64encode(b"the authority").decode(),
    }  # fmt: skip
    assert "KUBERNETES_EXEC_INFO" not in os.environ


def test_a_plugin_that_is_missing_says_how_it_is_installed(tmp_path: Path) -> None:
    with pytest.raises(NoCredentials, match="no such program") as raised:
        given({"apiVersion": EXEC, "command": "kubelogin-that-is-missing", "installHint": "apt install kubelogin"})
    assert raised.value.answer == "apt install kubelogin"


def test_a_command_of_an_auth_provider_is_refused_and_not_run(tmp_path: Path) -> None:
    provider = {"name": "gcp", "config": {"cmd-path": f"touch {tmp_path}/ran", "access-token": SECRET}}
    file = tmp_path / "kubeconfig"
    file.write_text(json.dumps({
        "current-context": "c", "contexts": [{"name": "c", "context": {"cluster": "x", "user": "u"}}],
        "clusters": [{"name": "x", "cluster": {"server": "https://x"}}],
        "users": [{"name": "u", "user": {"auth-provider": provider}}],
    }))  # fmt: skip
    with pytest.raises(BadInput, match="which kubectl runs no more") as raised:
        ByKubeconfig.load(file)
    assert SECRET not in str(raised.value)
    assert not (tmp_path / "ran").exists()
