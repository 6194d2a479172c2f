"""All forms of a review by their names, as they are typed."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

from documentation.review.outputs import html, json_document, markdown, sarif, text, workflow_commands
from documentation.review.review import Review

_FORMS: Mapping[str, Callable[[Review], str]] = MappingProxyType(
    {
        "text": text.document,
        "markdown": markdown.document,
        "html": html.document,
        "json": json_document.document,
        "sarif": sarif.document,
        "annotations": workflow_commands.document,
    }
)


def document(form: str, review: Review) -> str:
    """The review in one of the forms."""
    return _FORMS[form](review)
