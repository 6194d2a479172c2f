"""The choices of one run, as everything else asks for them."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from provision.config import combinations
from provision.config.choices import Choices
from provision.config.options import INVENTORY, OPTIONS


@dataclass(frozen=True)
class Settings(Choices):
    """The choices of one run, all of which exist and go together."""

    @classmethod
    def of(cls, given: Mapping[str, str | None], fallback: Mapping[str, str | None] = MappingProxyType({})) -> Settings:
        """From values by option name: `given`, else the environment, else `fallback`, else the default.

        Raises BadInput for values that do not exist or do not go together.
        """
        values = {}
        for option in OPTIONS:
            name = option.name
            value = given.get(name) or os.environ.get(option.variable) or fallback.get(name) or option.default
            option.check(value)
            values[option.name.replace("-", "_")] = value
        if values["inventory"]:
            values["provider"] = INVENTORY
        settings = cls(**values)
        combinations.check(settings)
        return settings
