"""YAML documents as plain data, with what kubeadm's strict reader refuses and PyYAML does not. Pure."""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Mapping
from typing import Any

import yaml

from provision.util.errors import BadInput

OPTIONS = ("extraArgs", "kubeletExtraArgs")
"""Fields with options of programs, which are a list or, in v1beta3, a map."""


class _Strict(yaml.SafeLoader):
    """A reader that refuses a field that is given twice: the first would be lost."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:
        names = [key.value for key, _ in node.value if isinstance(key, yaml.ScalarNode) and key.value != "<<"]
        if twice := next((name for name in names if names.count(name) > 1), ""):
            raise yaml.constructor.ConstructorError(None, None, f"the field {twice} is there twice", node.start_mark)
        return super().construct_mapping(node, deep)


def read(name: str, text: str) -> list[dict[str, Any]]:
    """The documents of a file that are not empty; raises BadInput, which shows no line: one may hold a secret."""
    try:
        found = [each for each in yaml.load_all(text, _Strict) if each is not None]  # a SafeLoader
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        where = f"line {mark.line + 1}, column {mark.column + 1}: " if mark else ""
        raise BadInput(f"{name} is not valid YAML", answer=f"{where}{error.problem or error.context}") from None
    except yaml.YAMLError as error:
        raise BadInput(f"{name} is not valid YAML", answer=str(error).splitlines()[0]) from None
    for number, each in enumerate(found, 1):
        if not isinstance(each, dict):
            raise BadInput(f"{name}: document {number} is {type(each).__name__}, and no mapping with fields")
    return found


def without_empty(document: Mapping[str, Any]) -> dict[str, Any]:
    """A document without its empty fields, as `networking:` is one. An option of a map without a value remains one."""
    kept = {name: value for name, value in document.items() if value is not None}
    return {name: value if name in OPTIONS else _without_empty(value) for name, value in kept.items()}


def _without_empty(value: Any) -> Any:
    if isinstance(value, Mapping):
        return without_empty(value)
    return [_without_empty(each) for each in value] if isinstance(value, list) else value


def values_of(field: str, text: str) -> Iterator[str]:
    """Every text that stands in a field of this name, anywhere in a file; none where it is not YAML."""
    try:
        yield from _values_of(field, list(yaml.safe_load_all(text)))
    except yaml.YAMLError:
        return


def _values_of(field: str, value: object) -> Iterator[str]:
    if isinstance(value, Mapping):
        for name, each in value.items():
            if name == field and isinstance(each, str):
                yield each
            yield from _values_of(field, each)
    elif isinstance(value, list):
        for each in value:
            yield from _values_of(field, each)
