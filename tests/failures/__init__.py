"""Failures with their causes, as a person would have them in one row: what clustering is judged by.

`real.json` has what kubeadm printed on three real clusters, in two runs, where scenarios had planted faults: files that
are missing, keys that are wrong, ports that are in use. The cause is the planted fault, and its text differs by time,
token, digest, and the cluster's topology. It has also the six tests that were red in these runs, and the sixteen that
were red in six runs of patched programs: kubeadm and the kubelet, each with one line changed, of 1.37.2 and 1.36.3.
Only what looked like a key is replaced, by a digest of it. In `written.py` are failures that are put together from the
messages of scenarios; there machines and versions differ, too.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from nightly.gists.gist import Gist, gist
from nightly.gists.sorting import Failure
from tests.failures import written


class Labelled(NamedTuple):
    """A failure as sorting gets it, and the cause that it has."""

    cause: str
    failure: Failure


def real() -> list[Labelled]:
    """Every failure of real runs, in the order in which they happened."""
    data = json.loads(Path(__file__).with_name("real.json").read_text(encoding="utf-8"))
    read = [(each, _refused(each, _text(data, each["answer"]))) for each in data["refused"]]
    read += [(each, _red(each, _text(data, each["text"]))) for each in data["red"]]
    return [
        Labelled(each["cause"], Failure(each["scenario"], float(n), found)) for n, (each, found) in enumerate(read)
    ]  # fmt: skip


def _text(data: dict[str, Any], numbers: list[int]) -> str:
    return "\n".join(data["lines"][number] for number in numbers)


def _refused(record: dict[str, Any], answer: str) -> Gist:
    """What a test shows whose command failed: the harness's own sentence, and below it what the command printed."""
    what = f"provision.util.errors.CommandFailed: on {record['machine']}: `{record['command']}` exited with 1"
    lines = [f"E   {what}", *(f"E         {line}" for line in answer.splitlines())]
    return gist("\n".join(lines), what, record["scenario"], [record["machine"]])


def _red(record: dict[str, Any], text: str) -> Gist:
    return gist(text, record["reason"], record["scenario"].partition("[")[0])


def made_up() -> Iterator[Labelled]:
    """Every failure that is written, on four nights."""
    for cause, night, scenario, text, reason in written.failures():
        function = scenario.partition("[")[0]
        yield Labelled(cause, Failure(scenario, float(night), gist(text, reason, function)))
