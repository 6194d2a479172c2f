"""What is forked is as what an interpreter begins: in what it finds, and in how it ends."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from tests.forks import Forks, forkable

pytest_plugins = "pytester"

SEEN = """
import json, os, signal, sys, threading
found = {
    "name": __name__, "main": vars(sys.modules["__main__"]) is globals(), "words": sys.argv, "path": sys.path,
    "folder": os.getcwd(), "environment": dict(os.environ), "cached": [sys.pycache_prefix, sys.dont_write_bytecode],
    "signals": [str(signal.getsignal(each)) for each in (signal.SIGINT, signal.SIGTERM, signal.SIGPIPE)],
    "threads": threading.active_count(), "open": sorted(os.listdir("/proc/self/fd")), "read": sys.stdin.read(),
}
print(json.dumps(found))
print("an error", file=sys.stderr)
"""
WAYS = pytest.mark.parametrize("way", [("-m", "program"), ("-mprogram",), ("program.py",)], ids=" ".join)


def both(pytester: pytest.Pytester, *words: str) -> tuple[pytest.RunResult, pytest.RunResult]:
    """A program that is forked, and the same that an interpreter begins."""
    return pytester.run(sys.executable, *words), pytester.run("env", sys.executable, *words)


@WAYS
@pytest.mark.parametrize("cached", ["somewhere", None])
def test_a_program_finds_what_it_finds_by_itself(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch, way: tuple[str, ...], cached: str | None
) -> None:
    monkeypatch.setenv("PYTHONPATH", "/first:/second")
    monkeypatch.setenv("OF_THIS_TEST", "ü")
    monkeypatch.delenv("PYTHONPYCACHEPREFIX", raising=False)
    if cached:
        monkeypatch.setenv("PYTHONPYCACHEPREFIX", str(pytester.path / cached))
    pytester.makepyfile(program=SEEN)
    forked, alone = both(pytester, *way, "-x", "a word")
    assert json.loads(forked.outlines[0]) == json.loads(alone.outlines[0])
    assert (forked.errlines, forked.ret) == (alone.errlines, alone.ret) == (["an error"], 0)


ENDS = {
    "returns": "pass",
    "exit": "import sys; sys.exit(7)",
    "exit with a text": "import sys; sys.exit('why')",
    "exit at once": "import os; os._exit(3)",
    "exception": "import atexit; atexit.register(print, 'last'); raise KeyError('items')",
    "interrupt": "raise KeyboardInterrupt",
    "killed": "import os, signal; os.kill(os.getpid(), signal.SIGKILL)",
    "a thread goes on": "import threading; threading.Timer(0.01, print, ['from a thread']).start()",
}


@WAYS
@pytest.mark.parametrize("how", ENDS)
def test_a_program_ends_as_it_does_by_itself(pytester: pytest.Pytester, way: tuple[str, ...], how: str) -> None:
    pytester.makepyfile(program=ENDS[how])
    forked, alone = both(pytester, *way)
    assert (forked.ret, forked.outlines, forked.errlines[-1:]) == (alone.ret, alone.outlines, alone.errlines[-1:])


def test_nothing_that_a_program_does_is_met_by_the_next(pytester: pytest.Pytester) -> None:
    changed = "import os, sys, yaml; print(hasattr(yaml, 'left')); yaml.left = os.environ['LEFT'] = 'left'"
    pytester.makepyfile(program=f"import os; print('LEFT' in os.environ); {changed}")
    assert [pytester.run(sys.executable, "program.py").outlines for _ in range(2)] == [["False", "False"]] * 2


def test_what_was_imported_is_not_imported_again(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(program="import sys; print('provision.cluster' in sys.modules)")
    forked, alone = both(pytester, "program.py")
    assert (forked.outlines, alone.outlines) == (["True"], ["False"])


def test_a_parent_ends_with_its_context() -> None:
    with Forks() as forks:
        assert forks.running
    assert not forks.running


def test_a_program_whose_parent_was_killed_does_not_pass_for_one_that_ended(tmp_path: Path) -> None:
    (tmp_path / "program.py").write_text("import os, signal; os.kill(os.getppid(), signal.SIGKILL)")
    with Forks() as forks, (tmp_path / "shown").open("w") as shown:
        program = forks.start([str(tmp_path / "program.py")], shown, shown)
        with pytest.raises(AssertionError, match="what forks has ended, or was killed"):
            program.wait()


@pytest.mark.parametrize(
    "command", [["sh", "-c", "true"], [sys.executable, "-c", "pass"], [sys.executable, "-P", "program.py"]]
)
def test_what_is_started_otherwise_is_not_forked(command: list[str]) -> None:
    assert forkable(command) == []
