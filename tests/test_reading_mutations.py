"""Commands that only read, with something put into them that does not: nothing of that may run.

What a command would run is not taken from the gate's own parser. The commands that it lets through are run, by both
shells that machines have, where the path leads to stand-ins alone, which write down what they are given.
"""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from provision.readonly.gate import why_not
from provision.readonly.policy import PROGRAMS

_COMMANDS: list[str] = json.loads((Path(__file__).parent / "commands" / "check_mode.json").read_text())
_PAYLOADS = (
    *(f"{separator} evil {separator}" for separator in (";", "&&", "||", "|", "\n", "&", "|&", ";;", "")),
    "$(evil)", "`evil`", '"$(evil)"', "<(evil)", ">(evil)", "${x:-$(evil)}", "$((a[$(evil)]))", "<<E\n$(evil)\nE\n",
    *(f"{operator} evil" for operator in (">", ">>", ">|", "&>", "<>", "2>", ">&", "> /dev/null >")),
    "EVIL=1", "EVIL=1;", ";EVIL=1;", "export EVIL=1;", "EVIL+=1", "read EVIL;", "for EVIL in 1; do", "env EVIL=1 ",
    "printf -v EVIL 1;", "eval evil", "exec evil", "xargs evil", "env -S evil", "nice evil", "sh -c evil",
    "-exec evil {} +", "command evil", "trap evil EXIT;", "--evil", "--evil=evil", "-Zevil", "-Z", "-qZ", "--no",
    "--evil -o", "'--evil'", '"-Z"', "-''Z", "\\-Z", "{-Z,-Z}",
)  # fmt: skip
# `-q` takes a value in no listed program, so that the letter behind it is always an option of its own.
_UNLISTED = {"--evil", "--evil=evil", "-Zevil", "-Z", "-qZ", "--no"}

_STAND_IN = """#!{shell}
[ "$EVIL" = 0 ] || echo 'EVIL is set' >> "$WRITTEN"
printf '%s\\n' "runs ${0##*/}" "$@" >> "$WRITTEN"
"""
_RUNS_OTHERS = {
    "sudo": 'while [ "$1" = -n ] || [[ $1 = *=* ]]; do [ "$1" = -n ] || export "$1"; shift; done; "$@"',
    "nsenter": 'shift 3; "$@"',
    "timeout": 'shift; "$@"',
    "find": """while [ $# -gt 0 ]; do
      inner=()
      if [ "$1" = -exec ]; then
        while shift && [ "$1" != ';' ] && [ "$1" != + ]; do inner+=("${1//\\{\\}//etc/hosts}"); done
        "${inner[@]}"
      fi
      shift
    done""",
}


class Machine:
    """A folder that takes the place of a machine: its programs only write down what they are given."""

    def __init__(self, folder: Path) -> None:
        self._programs, self._home, self._written = folder / "programs", folder / "home", folder / "written"
        self._programs.mkdir()
        for name in {*PROGRAMS, *_RUNS_OTHERS, "evil"} - {"[", "sh", "bash"}:
            shell = "/bin/bash" if name in _RUNS_OTHERS else "/bin/sh"
            self._add(name, _STAND_IN.replace("{shell}", shell) + _RUNS_OTHERS.get(name, ""))
        for shell in ("sh", "bash", "env"):
            (self._programs / shell).symlink_to(shutil.which(shell) or shell)

    def _add(self, name: str, script: str) -> None:
        (self._programs / name).write_text(script)
        (self._programs / name).chmod(0o755)

    def run(self, command: str) -> tuple[set[str], list[str]]:
        """What ran, with every word that it was given, and the files that were written."""
        shutil.rmtree(self._home, ignore_errors=True)
        self._home.mkdir()
        self._written.write_text("")
        environment = {"PATH": str(self._programs), "WRITTEN": str(self._written), "EVIL": "0", "HOME": str(self._home)}
        for shell in ("/bin/bash", "/bin/sh"):
            subprocess.run(
                [shell, "-c", command], cwd=self._home, env=environment, stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, timeout=30, check=False,
            )  # fmt: skip
        return set(self._written.read_text().splitlines()), [each.name for each in self._home.iterdir()]


@pytest.fixture(scope="module")
def machine(tmp_path_factory: pytest.TempPathFactory) -> Machine:
    return Machine(tmp_path_factory.mktemp("machine"))


def test_stand_ins_note_every_program_that_is_run(machine: Machine) -> None:
    """Or the search below would find nothing whatever runs."""
    assert "runs evil" in machine.run("sudo -n find /x -exec sh -c 'timeout 5 evil' {} + | sort")[0]
    assert "EVIL is set" in machine.run("EVIL=1; sudo cat /x")[0]
    assert "--evil" in machine.run('sudo nsenter --mount --target "$(pgrep x)" etcdctl --evil')[0]
    assert machine.run("cat /x > evil")[1] == ["evil"]


def test_everything_that_check_mode_runs_is_run_by_the_stand_ins(machine: Machine) -> None:
    assert machine.run("\n".join(_COMMANDS))[0] >= {
        f"runs {name}" for name in ("curl", "etcdctl", "kubectl", "openssl", "sha256sum", "nc")
    }


@settings(derandomize=True, max_examples=800, deadline=None, database=None, suppress_health_check=list(HealthCheck))
@given(st.sampled_from(_COMMANDS), st.sampled_from(_PAYLOADS), st.floats(0, 1), st.sampled_from(["", " "]))
def test_nothing_gets_into_a_command(machine: Machine, command: str, payload: str, where: float, space: str) -> None:
    places = [at for at, letter in enumerate(command) if letter in " \n'\"|;"] + [0, len(command)]
    at = sorted(places)[round(where * (len(places) - 1))]
    mutated = command[:at] + space + payload + space + command[at:]
    if why_not(mutated):
        return
    words, files = machine.run(mutated)
    assert (words & {"runs evil", "EVIL is set", *_UNLISTED}, files) == (set(), []), mutated


_PLAIN = [command for command in _COMMANDS if not {"'", '"', "\n"} & set(command)]
_LISTED = {
    option
    for program in PROGRAMS.values()
    for usage in (*program.usages.values(), program.leading)
    for option in (*usage.flags.split(), *(each for names in usage.values.values() for each in names.split()))
}


@settings(derandomize=True, max_examples=300, deadline=None, database=None)
@given(st.sampled_from(_PLAIN), st.text("abcdefghijklmnopqrstuvwxyz-", min_size=2, max_size=9), st.floats(0, 1))
def test_option_that_is_not_listed_is_refused_wherever_it_stands(command: str, name: str, where: float) -> None:
    words = command.split(" ")
    at = round(where * len(words))
    assume(f"--{name}" not in _LISTED)
    assert why_not(" ".join([*words[:at], f"--{name}", *words[at:]]))


def test_abbreviation_of_an_option_is_refused() -> None:
    abbreviated = {option[:end] for option in _LISTED if option.startswith("--") for end in range(3, len(option))}
    commands = [f"{command} {option}" for command in _PLAIN for option in sorted(abbreviated - _LISTED)]
    assert [command for command in commands[::7] if not why_not(command)] == []
