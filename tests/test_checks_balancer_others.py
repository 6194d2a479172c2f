"""Files of nginx, keepalived and kube-vip, and of static pods; and that no text makes the reading of any raise."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from checks.collecting.balancer_files import balancers_of
from checks.collecting.balancer_haproxy import Wanted
from checks.collecting.balancer_keepalived import keepalived
from checks.collecting.balancer_nginx import nginx
from checks.collecting.balancer_pods import kube_vip, pods_of
from provision.loadbalancer import haproxy as our_haproxy
from provision.loadbalancer import keepalived as our_keepalived
from provision.loadbalancer import nginx as our_nginx
from provision.loadbalancer import static_pods

FILE = "/etc/haproxy/haproxy.cfg"
WANTED = Wanted(6443, frozenset({"10.0.0.100"}))
MACHINES: list[Any] = [SimpleNamespace(name=f"cp{n}", address=f"10.0.0.1{n}") for n in (1, 2, 3)]
HAPROXY = our_haproxy.render(6443, MACHINES)


def test_our_own_nginx_is_read() -> None:
    text = our_nginx.render(6443, MACHINES)
    found = nginx({"/etc/nginx/nginx.conf": text}, "/etc/nginx/nginx.conf", "nginx.service", WANTED)
    assert found is not None
    assert [(each.address, each.port, each.checked) for each in found.servers] == [
        (f"10.0.0.1{n}", 6443, "passive") for n in (1, 2, 3)
    ]
    assert (found.client_timeout, found.listens) == (35.0, ("6443",))


def test_nginx_with_includes_and_a_map_of_names_is_read() -> None:
    files = {
        "/etc/nginx/nginx.conf": "stream { proxy_timeout 5s; include streams/*.conf; }\nhttp { server { listen 80; } }",
        "/etc/nginx/streams/api.conf": """
            map $ssl_preread_server_name $target { k8s.example.org masters; default ingress; }
            upstream masters { hash $remote_addr; server 10.0.0.11:6443 backup; server [fd00::12]:6443 down; }
            upstream ingress { server 10.0.0.21:443; }
            server { listen 443; ssl_preread on; proxy_pass $target; }
        """,
    }
    found = nginx(files, "/etc/nginx/nginx.conf", "nginx.service", Wanted(443))
    assert found is not None
    assert [(each.address, each.backup, each.up) for each in found.servers] == [
        ("10.0.0.11", True, None), ("fd00::12", False, False),
    ]  # fmt: skip
    assert (found.sticky, found.client_timeout) == (True, 5.0)


def test_a_web_server_is_not_a_balancer() -> None:
    text = "http { server { listen 80; location / { proxy_pass http://127.0.0.1:8080; } } }"
    assert nginx({"/n": text}, "/n", "nginx.service", WANTED) is None


def test_keepalived_is_read_with_includes_and_variables() -> None:
    files = {
        "/etc/keepalived/keepalived.conf": "$VIP=10.0.0.100\ninclude conf.d/*.conf\n",
        "/etc/keepalived/conf.d/a.conf": """
            vrrp_instance OTHER { virtual_router_id 7
                virtual_ipaddress { 10.9.9.9 } }
            vrrp_instance API   ! of the cluster
            {
                state BACKUP
                interface eth0
                virtual_router_id 51   # the same on both
                priority 100
                authentication { auth_type PASS
                    auth_pass secret }
                virtual_ipaddress {
                    ${VIP}/24 dev eth0 label eth0:1
                }
            }
        """,
    }
    found = keepalived(files, "/etc/keepalived/keepalived.conf", "keepalived.service", WANTED)
    assert found is not None
    assert (found.virtual_addresses, found.router_id) == (("10.0.0.100",), "51")
    assert found.notes == ("vrrp_instance API: state BACKUP, priority 100, interface eth0",)
    assert "secret" not in repr(found)


def test_keepalived_that_forwards_is_read() -> None:
    text = """
    virtual_server 10.0.0.100 6443 {
        lb_algo rr
        real_server 10.0.0.11 6443 { TCP_CHECK { connect_timeout 3 } }
        real_server 10.0.0.12 6443 { SSL_GET { url { path /healthz } } }
        real_server 10.0.0.13 6443 { weight 1 }
    }
    """
    found = keepalived({"/k": text}, "/k", "keepalived.service", WANTED)
    assert found is not None
    assert [each.checked for each in found.servers] == ["tcp", "https", "none"]


def test_our_own_static_pods_are_read_with_their_files() -> None:
    endpoint: Any = SimpleNamespace(address="10.0.0.100", port=6443)
    files = {
        "/etc/haproxy/haproxy.cfg": HAPROXY,
        "/etc/keepalived/keepalived.conf": our_keepalived.render("cp1", "eth0", endpoint, first=True),
    }
    manifests = {
        f"/etc/kubernetes/manifests/{name}.yaml": static_pods.manifest(name, 6443, {path: files[path]})
        for name, path in (("haproxy", "/etc/haproxy/haproxy.cfg"), ("keepalived", "/etc/keepalived/keepalived.conf"))
    }
    first, second = balancers_of(files, manifests, "", WANTED)
    assert (first.kind, first.where, len(first.servers)) == ("haproxy", "/etc/kubernetes/manifests/haproxy.yaml", 3)
    assert (second.kind, second.virtual_addresses, second.router_id) == ("keepalived", ("10.0.0.100",), "100")


def pod(container: dict[str, Any], **spec: Any) -> str:
    return str(yaml.safe_dump({"kind": "Pod", "spec": {"containers": [container], **spec}}))


def env(**values: str) -> dict[str, Any]:
    return {"env": [{"name": name, "value": value} for name, value in values.items()]}


def test_a_static_pod_finds_its_file_through_its_mounts() -> None:
    manifest = pod(
        {
            "name": "lb", "image": "docker.io/library/haproxy:3.0@sha256:00",
            "volumeMounts": [{"name": "files", "mountPath": "/usr/local/etc/haproxy"}],
            "env": [{"name": "FIRST", "value": "10.0.0.11"}],
        },
        volumes=[{"name": "files", "hostPath": {"path": "/etc/haproxy"}}],
    )  # fmt: skip
    files = {FILE: HAPROXY.replace("10.0.0.11", '"${FIRST}"')}
    (found,) = balancers_of(files, {"/m/lb.yaml": manifest}, "", WANTED)
    assert (found.where, found.servers[0].address) == ("/m/lb.yaml", "10.0.0.11")


@pytest.mark.parametrize(
    ("container", "addresses", "everywhere"),
    [
        (env(address="10.0.0.100", vip_arp="true"), ("10.0.0.100",), False),
        (env(vip_address="10.0.0.100/32", bgp_enable="true"), ("10.0.0.100",), True),
        ({"args": ["manager", "--arp", "--vip", "10.0.0.100", "--controlplane"]}, ("10.0.0.100",), False),
        (env(address="10.0.0.100", cp_enable="false"), None, False),
        ({}, None, False),
    ],
)  # fmt: skip
def test_kube_vip_is_read(container: dict[str, Any], addresses: tuple[str, ...] | None, everywhere: bool) -> None:
    (found,) = pods_of(pod({"name": "kube-vip", "image": "ghcr.io/kube-vip/kube-vip:v1.0.0", **container}))
    balancer = kube_vip(found, "/etc/kubernetes/manifests/kube-vip.yaml")
    assert (balancer.virtual_addresses if balancer else None) == addresses
    assert balancer is None or balancer.everywhere is everywhere


WORDS = """
frontend backend listen defaults from bind server server-template check *:6443 :::6443 10.0.0.1:6443 1-999999 :6443-6445
default_backend use_backend a b option httpchk tcp-check http-check send uri timeout client 99999999999999 ${X} ${ \\ "
' # { } ; include * [ stream upstream map proxy_pass $t vrrp_instance virtual_ipaddress @x ! virtual_server real_server
6443 balance stick track setenv no enabled disabled .if
"""
PIECES = st.sampled_from([*WORDS.split(), "\n"])
TEXT = st.one_of(st.text(), st.lists(PIECES, max_size=60).map(" ".join))


@settings(max_examples=400, deadline=None)
@given(TEXT, TEXT)
def test_no_text_makes_reading_raise(first: str, second: str) -> None:
    files = dict.fromkeys((FILE, "/etc/nginx/nginx.conf", "/etc/keepalived/keepalived.conf"), first)
    files |= {"/etc/nginx/a.conf": second, "/etc/keepalived/a.conf": second}
    list(balancers_of(files, {"/m/a.yaml": first}, second, WANTED, ("haproxy", *second.split())))


FIELDS = "spec containers volumes name image command args env value hostPath path volumeMounts mountPath subPath"
NAMES = FIELDS.split()
PLAIN = st.one_of(
    st.none(), st.booleans(), st.integers(), st.text(max_size=8), st.sampled_from(["kube-vip", "haproxy", "nginx"])
)
VALUES = st.recursive(
    PLAIN,
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(st.sampled_from(NAMES), inner, max_size=5)),
    max_leaves=20,
)


@settings(max_examples=300, deadline=None)
@given(VALUES)
def test_no_manifest_makes_reading_raise(value: Any) -> None:
    text = yaml.safe_dump({"spec": {"containers": [value, {"name": "haproxy", "command": value, "env": value}]}})
    list(balancers_of({FILE: HAPROXY}, {"/m/a.yaml": text}, "", WANTED))
    list(balancers_of({}, {"/m/a.yaml": yaml.safe_dump(value)}, "", WANTED))
