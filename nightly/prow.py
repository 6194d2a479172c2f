"""A run in the layout that Prow keeps builds in, which TestGrid and Spyglass read.

Fields and names are those of GoogleCloudPlatform/testgrid: `metadata/job.go`, `metadata/junit/junit.go`,
`pkg/updater/gcs.go` (a row is called `<suite>.<testcase>`, and only `<failure>` is red) and `util/gcs/read.go` (files
are `artifacts/junit_<context>.xml`); results are the words of kubernetes-sigs/prow, `pkg/sidecar/run.go`.
"""

from __future__ import annotations

import json
import re
import shutil
import xml.etree.ElementTree as ET
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from nightly.attempts import AFTERWARDS
from provision.util.errors import BadInput
from provision.util.redaction import Redactor
from report.records import Record, Records, read
from report.results import FAILED, PASSED, UNFINISHED, WHOLE, Result, results
from report.verdict import Verdict, verdict

_LOG = "build-log.txt"
_OURS = ("started.json", "finished.json", _LOG, "artifacts")

_NOT_IN_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""Characters that XML 1.0 has no way to write (https://www.w3.org/TR/xml/#charsets)."""


def export(run_dir: Path, out: Path) -> Path:
    """Write the folder of one build, anew; returns it. Raises BadInput where there is no run, or no folder of ours."""
    records = read(run_dir, Redactor())
    if not records.run:
        raise BadInput(f"the run in {run_dir} has no run.json: it has not ended, or was killed")
    if out.exists() and (not out.is_dir() or any(each.name not in _OURS for each in out.iterdir())):
        raise BadInput(f"{out} has something else in it", fix="--out with a folder that is empty, or does not exist")
    tests = results(records.phases)
    outcome = verdict(records, tests)
    artifacts = out / "artifacts"
    shutil.rmtree(artifacts, ignore_errors=True)
    artifacts.mkdir(parents=True)
    _write(out / "started.json", _started(records.run, outcome))
    for name, suite in _suites(tests, records):
        ET.ElementTree(suite).write(artifacts / f"junit_{name}.xml", encoding="UTF-8", xml_declaration=True)
    if (run_dir / _LOG).is_file():
        shutil.copyfile(run_dir / _LOG, out / _LOG)
    _write(out / "finished.json", _finished(records.run, outcome))
    return out


def _started(run: Record, outcome: Verdict) -> dict[str, Any]:
    return {"timestamp": int(outcome.start), "repo-commit": str(run.get("harness") or "")}


def _finished(run: Record, outcome: Verdict) -> dict[str, Any]:
    """A shard without a cluster has passed, as the job has that ran it."""
    nothing = outcome.word == "nothing ran" and bool((run.get("shard") or {}).get("elsewhere"))
    passed = outcome.word == "passed" or nothing
    aborted = outcome.word == "interrupted"
    return {
        "timestamp": int(outcome.end),
        "passed": passed,
        "result": "SUCCESS" if passed else "ABORTED" if aborted else "FAILURE",
        "metadata": _metadata(run),
    }


def _metadata(run: Record) -> dict[str, str]:
    """What TestGrid can show above a column, by `configuration_value`."""
    shard = run.get("shard") or {}
    part = {"night": str(shard["night"]), "shard": f"{shard['index']}/{shard['of']}"} if shard else {}
    releases = ", ".join(str(each["release"]) for each in run.get("kubernetes") or [])
    return {"infra-commit": str(run.get("harness") or ""), "kubernetes": releases, **part}


def _suites(tests: Iterable[Result], records: Records) -> Iterator[tuple[str, ET.Element]]:
    """A suite for each cluster, its steps first, and one for what is about none."""
    clusters: dict[str, list[Result]] = {}
    for test in tests:
        clusters.setdefault(test.cluster or "none", []).append(test)
    for name, own in clusters.items():
        suite = ET.Element("testsuite", name=name)
        for step in records.steps:
            if step.cluster == name and not step.bookkeeping and step.name not in AFTERWARDS:
                case = _case(suite, "procedure", step.name, step.seconds)
                if step.error or step.stop is None:
                    _fail(case, step.error or "the run ended before this step did")
        for test in own:
            _add(suite, test)
        suite.set("tests", str(len(suite)))
        suite.set("failures", str(len(suite.findall("testcase/failure"))))
        yield name, suite


def _add(suite: ET.Element, test: Result) -> None:
    file, _, function = test.scenario.partition("::")
    on = f" {test.subject}" if test.subject != WHOLE else ""
    case = _case(suite, Path(file).stem, f"{function}{on}", test.seconds)
    if test.outcome == FAILED:
        _fail(case, f"{test.summary}\n{test.text}")
    elif test.outcome == UNFINISHED:
        _fail(case, "the run ended before this test did")
    elif test.outcome != PASSED:
        ET.SubElement(case, "skipped").text = _text(test.summary or test.outcome)


def _case(suite: ET.Element, place: str, name: str, seconds: float) -> ET.Element:
    """A test or a step. Its name is the same every night, for TestGrid to have one row of it."""
    named = _text(f"{place}.{name}")
    return ET.SubElement(suite, "testcase", name=named, classname=place, time=f"{seconds:.3f}")


def _fail(case: ET.Element, text: str) -> None:
    ET.SubElement(case, "failure", message=_text(text.split("\n")[0])).text = _text(text)


def _text(text: str) -> str:
    return _NOT_IN_XML.sub("�", text)


def _write(path: Path, data: dict[str, Any]) -> None:
    path.write_text(json.dumps(data, indent=1) + "\n", encoding="utf-8")
