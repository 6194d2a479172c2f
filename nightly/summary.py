"""What is worth keeping of a run directory."""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Sequence, Set
from datetime import UTC, datetime
from pathlib import Path

from nightly import fault_figures
from nightly.gists.gist import function_of, gist
from nightly.normal import normal
from nightly.nowhere import placed
from nightly.store import Data, Store
from provision.recording.journal import CommandRecord, StepRecord
from provision.util.errors import BadInput
from provision.util.redaction import Redactor
from report.life import addresses
from report.records import Record, Records, read
from report.results import FAILED, PASSED, UNFINISHED, Result, results
from report.verdict import verdict

GREEN, RED, BLOCKED, OTHER = "p", "f", "b", "s"
"""Passed; failed; could not be tried, because the cluster was broken before; skipped, or expected to fail."""

_LIMIT = 512 * 1024  # of one answer; the largest seen is three quarters of it
_LONGEST_REASON = 400


def add(run_dir: Path, store: Store) -> Path:
    """Keep a run directory in a store; returns the file that was made. Raises BadInput where there is no whole run."""
    records = read(run_dir, Redactor(), answers=True)
    tests = results(records.phases)
    shard = records.run.get("shard")
    if not tests and not records.steps and not shard:
        raise BadInput(f"{run_dir} is not a run directory", fix="./run results add runs/last --store DIR")
    if not records.run:  # its last record, which says what the clusters were made of
        raise BadInput(f"the run in {run_dir} has no run.json: it has not ended, or was killed")
    outcome = verdict(records, tests)
    records, tests = placed(records, tests)
    began = datetime.fromtimestamp(outcome.start, UTC).strftime("%Y-%m-%dT%H-%M-%SZ")
    return store.add(began, {
        "started": outcome.start,
        "finished": outcome.end,
        "verdict": outcome.word,
        "notes": list(outcome.notes),
        "complete": outcome.missing == 0 and (outcome.word in ("passed", "failed") or _is_empty(records.run)),
        "command": _command(records.run),
        "harness": str(records.run.get("harness") or ""),
        "kubernetes": records.run.get("kubernetes") or [],
        **({"shard": shard} if shard else {}),
        "clusters": {name: _cluster(run_dir, name, records, tests, store) for name in _names(records, tests)},
    })  # fmt: skip


def _is_empty(run: Record) -> bool:
    """Whether other shards of the night have all that there is to do."""
    shard = run.get("shard") or {}
    return bool(shard.get("elsewhere")) and shard["index"] not in shard["parts"].values()


def _names(records: Records, tests: Iterable[Result]) -> list[str]:
    """The clusters that something was tried on; what else has steps, such as artifacts, is none."""
    described = [str(each.get("id")) for each in records.run.get("clusters") or []]
    return sorted({*described, *(test.cluster for test in tests if test.cluster)})


def _cluster(run_dir: Path, name: str, records: Records, tests: Sequence[Result], store: Store) -> Data:
    described: Record = next((each for each in records.run.get("clusters") or [] if each.get("id") == name), {})
    own = [test for test in tests if test.cluster == name]
    steps = [step for step in records.steps if step.cluster == name]
    commands = [each for each in records.commands if each.cluster == name]
    addresses = {str(each["address"]): str(each["name"]) for each in described.get("machines") or []}
    return {
        "version": str(described.get("version") or ""),
        "state": str(described.get("state") or ""),
        "components": described.get("components") or {},
        "substitutions": described.get("substitutions") or [],
        "accommodations": {each["name"]: each["reason"] for each in described.get("accommodations") or []},
        "corrections": {step.name: step.correction for step in steps if step.correction},
        "steps": [
            [step.name, step.section, round(step.seconds, 2), "unfinished" if _has_no_end(step) else step.error]
            for step in steps
        ],
        **({"seconds": _took(steps, own)} if "shard" in records.run else {}),  # or older runs were kept a second time
        "tests": _scenarios(own),
        "failures": _failures(own, commands, frozenset(addresses.values()), store),
        "commands": _commands(commands, addresses, store),
        **(_life(run_dir, name, store) if _failed(steps, own) else {}),
        **fault_figures.kept(name, records.faults, own),
    }


def _failed(steps: Iterable[StepRecord], tests: Iterable[Result]) -> bool:
    """Whether anything is red."""
    return any(step.error for step in steps) or any(test.outcome == FAILED for test in tests)


def _life(run_dir: Path, cluster: str, store: Store) -> Data:
    """A cluster's life in a store, by its digest; nothing where none was drawn."""
    path = run_dir / addresses.name_of(cluster)
    if path.parent != run_dir:
        return {}
    try:
        return {"life": store.keep(addresses.alone(path.read_text(encoding="utf-8")))}
    except OSError:
        return {}


def _took(steps: Iterable[StepRecord], tests: Iterable[Result]) -> float:
    """Seconds from the first that is known of a cluster to the last."""
    spans = [(step.start, step.stop or step.start) for step in steps]
    spans += [(test.start, test.start + test.seconds) for test in tests]
    return round(max((stop for _, stop in spans), default=0.0) - min((start for start, _ in spans), default=0.0), 1)


def _has_no_end(step: StepRecord) -> bool:
    """Whether a step neither succeeded nor failed: the run was over before."""
    return step.stop is None or step.interrupted


def _scenarios(tests: Iterable[Result]) -> dict[str, dict[str, str]]:
    """Scenario → subject → result. What was still running when the run was ended has none."""
    found: dict[str, dict[str, str]] = {}
    for test in tests:
        if test.outcome == UNFINISHED:
            continue
        found.setdefault(test.scenario, {})[test.subject] = _letter(test)
    return found


def _letter(test: Result) -> str:
    if test.outcome in (PASSED, FAILED):
        return GREEN if test.outcome == PASSED else RED
    return BLOCKED if test.blocked else OTHER


def _failures(tests: Sequence[Result], commands: Sequence[CommandRecord], names: Set[str], store: Store) -> list[Data]:
    """What failed. A failure that was met again has the gist of where it was met first, and is shown in full."""
    failed = {each.nodeid: each for each in tests if each.outcome == FAILED}
    return [
        _failure(each, commands, store) | _gist(failed.get(each.repeats) or each, names, store)
        for each in failed.values()
    ]  # fmt: skip


def _failure(test: Result, commands: Iterable[CommandRecord], store: Store) -> Data:
    during = [each for each in commands if not each.step and test.start <= each.start <= test.start + test.seconds]
    return {
        "scenario": test.scenario,
        "subject": test.subject,
        "phase": test.phase,
        "reason": test.summary[:_LONGEST_REASON],
        "text": store.keep(test.text),
        "machines": sorted({each.machine for each in during}),
    }


def _gist(test: Result, names: Set[str], store: Store) -> Data:
    """What a failure says without noise: `silent` where that means something in its own test alone."""
    found = gist(test.text, test.summary, function_of(test.scenario), names)
    return {"gist": store.keep(found.text)} | ({"silent": True} if found.test else {})


def _commands(commands: Iterable[CommandRecord], addresses: dict[str, str], store: Store) -> list[Data]:
    """Each command once a machine and step, with its last answer, in a form that can be compared between runs."""
    last: dict[tuple[str, str, str], CommandRecord] = {}
    for each in commands:
        last[each.step, each.machine, normal(each.command, addresses)] = each
    return [
        {"step": step, "machine": machine, "command": command, "rc": each.rc,
         "answer": store.keep(_answer(each, addresses))}
        for (step, machine, command), each in last.items()
    ]  # fmt: skip


def _answer(command: CommandRecord, addresses: dict[str, str]) -> str:
    printed = normal(command.stdout[:_LIMIT], addresses)
    return f"{printed.rstrip()}\n{normal(command.stderr[:_LIMIT], addresses).rstrip()}".strip() + "\n"


_PLACES = ("--ha-run-dir", "--ha-shard", "--ha-shard-durations", "--ha-night")
"""Options that say where records go, and which part of a night a run is: not what is selected."""


def _command(run: Record) -> str:
    """The command line of the run, without the options of `_PLACES`: equal for equal selections."""
    given = [str(each) for each in run.get("command") or []]
    kept = [
        each
        for number, each in enumerate(given[1:], 1)
        if each.partition("=")[0] not in _PLACES and given[number - 1] not in _PLACES
    ]
    return shlex.join(["pytest", *kept])
