"""What a newcomer types in a fresh copy of the checkout: on a terminal and without one, and as each kind of user.

There is no cluster, and the engine is a fake one. What needs a cluster is typed in `end_to_end.py`.
"""

from __future__ import annotations

import os
import pty
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
NOT_COPIED = (".*", "runs", "tests", "__pycache__")

PROGRAMS = ("sh", "env", "dirname", "setpriv", "unshare", "kill", "sleep", "df", "cat", "mkdir", "rm", "git")
"""Programs of this host that the user has, beside Python and those of `tests/programs`."""

BYTECODE = "bytecode"
"""Where Python keeps what it compiled, below the user's folder."""

ANOTHER = 12345  # an id that no account of a system's has


@dataclass(frozen=True)
class Typed:
    """What is typed, how it ends, and how its first line begins: of standard output, or of standard error.

    `without_sudo` is what a user sees who can become root in no way, if that is something else: status, and first line.
    """

    line: str
    status: int
    first: str
    on_error: bool = False
    variables: tuple[tuple[str, str], ...] = ()
    without_sudo: tuple[int, str] | None = None


_NO_ROOT = (1, "podman has to run as root, and sudo is not installed on this host")
TYPED = (
    Typed("", 2, "usage: ./run WORD", on_error=True),
    Typed("--help", 0, "usage: ./run WORD"),
    Typed("help", 0, "usage: ./run WORD"),
    Typed("stacked --help", 0, "usage: ./run stacked "),
    Typed("up --help", 0, "usage: ./run up CLUSTER "),
    Typed("documentation --help", 0, "usage: ./run documentation "),
    Typed("results --help", 0, "usage: ./run results "),
    Typed("bisect --help", 0, "usage: ./run bisect "),
    Typed("judge --help", 0, "usage: ./run judge "),
    Typed("figures --help", 0, "usage: ./run figures "),
    Typed("unit --help", 0, "usage: ./run unit "),
    Typed("stakced", 2, "unknown 'stakced'; did you mean stacked?", on_error=True),
    Typed("up stakced", 2, "'stakced' is not a cluster id", on_error=True),
    Typed("status", 0, "no clusters", on_error=True, without_sudo=_NO_ROOT),
    Typed("clean", 0, "nothing to remove", on_error=True, without_sudo=_NO_ROOT),
    Typed("clean --all", 0, "nothing to remove", on_error=True, without_sudo=_NO_ROOT),
    Typed("clean --al", 2, "usage: ./run clean [CLUSTER | --all] [--forget]", on_error=True),
    Typed("ssh stacked cp1", 2, "there is no cluster stacked", on_error=True, without_sudo=_NO_ROOT),
    Typed("ssh", 2, "usage: ./run ssh CLUSTER MACHINE [COMMAND ...]", on_error=True),
    Typed("plan stacked", 0, "stacked-uploaded-1.37: Kubernetes v1.37.1 ", without_sudo=(0, "stacked-uploaded-1.37: ")),
    Typed("check nosuch.toml", 2, "there is no file nosuch.toml, and no cluster of that name", on_error=True),
    Typed("up stacked --ha-keep sometimes", 2, "'sometimes' is ", on_error=True),
    Typed("stacked --ha-keep sometimes", 2, "'sometimes' is ", on_error=True),
    Typed("tests --ha-keep=sometimes", 2, "'sometimes' is ", on_error=True),
    Typed("stacked --ha-kep always", 2, "usage: ./run stacked ", on_error=True),
    Typed("up stacked", 2, "there is no setting HA_KEP; did you mean HA_KEEP?", True, (("HA_KEP", "always"),)),
    Typed("stacked", 2, "there is no setting HA_KEP; did you mean HA_KEEP?", True, (("HA_KEP", "always"),)),
)


@dataclass(frozen=True)
class Shown:
    """How a command ended, and what it wrote; on a terminal both are one text."""

    status: int
    out: str
    err: str


@dataclass(frozen=True)
class User:
    """A user in a folder of theirs, beside a copy of the checkout. `prefix` makes a process this user's."""

    name: str
    here: Path
    prefix: tuple[str, ...] = ()

    @property
    def environment(self) -> dict[str, str]:
        return {
            "PATH": str(self.here / "bin"), "HOME": str(self.here), "TERM": "xterm",
            "FAKE_ENGINE": str(self.here / "engine"), "HA_ARTIFACTS": "modules", "HA_ENGINE": "podman",
            "PYTHONPYCACHEPREFIX": str(self.here / BYTECODE),
        }  # fmt: skip

    def types(self, typed: Typed, *, terminal: bool) -> Shown:
        """Type it, with or without a terminal."""
        command = [*self.prefix, str(self.here.parent / "checkout" / "run"), *typed.line.split()]
        environment = self.environment | dict(typed.variables)
        if terminal:
            return _on_a_terminal(command, self.here, environment)
        done = subprocess.run(
            command, cwd=self.here, env=environment, stdin=subprocess.DEVNULL, capture_output=True, text=True,
            check=False, timeout=120,
        )  # fmt: skip
        return Shown(done.returncode, done.stdout, done.stderr)


def _on_a_terminal(command: list[str], here: Path, environment: dict[str, str]) -> Shown:
    ours, theirs = pty.openpty()
    with subprocess.Popen(
        command, cwd=here, env=environment, stdin=theirs, stdout=theirs, stderr=theirs, start_new_session=True
    ) as running:
        os.close(theirs)
        read = b""
        with suppress(OSError):  # how a terminal ends, of which nothing has the other side any more
            while some := os.read(ours, 65536):
                read += some
        status = running.wait(60)
    os.close(ours)
    text = read.decode().replace("\r\n", "\n")
    return Shown(status, text, text)


@pytest.fixture(scope="module")
def place() -> Iterator[Path]:
    """A folder that every user may enter, with a copy of the checkout that has an environment."""
    folder = Path(tempfile.mkdtemp(prefix="typed-"))
    folder.chmod(0o755)
    try:
        copy = folder / "checkout"
        shutil.copytree(ROOT, copy, ignore=shutil.ignore_patterns(*NOT_COPIED))
        python = copy / ".tox" / "harness" / "bin" / "python"
        python.parent.mkdir(parents=True)
        python.write_text(f'#!/bin/sh\nexec {sys.executable} "$@"\n')
        python.chmod(0o755)
        (copy / ".tox" / "harness" / "ready").touch()
        yield folder
    finally:
        shutil.rmtree(folder)


USERS = ("root", "a user with sudo", "a user without sudo")


@pytest.fixture(params=USERS)
def user(request: pytest.FixtureRequest, place: Path) -> User:
    here = place / request.param.replace(" ", "-")
    if not here.exists():
        _furnish(here, sudo=request.param != "a user without sudo")
    if os.geteuid() != 0:
        pytest.skip("only root can be each kind of user")
    if request.param == "root":
        return User(request.param, here)
    return User(request.param, here, _as(ANOTHER))


def _as(number: int) -> tuple[str, ...]:
    """What makes a process that of another user; it may read this process's Python, wherever that is, and no more."""
    prefix = ("setpriv", f"--reuid={number}", f"--regid={number}", "--clear-groups", "--inh-caps=+dac_read_search",
              "--ambient-caps=+dac_read_search")  # fmt: skip
    tried = subprocess.run([*prefix, sys.executable, "-c", "import yaml"], capture_output=True, text=True, check=False)
    if tried.returncode:
        pytest.skip(f"no process here can be another user's: {tried.stderr.strip()}")
    return prefix


def _furnish(here: Path, *, sudo: bool) -> None:
    for kind in ("containers", "networks", "addresses"):
        (here / "engine" / kind).mkdir(parents=True)
    (here / "bin").mkdir()
    (here / "bin" / "python3").symlink_to(Path(sys.base_prefix) / "bin" / "python3")
    for name in PROGRAMS:
        (here / "bin" / name).symlink_to(shutil.which(name) or f"/nowhere/{name}")
    for program in (ROOT / "tests" / "programs").iterdir():
        if sudo or program.name != "sudo":
            (here / "bin" / program.name).symlink_to(program)
    if os.geteuid() == 0:
        for path in (here, *here.rglob("*")):
            os.lchown(path, ANOTHER, ANOTHER)


# What depends on the user is typed by each of them, the rest by root alone.
BY_EVERY_USER = tuple(typed for typed in TYPED if typed.without_sudo or typed.line in ("--help", "stakced", "stacked"))
BY_ROOT = tuple(typed for typed in TYPED if typed not in BY_EVERY_USER)


def _name(typed: Typed) -> str:
    return " ".join([*(f"{name}={value}" for name, value in typed.variables), "./run", typed.line])


@pytest.mark.parametrize("user", ["root"], indirect=True)
@pytest.mark.parametrize("typed", BY_ROOT, ids=_name)
def test_what_is_typed_ends_as_it_should_and_says_so_first(user: User, typed: Typed) -> None:
    _check(user, typed, terminal=False)


@pytest.mark.slow
@pytest.mark.parametrize("user", ["root"], indirect=True)
@pytest.mark.parametrize("typed", BY_ROOT, ids=_name)
def test_what_is_typed_on_a_terminal_ends_as_without_one(user: User, typed: Typed) -> None:
    _check(user, typed, terminal=True)


@pytest.mark.slow
@pytest.mark.parametrize("terminal", [False, True], ids=["piped", "terminal"])
@pytest.mark.parametrize("typed", BY_EVERY_USER, ids=_name)
def test_what_each_kind_of_user_types_ends_as_it_should(user: User, typed: Typed, *, terminal: bool) -> None:
    _check(user, typed, terminal=terminal)


def _check(user: User, typed: Typed, *, terminal: bool) -> None:
    shown = user.types(typed, terminal=terminal)
    status, first = typed.status, typed.first
    if typed.without_sudo and user.name == "a user without sudo":
        status, first = typed.without_sudo
    first = first.replace("{here}", str(user.here))
    text = shown.err if typed.on_error or status else shown.out
    assert (shown.status, text.splitlines()[0][: len(first)]) == (status, first), shown
    assert "Traceback" not in shown.out + shown.err
    if not terminal:
        assert "\x1b" not in shown.out + shown.err


@pytest.mark.parametrize("terminal", [False, True], ids=["piped", "terminal"])
@pytest.mark.slow
def test_the_doctor_says_what_this_user_lacks_in_lines_of_its_own(user: User, *, terminal: bool) -> None:
    for line in ("doctor", "doctor --fix", "doctor stacked --quiet"):
        shown = user.types(Typed(line, 0, ""), terminal=terminal)
        assert shown.status in (0, 1)
        assert "Traceback" not in shown.out + shown.err
        missing = "NO  root, or sudo without a password (sudo is not installed)"
        assert (missing in shown.out.splitlines()) == (user.name == "a user without sudo")


@pytest.mark.slow
def test_nothing_that_was_typed_has_left_codes_of_a_terminal_in_a_file(user: User) -> None:
    user.types(Typed("status", 0, ""), terminal=True)
    files = [path for path in user.here.rglob("*") if path.is_file() and not path.is_symlink()]
    texts = [path for path in files if user.here / BYTECODE not in path.parents]  # compiled Python has any bytes
    assert [path for path in texts if b"\x1b[" in path.read_bytes()] == []
