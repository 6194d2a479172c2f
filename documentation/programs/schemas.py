"""The kinds of the Kubernetes API, by the description of it that each release has (api/openapi-spec/swagger.json)."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from provision.util.home import Home

_NAME = "swagger.json"
_KINDS = "x-kubernetes-group-version-kind"
_TYPES: Mapping[str, tuple[type, ...]] = {
    "string": (str,), "boolean": (bool,), "integer": (int,), "number": (int, float),
    "array": (list,), "object": (dict,),
}  # fmt: skip
# What an API server reads from a number as well: ports by number or name, and quantities of memory and processors.
_NUMBERS_TOO = ("io.k8s.apimachinery.pkg.util.intstr.IntOrString", "io.k8s.apimachinery.pkg.api.resource.Quantity")
_KIND = re.compile(r"(?!\w*Review$)[A-Z][A-Za-z]+")  # reviews are also what an API server asks of webhooks
_EVERYWHERE = ("DeleteOptions", "WatchEvent")
_OF_CLIENTS = (("", "Config"), ("", "List"))  # a kubeconfig, and what kubectl prints of several objects


@dataclass(frozen=True)
class Fault:
    """What is wrong with an object: the path of the field, as in `spec.ports`, its value, and what is wrong with it."""

    path: tuple[str, ...]
    value: str
    what: str


@dataclass
class Schemas:
    """The description of the API of one release; `version` as in `v1.37.2`."""

    file: Path
    version: str

    @classmethod
    def find(cls, version: str, home: Home) -> Schemas | None:
        """What the harness keeps for a version of Kubernetes, if it does."""
        for file in home.artifacts.glob(f"openapi-*/{_NAME}"):
            if _described(file) == version:
                return cls(file, version)
        return None

    def faults(self, document: Mapping[str, Any]) -> list[Fault]:
        """Fields that an object has and its kind has not, and values of another type; none for a kind of others."""
        return list(self._faults(document))

    def _faults(self, document: Mapping[str, Any]) -> Iterator[Fault]:
        api = str(document.get("apiVersion", ""))
        group, _, version = api.rpartition("/")
        kind = str(document.get("kind", ""))
        if not version:
            return
        versions = self._kinds.get((group, kind), {})
        if version in versions:
            yield from self._below(document, self._definitions[versions[version]], ())
        elif versions:
            served = ", ".join(f"{group}/{each}".strip("/") for each in sorted(versions))
            yield Fault(("apiVersion",), api, f"{kind} of {api} is not in {self.version}, but {served}")
        elif group in self._groups and (group, kind) not in _OF_CLIENTS and _KIND.fullmatch(kind):
            yield Fault(("kind",), kind, f"{api} has no {kind} in {self.version}")

    def _below(self, value: Any, schema: Mapping[str, Any], path: tuple[str, ...]) -> Iterator[Fault]:
        name = str(schema.get("$ref", "")).removeprefix("#/definitions/")
        schema = self._definitions.get(name, schema)
        kind = schema.get("type", "object" if "properties" in schema else "")
        if value is None or (name in _NUMBERS_TOO and isinstance(value, (int, float))):
            return
        if kind in _TYPES and (not isinstance(value, _TYPES[kind]) or (kind == "integer" and isinstance(value, bool))):
            yield Fault(path, str(value), f"{'.'.join(path)} is {_type_of(value)}, and has to be {kind}")
        elif kind == "array":
            for each in value:
                yield from self._below(each, schema.get("items", {}), path)
        elif kind == "object":
            yield from self._fields(value, schema, path)

    def _fields(self, value: Mapping[Any, Any], schema: Mapping[str, Any], path: tuple[str, ...]) -> Iterator[Fault]:
        known = schema.get("properties", {})
        others = schema.get("additionalProperties", {})
        for key, inner in value.items():
            if key in known:
                yield from self._below(inner, known[key], (*path, str(key)))
            elif others:
                yield from self._below(inner, others if isinstance(others, dict) else {}, (*path, str(key)))
            elif known:
                yield Fault((*path, str(key)), str(key), f"has no field {'.'.join((*path, str(key)))}")

    @cached_property
    def _definitions(self) -> dict[str, Any]:
        definitions: dict[str, Any] = json.loads(self.file.read_bytes())["definitions"]
        return definitions

    @cached_property
    def _groups(self) -> frozenset[str]:
        """The groups that the API has objects of; others are of configuration files, or come with extensions."""
        return frozenset(group for group, kind in self._kinds if kind not in _EVERYWHERE)

    @cached_property
    def _kinds(self) -> dict[tuple[str, str], dict[str, str]]:
        """By group and kind: the name of the definition of each version."""
        found: dict[tuple[str, str], dict[str, str]] = {}
        for name, schema in self._definitions.items():
            for each in schema.get(_KINDS, ()):
                found.setdefault((each["group"], each["kind"]), {})[each["version"]] = name
        return found


def _described(file: Path) -> str:
    try:
        return str(json.loads((file.parent / "artifact.json").read_text())["inputs"]["version"])
    except (OSError, ValueError, KeyError, TypeError):
        return ""


def _type_of(value: object) -> str:
    return next((name for name, types in _TYPES.items() if type(value) in types), type(value).__name__)
