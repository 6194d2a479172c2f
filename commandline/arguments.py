"""Arguments and variables as they are handed over: with options joined, and files seen from the checkout, too. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from commandline.words import HELP

_FILES = (
    "--ha-configuration", "--ha-inventory", "--ha-kubeadm", "--ha-programs", "--ha-run-dir", "--ha-shard-durations",
    "--ha-source",
)  # fmt: skip
"""Options whose value is a file or a folder; that of `--ha-kubeadm` may be a version, which has no slash."""

_FILE_VARIABLES = ("HA_HOME", *(each.removeprefix("--").replace("-", "_").upper() for each in _FILES))

_PREFIX = "--ha-"


def handed_over(arguments: Sequence[str], here: Path) -> list[str]:
    """The arguments with each `--ha-NAME VALUE` joined by `=`, and files as seen from the folder `here`.

    An option's value is a part of it: pytest would take a folder that exists for one of tests, and argparse a value
    that begins with a dash for an option.
    """
    return [_from_here(each, here) for each in _joined(arguments)]


def choices(arguments: Sequence[str]) -> list[str]:
    """Those of arguments that were handed over which are settings of the harness."""
    return [each for each in arguments if each.startswith(_PREFIX)]


def wants_help(arguments: Sequence[str]) -> bool:
    """Whether help is wanted of what these arguments are given to."""
    return any(each in HELP for each in arguments[:1]) or any(each in ("-h", "--help") for each in arguments)


def variables(environment: Mapping[str, str], here: Path) -> dict[str, str]:
    """The environment, in which files that the harness reads are as seen from the folder `here`."""
    seen = {name: _seen(value, here, name) for name in _FILE_VARIABLES if (value := environment.get(name))}
    return {**environment, **seen}


def _joined(arguments: Sequence[str]) -> Iterator[str]:
    rest = iter(arguments)
    for each in rest:
        separate = each.startswith(_PREFIX) and "=" not in each
        value = next(rest, None) if separate else None
        yield each if value is None else f"{each}={value}"


def _from_here(argument: str, here: Path) -> str:
    name, _, value = argument.partition("=")
    return f"{name}={_seen(value, here, name)}" if name in _FILES and value else argument


def _seen(value: str, here: Path, name: str) -> str:
    is_version = name in ("--ha-kubeadm", "HA_KUBEADM") and "/" not in value
    return value if is_version else str(here / value)
