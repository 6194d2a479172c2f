"""Facts as a file, so that they can be judged elsewhere and later. Secrets were never among them."""

from __future__ import annotations

from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from checks.facts.cluster import Facts
from provision.errors import BadInput
from provision.util.atomic_write import write_whole

_FACTS = TypeAdapter(Facts)


def save(facts: Facts, file: Path) -> None:
    """Write a bundle, for its owner alone to read."""
    write_whole(file, _FACTS.dump_json(facts, indent=1), mode=0o600)


def load(file: Path) -> Facts:
    """Read a bundle; raises BadInput for a file that is none."""
    try:
        return _FACTS.validate_json(file.read_bytes())
    except OSError as error:
        raise BadInput(f"the bundle {file} cannot be read", answer=str(error)) from None
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(map(str, first["loc"]))
        raise BadInput(f"{file} is not a bundle of this version", answer=f"{place}: {first['msg']}") from None
