"""Inventories of the kinds that people have, read: by the real ansible-inventory, or by what it once answered.

python -m tests.inventories          # what each is read as, or refused with
python -m tests.inventories record   # have the real ansible-inventory answer again
"""

from __future__ import annotations

import json
import os
import shlex
import shutil
import sys
import tempfile
import tomllib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from provision.config.inventory import described, parse
from provision.util import local
from provision.util.errors import Problem

_HERE = Path(__file__).parent
_RECORDED = _HERE / "inventories.json"
CASES: Mapping[str, Any] = tomllib.loads((_HERE / "inventories.toml").read_text())
RECORDED: Mapping[str, Any] = json.loads(_RECORDED.read_text()) if _RECORDED.exists() else {}


def written(name: str, folder: Path) -> Path:
    """Write an inventory, and what stands beside it, below a folder."""
    case = CASES[name]
    path = Path(folder, case.get("file", "hosts.ini"))
    for file, text in {path.relative_to(folder): case["text"], **case.get("files", {})}.items():
        (folder / file).parent.mkdir(parents=True, exist_ok=True)
        (folder / file).write_text(text.replace("@/", f"{folder}/"))
    return path


def stand_ins(name: str, folder: Path, *, recorded: bool) -> Path:
    """A folder of programs: the host's ssh with the case's configuration alone, and perhaps a recorded Ansible."""
    programs = folder / "bin"
    programs.mkdir()
    (folder / "ssh_config").write_text(CASES[name].get("ssh", ""))
    _program(programs / "ssh", f'exec {shutil.which("ssh")} -F {folder}/ssh_config "$@"')
    if recorded:
        (folder / "answer.json").write_text(json.dumps(RECORDED[name]).replace("@/", f"{folder}/"))
        _program(programs / "ansible-inventory", f"cat {folder}/answer.json")
    return programs


def _program(path: Path, line: str) -> None:
    path.write_text(f"#!/bin/sh\n{line}\n")
    path.chmod(0o755)


def environment(programs: Path) -> Mapping[str, str]:
    """What the reading of an inventory depends on; the agent is there, so that no key of the user's is taken."""
    return {"PATH": f"{programs}:{os.environ['PATH']}", "SSH_AUTH_SOCK": "/nowhere", "HOME": str(programs.parent)}


def outcome(path: Path, folder: Path) -> list[str]:
    """The lines that an inventory is read as, or those of its refusal."""
    try:
        lines = list(described.lines(parse.read(path)))
    except Problem as problem:
        lines = [f"refused: {problem.what}", *problem.answer.splitlines()]
    return [" ".join(line.split()).replace(f"{folder}/", "@/") for line in lines]


def _each(action: Callable[[str, Path], Any], *, recorded: bool) -> dict[str, Any]:
    found = {}
    for name in CASES:
        with tempfile.TemporaryDirectory() as made:
            folder = Path(made).resolve()
            os.environ.update(environment(stand_ins(name, folder, recorded=recorded)))
            found[name] = action(name, folder)
    return found


def answer(name: str, folder: Path) -> Any:
    """What the real ansible-inventory answers, in a form that is the same wherever the folder is."""
    program = ansible()
    assert program, "ansible-inventory is not installed"
    result = local.run([program, "-i", str(written(name, folder)), "--list"])
    return json.loads(result.stdout.replace(f"{folder}/", "@/"))


def ansible() -> str:
    """The real ansible-inventory; empty where there is none."""
    return shutil.which("ansible-inventory") or ""


def main() -> int:
    if sys.argv[1:] == ["record"]:
        each = [f"{json.dumps(name)}: {json.dumps(found)}" for name, found in _each(answer, recorded=False).items()]
        _RECORDED.write_text("{\n" + ",\n".join(each) + "\n}\n")
        return 0
    for name, lines in _each(lambda name, folder: outcome(written(name, folder), folder), recorded=True).items():
        print(shlex.quote(name), *(f"  {line}" for line in lines), sep="\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
