"""`./run`: how what it is given reaches pytest."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
TOLD = """#!/bin/sh
while [ "$1" != -- ]; do shift; done
shift
for each; do echo "$each"; done
for each in "${HA_INVENTORY:-}" "${HA_RUN_DIR:-}" "${HA_HOME:-}"; do [ -z "$each" ] || echo "environment: $each"; done
"""


def told(folder: Path, *arguments: str) -> list[str]:
    """What pytest would be told, if `./run unit` were called in a folder beside the checkout."""
    checkout = folder / "checkout"
    programs = checkout / ".venv" / "bin"
    programs.mkdir(parents=True)
    shutil.copy(ROOT / "run", checkout)
    for name in ("tox", "python"):
        (programs / name).write_text(TOLD)
        (programs / name).chmod(0o755)
    called = [str(checkout / "run"), "unit", *arguments]
    return subprocess.run(called, cwd=folder, check=True, stdout=subprocess.PIPE, text=True).stdout.splitlines()


@pytest.mark.parametrize(
    ("given", "passed"),
    [
        (["--ha-run-dir", "/var/log/a b"], ["--ha-run-dir=/var/log/a b"]),
        (["--ha-run-dir=/var/log"], ["--ha-run-dir=/var/log"]),
        (["--ha-kubernetes", "-1,-2", "-k", "not x", "--ha-keep", "always"],
         ["--ha-kubernetes=-1,-2", "-k", "not x", "--ha-keep=always"]),
        (["-x", "--ha-keep"], ["-x", "--ha-keep"]),
        (["-k", "", "--ha-keep=failure"], ["-k", "", "--ha-keep=failure"]),
        (["--ha-inventory", "/etc/hosts.toml"], ["--ha-inventory=/etc/hosts.toml"]),
        ([], []),
    ],
)  # fmt: skip
def test_options_and_their_values_are_one_argument(tmp_path: Path, given: list[str], passed: list[str]) -> None:
    assert told(tmp_path, *given) == passed


@pytest.mark.parametrize("option", ["--ha-inventory", "--ha-run-dir"])
@pytest.mark.parametrize("separate", [True, False])
def test_a_file_is_meant_from_where_one_is(tmp_path: Path, option: str, separate: bool) -> None:
    given = [option, "my lab"] if separate else [f"{option}=my lab"]
    assert told(tmp_path, *given) == [f"{option}={tmp_path}/my lab"]


@pytest.mark.parametrize("name", ["HA_INVENTORY", "HA_RUN_DIR", "HA_HOME"])
@pytest.mark.parametrize(("value", "meant"), [("my lab", "{}/my lab"), ("/srv/lab", "/srv/lab")])
def test_a_file_in_the_environment_is_meant_from_where_one_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, value: str, meant: str
) -> None:
    monkeypatch.setenv(name, value)
    assert told(tmp_path) == [f"environment: {meant.format(tmp_path)}"]


def test_an_option_without_a_value_stays_without_one(tmp_path: Path) -> None:
    assert told(tmp_path, "--ha-inventory=") == ["--ha-inventory="]
