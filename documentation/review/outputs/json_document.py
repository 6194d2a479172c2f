"""A review as JSON; run by itself, this prints its schema: `python -m documentation.review.outputs.json_document`."""

from __future__ import annotations

import json
from dataclasses import dataclass, fields

from pydantic import TypeAdapter

from documentation.review.review import Review


@dataclass(frozen=True)
class Document(Review):
    """A review with the exit status that it has. `schema` is raised when a reader of older ones would misread it."""

    exit_status: int = 0


_DOCUMENT = TypeAdapter(Document)


def document(review: Review) -> str:
    """The review as JSON."""
    own = {each.name: getattr(review, each.name) for each in fields(review)}
    made = Document(**own, exit_status=review.status)
    return json.dumps(_DOCUMENT.dump_python(made, mode="json"), indent=1, ensure_ascii=False) + "\n"


def schema() -> str:
    """The JSON Schema of `document`."""
    found = _DOCUMENT.json_schema(mode="serialization")
    dialect = "https://json-schema.org/draft/2020-12/schema"
    return (
        json.dumps({"$schema": dialect, **found, "title": "A review of a change of documentation pages"}, indent=1)
        + "\n"
    )


if __name__ == "__main__":
    print(schema(), end="")
