"""Whatever a machine or an API prints: a reader says that it did not understand it, and no secret is kept."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from checks.collecting import (
    discovery,
    following,
    machine_facts,
    reading_certificates,
    reading_etcd,
    reading_host,
    reading_kubernetes,
    servers,
)  # fmt: skip
from checks.collecting.access import Ways
from checks.collecting.api import PATHS, SECRETS, Reply, objects, tokens_of
from checks.collecting.collect import collected
from checks.collecting.machine import Visit, with_ports
from checks.collecting.questions import FIRST, is_name, is_url
from checks.collecting.sections import Answers
from checks.collecting.targets import places, targets
from checks.facts import bundle
from checks.facts.cluster import ApiServer, Facts
from checks.facts.fact import Unknown, unread
from checks.facts.machine import BALANCER, CONTROL_PLANE, ETCD, WORKER
from tests.signing import signed
from tests.simulated import Host, answered, cluster

_SETTINGS = settings(
    derandomize=True, deadline=None, max_examples=60, database=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture, HealthCheck.data_too_large],
)  # fmt: skip
_HEALTHY: dict[str, str] = {
    name: text for host in cluster().hosts.values() for name, (text, _) in host.answers.items() if text
}
"""What a healthy machine prints, by the names of questions."""

_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(
        st.sampled_from(["items", "metadata", "name", "spec", "status", "data", "ID", "members", "Status", "header",
                         "HashKV", "hash", "alarms", "ifname", "mtu", "flags", "addr_info", "local", "containers",
                         "volumes", "hostPath", "command", "etcd", "external", "endpoints", "clusters", "cluster",
                         "server", "expires", "usages", "token", "labels", "addresses", "level", "health"]),
        inner, max_size=4,
    ),
    max_leaves=12,
)  # fmt: skip


@st.composite
def _changed(draw: st.DrawFn, healthy: str) -> str:
    """A healthy text with a piece of it replaced, cut out or repeated."""
    one, two = sorted(draw(st.tuples(st.integers(0, len(healthy)), st.integers(0, len(healthy)))))
    piece = draw(
        st.sampled_from(["", "\0", "-1", "9" * 30, "null", "[", "{", "\n", ":", "é", "1e999", "/"]) | st.text()
    )
    return healthy[:one] + piece + draw(st.sampled_from([healthy[two:], healthy[one:], ""]))


def _texts(name: str) -> st.SearchStrategy[str]:
    healthy = _HEALTHY.get(name, "")
    return st.one_of(st.text(), _changed(healthy), _JSON.map(json.dumps), _JSON.map(yaml.safe_dump))


_READERS: dict[str, tuple[str, Callable[[Answers], Any]]] = {
    "identity": ("host", reading_host.identity),
    "clock": ("now", lambda a: reading_host.clock(a.text("now"), 0, 1, "")),
    "interfaces": ("interfaces", reading_host.interfaces), "addresses": ("addresses", reading_host.addresses),
    "units": ("units", reading_host.units), "swap": ("swap", reading_host.swap), "disks": ("bytes", reading_host.disks),
    "sysctls": ("sysctls", reading_host.sysctls), "files": ("files", reading_host.files),
    "digests": ("digests", reading_host.digests), "processes": ("processes", reading_host.processes),
    "resolved": ("resolved", reading_host.resolved), "manifests": ("manifests", reading_kubernetes.manifests),
    "kubelet": ("kubelet-configuration", lambda a: reading_kubernetes.kubelet(a, ())),
    "flags": ("kubelet-flags", lambda a: reading_kubernetes.kubelet(a, ())),
    "runtime": ("runtime", reading_kubernetes.runtime), "drivers": ("configured-driver", reading_kubernetes.runtime),
    "tokens": ("tokens", lambda a: reading_kubernetes.tokens(a.any("tokens").text)),
    "certificates": ("certificates", lambda a: reading_certificates.certificates(a.any("certificates").text)),
    "keys": ("keys", lambda a: reading_certificates.keys(a.any("keys").text, private=True)),
    "kubeconfigs": ("kubeconfigs", lambda a: reading_certificates.kubeconfigs(a.any("kubeconfigs").text)),
    "presented": ("certificates", lambda a: reading_certificates.presented("a:1", a.any("certificates").text)),
    "members": ("members", reading_etcd.view), "alarms": ("alarms", reading_etcd.view),
    "health": ("members-health", reading_etcd.view), "status": ("status", lambda a: reading_etcd.status(a, 0)),
    "hash": ("hash", lambda a: reading_etcd.data_hash(a, 0)),
    "metrics": ("etcd-metrics", lambda a: reading_etcd.metrics(a, 0)),
}  # fmt: skip
"""Readers, each with the question whose answer is anything."""


@pytest.mark.parametrize("reader", _READERS)
@_SETTINGS
@given(data=st.data())
def test_a_reader_raises_nothing_but_that_it_did_not_understand(reader: str, data: st.DataObject) -> None:
    name, read = _READERS[reader]
    text, rc = data.draw(_texts(name)), data.draw(st.sampled_from([0, 1, 124, 127]))
    printed = {**{each: (given, 0) for each, given in _HEALTHY.items()}, name: (text, rc)}
    with suppress(Unknown):
        read(answered(**{each.replace("-", "_").replace(" ", "__"): output for each, output in printed.items()}))


@_SETTINGS
@given(data=st.data())
def test_facts_of_a_machine_are_made_of_anything(data: st.DataObject) -> None:
    """And fit into a bundle."""
    chosen = data.draw(st.lists(st.sampled_from(sorted(_HEALTHY)), max_size=6, unique=True))
    printed = {**_HEALTHY, **{name: data.draw(_texts(name)) for name in chosen}}
    given_ = answered(**{each.replace("-", "_").replace(" ", "__"): output for each, output in printed.items()})
    visit = with_ports(Visit("cp1", (CONTROL_PLANE, ETCD), "10.0.0.11", Host("cp1", "10.0.0.11", {}), given_))
    following.groups(visit, (), "k8s.example.org", "/opt/pki")
    following.hash_if_small(visit, given_, always=True)
    made = machine_facts.facts(visit, ())
    facts = Facts(datetime.now(UTC), "", (), (made,))
    assert bundle._FACTS.validate_json(bundle._FACTS.dump_json(facts)).machines[0].name == "cp1"


@_SETTINGS
@given(data=st.data())
def test_facts_of_the_api_are_made_of_anything(data: st.DataObject) -> None:
    replies = dict(cluster().objects.get(PATHS))
    for name in data.draw(st.lists(st.sampled_from(sorted(PATHS)), max_size=4, unique=True)):
        body = data.draw(st.one_of(st.text(), _JSON.map(json.dumps), _changed(replies[name].text)))
        replies[name] = replace(replies[name], text=body, status=data.draw(st.sampled_from([0, 200, 403, 404, 500])))
    api = objects(replies, tokens_of(Reply("", 200, data.draw(_JSON.map(json.dumps)))))
    known: tuple[discovery.Known, ...] = ()
    with suppress(Unknown):
        known = discovery.machines(api)
    for roles in ((CONTROL_PLANE, ETCD), (WORKER,), (BALANCER,)):
        assert all(is_url(each.url) for each in targets(roles, places(known), api, "lb:6443"))
    assert bundle._FACTS.dump_json(Facts(datetime.now(UTC), "", (), (), api))


@_SETTINGS
@given(st.text())
def test_names_and_urls_that_pass_are_one_word_for_a_shell(text: str) -> None:
    for passed in (is_name(text), is_url(f"https://{text}:1/x")):
        assert not passed or not set(text) & set(" \t\n;&|$`'\"\\(){}<>*?!#~") - {"*"}


_KEY = signed("planted").key.decode()
_PLANTED = "hunter2hunter2"


def _planted() -> Any:
    """A healthy cluster in whose answers secrets stand wherever one may."""
    simulated = cluster()
    env = {"containers": [{"name": "x", "command": ["x", f"--password={_PLANTED}"],
                           "env": [{"name": "A", "value": _PLANTED}]}]}  # fmt: skip
    pods = json.loads(simulated.objects.bodies[PATHS["pods"]][1])
    pods["items"][0]["spec"] |= env
    pods["items"][0]["metadata"]["annotations"] = {"a/last-applied-configuration": _PLANTED, "key": _KEY}
    simulated.objects.bodies[PATHS["pods"]] = (200, json.dumps(pods))
    secret = {"token-id": "abcdef", "token-secret": _PLANTED, "auth-extra-groups": "x"}
    data = {key: base64.b64encode(value.encode()).decode() for key, value in secret.items()}
    simulated.objects.bodies[SECRETS] = (200, json.dumps({"items": [{"metadata": {"name": "t"}, "data": data}]}))
    encoded = base64.b64encode(_KEY.encode()).decode()
    more = {
        "manifests": f"/etc/kubernetes/manifests/x.yaml\n{yaml.safe_dump({'spec': env})}\n",
        "haproxy": f"/etc/haproxy/haproxy.cfg\nglobal\n  stats auth admin:{_PLANTED}\nuserlist u\n"
        f"  user a password {_PLANTED}\n  user b insecure-password {_PLANTED}\nfrontend api\n  bind *:6443\n"
        "  default_backend b\nbackend b\n  server cp1 10.0.0.11:6443 check\n",
        "keepalived": f"/etc/keepalived/keepalived.conf\nvrrp_instance a {{\n authentication {{\n auth_type PASS\n"
        f" auth_pass {_PLANTED}\n }}\n virtual_ipaddress {{\n 10.0.0.100\n }}\n}}\n",
        "kubeconfigs": f"/etc/kubernetes/admin.conf:    client-key-data: {encoded}\n"
        f"/etc/kubernetes/admin.conf:    token: {_PLANTED}\n",
        "keys": f"/etc/kubernetes/pki/a.key\n{_KEY}", "certificates": f"/etc/kubernetes/pki/a.crt:{_KEY}\0",
        "kubelet-configuration": f"staticPodURLHeader: {{Authorization: ['{_PLANTED}']}}\n",
        "processes": f"      1 10 kube-vip --auth-token={_PLANTED} --password {_PLANTED}\n",
        "tokens": json.dumps({"token": f"abcdef.{_PLANTED}00"}), "runtime": json.dumps({"password": _PLANTED}),
    }  # fmt: skip
    for host in simulated.hosts.values():
        host.answers |= {name: (host.answers[name][0] + text if name == "processes" else text, 0)
                         for name, text in more.items() if name in FIRST or name == "tokens"}  # fmt: skip
    return simulated


@pytest.mark.parametrize("way", ["kubeconfig and ssh", "inventory"])
def test_no_secret_that_is_planted_in_an_answer_is_in_a_bundle(
    way: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    nothing: Any = unread("not in a test")
    monkeypatch.setattr(
        servers, "inspected", lambda where, name, port: ApiServer(where, name, nothing, nothing, nothing)
    )
    simulated = _planted()
    inventory = way == "inventory"
    ways = Ways(machines=simulated.entries) if inventory else Ways(simulated.objects, login=simulated.login)
    ways.endpoint = "10.0.0.1:6443"
    facts = collected(ways)
    bundle.save(facts, tmp_path / "bundle.json")
    written = (tmp_path / "bundle.json").read_text()
    assert facts.api.pods.known
    assert facts.machine("cp1").manifests.known
    assert facts.balancers[0].balancers.known
    assert _PLANTED not in written
    assert "PRIVATE KEY" not in written
    assert _KEY.splitlines()[1] not in written
    assert base64.b64encode(_KEY.encode()).decode()[40:80] not in written


@pytest.mark.parametrize("error", ["a: [\n  password: {x}\n", "{x}: {x}: {x}", "- {x}\n- ["])
def test_a_message_about_a_file_does_not_quote_it(error: str) -> None:
    text = error.replace("{x}", _PLANTED)
    [pod] = reading_kubernetes.manifests(answered(manifests=f"/etc/kubernetes/manifests/a.yaml\n{text}\n"))
    with pytest.raises(Unknown) as raised:
        reading_kubernetes.kubelet(answered(kubelet_version="v1", kubelet_configuration=text), ())
    assert _PLANTED not in f"{pod.error} {raised.value.reason}"
