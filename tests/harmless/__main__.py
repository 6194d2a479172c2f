"""`python -m tests.harmless CLUSTER`: check a cluster in each way, and compare it with what it was before.

    ./run up stacked --ha-configuration=tests/harmless/audit.yaml
    .tox/harness/bin/python -m tests.harmless stacked

Changes to the API are those of the audit log; on machines files, units, containers, listening ports, packet filters,
and processes and connections of the login.
"""

from __future__ import annotations

import json
import sys
import time
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime

from fixtures.subjects.traces import Trace, differences, trace
from provision.cluster import Cluster
from provision.clusters.lifecycle import Clusters
from provision.config.settings import Settings
from provision.kubeadm.kubeconfig import for_the_host
from provision.util.concurrency import together
from tests.seeded import rounds
from tests.seeded.__main__ import cluster_of

_LOG = "/var/log/kubernetes/audit.log"
_READS = frozenset(("get", "list", "watch"))
_REVIEWS = frozenset(("subjectaccessreviews", "selfsubjectaccessreviews", "tokenreviews"))
_OURS = frozenset(("kubernetes-admin", "kubernetes-super-admin", "system:anonymous"))
"""Who a check may be to the API. Everything else of a cluster works on meanwhile, as what it is."""


def main(arguments: Sequence[str]) -> int:
    """Returns 0 where nothing changed, else 1."""
    [name] = arguments
    clusters = Clusters(Settings.of({}))
    found = cluster_of(name, clusters.registry.ready(), ())
    clusters.registry.lock(found)
    cluster = clusters.attach(found).cluster
    config = for_the_host(cluster)
    before, began = _traces(cluster), _now()
    _with_login(cluster)
    _by_kubeconfig(config)
    events = _events(cluster, began, _now())
    after = _traces(cluster)
    return _shown(events, before, after, _left(cluster))


def _with_login(cluster: Cluster) -> None:
    facts = rounds.facts_of(cluster)
    for machine in cluster.machines.values():
        machine.close()
    print(f"with a login: {facts.seconds} s, {len(facts.machines)} machines")


def _by_kubeconfig(config: str) -> None:
    print(f"by kubeconfig: {rounds.facts_by_kubeconfig(config).seconds} s")


def _now() -> str:
    time.sleep(1.1)  # the log has whole moments, and another second must not belong to both sides
    return datetime.now(UTC).isoformat()


def _traces(cluster: Cluster) -> Mapping[str, Trace]:
    machines = list(cluster.machines.values())
    return {machine.name: found for machine, found in zip(machines, together(trace, machines), strict=True)}


def _events(cluster: Cluster, began: str, ended: str) -> Iterable[Mapping[str, object]]:
    """Events of all API servers' logs between two moments, of those that a check may be."""
    for machine in cluster.control_planes:
        for line in machine.succeed(f"sudo cat {_LOG}", timeout=120, secret=True).splitlines():
            event = json.loads(line)
            if began <= event["requestReceivedTimestamp"] <= ended and event["user"].get("username") in _OURS:
                yield event


def _left(cluster: Cluster) -> list[str]:
    """Processes of the login that are not those of this question itself."""
    found = []
    for machine in cluster.machines.values():
        printed = machine.succeed("ps -e -o user,args")
        mine = [line for line in printed.splitlines() if line.split()[0] == machine.user]
        found += [f"{machine.name}: {line}" for line in mine if not any(each in line for each in ("sshd", "ps -e"))]
    return found


def _shown(
    events: Iterable[Mapping[str, object]], before: Mapping[str, Trace], after: Mapping[str, Trace], left: list[str]
) -> int:
    seen, changing = Counter[str](), []
    for event in events:
        resource = str((event.get("objectRef") or {}).get("resource", event["requestURI"]))  # type: ignore[attr-defined]
        verb = str(event["verb"])
        seen[f"{event['user']['username']} {verb}"] += 1  # type: ignore[index]
        if verb not in _READS and resource not in _REVIEWS:
            changing.append(f"{verb} {event['requestURI']}")
    for name, count in sorted(seen.items()):
        print(f"requests: {name}: {count}")
    changed = {name: found for name in before if (found := differences(before[name], after[name]))}
    print(
        f"changing requests: {changing or 'none'}", f"changed: {changed or 'none'}", f"left: {left or 'none'}", sep="\n"
    )
    return int(bool(changing or changed or left) or not seen)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
