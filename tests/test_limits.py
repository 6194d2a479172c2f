"""Everything that waits has a limit, also where its caller gave none."""

from __future__ import annotations

import ast
import inspect
import socket
import subprocess
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from provision.artifacts import downloads, image_store
from provision.errors import TimedOut
from provision.util import local

ROOT = Path(__file__).parent.parent
SOURCES = sorted(
    path
    for folder in ("provision", "fixtures", "doccheck", "report", "nightly")
    for path in (ROOT / folder).rglob("*.py")
)
# Their limits are those of what they run, or they are another's to change.
_WITHOUT = {"provision/providers/container/requirements.py"}


def test_a_command_without_a_limit_of_its_own_has_one(monkeypatch: pytest.MonkeyPatch) -> None:
    assert inspect.signature(local.run).parameters["timeout"].default == local._TIMEOUT
    began = time.monotonic()
    with pytest.raises(TimedOut, match="`sleep 60` did not end within 1 s"):
        local.run(["sleep", "60"], timeout=1)
    assert time.monotonic() - began < 30


def test_a_command_that_cannot_be_ended_does_not_hold_its_caller(monkeypatch: pytest.MonkeyPatch) -> None:
    left: list[subprocess.Popen[str]] = []
    monkeypatch.setattr(local, "_end", lambda process, **_: left.append(process))
    began = time.monotonic()
    with pytest.raises(TimedOut):
        local.run(["sleep", "60"], timeout=0.1)
    assert time.monotonic() - began < 30
    left[0].kill()
    left[0].wait()


def _calls(path: Path) -> Iterator[ast.Call]:
    return (node for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.Call))


@pytest.mark.parametrize("called", ["subprocess.run", "urllib.request.urlopen"])
def test_every_call_that_waits_has_a_limit(called: str) -> None:
    endless = {
        str(path.relative_to(ROOT))
        for path in SOURCES
        for call in _calls(path)
        if ast.unparse(call.func) == called and not any(each.arg == "timeout" for each in call.keywords)
    }
    assert endless - _WITHOUT == set()


# Commands of this host and waits of milliseconds have their limit where they are called.
_OF_THIS_HOST = {"local.run", "subprocess.run", "process.communicate", "lock.acquire"}
_ON_MACHINES = [
    path for folder in ("provision", "fixtures", "scenarios") for path in sorted((ROOT / folder).rglob("*.py"))
]


def _unnamed(call: ast.Call) -> bool:
    """Whether a limit of a wait, or of a command on a machine, is a bare number, which gives no reason."""
    called = ast.unparse(call.func)
    limits = [each.value for each in call.keywords if each.arg in ("timeout", "limit")]
    limits += call.args[1:2] if called.endswith("wait_until") else call.args[:1] if called.endswith(".limit") else []
    return called not in _OF_THIS_HOST and any(isinstance(each, ast.Constant) and each.value for each in limits)


def test_every_limit_of_what_happens_on_machines_has_a_name() -> None:
    bare = {
        f"{path.relative_to(ROOT)}:{call.lineno}" for path in _ON_MACHINES for call in _calls(path) if _unnamed(call)
    }
    assert bare == set()


@pytest.mark.parametrize(
    ("text", "unnamed"),
    [
        ("machine.succeed('true', timeout=120)", True),
        ("cluster.wait_until(check, 60, 'it is there')", True),
        ("cluster.kubectl('wait', cluster.limit(60))", False),  # of the outer call; the inner one is seen by itself
        ("cluster.limit(60)", True),
        ("cluster.kubectl_wait('--for=delete', limit=90)", True),
        ("machine.succeed('true', timeout=limits.RESET)", False),
        ("machine.succeed('true', timeout=2 * limits.READY)", False),
        ("local.run(['true'], timeout=60)", False),
        ("lock_of(home).acquire(timeout=0)", False),
    ],
)
def test_a_limit_that_is_a_bare_number_is_seen(text: str, unnamed: bool) -> None:
    call = ast.parse(text, mode="eval").body
    assert isinstance(call, ast.Call)
    assert _unnamed(call) is unnamed


def test_no_lock_is_taken_without_a_limit() -> None:
    """A lock as such is taken where its limit is stated; `with FileLock(…)` waits for ever, in silence."""
    taken = [path for path in SOURCES if "with FileLock(" in path.read_text()]
    assert taken == []


def test_waiting_for_containerd_has_a_limit() -> None:
    for line in image_store._IMPORT.splitlines():
        assert not line.startswith("until"), line
    assert "timeout 90 sh -c 'until ctr version" in image_store._IMPORT


@pytest.fixture
def server() -> Iterator[tuple[str, threading.Event]]:
    """Answers with a byte every tenth of a second, for ever."""
    over = threading.Event()
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def serve() -> None:
            connection, _ = listening.accept()
            with connection:
                connection.recv(4096)
                connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n")
                while not over.wait(0.1):
                    try:
                        connection.sendall(b"v")
                    except OSError:
                        return

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{listening.getsockname()[1]}/stable.txt", over
        over.set()
        thread.join(5)


def test_a_download_that_drips_ends_at_its_limit(server: tuple[str, threading.Event]) -> None:
    began = time.monotonic()
    with pytest.raises(TimeoutError, match="it was not whole after 1 s"):
        downloads.read(server[0], limit=0.6)
    assert time.monotonic() - began < 30


def test_a_download_that_is_cut_short_is_an_error(server: tuple[str, threading.Event]) -> None:
    threading.Timer(0.3, server[1].set).start()
    with pytest.raises(Exception, match="IncompleteRead"):
        downloads.read(server[0], limit=5)
