"""A TOML file of accepted findings: read and checked, whatever its entries name a finding by."""

from __future__ import annotations

import datetime
import tomllib
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Annotated, Protocol, TypeVar

from pydantic import Strict, StringConstraints, TypeAdapter, ValidationError

from provision.util.errors import BadInput

Sentence = Annotated[str, Strict(), StringConstraints(strip_whitespace=True, min_length=1)]
Day = Annotated[datetime.date, Strict()]


class Entry(Protocol):
    """What each entry has: the day of the decision, the last day on which it counts, and how messages call it."""

    @property
    def date(self) -> datetime.date: ...
    @property
    def until(self) -> datetime.date | None: ...
    @property
    def name(self) -> str: ...


T = TypeVar("T")


def load(file: Path, kind: TypeAdapter[T], entries: Callable[[T], Iterable[Entry]]) -> T:
    """Read a file of this kind; raises BadInput."""
    try:
        found = kind.validate_python(tomllib.loads(file.read_text(encoding="utf-8")))
    except (OSError, UnicodeDecodeError) as error:
        raise BadInput(f"the baseline {file} cannot be read", answer=str(error)) from None
    except tomllib.TOMLDecodeError as error:
        raise BadInput(f"the baseline {file} is not valid TOML", answer=str(error)) from None
    except ValidationError as error:
        raise BadInput(f"the baseline {file} is not valid", answer="\n".join(_complaints(error))) from None
    for each in entries(found):
        if each.until and each.until < each.date:
            wrong = f"{each.name}: until {each.until} is before its date {each.date}"
            raise BadInput(f"the baseline {file} is not valid", answer=wrong)
    return found


def _complaints(error: ValidationError) -> Iterator[str]:
    for each in error.errors():
        place = ".".join(str(part + 1 if isinstance(part, int) else part) for part in each["loc"])
        unknown = each["type"] in ("extra_forbidden", "unexpected_keyword_argument")
        yield f"{place}: {'unknown key' if unknown else each['msg']}"
