"""The names that scenarios have now, for records that were made when they had others. `renamed.toml` says how."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path


@dataclass(frozen=True)
class Names:
    """Scenarios are named as in tests.jsonl, without cluster and machine: `scenarios/test_a.py::test_b[parameters]`.

    `renamed`: earlier name → the next one, which may be an earlier name itself. `removed`: name → why it was removed.
    Both without parameters.
    """

    renamed: Mapping[str, str]
    removed: Mapping[str, str]

    def current(self, scenario: str) -> str:
        """The name that a scenario has now, with its parameters; what was never renamed is returned as it is."""
        function, bracket, parameters = scenario.partition("[")
        while function in self.renamed:
            function = self.renamed[function]
        return function + bracket + parameters

    def is_removed(self, scenario: str) -> bool:
        """Whether a scenario, by its current name, was removed on purpose."""
        return scenario.partition("[")[0] in self.removed


@cache
def names() -> Names:
    """The project's own table."""
    return Names(**tomllib.loads(Path(__file__).with_name("renamed.toml").read_text(encoding="utf-8")))
