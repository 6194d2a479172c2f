"""A kubeconfig as a way to the API: a server with TLS on this host stands in for it, with an authority of its own."""

from __future__ import annotations

import base64
import json
import logging
import socket
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
import yaml

from checks.collecting import kubeconfig
from checks.collecting.api import Reply
from checks.collecting.kubeconfig import ByKubeconfig
from provision.util.errors import BadInput
from tests.api_with_tls import EXEC, SECRET, TOKEN, Api, Authority, Proxy


@pytest.fixture
def api(tmp_path: Path) -> Iterator[Api]:
    with closing(Api(tmp_path)) as made:
        yield made


def reply(file: Path, path: str = "/api/v1/nodes", context: str = "") -> Reply:
    with closing(ByKubeconfig.load(file, context)) as requests:
        return requests.get({"nodes": path})["nodes"]


def test_a_bearer_token(api: Api) -> None:
    found = reply(api.kubeconfig({"token": TOKEN}))
    assert (found.status, found.text, api.requested) == (200, '{"items": []}', [("token", "/api/v1/nodes")])
    assert found.how == f"GET {api.server}/api/v1/nodes"


def test_a_client_certificate(api: Api) -> None:
    certificate, key = (base64.b64encode(each).decode() for each in api.authority.signs("admin"))
    assert reply(api.kubeconfig({"client-certificate-data": certificate, "client-key-data": key})).status == 200
    assert api.requested[0][0] == "admin"


def test_a_user_that_the_api_does_not_know(api: Api) -> None:
    found = reply(api.kubeconfig({"token": "another"}))
    assert (found.status, json.loads(found.text)["message"]) == (401, "Unauthorized")


def test_another_context_than_the_current_one(api: Api) -> None:
    read = yaml.safe_load(api.kubeconfig({"token": "another"}).read_text())
    read["users"].append({"name": "v", "user": {"token": TOKEN}})
    read["contexts"].append({"name": "two", "context": {"cluster": "c", "user": "v"}})
    file = api.written(yaml.safe_dump(read))
    assert (reply(file).status, reply(file, context="two").status) == (401, 200)
    with pytest.raises(BadInput, match="cannot be used") as raised:
        ByKubeconfig.load(file, "three")
    assert raised.value.answer == "it has no such context"


def test_an_exec_plugin_that_gives_a_token(api: Api) -> None:
    given = {"apiVersion": EXEC, "kind": "ExecCredential", "status": {"token": TOKEN}}
    assert reply(api.kubeconfig(api.plugin(f"cat <<'E'\n{json.dumps(given)}\nE"))).status == 200


def test_an_exec_plugin_that_gives_a_certificate(api: Api) -> None:
    certificate, key = (each.decode() for each in api.authority.signs("plugged"))
    status = {"clientCertificateData": certificate, "clientKeyData": key}
    given = {"apiVersion": EXEC, "kind": "ExecCredential", "status": status}
    assert reply(api.kubeconfig(api.plugin(f"cat <<'E'\n{json.dumps(given)}\nE"))).status == 200
    assert api.requested[0][0] == "plugged"


@pytest.mark.parametrize(
    "script",
    [
        f"echo {SECRET}; echo {SECRET} >&2; exit 1",
        f"echo {SECRET}",
        f'echo \'{{"apiVersion": "{EXEC}", "kind": "ExecCredential", "status": {{"other": "{SECRET}"}}}}\'',
        f'echo \'{{"apiVersion": "{SECRET}", "kind": "x", "status": {{}}}}\'',
        "exit 127",
    ],
)
def test_an_exec_plugin_that_fails_is_named_and_not_quoted(
    api: Api, script: str, capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    file = api.kubeconfig(api.plugin(script))
    with pytest.raises(BadInput, match=f"the exec plugin {api.folder}/plugin of the kubeconfig .* gave no") as raised:
        ByKubeconfig.load(file)
    printed = capfd.readouterr()
    assert SECRET not in f"{raised.value} {printed.out} {printed.err} {caplog.text}"
    assert api.requested == []
    assert not logging.getLogger().disabled


def test_an_exec_plugin_that_is_missing_is_named(api: Api) -> None:
    user = {"exec": {"apiVersion": EXEC, "command": "/no/such/plugin"}}
    with pytest.raises(BadInput, match="the exec plugin /no/such/plugin"):
        ByKubeconfig.load(api.kubeconfig(user))


def test_a_server_name_for_tls(api: Api) -> None:
    server = f"https://localhost:{api.port}"  # the certificate has no such name
    assert "'localhost'" in reply(api.kubeconfig({"token": TOKEN}, server=server)).error
    found = reply(api.kubeconfig({"token": TOKEN}, server=server, **{"tls-server-name": "api.example.org"}))
    assert found.status == 200


def test_a_server_of_another_authority_is_not_trusted(api: Api) -> None:
    other = base64.b64encode(Authority().certificate).decode()
    found = reply(api.kubeconfig({"token": TOKEN}, **{"certificate-authority-data": other}))
    assert (found.status, "CERTIFICATE_VERIFY_FAILED" in found.error, api.requested) == (0, True, [])
    assert found.error.startswith("not reached from here: its certificate is not trusted: ")


def test_a_server_that_need_not_be_trusted(api: Api, recwarn: pytest.WarningsRecorder) -> None:
    more = {"certificate-authority-data": None, "insecure-skip-tls-verify": True}
    assert reply(api.kubeconfig({"token": TOKEN}, **more)).status == 200
    assert not list(recwarn)


def test_a_proxy_of_its_own(api: Api) -> None:
    with closing(Proxy()) as proxy:
        found = reply(api.kubeconfig({"token": TOKEN}, **{"proxy-url": f"http://127.0.0.1:{proxy.port}"}))
        assert (found.status, len(proxy.requested)) == (200, 1)
        assert proxy.requested[0].startswith(f"CONNECT 127.0.0.1:{api.port} ")


def test_a_proxy_that_is_down_is_printed_without_its_password(api: Api) -> None:
    with closing(socket.create_server(("127.0.0.1", 0))) as taken:
        port = taken.getsockname()[1]
    found = reply(api.kubeconfig({"token": TOKEN}, **{"proxy-url": f"http://user:{SECRET}@127.0.0.1:{port}"}))
    assert found.status == 0
    assert found.error.startswith("not reached from here: the kubeconfig's proxy does not lead to it: ")
    assert SECRET not in found.error


def test_a_server_that_hangs_costs_its_limit_and_others_nothing(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kubeconfig, "_READ", 5)
    monkeypatch.setattr(kubeconfig, "_LATE", 25)  # less than the server takes, and more than a busy host
    with closing(ByKubeconfig.load(api.kubeconfig({"token": TOKEN}))) as requests:
        found = requests.get({"hangs": "/hang", "nodes": "/api/v1/nodes"})
    assert (found["hangs"].status, found["nodes"].status) == (0, 200)
    assert found["hangs"].error.startswith("does not answer: nothing comes in time: ")


def test_an_answer_that_trickles_counts_as_none(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kubeconfig, "_LATE", 0.5)
    found = reply(api.kubeconfig({"token": TOKEN}), "/hang")
    assert (found.status, found.error) == (0, "the answer took longer than 0.5 s")


def test_a_server_that_is_down(api: Api) -> None:
    with closing(socket.create_server(("127.0.0.1", 0))) as taken:
        port = taken.getsockname()[1]
    found = reply(api.kubeconfig({"token": TOKEN}, server=f"https://127.0.0.1:{port}"))
    assert found.error.startswith("not reached from here: the connection is refused: ")
    assert (found.status, "object at 0x" in found.error) == (0, False)


def test_a_server_whose_name_does_not_resolve_here(api: Api) -> None:
    found = reply(api.kubeconfig({"token": TOKEN}, server="https://no-such-name.invalid:6443"))
    assert found.error.startswith("not reached from here: its name does not resolve here: ")


@pytest.mark.parametrize(
    "text",
    [
        "", "a: [", "- 1", "just a text", f"password: {SECRET}\n  a: b", "{}", "current-context: one\ncontexts: 5\n",
        "current-context: one\ncontexts: []\n", f"{SECRET}: {SECRET}: {SECRET}",
        f"current-context: {SECRET}\ncontexts: []\nclusters: []\nusers: []\n",
    ],
)  # fmt: skip
def test_a_file_that_is_not_a_kubeconfig_is_refused_and_not_quoted(api: Api, text: str) -> None:
    with pytest.raises(BadInput, match="cannot be used") as raised:
        ByKubeconfig.load(api.written(text))
    assert raised.value.answer
    assert SECRET not in str(raised.value)


def test_a_file_that_is_missing(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="cannot be used") as raised:
        ByKubeconfig.load(tmp_path / "none")
    assert "No such file" in raised.value.answer


def test_a_client_key_that_is_broken_is_refused_without_it(api: Api) -> None:
    broken = base64.b64encode(f"-----BEGIN PRIVATE KEY-----\n{SECRET}\n-----END PRIVATE KEY-----".encode()).decode()
    file = api.kubeconfig({"client-certificate-data": broken, "client-key-data": broken})
    try:
        output = reply(file).error
    except BadInput as problem:
        output = str(problem)
    assert output
    assert SECRET not in output


def test_the_file_is_left_as_it_is(api: Api) -> None:
    file = api.kubeconfig({"token": TOKEN})
    before = (file.read_text(), file.stat().st_mtime_ns)
    reply(file)
    assert (file.read_text(), file.stat().st_mtime_ns) == before


def test_its_server_is_known(api: Api) -> None:
    with closing(ByKubeconfig.load(api.kubeconfig({"token": TOKEN}))) as requests:
        assert requests.server == api.server
