"""A walk as it is kept: a JSON file a page in the run's folder `walks`."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from documentation.execution.fallback import Done
from documentation.execution.results import Form, Outcome, Result, Try
from documentation.execution.walk import Execution
from documentation.pages.block import Page, digest
from provision.clusters_door import ClusterId
from provision.util.atomic_write import write_whole
from provision.util.errors import BadInput

_FOLDER = "walks"
_NAMES = {"form": "lane", "fix": "mend"}
"""Fields that have another name in the file than in the code, so that walks of older versions are readable."""
_SENTENCES = {each.sentence: each for each in Done}
"""How steps were done, as older versions wrote it."""


@dataclass(frozen=True)
class Walk:
    """The outcome of a page on a cluster. `page` is the edition's name, `text` a digest of the blocks that were walked.

    `results` are by the page's block ids, `steps` say how each step of the procedure was done.
    """

    page: str
    language: str
    text: str
    cluster: ClusterId
    version: str
    results: Mapping[str, Result]
    steps: Mapping[str, Done]
    stopped: str


def text_of(page: Page) -> str:
    """A digest of what a page says, for telling whether a walk was of it."""
    return digest("\n".join(f"{block.id} {block.hash} {block.comment_hash}" for block in page.blocks))


def write(folder: Path, name: str, done: Execution) -> None:
    """Keep an execution of the page that editions call `name`."""
    stored = {
        "page": name,
        "language": done.page.language,
        "text": text_of(done.page),
        "cluster": done.cluster,
        "version": done.version,
        "stopped": done.stopped,
        "steps": dict(done.steps),
        "results": [_stored(asdict(each)) for each in done.results],
    }
    path = folder / _FOLDER / f"{name}.{done.page.language}.{done.cluster}.json"
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    write_whole(path, json.dumps(stored, indent=1, ensure_ascii=False).encode())


def read(folder: Path) -> list[Walk]:
    """The walks of a run; raises BadInput for a file of another kind or version."""
    walks = []
    for path in sorted((folder / _FOLDER).glob("*.json")):
        try:
            walks.append(_walk(json.loads(path.read_text("utf-8"))))
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise BadInput(f"{path} is not a walk of this version", answer=repr(error)) from None
    return walks


def _stored(fields: dict[str, Any]) -> dict[str, Any]:
    """A result, and each of its tries, under the names of the file."""
    return _renamed(fields, _NAMES) | {"tries": [_renamed(each, _NAMES) for each in fields["tries"]]}


def _walk(stored: dict[str, Any]) -> Walk:
    results = [_result(each) for each in stored.pop("results")]
    cluster = ClusterId.parse(stored.pop("cluster"))
    steps = {name: _SENTENCES[how] if how in _SENTENCES else Done(how) for name, how in stored.pop("steps").items()}
    return Walk(**stored, cluster=cluster, results={each.block: each for each in results}, steps=steps)


def _result(stored: dict[str, Any]) -> Result:
    read = _read(stored)
    outcome, tries = Outcome(read["outcome"]), tuple(_try(_read(each)) for each in read["tries"])
    return Result(**read | {"outcome": outcome, "tries": tries, "reasons": tuple(read["reasons"])})


def _try(read: dict[str, Any]) -> Try:
    return Try(**read | {"form": Form(read["form"]), "failed": tuple(read["failed"]), "unlike": tuple(read["unlike"])})


def _read(stored: dict[str, Any]) -> dict[str, Any]:
    return _renamed(stored, {in_file: in_code for in_code, in_file in _NAMES.items()})


def _renamed(fields: dict[str, Any], names: Mapping[str, str]) -> dict[str, Any]:
    return {names.get(name, name): value for name, value in fields.items()}
