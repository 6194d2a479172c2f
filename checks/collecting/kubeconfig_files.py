"""Kubeconfigs as kubectl merges them: of each name, and of the current context, the first file's is taken.

https://kubernetes.io/docs/concepts/configuration/organize-cluster-access-kubeconfig/#merging-kubeconfig-files
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml

from checks.collecting.secret_parts import without_secrets
from provision.util.errors import BadInput

UNUSABLE = (
    OSError, ValueError, KeyError, TypeError, AttributeError, IndexError, yaml.YAMLError, StopIteration, RecursionError,
)  # fmt: skip
"""What reading a file raises that is not a kubeconfig."""

_KINDS = ("clusters", "contexts", "users")
_FILES = ("certificate-authority", "client-certificate", "client-key", "tokenFile")
"""Paths that are relative to the kubeconfig that has them; and so is a plugin's, where it is a path at all."""


class NoContext(ValueError):
    """The kubeconfigs have no such context, or none is the current one."""


def merged(files: Sequence[Path]) -> Mapping[str, Any]:
    """One kubeconfig of all, with absolute paths; raises BadInput that names the file that cannot be used."""
    read = [_read(file) for file in files]
    entries = {kind: list(_first_of_each_name(each[kind] for each in read)) for kind in _KINDS}
    return {**entries, "current-context": next((one for each in read if (one := each["current-context"])), "")}


def context(config: Mapping[str, Any], name: str = "") -> tuple[str, dict[str, Any], dict[str, Any]]:
    """A context's name, its cluster and its user; the current one without a name. Raises NoContext."""
    chosen = name or config["current-context"]
    if not chosen:
        raise NoContext("it has no current context: --context NAME")
    found = _named(config, "contexts", chosen)
    if found is None:
        raise NoContext("it has no such context")
    cluster = _named(config, "clusters", str(found.get("cluster", "")))
    if cluster is None:
        raise NoContext("the context's cluster is missing")
    return str(chosen), cluster, dict(_named(config, "users", str(found.get("user", ""))) or {})


def why(error: BaseException) -> str:
    """Why a kubeconfig is unusable, without any of its text: a YAML error quotes the line."""
    if isinstance(error, yaml.MarkedYAMLError) and error.problem_mark:
        return f"it is not valid YAML in line {error.problem_mark.line + 1}"
    if isinstance(error, NoContext):
        return str(error)
    if isinstance(error, OSError):
        return without_secrets(str(error).splitlines()[0])
    return f"it is not as a kubeconfig is: {type(error).__name__}"


def _read(file: Path) -> dict[str, Any]:
    try:
        given = yaml.safe_load(file.read_text())
        found: dict[str, Any] = {kind: list(_entries(given, kind, file)) for kind in _KINDS}
        return {**found, "current-context": str((given or {}).get("current-context") or "")}
    except UNUSABLE as error:
        raise BadInput(f"the kubeconfig {file} cannot be used", answer=why(error)) from None


def _entries(given: Any, kind: str, file: Path) -> Iterator[dict[str, Any]]:
    """Named entries of a kind; an empty file has none, as for kubectl."""
    for each in (given or {}).get(kind) or ():
        value = {key: one for key, one in (each.get(kind[:-1]) or {}).items() if one not in ("", None)}
        yield {"name": str(each["name"]), kind[:-1]: _with_absolute_paths(value, file.absolute().parent)}


def _with_absolute_paths(value: dict[str, Any], folder: Path) -> dict[str, Any]:
    value |= {name: str(folder / value[name]) for name in _FILES if name in value}
    plugin = value.get("exec")
    if plugin and "/" in str(plugin["command"]):
        value["exec"] = {**plugin, "command": str(folder / plugin["command"])}
    return value


def _first_of_each_name(lists: Iterator[list[dict[str, Any]]]) -> Iterator[dict[str, Any]]:
    names = set()
    for each in (one for every in lists for one in every):
        if each["name"] not in names:
            names.add(each["name"])
            yield each


def _named(config: Mapping[str, Any], kind: str, name: str) -> dict[str, Any] | None:
    return next((each[kind[:-1]] for each in config[kind] if each["name"] == name), None)
