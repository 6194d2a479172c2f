"""`./run WORD …`: finds the word, makes the environment that it needs, has the host checked, and hands over."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

from commandline import arguments, environments, usage
from commandline.words import HELP, WORDS, Way, Word
from provision.util import foreground
from provision.util.arguments import WRONG, did_you_mean
from provision.util.errors import BadInput, Problem

ROOT = Path(__file__).absolute().parent.parent

_PATH = "PYTHONPATH"

_IN_HARNESS = ("-m", "commandline.in_harness")

_PYTESTS = ("fixtures", "tox")
"""What hands all that it is given to pytest."""


@dataclass(frozen=True)
class Call:
    """What was typed: a word, and what it is given; `here` is the folder of the user."""

    name: str
    given: Sequence[str]
    here: Path
    environment: Mapping[str, str]

    @property
    def word(self) -> Word:
        return WORDS[self.name]


def main(typed: Sequence[str]) -> int:
    """Answer what was typed; returns the exit status where nothing else is started in place of this process."""
    if not typed or typed[0] in HELP:
        print(usage.overview(), file=sys.stdout if typed else sys.stderr)
        return 0 if typed else WRONG
    try:
        call = understood(typed, Path.cwd(), os.environ)
        if arguments.wants_help(call.given) and call.word.module in _PYTESTS:
            return _help(call)
        hand_over(call)
    except KeyboardInterrupt:
        print("interrupted", file=sys.stderr)
        return foreground.INTERRUPTED
    except Problem as problem:
        print(problem, file=sys.stderr)
        return WRONG if isinstance(problem, BadInput) else 1
    except _Ended as ended:
        return ended.status


def understood(typed: Sequence[str], here: Path, environment: Mapping[str, str]) -> Call:
    """The call that was typed; raises BadInput for a word that does not exist."""
    name, *given = typed
    if name not in WORDS:
        raise BadInput(f"unknown '{name}'{did_you_mean(name, WORDS)}", fix="./run --help")
    found = {each: value for each, value in environment.items() if each != _PATH}  # `run` has set it, for this alone
    return Call(name, arguments.handed_over(given, here), here, arguments.variables(found, here))


def _help(call: Call) -> int:
    """Help of what pytest gets, whose own would hide this one."""
    if not call.word.settings:
        usage.parser(call.name).print_help()
    else:
        _become(environments.harness(ROOT), [*_IN_HARNESS, "help", call.name], call, at=ROOT)
    return 0


class _Ended(Exception):
    """Something that had to end well before the call itself did not; why, it has written."""

    def __init__(self, status: int) -> None:
        super().__init__(status)
        self.status = status


def hand_over(call: Call) -> NoReturn:
    """Become the program behind the word. Raises Problem where an environment cannot be made, and _Ended."""
    if call.word.host is not None and not arguments.wants_help(call.given):
        _check_host(call)
    if call.word.way is Way.TOX:
        _become_tox(call)
    python = environments.harness(ROOT)
    given = ["-m", call.word.module, *call.word.passed, *call.given]
    if call.word.way is Way.FROM_HERE:  # without -P a folder of the user's could be taken for one of the project's
        _become(python, ["-P", *given], call, at=call.here)
    _become(python, given, call, at=ROOT)


def _check_host(call: Call) -> None:
    """Have the doctor see to what the clusters of a run need from this host, with the run's own choices."""
    command = [str(environments.harness(ROOT)), *_IN_HARNESS, "host", call.name, *arguments.choices(call.given)]
    status = foreground.call(command, folder=ROOT, environment=call.environment, to_stderr=True)
    if status:
        raise _Ended(status)


def _become_tox(call: Call) -> NoReturn:
    program, (name,) = environments.tox(ROOT), call.word.passed
    environments.in_tox(program, ROOT, name)
    script = str(ROOT / "commandline" / "under_tox.py")
    given = ["-P", script, "run", "-qq", "-e", name, "--", *call.given]
    _become(program.with_name("python"), given, call, at=ROOT)


def _become(program: Path, given: Sequence[str], call: Call, *, at: Path) -> NoReturn:
    path = {_PATH: str(ROOT)} if call.word.way is Way.FROM_HERE else {}
    os.chdir(at)
    os.execve(program, [str(program), *given], {**call.environment, **path})


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
