"""Objects of the Kubernetes API on a page, by the description of the API that belongs to the release."""

from __future__ import annotations

import re
from collections.abc import Iterator

from documentation.checks import yaml_documents
from documentation.findings.rules import Found, Needs, Weight, rule
from documentation.pages.block import Page
from documentation.programs.programs import Programs

# What stands for something else: `...`, and `Honor|Ignore`.
_STANDS_FOR = re.compile(r"\.\.\.|…|\w\|\w")


@rule("object", Weight.BREAKS, Needs.PROGRAMS)
def an_object_that_an_api_server_refuses(page: Page, programs: Programs) -> Iterator[Found]:
    """Fields that a kind does not have, values of another type, and versions that are no longer served.

    Not in an excerpt: what follows a line of dots may belong to any field.
    """
    if not programs.schemas:
        return
    for document in yaml_documents.documents(page):
        # What belongs to one version of the API may stand under a tab with its name.
        named = any(document.api[1] and document.api[1] in tab for tab in document.block.within)
        faults = () if document.excerpt or named else programs.schemas.faults(document.content)
        for fault in dict.fromkeys(faults):  # items of one list may have the same
            if yaml_documents.ADDRESS in fault.value or _STANDS_FOR.search(fault.value):
                continue
            line = document.line_of(*fault.path)
            what = f"{document.kind}: {fault.what}"
            yield Found(line, document.block.id, what, f"see `kubectl explain {document.kind.lower()}`")
