"""The choices of one run, as everything else has them: read from options and variables, and checked (`refusals.py`)."""

from __future__ import annotations

import difflib
import os
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from provision.config import refusals
from provision.config.choices import Choices
from provision.config.options import INVENTORY, OPTIONS
from provision.util.errors import BadInput

_PREFIX = "HA_"

_OTHERS = ("HA_HOME", "HA_RELEASES")
"""Variables that are read, but are no setting."""

_CLOSE = 0.8
"""How much two names have to be alike, from 0 to 1, for one to be a slip: KEP and KEEP are 0.86. TOKEN, HOST, PORT, URL
or NODE, which other programs have with the same prefix, are 0.75 and less."""


@dataclass(frozen=True)
class Settings(Choices):
    """The choices of one run, all of which exist and go together."""

    @classmethod
    def of(cls, given: Mapping[str, str | None], fallback: Mapping[str, str | None] = MappingProxyType({})) -> Settings:
        """From values by option name: `given`, else the environment, else `fallback`, else the default.

        Raises BadInput for values that do not exist or do not go together, and for variables that are nearly settings.
        """
        _refuse_slips(os.environ)
        values = {}
        for option in OPTIONS:
            name = option.name
            value = given.get(name) or os.environ.get(option.variable) or fallback.get(name) or option.default
            option.check(value)
            values[option.name.replace("-", "_")] = value
        if values["inventory"]:
            values["provider"] = INVENTORY
        settings = cls(**values)
        refusals.check(settings)
        return settings


def _refuse_slips(variables: Mapping[str, str]) -> None:
    """Raise BadInput for a variable that is meant for a setting, and would be ignored.

    Other programs have variables that begin in the same way: one is theirs if its name is close to no setting's, or if
    that setting has no such value.
    """
    known = {option.variable.removeprefix(_PREFIX): option for option in OPTIONS}
    for variable, value in sorted(variables.items()):
        name = variable.removeprefix(_PREFIX)
        if name == variable or name in known or variable in _OTHERS:
            continue
        for near in difflib.get_close_matches(name, known, 1, _CLOSE):
            try:
                known[near].check(value)
            except BadInput:
                continue
            raise BadInput(f"there is no setting {variable}; did you mean {_PREFIX}{near}?", fix=f"unset {variable}")
