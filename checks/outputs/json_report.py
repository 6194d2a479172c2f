"""A report as JSON, and back. `python -m checks.outputs.json_report` prints its schema, docs/checks.schema.json."""

from __future__ import annotations

import json
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any, Final, Literal

from pydantic import TypeAdapter, ValidationError

from checks import outcome
from checks.findings import Report, Severity
from checks.outputs.summary import Counts, counts
from provision.util.errors import BadInput

SCHEMA: Final = 1
"""Raised when what reads an older document would misread a newer one; not for a new key alone."""


@dataclass(frozen=True)
class Document(Report):
    """A report with what follows from it: counts, and the exit status at the severity at which the check fails."""

    schema: Literal[1] = SCHEMA
    counts: Counts = field(default_factory=Counts)
    fail_on: Severity = Severity.WARNING
    status: Literal[0, 1, 3] = 0
    too_little: str = ""


_DOCUMENT = TypeAdapter(Document)


def document(report: Report, fail_on: Severity = Severity.WARNING) -> str:
    """The report as JSON."""
    own = {each.name: getattr(report, each.name) for each in fields(Report) if each.name != "schema"}
    status: Any = outcome.status(report, fail_on)
    made = Document(**own, counts=counts(report), fail_on=fail_on, status=status, too_little=outcome.too_little(report))
    return json.dumps(_DOCUMENT.dump_python(made, mode="json"), indent=1, ensure_ascii=False) + "\n"


def load(file: Path) -> Report:
    """A report that was written as JSON; raises BadInput."""
    try:
        content = json.loads(file.read_bytes())
    except (OSError, ValueError, RecursionError) as error:
        raise BadInput(f"the report {file} cannot be read", answer=str(error)) from None
    written = content.get("schema") if isinstance(content, dict) else None
    if written != SCHEMA:
        raise BadInput(f"{file} is not a JSON report of schema {SCHEMA}", answer=f"its schema is {written!r:.40}")
    try:
        read = _DOCUMENT.validate_python(content)
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(map(str, first["loc"]))
        raise BadInput(f"{file} is not a JSON report of schema {SCHEMA}", answer=f"{place}: {first['msg']}") from None
    return Report(**{each.name: getattr(read, each.name) for each in fields(Report)})


def schema() -> str:
    """The JSON Schema of `document`."""
    found = _DOCUMENT.json_schema(mode="serialization")
    found = {"$schema": "https://json-schema.org/draft/2020-12/schema", **found, "title": "The report of ./run check"}
    return json.dumps(found, indent=1) + "\n"


if __name__ == "__main__":
    print(schema(), end="")
