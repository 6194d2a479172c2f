"""When something was, by the clocks of the cluster."""

from __future__ import annotations

from datetime import datetime, timedelta
from statistics import median

from checks.facts.cluster import Facts, Object

RECENTLY = timedelta(seconds=60)
"""What a restart takes: a static pod is ready within 30 to 60 s, a node within 10 s of its kubelet's start."""


def parsed(text: str) -> datetime:
    """A time as the API writes it."""
    return datetime.fromisoformat(text)


def now(facts: Facts) -> datetime:
    """The time of the control planes' clocks; this host's, or the newest lease's where no clock was read.

    This host may be minutes ahead: then what was renewed a second ago would look old.
    """
    ahead = [each.clock.value.ahead for each in facts.control_planes if each.clock.value]
    if ahead:
        return facts.taken + timedelta(seconds=median(ahead))
    renewed = [each["spec"]["renewTime"] for each in facts.api.leases.value or () if each["spec"].get("renewTime")]
    return min([facts.taken, max(map(parsed, renewed))]) if renewed else facts.taken


def when_read(facts: Facts) -> datetime:
    """The time of the same clocks when the objects of the API had been read; that of the end where nothing says it."""
    return now(facts) - (facts.taken - (facts.api_read or facts.taken))


def changed_recently(facts: Facts, thing: Object) -> bool:
    """Whether a pod or node has become what it is so recently that it may still be starting."""
    status = thing.get("status", {})
    times = [each.get("lastTransitionTime") for each in status.get("conditions") or [] if each.get("type") == "Ready"]
    times += [status.get("startTime")]
    for container in status.get("containerStatuses") or []:
        times.append(((container.get("state") or {}).get("running") or {}).get("startedAt"))
    return any(now(facts) - parsed(each) < RECENTLY for each in times if each)
