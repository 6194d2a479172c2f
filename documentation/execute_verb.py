"""The verb `execute`, which needs a cluster: pages' blocks on machines of their own, and scenarios on the result."""

from __future__ import annotations

import argparse
import os
import shlex
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from documentation.claims.edition import edition_of, editions
from documentation.execution import plan
from documentation.execution.plan import PageView
from documentation.execution.walk import Execution, walk_pages
from documentation.pages import source
from documentation.programs.programs import Programs
from documentation.reports import report
from documentation.verdicts import formats, gather, walk_file
from documentation.verdicts.table import Table
from provision.clusters_door import OPTIONS, PAGE, ClusterId, Clusters, Console, JsonLines, Settings, procedure_of
from provision.util.atomic_write import folder_of_its_own, write_whole
from provision.util.concurrency import end_once
from provision.util.errors import BadInput

_ROOT = Path(__file__).parents[1]
_NOT_OF_PAGES = (
    "upgrade-from", "kubeadm", "kubelets", "inventory", "keys", "authority", "families", "control-plane-joins",
    "cluster", "configuration",
)  # fmt: skip
"""Options, set in the environment, that choose what no page makes."""
_OWN_WORD = "HA_VARIANT"  # the cluster of a walk has a word of its own
_WALK = "walk.md"  # written before anything is made of a walk, which takes twenty minutes
_PATIENCE = 120  # seconds that scenarios have to remove their clusters when they are interrupted


def execute(options: argparse.Namespace) -> int:
    """Run pages' blocks as written on a cluster of their own, and the corrected ones where they fail."""
    known = list(editions())
    read = [source.markdown_page(each, options.language) for each in options.pages]
    pages = [(page, edition_of(page, known)) for page in read]
    folder = Path(options.run_dir) if options.run_dir else folder_of_its_own(_ROOT / "runs", "-walk")
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    done, status = _walked(options, plan.views(pages), folder)
    print("\n".join(map(formats.walk_markdown, done)), flush=True)
    try:
        tables = gather.tables(pages, gather.runs([folder]))
        _write(folder, done, tables)
    except Exception:
        again = f"./run documentation outcomes {shlex.join(options.pages)} --runs {shlex.quote(str(folder))}"
        print(f"the walk is in {folder}/{_WALK}; for the outcome of each claim, type: {again}", file=sys.stderr)
        raise
    print("\n".join(map(formats.table_markdown, tables)), end="")
    print(f"reports: {folder}/page.*.html and {folder}/claims.html", file=sys.stderr)
    return max(status, *(each.status for each in done), *(each.status for each in tables))


def _walked(options: argparse.Namespace, pages: Sequence[PageView], folder: Path) -> tuple[list[Execution], int]:
    """Make a cluster, walk it, and have scenarios check it with `--scenarios`; it is removed in any case."""
    console = Console(lambda line: print(line, file=sys.stderr, flush=True))
    settings = _settings(options)
    clusters = Clusters(settings, (console, JsonLines(folder / "commands.jsonl")), redact=options.redact)
    cluster = settings.cluster_id(options.topology, clusters.selection.versions[0], options.certificates)
    end_once()
    building = clusters.start(cluster)
    with clusters.registry.removed_at_the_end(str(cluster)):
        done = walk_pages(building.cluster, pages, procedure_of(building.cluster.id, "serial"))
        for each, page in zip(done, pages, strict=True):
            walk_file.write(folder, page.name, each)
        (folder / _WALK).write_text("\n".join(map(formats.walk_markdown, done)), encoding="utf-8")
        if not options.scenarios or any(each.stopped for each in done):
            return done, 0
        building.arrive()
        clusters.registry.hand_over(str(cluster))
        return done, _scenarios(cluster, folder)


def _settings(options: argparse.Namespace) -> Settings:
    """The choices of a walk; raises BadInput where the environment has one that no page can be walked with."""
    settings = Settings.of({"kubernetes": options.kubernetes or None, "certificates": options.certificates})
    usual = {each.name: getattr(settings, each.name.replace("-", "_")) == each.default for each in OPTIONS}
    others = [each.variable for each in OPTIONS if each.name in _NOT_OF_PAGES and not usual[each.name]]
    if others:
        raise BadInput(f"pages are walked as they are: not with {', '.join(others)}", fix=f"unset {' '.join(others)}")
    return replace(settings, variant=PAGE)


def _scenarios(cluster: ClusterId, folder: Path) -> int:
    """Let pytest check the cluster that was walked, and one that may be changed; returns 1 where something failed."""
    chosen = {
        "cluster": str(cluster), "kubernetes": cluster.version, "certificates": cluster.certificates,
        "mutable": "yes" if cluster.uploads else "no", "reuse": "no", "run-dir": str(folder.resolve()),
    }  # fmt: skip
    command = [sys.executable, "-m", "pytest", "-q", *(f"--ha-{name}={value}" for name, value in chosen.items())]
    environment = {name: value for name, value in os.environ.items() if name != _OWN_WORD}
    with subprocess.Popen(command, cwd=_ROOT, stdout=sys.stderr, env=environment) as running:
        try:
            return int(running.wait() != 0)
        except KeyboardInterrupt:
            _end(running)
            raise


def _end(running: subprocess.Popen[bytes]) -> None:
    """End scenarios that were interrupted: they get time to remove their clusters, and are killed after it."""
    running.terminate()
    try:
        running.wait(_PATIENCE)
    except subprocess.TimeoutExpired:
        running.kill()
        running.wait()
        print(
            f"the scenarios were killed {_PATIENCE} s after they were interrupted, and may have left a cluster\n"
            "Try: ./run status",
            file=sys.stderr,
        )


def _write(folder: Path, done: Sequence[Execution], tables: Sequence[Table]) -> None:
    write_whole(folder / "claims.md", "\n".join(map(formats.table_markdown, tables)).encode())
    write_whole(folder / "claims.html", formats.tables_html(tables).encode())
    for each, table in zip(done, tables, strict=True):
        of_version = Programs.find(version=each.version)
        programs = of_version if of_version.kubeadm else Programs.find()
        text = formats.walk_html(each, report.of_page(each.page, programs), table)
        name = f"page.{table.bindings.edition.page}.{each.page.language}.html"
        write_whole(folder / name, text.encode())
