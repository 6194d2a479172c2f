"""Everything that waits has a limit, also where its caller gave none."""

from __future__ import annotations

import ast
import inspect
import socket
import subprocess
import threading
import time
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from provision.artifacts import downloads, image_store
from provision.util import local
from provision.util.errors import TimedOut

ROOT = Path(__file__).parent.parent
SOURCES = sorted(
    path
    for folder in ("provision", "fixtures", "documentation", "report", "nightly")
    for path in (ROOT / folder).rglob("*.py")
)


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


@cache
def _calls(path: Path) -> tuple[ast.Call, ...]:
    return tuple(node for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.Call))


@pytest.mark.parametrize("called", ["subprocess.run", "urllib.request.urlopen"])
def test_every_call_that_waits_has_a_limit(called: str) -> None:
    endless = {
        str(path.relative_to(ROOT))
        for path in SOURCES
        for call in _calls(path)
        if ast.unparse(call.func) == called and not any(each.arg == "timeout" for each in call.keywords)
    }
    assert endless == set()


def _literal_limits(source: str) -> list[str]:
    """Waits, and commands on machines, whose limit is a number: `local.run` is for commands of this host."""
    names = {"succeed", "run", "as_root", "feed", "kubectl", "try_kubectl", "wait_until", "kubectl_wait"}
    calls = [node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Call)]
    return [
        ast.unparse(call)
        for call in calls
        if isinstance(call.func, ast.Attribute)
        and call.func.attr in names
        and ast.unparse(call.func) not in ("local.run", "subprocess.run")
        and any(_is_number(each.value) for each in call.keywords if each.arg in ("timeout", "limit"))
        | (call.func.attr == "wait_until" and len(call.args) > 1 and _is_number(call.args[1]))
    ]


def _is_number(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and isinstance(node.value, int | float)


@pytest.mark.parametrize(
    "call",
    ["machine.succeed('x', timeout=180)", "cluster.wait_until(f, 60, 'x')", "cluster.kubectl_wait('x', limit=9)"],
)
def test_a_limit_that_is_a_number_is_found(call: str) -> None:
    assert _literal_limits(call)


@pytest.mark.parametrize(
    "call",
    [
        "machine.succeed('x', timeout=limits.JOIN)",
        "machine.run('sleep 60')",
        "cluster.wait_until(f, limits.READY, 'x', every=1)",
        "local.run(['x'], timeout=600)",
    ],
)
def test_a_limit_with_a_name_and_one_of_a_command_of_this_host_are_not_found(call: str) -> None:
    assert _literal_limits(call) == []


def test_limits_on_machines_have_a_name_in_provision() -> None:
    sources = [path for path in SOURCES if path.is_relative_to(ROOT / "provision")]
    assert {str(path): found for path in sources if (found := _literal_limits(path.read_text()))} == {}


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
