"""What etcdctl printed of a member, and the member's own metrics. Pure."""

from __future__ import annotations

import json
import re
from typing import Any

from checks.collecting.questions import EtcdAccess
from checks.collecting.sections import Answers
from checks.facts.etcd import Alarm, EtcdMetrics, EtcdView, Hash, Member, Status
from checks.facts.fact import Unknown
from checks.facts.machine import Process

_ALARMS = {0: "NONE", 1: "NOSPACE", 2: "CORRUPT"}
_BUCKET = re.compile(r'etcd_disk_wal_fsync_duration_seconds_bucket\{le="([\d.e+-]+)"\} ([\d.e+]+)')
HASHED_BELOW = 1024**3
"""Bytes: the hash reads the whole database, which is only done by itself where that is small."""


def access(process: Process, address: str, *, inside: bool) -> EtcdAccess:
    """How the member of a machine is talked to, by its own flags; raises Unknown where they do not say."""
    flags = process.flags
    urls = (flags.get("listen-client-urls") or flags.get("advertise-client-urls", "")).split(",")
    endpoint = next((each for each in urls if address in each), urls[0]).replace("0.0.0.0", "127.0.0.1")
    authority, certificate, key = (flags.get(each, "") for each in ("trusted-ca-file", "cert-file", "key-file"))
    if not endpoint or not (authority and certificate and key):
        raise Unknown("etcd's flags name no client URL or no certificate of its own")
    metrics = flags.get("listen-metrics-urls", "").split(",")[0]
    page = f"{metrics}/metrics" if metrics.startswith("http://") else ""
    return EtcdAccess(endpoint, authority, certificate, key, page, inside)


def view(given: Answers) -> EtcdView:
    """Members and alarms, as one member lists them."""
    listed = _json(given, "members")
    members = tuple(
        Member(
            f"{each['ID']:x}", each.get("name", ""), tuple(each.get("peerURLs", ())), tuple(each.get("clientURLs", ())),
            bool(each.get("isLearner")),
        )
        for each in listed.get("members", ())
    )  # fmt: skip
    raised = _json(given, "alarms").get("alarms") or ()
    alarms = tuple(Alarm(_kind(each.get("alarm", 0)), f"{each.get('memberID', 0):x}") for each in raised)
    return EtcdView(members, alarms)


def _kind(alarm: Any) -> str:
    return _ALARMS.get(alarm, str(alarm)) if isinstance(alarm, int) else str(alarm)


def status(given: Answers, quota: int) -> Status:
    """A member about itself."""
    [each] = _json(given, "status")
    told = each["Status"]
    return Status(
        f"{told['header']['member_id']:x}", told["version"], f"{told.get('leader', 0):x}", told.get("raftTerm", 0),
        told["header"]["revision"], told.get("dbSize", 0), told.get("dbSizeInUse", 0), quota,
        bool(told.get("isLearner")), tuple(told.get("errors") or ()), f"{told['header'].get('cluster_id', 0):x}",
    )  # fmt: skip


def data_hash(given: Answers) -> Hash:
    """The hash of a member's data."""
    [each] = _json(given, "hash")
    told = each["HashKV"]
    return Hash(told["hash"], told.get("hash_revision") or told["header"]["revision"], told.get("compact_revision", 0))


def metrics(given: Answers, now: float) -> EtcdMetrics:
    """A few of a member's metrics; `now` is the machine's clock in seconds since the epoch."""
    text = given.text("etcd-metrics")
    started = _value(text, "process_start_time_seconds")
    return EtcdMetrics(
        _value(text, "etcd_server_leader_changes_seen_total") or 0.0, _p99(text),
        _value(text, "etcd_server_has_leader") != 0, now - started if started else None,
    )  # fmt: skip


def _value(text: str, name: str) -> float | None:
    match = re.search(rf"^{name} ([\d.e+-]+)$", text, re.MULTILINE)
    return float(match[1]) if match else None


def _p99(text: str) -> float | None:
    """The upper end of the bucket that 99 of 100 writes are in."""
    buckets = [(float(end), float(count)) for end, count in _BUCKET.findall(text)]
    total = _value(text, "etcd_disk_wal_fsync_duration_seconds_count") or (buckets[-1][1] if buckets else 0)
    if not total:
        return None
    return next((end for end, count in sorted(buckets) if count >= 0.99 * total), None)


def _json(given: Answers, name: str) -> Any:
    text = given.text(name)
    start = min((at for at in (text.find("{"), text.find("[")) if at >= 0), default=-1)  # warnings stand before it
    try:
        return json.loads(text[start:].splitlines()[0])
    except (ValueError, IndexError):
        raise Unknown(f"etcdctl printed no JSON: {text.strip()[:80]}") from None
