"""`python -m tests.planted_lies CLUSTER`: a real cluster's histories with lies in them are found to be false.

    ./run up stacked
    .tox/harness/bin/python -m tests.planted_lies stacked
    ./run clean stacked                                      # the last one has broken it

Three runs of the same traffic: an honest one; one in which a client reports writes as done that were refused; and one
in which all members of etcd go back to what they had before the last hundred acknowledged writes.
"""

from __future__ import annotations

import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from unittest.mock import patch

from provision.cli.verbs import existing_id
from provision.cluster import Cluster
from provision.clusters.lifecycle import Clusters
from provision.config.settings import Settings
from provision.util.concurrency import NotYet, together
from resilience.faults.health import wait_until_healthy
from resilience.histories import files
from resilience.histories.judging import judge
from resilience.histories.records import Answered, Kind, Outcome
from resilience.histories.verdict import Verdict
from resilience.traffic import objects
from resilience.traffic.objects import Answer, Wanted
from resilience.traffic.traffic import HEALED, INJECTED, Traffic
from resilience.traffic.transport import Response

_WARM = 5.0  # seconds of traffic: a hundred operations
_LIES = 3  # writes: one alone might be hidden by what others write
_LOST = 100  # acknowledged writes that members forget
_WRITTEN = 60.0  # seconds for so many: ten are acknowledged in one
_BACK = 240.0  # seconds until a cluster whose etcd was away is healthy

_MANIFEST, _ASIDE = "/etc/kubernetes/manifests/etcd.yaml", "/root/etcd.yaml"
_DATA, _EARLIER = "/var/lib/etcd/member", "/var/lib/etcd/.earlier"


def honest(cluster: Cluster, folder: Path) -> Verdict:
    """Nothing is planted: nothing may be found."""
    with Traffic.on(cluster, folder) as traffic:
        time.sleep(_WARM)
        traffic.mark(INJECTED)
        time.sleep(_WARM)
        traffic.mark(HEALED)
        return judge(files.read(traffic.finish().history))


def refused_write_reported_as_done(cluster: Cluster, folder: Path) -> Verdict:
    """A client takes a few 409 for 200, with the next revision that could be."""
    lies: list[Wanted] = []
    true = objects.answer

    def lying(wanted: Wanted, response: Response) -> Answer:
        found = true(wanted, response)
        if response.status != 409 or wanted.kind is not Kind.UPDATE or len(lies) >= _LIES:
            return found
        lies.append(wanted)
        return Answer(Outcome.OK, wanted.expected + 1, status=200)

    with patch.object(objects, "answer", lying):
        verdict = honest(cluster, folder)
    assert lies, "no update was refused meanwhile, so nothing was planted"
    return verdict


def members_that_go_back(cluster: Cluster, folder: Path) -> Verdict:
    """All members get the data that they had before the last hundred acknowledged writes."""
    with Traffic.on(cluster, folder) as traffic:
        time.sleep(_WARM)
        with _standing_still(cluster):
            _on_each(cluster, f"sudo rm -rf {_EARLIER}; sudo cp -a {_DATA} {_EARLIER}")
        since = _acknowledged(folder)
        _wait(cluster, lambda: _acknowledged(folder) - since >= _LOST, _WRITTEN, f"{_LOST} writes are acknowledged")
        traffic.mark(INJECTED)
        ended = "timeout 60 bash -c 'while pgrep -x etcd >/dev/null; do sleep 0.2; done'"
        _on_each(cluster, f"sudo mv {_MANIFEST} {_ASIDE} && {ended} && sudo rm -rf {_DATA}")
        _on_each(cluster, f"sudo mv {_EARLIER} {_DATA} && sudo mv {_ASIDE} {_MANIFEST}")
        traffic.mark(HEALED)
        wait_until_healthy(cluster, _BACK)
        return judge(files.read(traffic.finish().history))


@contextmanager
def _standing_still(cluster: Cluster) -> Iterator[None]:
    """No member writes meanwhile: what is copied of all is of one moment."""
    _on_each(cluster, "sudo pkill -STOP -x etcd")
    try:
        yield
    finally:
        _on_each(cluster, "sudo pkill -CONT -x etcd")


def _on_each(cluster: Cluster, command: str) -> None:
    together(lambda machine: machine.succeed(command), cluster.etcd_members)


def _acknowledged(folder: Path) -> int:
    records = files.read(folder / files.HISTORY)
    done = (each for each in records if isinstance(each, Answered) and each.outcome is Outcome.OK)
    return sum(1 for each in done if each.revision and not each.objects)  # a read shows objects


def _wait(cluster: Cluster, check: Callable[[], bool], seconds: float, what: str) -> None:
    cluster.wait_until(lambda: None if check() else NotYet("fewer"), seconds, what, every=0.5)


def main(text: str) -> int:
    """Run all three; 1 where one was not judged as it should be."""
    clusters = Clusters(Settings.of({}))
    cluster = clusters.attach(existing_id(clusters, text)).cluster
    wrong = 0
    for plant in (honest, refused_write_reported_as_done, members_that_go_back):
        with tempfile.TemporaryDirectory() as folder:
            verdict = plant(cluster, Path(folder) / "history")
        wrong += bool(verdict.violations) != (plant is not honest)
        kinds = ", ".join(sorted(each.value for each in verdict.kinds)) or "none"
        print(f"{plant.__name__}: {len(verdict.violations)} violations ({kinds})")
        if verdict.violations:
            print(f"    {verdict.violations[0].sentence}")
            print(*(f"    {each}" for each in verdict.violations[0].places), sep="\n")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
