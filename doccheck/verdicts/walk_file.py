"""A walk as it is kept: a JSON file a page in the run's folder `walks`."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from doccheck.execution.results import Outcome, Result, Try
from doccheck.execution.runner import Execution
from doccheck.pages.block import Page, digest
from provision.config.topology import ClusterId
from provision.errors import BadInput
from provision.util.atomic_write import write_whole

_FOLDER = "walks"


@dataclass(frozen=True)
class Walk:
    """What became of a page on a cluster. `page` is the edition's name, `text` a digest of the blocks that were walked.

    `results` are by the page's block ids, `steps` say how each step of the procedure was done.
    """

    page: str
    language: str
    text: str
    cluster: ClusterId
    version: str
    results: Mapping[str, Result]
    steps: Mapping[str, str]
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
        "results": [asdict(each) for each in done.results],
    }
    path = folder / _FOLDER / f"{name}.{done.page.language}.{done.cluster}.json"
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    write_whole(path, json.dumps(stored, indent=1, ensure_ascii=False).encode())


def read(folder: Path) -> list[Walk]:
    """The walks of a run; raises BadInput for a file that is none."""
    walks = []
    for path in sorted((folder / _FOLDER).glob("*.json")):
        try:
            walks.append(_walk(json.loads(path.read_text("utf-8"))))
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise BadInput(f"{path} is no walk of this version", answer=repr(error)) from None
    return walks


def _walk(stored: dict[str, Any]) -> Walk:
    results = [_result(each) for each in stored.pop("results")]
    cluster = ClusterId.parse(stored.pop("cluster"))
    return Walk(**stored, cluster=cluster, results={each.block: each for each in results})


def _result(stored: dict[str, Any]) -> Result:
    tries = tuple(
        Try(**each | {"failed": tuple(each["failed"]), "unlike": tuple(each["unlike"])}) for each in stored["tries"]
    )
    reasons = tuple(stored["reasons"])
    return Result(**stored | {"outcome": Outcome(stored["outcome"]), "tries": tries, "reasons": reasons})
