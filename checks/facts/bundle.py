"""Facts as a file, so that they can be judged elsewhere and later. Secrets were never among them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from checks.facts.cluster import Facts
from checks.facts.machine import ANSWERS
from provision.util.atomic_write import write_whole
from provision.util.errors import BadInput, Problem

_FACTS = TypeAdapter(Facts)


def save(facts: Facts, file: Path) -> None:
    """Write a bundle, for its owner alone to read; raises Problem."""
    try:
        write_whole(file, _FACTS.dump_json(facts, indent=1), mode=0o600)
    except OSError as error:
        raise Problem(f"{file} cannot be written", answer=str(error)) from None


def load(file: Path) -> Facts:
    """Read a bundle; raises BadInput for a file that is none."""
    try:
        return _whole(_FACTS.validate_json(file.read_bytes()), file)
    except OSError as error:
        raise BadInput(f"the bundle {file} cannot be read", answer=str(error)) from None
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(map(str, first["loc"]))
        raise BadInput(f"{file} is not a bundle of this version", answer=f"{place}: {first['msg']}") from None


def _whole(facts: Facts, file: Path) -> Facts:
    """The same; raises BadInput where a fact has neither a value nor a reason, or an object of the API has no name."""
    answers = {f"api.{each.name}": getattr(facts.api, each.name) for each in fields(facts.api)}
    answers |= {f"{one.name}.{name}": getattr(one, name) for one in facts.machines for name in ANSWERS}
    for name, fact in answers.items():
        if fact.known and fact.value is None:
            raise BadInput(f"{file} is not a whole bundle", answer=f"{name}: neither a value nor a reason")
        for each in fact.value if name.startswith("api.") and isinstance(fact.value, tuple) else ():
            if isinstance(each, Mapping) and not (each.get("metadata") or {}).get("name"):
                raise BadInput(f"{file} is not a whole bundle", answer=f"{name}: an object without a name")
    return facts
