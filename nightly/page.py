"""Draws the page: an index, one page a cluster, one a run, and one for each scenario that needs explaining."""

from __future__ import annotations

import secrets
import shutil
import time
from collections.abc import Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment

from nightly import beside, fault_words, faults, lives, nights, views
from nightly.attempts import own_programs
from nightly.causes import cause, words
from nightly.causes.again import command
from nightly.causes.cause import Cause
from nightly.causes.failed import Reader
from nightly.causes.issue import issue
from nightly.explain import explain
from nightly.history import GONE, NEWLY_RED, STILL_RED, Cell
from nightly.store import Kept, Store
from nightly.views import ClusterView
from provision.util.errors import BadInput
from report.templating import environment

COLUMNS = 20
"""So many runs are side by side on a cluster's page."""

_MARK = "kubeadm-ha-results"  # a file in a folder that may be drawn anew


def draw(store: Store, out: Path, newest: int) -> Path:
    """Draw the page of so many runs into a folder, anew; returns the index. Raises BadInput where it is not ours."""
    kept = store.runs(newest)
    target = out.resolve()
    _refuse_others(target)
    kept = replace(kept, runs=nights.merged(kept.runs, whole=len(kept.runs) < newest))
    new, old = (target.with_name(f".{target.name}.{secrets.token_hex(4)}") for _ in range(2))
    try:
        _write_all(new, kept, store)
        _put_in_place(new, target, old)
    finally:
        shutil.rmtree(new, ignore_errors=True)
    shutil.rmtree(old, ignore_errors=True)
    return out / "index.html"


def _put_in_place(new: Path, target: Path, old: Path) -> None:
    """Replace a folder; whatever interrupts this, the old one or the new one is in its place in the end."""
    try:
        if target.exists():
            target.replace(old)
        new.replace(target)
    except BaseException:
        if old.exists() and not target.exists():
            old.replace(target)
        raise


def _refuse_others(out: Path) -> None:
    if out.exists() and (not out.is_dir() or any(out.iterdir())) and not (out / _MARK).exists():
        raise BadInput(f"{out} has something else in it", fix="--out with a folder that is empty, or not there yet")


def _write_all(folder: Path, kept: Kept, store: Store) -> None:
    templates, runs = _environment(), kept.runs
    clusters = views.clusters(runs)

    def write(path: str, template: str, **content: Any) -> None:
        target = folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        root = "../" * path.count("/")
        target.write_text(templates.get_template(template).render(root=root, **content), encoding="utf-8")

    versions, rows = views.matrix(clusters)
    cells = views.telling(clusters)
    tried = faults.cells(clusters)
    reds = beside.reds(tried, clusters)
    gone = [view for view in clusters if view.absence == GONE]
    absences = {view.id: view.absence for view in clusters if view.absence}
    current = [cell for cell in cells if cell.cluster not in absences]  # the others are on the pages of their clusters
    causes = cause.found(clusters, store)
    write("index.html", "index.html.j2", runs=runs, versions=versions, rows=rows, cells=current, gone=gone,
          unreadable=kept.unreadable, faults=tried, causes=causes, incomplete=nights.wrong(runs))  # fmt: skip
    for each in causes:
        write(f"causes/{each.id}.html", "cause.html.j2", cause=each, issue=issue(each, store),
              text=Reader(store).text(each.shown[0]), again=command(each.shown[0]))  # fmt: skip
    if tried:
        write("faults.html", "faults.html.j2", versions=views.matrix(cell.view for cell in tried)[0],
              rows=faults.rows(tried), red_faults=reds)  # fmt: skip
    for view in clusters:
        write(f"clusters/{view.id}.html", "cluster.html.j2", view=view, columns=COLUMNS)
    for cell in cells:
        write(views.page_of(cell), "cell.html.j2", cell=cell, absence=absences.get(cell.cluster, ""),
              inside=beside.of(cell, reds), life=lives.address(cell),
              why=_why(cell, clusters, store), causes=_of(cell, causes))  # fmt: skip
    lives.write(folder, cells, store)
    for name, run in runs:
        own = [cell for cell in cells if any(each.run == name for each in (cell.first_red, cell.last_green) if each)]
        write(f"runs/{name}.html", "run.html.j2", name=name, run=run, cells=own)
    (folder / _MARK).write_text("Drawn by `results page` of ./run: everything in this folder is replaced.\n")


def _of(cell: Cell, causes: Sequence[Cause]) -> list[Cause]:
    """The causes that a scenario is red for now."""
    return [each for each in causes if cell in each.cells]


def _why(cell: Cell, clusters: Sequence[ClusterView], store: Store) -> Any:
    if cell.state not in (NEWLY_RED, STILL_RED):
        return None
    view = next(each for each in clusters if each.id == cell.cluster)
    return explain(cell, views.neighbours(view, clusters), store.text)


@cache
def _environment() -> Environment:
    made = environment(Path(__file__).parent / "templates")
    made.filters |= {"moment": words.moment, "day": _day, "date": words.day, "title": views.title, "test": words.test}
    made.globals |= {"page_of": views.page_of, "letter_of": views.letter_of, "reds": views.reds,
                     "file_of": views.file_of, "TELLING": views.TELLING}  # fmt: skip
    made.globals |= {"words_of": fault_words, "ENOUGH": faults.ENOUGH, "TIMES": faults.TIMES, "MORE": faults.MORE}
    made.globals |= {"cause_words": words, "own_programs": own_programs}
    return made


def _day(seconds: float) -> str:
    return time.strftime("%m-%d", time.gmtime(seconds))
