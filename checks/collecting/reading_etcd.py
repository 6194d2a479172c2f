"""What etcdctl printed of a member, and the member's own metrics. Pure."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from checks.collecting.documents import items, mapping, number, of_yaml, part, texts
from checks.collecting.questions import EtcdAccess, is_path, is_url
from checks.collecting.secret_parts import is_called_a_secret, without_secrets
from checks.collecting.sections import Answers
from checks.facts.etcd import Alarm, EtcdMetrics, EtcdView, Hash, Member, Status
from checks.facts.fact import Unknown
from checks.facts.machine import Process

_ALARMS = {0: "NONE", 1: "NOSPACE", 2: "CORRUPT"}
_NUMBER = r"(-?\d[\d.]*(?:e[+-]?\d+)?|\+Inf|NaN)"
_BUCKET = re.compile(rf'^etcd_disk_wal_fsync_duration_seconds_bucket\{{le="{_NUMBER}"\}} {_NUMBER}$', re.MULTILINE)
HASHED_BELOW = 1024**3
"""Bytes: the hash reads the whole database, which is only done by itself where that is small."""

_APART = 200
"""Revisions between those of which hashes are taken. The quietest clusters write three hundred in the five minutes that
API servers leave uncompacted, so that this one is among them; two members that answer within a second are rarely on
both sides of one."""


def flags_in_use(process: Process, given: Answers) -> Mapping[str, str]:
    """A member's settings: its flags, or, where it is a service, the variables of its environment's file."""
    lines = (line.partition("=") for line in given.maybe("etcd-environment").splitlines())
    named = {
        name.removeprefix("ETCD_").lower().replace("_", "-"): value.strip().strip("\"'") for name, _, value in lines
    }
    return process.flags if "config-file" in process.flags else {**named, **process.flags}


def with_files(processes: tuple[Process, ...], given: Answers) -> tuple[Process, ...]:
    """Processes with what their configuration file says as flags: etcd takes no others then, and no environment.

    https://etcd.io/docs/latest/op-guide/configuration/
    """
    return tuple(
        replace(each, arguments=(*each.arguments, *_as_flags(given.maybe(f"etcd-configuration {each.pid}"))))
        if each.name == "etcd" else each
        for each in processes
    )  # fmt: skip


def _as_flags(text: str) -> Iterator[str]:
    """A configuration file's keys are named as the flags are; those of TLS are in two parts."""
    try:
        read = mapping(of_yaml(text, "the file"), "the file") if text else {}
        settings = {name: value for name, value in read.items() if not isinstance(value, (Mapping, list))}
        for section, prefix in (("client-transport-security", ""), ("peer-transport-security", "peer-")):
            settings |= {f"{prefix}{name}": value for name, value in part(read, section, "the file").items()}
    except Unknown:
        return
    for name, value in settings.items():
        if value is not None and not is_called_a_secret(name):
            yield f"--{name}={str(value).lower() if isinstance(value, bool) else without_secrets(str(value))}"


def access(flags: Mapping[str, str], address: str, process: int) -> EtcdAccess:
    """How the member of a machine is talked to, by its own flags; raises Unknown where they do not say.

    `process` is its pid where its files are those of a container, else 0.
    """
    urls = (flags.get("listen-client-urls") or flags.get("advertise-client-urls", "")).split(",")
    endpoint = next((each for each in urls if f"//{address}:" in each or f"//[{address}]:" in each), urls[0])
    endpoint = endpoint.replace("//0.0.0.0:", "//127.0.0.1:").replace("//[::]:", "//[::1]:")
    authority, certificate, key = (flags.get(each, "") for each in ("trusted-ca-file", "cert-file", "key-file"))
    files = (authority, certificate, key)
    if not is_url(endpoint) or not endpoint.startswith("https://") or not all(map(is_path, files)):
        raise Unknown("etcd's flags name no client URL with https, or no certificate of its own")
    metrics = flags.get("listen-metrics-urls", "").split(",")[0].replace("//0.0.0.0:", "//127.0.0.1:")
    page = f"{metrics}/metrics" if metrics.startswith("http://") and is_url(metrics) else ""
    return EtcdAccess(endpoint, authority, certificate, key, page, process)


def view(given: Answers) -> EtcdView:
    """Members and alarms, as one member lists them."""
    members = members_of(given.text("members"))
    raised = items(printed_json(given.text("alarms"), "alarms"), "alarms", "the answer about alarms")
    return EtcdView(members, tuple(map(_alarm, raised)), dict(_answers(given, members)))


def members_of(printed: str) -> tuple[Member, ...]:
    """The list of members, of `etcdctl member list`; raises Unknown."""
    listed = printed_json(printed, "members")
    if not isinstance(listed, Mapping) or not listed.get("members"):
        raise Unknown("etcdctl printed no list of members")
    return tuple(_member(each) for each in items(listed, "members", "the list"))


def _answers(given: Answers, members: Sequence[Member]) -> Iterator[tuple[str, str]]:
    """Which members answer from there, by their id; none where that was not seen."""
    try:
        seen = printed_json(given.any("members-health").text, "the health of members")
    except Unknown:
        return
    for each in seen if isinstance(seen, list) else ():
        output = mapping(each, "the health of a member")
        error = "" if output.get("health") is True else str(output.get("error") or "it is not healthy")
        yield from ((member.id, error) for member in members if output.get("endpoint") in member.client_urls)


def _member(given: Any) -> Member:
    what = "a member"
    return Member(
        _id(given, "ID", what), str(mapping(given, what).get("name") or ""), texts(given, "peerURLs", what),
        texts(given, "clientURLs", what), bool(given.get("isLearner")),
    )  # fmt: skip


def _alarm(given: Any) -> Alarm:
    kind = mapping(given, "an alarm").get("alarm", 0)
    named = _ALARMS.get(kind, str(kind)) if isinstance(kind, int) else str(kind)
    return Alarm(named, _id(given, "memberID", "an alarm"))


def status(given: Answers, quota: int) -> Status:
    """A member about itself; `quota` is that of its flags. Since 3.6 it says which it has."""
    return status_of(_of_one(given, "status", "Status"), quota)


def status_of(own: Mapping[str, Any], quota: int = 0) -> Status:
    """One entry of what `etcdctl endpoint status` prints; raises Unknown."""
    what, header = "the status", part(own, "header", "the status")
    size, used = (number(own, each, what) for each in ("dbSize", "dbSizeInUse"))
    return Status(
        _id(header, "member_id", what), str(own.get("version", "")), _id(own, "leader", what),
        number(own, "raftTerm", what), number(header, "revision", what), size, used,
        quota or number(own, "dbSizeQuota", what), bool(own.get("isLearner")), texts(own, "errors", what),
        _id(header, "cluster_id", what),
    )  # fmt: skip


def hashed_at(revision: int) -> int:
    """The revision of which a member with this one is to give the hash; 0 for its own, while there are few. Pure.

    Members answer one after another, while others write: by the current revision of each, no two hashes could be
    compared.
    """
    return revision // _APART * _APART


def data_hash(given: Answers, requested: int) -> Hash:
    """The hash of a member's data. Releases before 3.6 do not say of which revision: it is the requested one."""
    reported = _of_one(given, "hash", "HashKV")
    what, header = "the hash", part(reported, "header", "the hash")
    if "hash" not in reported:
        raise Unknown("etcdctl printed no hash")
    revision = number(reported, "hash_revision", what) or requested or number(header, "revision", what)
    return Hash(number(reported, "hash", what), revision, number(reported, "compact_revision", what))


def metrics(given: Answers, now: float) -> EtcdMetrics:
    """A few of a member's metrics; `now` is the machine's clock in seconds since the epoch."""
    text = given.text("etcd-metrics")
    changes, leader = (_value(text, f"etcd_server_{each}") for each in ("leader_changes_seen_total", "has_leader"))
    if leader is None:
        raise Unknown("etcd's metrics do not say whether it has a leader")
    started = _value(text, "process_start_time_seconds")
    return EtcdMetrics(changes or 0.0, _p99(text), leader != 0, now - started if started else None)


def _value(text: str, name: str) -> float | None:
    match = re.search(rf"^{name} {_NUMBER}$", text, re.MULTILINE | re.ASCII)
    return _float(match[1]) if match else None


def _float(text: str) -> float | None:
    """A number of Prometheus' text; None for one that is none, or endless."""
    try:
        found = float(text)
    except ValueError:
        return None
    return found if abs(found) < 1e18 else None


def _p99(text: str) -> float | None:
    """The upper end of the bucket that 99 of 100 writes are in; of the last one, which has no end, the end before."""
    buckets = sorted((end, count) for e, c in _BUCKET.findall(text) if (end := _float(e)) and (count := _float(c)))
    total = _value(text, "etcd_disk_wal_fsync_duration_seconds_count") or (buckets[-1][1] if buckets else 0)
    if not total or not buckets:
        return None
    return next((end for end, count in buckets if count >= 0.99 * total), buckets[-1][0])


def _id(given: Any, name: str, what: str) -> str:
    return f"{number(given, name, what):x}"


def _of_one(given: Answers, name: str, key: str) -> Mapping[str, Any]:
    """The part of an answer that is about one member."""
    found = printed_json(given.text(name), name)
    if not isinstance(found, list) or len(found) != 1:
        raise Unknown(f"etcdctl did not answer about one member, when it was requested for its {name}")
    return part(found[0], key, f"the answer about {name}")


def printed_json(text: str, name: str) -> Any:
    """What etcdctl answered; raises Unknown. It warns on other lines, which are objects, too: they have a level."""
    for line in reversed(text.splitlines()):
        try:
            found = json.loads(line)
        except (ValueError, RecursionError):
            continue
        if isinstance(found, list) or (isinstance(found, dict) and "level" not in found):
            return found
    raise Unknown(f"etcdctl printed no JSON about {name}")
