"""HAProxy's files and its own word of its servers, as people have them."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from checks.collecting.balancer_files import balancers_of
from checks.collecting.balancer_haproxy import Wanted, haproxy
from checks.collecting.balancer_stat import states
from checks.collecting.balancer_words import seconds, words
from checks.facts.balancer import Balancer
from provision.config.balancers import Check
from provision.loadbalancer import haproxy as ours

FILE = "/etc/haproxy/haproxy.cfg"
WANTED = Wanted(6443, frozenset({"10.0.0.100"}))


def read(text: str, wanted: Wanted = WANTED, **given: Any) -> Balancer:
    """HAProxy with one file; there is something for the API in it."""
    found = haproxy({FILE: text}, "haproxy.service", wanted, **given)
    assert found is not None
    return found


def checked(text: str) -> set[str]:
    return {each.checked for each in read(text).servers}


def backend(*lines: str, defaults: str = "", options: str = "check") -> str:
    return "\n".join([
        "defaults", "  mode tcp", *defaults.splitlines(), "frontend api", "  bind *:6443", "  default_backend masters",
        "backend masters", *lines, f"  server m1 10.0.0.11:6443 {options}", f"  server m2 10.0.0.12:6443 {options}",
    ])  # fmt: skip


def machines() -> list[Any]:
    return [SimpleNamespace(name=f"cp{n}", address=f"10.0.0.1{n}") for n in (1, 2, 3)]


@pytest.mark.parametrize(("check", "kind"), [(Check.HEALTH, "https"), (Check.TCP, "tcp")])
def test_the_documented_file_is_read(check: Check, kind: str) -> None:
    found = read(ours.render(6443, machines(), check=check))
    assert found.listens == ("*:6443",)
    assert [(each.name, each.address, each.port, each.checked) for each in found.servers] == [
        (f"cp{n}", f"10.0.0.1{n}", 6443, kind) for n in (1, 2, 3)
    ]
    assert (found.client_timeout, found.server_timeout, found.sticky, found.notes) == (35.0, 35.0, False, ())
    assert found.check_path == ("/healthz" if kind == "https" else "")


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        (backend(options=""), "none"),
        (backend(), "tcp"),
        (backend("  option tcp-check"), "tcp"),
        (backend("  option tcp-check", "  tcp-check connect ssl"), "ssl"),
        (backend("  option tcp-check", "  tcp-check connect ssl", "  tcp-check send 'GET /livez HTTP/1.0'"), "https"),
        (backend("  option ssl-hello-chk"), "ssl"),
        (backend("  option httpchk GET /readyz"), "http"),
        (backend("  option httpchk GET /readyz", options="check check-ssl verify none"), "https"),
        (backend("  option httpchk GET /readyz", options="check ssl verify none"), "https"),
        (backend("  option httpchk", "  default-server check check-ssl verify none", options=""), "https"),
        (backend("  default-server check", options="no-check"), "none"),
        (backend(defaults="  default-server check inter 2s", options=""), "tcp"),
        (backend(defaults="  option httpchk GET /healthz", options="check check-ssl"), "https"),
        (backend("  no option httpchk", defaults="  option httpchk GET /healthz"), "tcp"),
        (backend("  option external-check", "  external-check command /bin/true"), ""),
        (backend(options="track other/m1"), ""),
    ],
)
def test_kinds_of_checks(text: str, kind: str) -> None:
    assert checked(text) == {kind}


def test_a_later_kind_of_check_takes_the_place_of_the_earlier_one() -> None:
    found = read(backend("  option httpchk GET /healthz", "  http-check expect status 200", "  option ssl-hello-chk"))
    assert {each.checked for each in found.servers} == {"ssl"}
    assert "option ssl-hello-chk comes after option httpchk" in found.notes[0]


@pytest.mark.parametrize(
    ("lines", "client", "server"),
    [
        ("timeout client 5s\ntimeout server 5000", 5.0, 5.0),
        ("timeout client 1m\ntimeout server 50000us", 60.0, 0.05),
        ("timeout client 5s\ntimeout server 5s\ntimeout tunnel 1h", 3600.0, 3600.0),
        ("clitimeout 20000\nsrvtimeout 20000", 20.0, 20.0),
        ("timeout client 0\ntimeout server soon", None, None),
        ("", None, None),
    ],
)
def test_timeouts_are_in_seconds(lines: str, client: float | None, server: float | None) -> None:
    found = read(backend(defaults=lines))
    assert (found.client_timeout, found.server_timeout) == pytest.approx((client, server))


def test_the_timeout_of_a_frontend_counts_before_defaults_and_those_of_others_do_not() -> None:
    text = backend(defaults="timeout client 50s\ntimeout server 50s").replace(
        "bind *:6443", "bind *:6443\n timeout client 9s"
    )
    text += (
        "\nfrontend web\n bind *:80\n timeout client 1s\n default_backend pages\nbackend pages\n server w 10.0.0.21:80"
    )
    found = read(text)
    assert (found.client_timeout, found.server_timeout) == (9.0, 50.0)
    assert [each.name for each in found.servers] == ["m1", "m2"]


def test_quotes_comments_environment_names_and_several_addresses_are_read() -> None:
    text = """
    global
      setenv BACK 10.0.0.12
    listen "the API"   # of the cluster
      bind 10.0.0.100:6443,[::]:6443 transparent
      balance source
      server "first" "${FIRST}":6443 check # not backup
      server second $BACK:6443 check backup
      server third fd00::13:6443 check disabled
      server fourth ${UNKNOWN}:6443 check
    """
    found = read(text, environment={"FIRST": "10.0.0.11"})
    assert [each.address for each in found.servers] == ["10.0.0.11", "10.0.0.12", "fd00::13", "${UNKNOWN}"]
    assert [each.backup for each in found.servers] == [False, True, False, False]
    assert [each.up for each in found.servers] == [None, None, False, None]
    assert found.listens == ("10.0.0.100:6443 transparent", "[::]:6443 transparent")
    assert found.sticky
    assert found.notes == ("the value of ${UNKNOWN}:6443 is not known",)


@pytest.mark.parametrize("line", ["balance source", "stick on src", "balance hdr(host)"])
def test_sticky_balancing_is_seen(line: str) -> None:
    assert read(backend(line)).sticky
    assert not read(backend("balance leastconn")).sticky


def test_of_two_clusters_behind_one_balancer_the_one_at_the_endpoint_is_read() -> None:
    text = """
    listen one
      bind 10.0.0.100:6443
      server a 10.0.0.11:6443 check
    listen two
      bind 10.0.0.200:6443
      server b 10.0.9.11:6443 check
    listen three
      bind *:7443
      server c 10.0.8.11:6443 check
    """
    assert [each.name for each in read(text).servers] == ["a"]
    assert [each.name for each in read(text, Wanted(7443)).servers] == ["c"]


def test_an_endpoint_at_443_that_is_divided_by_names_is_read() -> None:
    text = """
    frontend https
      bind *:443
      use_backend masters if { req.ssl_sni k8s.example.org }
      default_backend ingress
    backend masters
      server a 10.0.0.11:6443 check
    backend ingress
      server b 10.0.0.21:443 check
    """
    assert [each.name for each in read(text, Wanted(443)).servers] == ["a"]


def test_a_balancer_for_other_things_is_none() -> None:
    assert haproxy({FILE: "listen web\n bind *:80\n server a 10.0.0.21:80"}, "haproxy.service", WANTED) is None


def test_several_files_are_one_configuration() -> None:
    files = {
        "/etc/haproxy/conf.d/20-api.cfg": "frontend api\n bind :6443\n default_backend masters",
        "/etc/haproxy/conf.d/10-defaults.cfg": "defaults\n timeout client 9s",
        "/etc/haproxy/conf.d/30-masters.cfg": "backend masters\n server a 10.0.0.11:6443",
        "/etc/haproxy/conf.d/notes.txt": "frontend",
    }
    command = ("haproxy", "-Ws", "-f", "/etc/haproxy/conf.d", "-p", "/run/haproxy.pid")
    (found,) = balancers_of(files, {}, "", WANTED, command)
    assert (found.where, found.client_timeout, found.configuration) == (
        "haproxy.service", 9.0, "/etc/haproxy/conf.d/10-defaults.cfg",
    )  # fmt: skip


STATISTICS = """\
# pxname,svname,qcur,status,check_status,check_code,last_chk,addr
api,FRONTEND,,OPEN,,,,
masters,m1,0,UP,L7OK,200,,10.0.0.11:6443
masters,m2,0,DOWN 1/2,L7STS,404,"Not Found, at all",10.0.0.12:6443
other,m1,0,DOWN,L4CON,,,
masters,m3,0,MAINT (via x/y),,,,
masters,m4,0,no check,,,,
masters,BACKEND,0,UP,,,,
"""


def test_haproxys_own_word_is_read_by_backend_and_name() -> None:
    more = "\n server m3 k8s-3:6443\n server m4 k8s-4:6443"
    found = read(backend() + more, states=states(STATISTICS)).servers
    assert [each.up for each in found] == [True, False, False, None]
    assert found[1].last_check == "L7STS 404 Not Found, at all"
    assert found[2].last_check == "MAINT (via x/y)"


def test_the_address_of_a_name_is_the_balancers_own() -> None:
    text = backend().replace("10.0.0.11:6443", "master-1.example.org:6443")
    assert read(text, states=states(STATISTICS)).servers[0].resolved == ("10.0.0.11",)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("35s", 35.0),
        ("5000", 5.0),
        ("1h30m", 5400.0),
        ("0", None),
        ("", None),
        ("-1", None),
        ("1 x", None),
        ("m", None),
    ],
)
def test_times(text: str, value: float | None) -> None:
    assert seconds(text, "ms") == value


def test_words() -> None:
    assert words(r"""server a\ b "c # d" 'e"f' g#h""") == ["server", "a b", "c # d", 'e"f', "g"]
    assert words('open "quote') == ["open", "quote"]
