"""The outcome of each test, from the reports of its phases."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

from report import old_records
from report.records import Record
from report.renamed import names

PASSED, FAILED, SKIPPED, XFAILED, UNFINISHED = "passed", "failed", "skipped", "xfailed", "unfinished"

CLUSTER, SUBJECT = "cluster", "subject"
"""Properties of a test: the id of the cluster that it runs on, and the machine that it is about, or `WHOLE`."""
TITLE, KIND, REMARK = "title", "kind", "remark"
"""Properties of a test that searches for a fault in any cluster: the fault, its kind, and what it found and passed."""
WHOLE = "cluster"

_ERROR = re.compile(r"^(AssertionError|Failed|provision\.\S+): ")
_MESSAGE = re.compile(r"^AssertionError: (?!assert )")
"""What an assertion says by itself, other than what pytest makes of its condition."""
_EXPLAINED = re.compile(
    r"^E +(?:Extra items in the )?(?P<side>left|right) (?:contains .* items?|set):\s+(?:E +)?(?P<what>\S.*)$",
    re.M | re.I,
)


class _Name(NamedTuple):
    """A node id, taken apart: file and function, then what its parameters say."""

    function: str
    cluster: str
    subject: str
    parameters: tuple[str, ...]


@dataclass(frozen=True)
class Result:
    """One test. `start` is seconds since the epoch, `seconds` covers all phases, `phase` is the one that decided.

    `about` has the cluster and the subject, as the test's properties say; None where there are none. A `blocked` test
    was skipped because its cluster was broken before. `repeats` is the node id of the test that shows the failure in
    full, which this one met again. A verdict of a check has the `fault` that was searched for, its `kind`, and a
    `remark` where it passed with a finding; other tests have none of these.
    """

    nodeid: str
    outcome: str
    start: float
    seconds: float
    phase: str
    text: str
    reason: str
    about: tuple[str, str] | None = None
    blocked: bool = False
    repeats: str = ""
    fault: str = ""
    kind: str = ""
    remark: str = ""

    @property
    def file(self) -> str:
        """The file the test is in."""
        return self.nodeid.split("::", 1)[0]

    @property
    def group(self) -> str:
        """What it is shown below: the kind of fault, or the file."""
        return self.kind or self.file

    @property
    def cluster(self) -> str:
        """The id of the cluster the test ran on; empty where it needs none."""
        return self._name.cluster

    @property
    def subject(self) -> str:
        """The machine the test is about, or `cluster`."""
        return self._name.subject

    @property
    def scenario(self) -> str:
        """The node id without cluster and subject: the same for every cluster and machine that it is tried on.

        Under the name that the scenario has now, also where the record is older.
        """
        name = self._name
        return names().current(name.function + (f"[{'-'.join(name.parameters)}]" if name.parameters else ""))

    @property
    def title(self) -> str:
        """The test's name as words, with the parameters that are neither cluster nor subject; or the fault."""
        if self.fault:
            return self.fault
        if "::" not in self.nodeid:
            return "collecting the file"
        name = self._name
        functions = name.function.split("::")[1:]
        words = " › ".join(part.removeprefix("test_").replace("_", " ") for part in functions)
        return " · ".join((words, *name.parameters))

    @property
    def summary(self) -> str:
        """Why it did not pass, in one line."""
        return summary(self.text, self.reason)

    @cached_property
    def _name(self) -> _Name:
        if not self.about:
            return _read(self.nodeid)
        file, colons, rest = self.nodeid.partition("::")
        function, _, inside = rest.partition("[")
        inside = inside.removesuffix("]")
        if self.fault:  # its cluster is one of any name, which the node id does without
            return _Name(file + colons + function, *self.about, _parts(inside.removesuffix(f"-{self.about[1]}")))
        before, _, after = inside.partition(":".join(self.about))
        return _Name(file + colons + function, *self.about, _parts(before.removesuffix("-"), after.removeprefix("-")))


def summary(text: str, reason: str) -> str:
    """Why something failed, in one line: the assertion's own message, or what should not be there, or what is missing.

    Assertions have what was found on their left. pytest shortens both sides, but not what it explains.
    """
    if not _MESSAGE.match(reason) and (found := _EXPLAINED.search(text)):
        return f"{'unexpected' if found['side'].lower() == 'left' else 'missing'}: {found['what']}"
    return _ERROR.sub("", reason) or next((line.strip() for line in text.splitlines() if line.strip()), "")


def _read(nodeid: str) -> _Name:
    if named := old_records.parameters(nodeid):
        return _Name(*named)
    file, colons, rest = nodeid.partition("::")
    function, _, inside = rest.partition("[")
    return _Name(file + colons + function, "", WHOLE, _parts(inside.removesuffix("]")))


def _parts(*parameters: str | None) -> tuple[str, ...]:
    return tuple(filter(None, parameters))


def results(phases: Iterable[Record]) -> list[Result]:
    """One result a test, in the order they ran. The worst phase decides; a test without its call never finished."""
    tests: dict[str, list[Record]] = {}
    for phase in phases:
        tests.setdefault(str(phase["nodeid"]), []).append(phase)
    return [_result(nodeid, parts) for nodeid, parts in tests.items()]


def _result(nodeid: str, parts: list[Record]) -> Result:
    decisive = max(parts, key=lambda part: _RANK[_outcome(part)])
    outcome = _outcome(decisive)
    if outcome == PASSED and not any(part.get("when") == "call" for part in parts):
        outcome = UNFINISHED
    failures = [part for part in parts if _outcome(part) == FAILED]
    starts = [float(part.get("start") or 0) for part in parts]
    seconds = sum(float(part.get("stop") or 0) - float(part.get("start") or 0) for part in parts)
    text = "\n\n".join(str(part.get("text") or "") for part in failures)
    about = next((found for part in parts if (found := _about(part))), None)
    return Result(
        nodeid, outcome, min(starts), seconds, str(decisive.get("when")), text, _reason(decisive), about,
        outcome == SKIPPED and _blocked(decisive), str(decisive.get("repeats") or ""),
        *(_property(parts[0], name) for name in (TITLE, KIND, REMARK)),
    )  # fmt: skip


def _about(part: Record) -> tuple[str, str] | None:
    cluster, subject = _property(part, CLUSTER), _property(part, SUBJECT)
    return (cluster, subject) if cluster and subject else None


def _property(part: Record, name: str) -> str:
    written = part.get("properties")
    return str(written.get(name) or "") if isinstance(written, dict) else ""


def _blocked(part: Record) -> bool:
    return bool(part["blocked"]) if "blocked" in part else old_records.was_blocked(_reason(part))


_RANK = {PASSED: 0, XFAILED: 1, SKIPPED: 1, FAILED: 2}


def _outcome(part: Record) -> str:
    outcome = str(part.get("outcome"))
    if outcome == SKIPPED and part.get("xfail") is not None:
        return XFAILED
    return outcome if outcome in _RANK else FAILED


def _reason(part: Record) -> str:
    return str(part.get("reason") or part.get("xfail") or "")


def counts(tests: Iterable[Result]) -> Counter[str]:
    """How many tests there are of each outcome."""
    return Counter(test.outcome for test in tests)


def without_repeats(failures: Iterable[Result]) -> list[tuple[Result, list[Result]]]:
    """Failures that say the same of different machines together: the first of them, and all of them.

    A test that met the failure of another one again, which was not tried again, is with that one.
    """
    found = list(failures)
    keys = {each.nodeid: _key(each) for each in found}
    groups: dict[tuple[str, str, str], list[Result]] = {}
    for each in found:
        groups.setdefault(keys.get(each.repeats) or keys[each.nodeid], []).append(each)
    return [(group[0], group) for group in groups.values()]


def _key(failure: Result) -> tuple[str, str, str]:
    # What a fixture says has nothing to do with the test that happened to need it first.
    test = "" if failure.phase == "setup" else f"{failure.file}::{failure.title}"
    return failure.cluster, test, _gist(failure)


def _gist(test: Result) -> str:
    """What a failure says, without the names of its machine and test, and without the addresses among the arguments."""
    lines = [line for line in test.text.splitlines() if line.startswith("E ")]
    text = "\n".join(lines) or test.text or test.summary
    for own in (test.nodeid, test.subject):
        text = re.sub(rf"(?<![\w-]){re.escape(own)}(?![\w-])", "…", text)
    return re.sub(r"<… [\d.]+>", "<…>", text)  # a machine shows itself with its address
