"""The command that tries again what failed: the run's own, with the release that it had, on the test alone. Pure."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator, Sequence

from nightly.attempts import STEP
from nightly.causes.failed import Failed
from nightly.history import made_by
from provision.config.cluster_id import ClusterId

_DROPPED = ("-k", "-n", "--ha-kubernetes", "--ha-reuse", "--junitxml", "--seed", "--turns")
"""Options with a value that choose what else a run does, or are about clusters of its own host."""

_IN_K = re.compile(r"[\w:+./\\-]+")
"""What pytest's -k takes for a word, without brackets. Source: _pytest.mark.expression"""


def command(failed: Failed) -> str:
    """What is typed. Of a cluster that was only checked, it is what was typed then."""
    first, *given = shlex.split(str(failed.attempt.whole["command"]))[1:] or [""]
    cluster = made_by(failed.attempt.cluster)
    use = first if re.fullmatch("[a-z]+", first) else ""
    program = ["./run", use] if use else [".tox/harness/bin/pytest"]
    others = given if use or not first else [first, *given]
    if cluster is None:
        return shlex.join([*program, *others])
    return shlex.join([*program, *_without(others), *_release(failed, cluster), "-k", _chosen(failed, cluster)])


def _without(given: Sequence[str]) -> Iterator[str]:
    words = iter(given)
    for word in words:
        if word in _DROPPED:
            next(words, "")
        elif not word.startswith(tuple(f"{name}=" for name in _DROPPED)) and not re.match(r"-[kn].", word):
            yield word


def _release(failed: Failed, cluster: ClusterId) -> list[str]:
    """The exact release; the minor where the cluster was still to be upgraded; none of an own build."""
    if failed.attempt.own:
        return []
    exact = failed.attempt.version.removeprefix("v")
    return [f"--ha-kubernetes={exact if exact.startswith(cluster.version) else cluster.version}"]


def _chosen(failed: Failed, cluster: ClusterId) -> str:
    words = [cluster.topology, cluster.certificates]
    if not failed.scenario.startswith(STEP):
        function, _, parameters = failed.scenario.split("::")[-1].removesuffix("]").partition("[")
        words += [each for each in (function, parameters) if _IN_K.fullmatch(each)]
    return " and ".join(words)
