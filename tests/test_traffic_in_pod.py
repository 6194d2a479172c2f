"""The client in a pod: what curl prints has one meaning, and the script runs as it would on a machine."""

from __future__ import annotations

import base64
import shutil
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as some

from provision.util.errors import CommandFailed
from resilience.histories.records import Loss
from resilience.traffic import curl, place
from resilience.traffic.in_pod import InPod, Start
from resilience.traffic.transport import Lost, Request, Response
from resilience.traffic.ways import expect_allowed
from tests import misbehaving_api
from tests.misbehaving_api import Api, answer

PUT = Request("PUT", "/api/v1/namespaces/n/configmaps/a", {"a": "b c"})


def printed(rc: int, message: str = "", status: int = 0, name: float = 0.001, encrypted: float = 0.0) -> bytes:
    return f"curl: ({rc}) {message}\n\n{status:03d} {name:.6f} {encrypted:.6f} {rc}\n".encode()


def test_a_complete_answer_is_its_status_and_body() -> None:
    assert curl.answer(b'{"a": 1}\n\n409 0.000009 0.004000 0\n') == Response(409, b'{"a": 1}\n')
    assert curl.answer(b"\n204 0.000009 0,004000 0\n") == Response(204, b"")


@pytest.mark.parametrize(
    ("output", "loss", "sent"),
    [
        (printed(6, "Could not resolve host: kubernetes.default.svc", name=0), Loss.NAME, False),
        (printed(28, "Resolving timed out after 2000 milliseconds", name=0), Loss.NAME, False),
        (printed(7, "Failed to connect to kubernetes.default.svc port 443 after 0 ms: Couldn't connect to server"),
         Loss.REFUSED, False),
        (printed(7, "Failed to connect to kubernetes.default.svc port 443: Connection refused"), Loss.REFUSED, False),
        (printed(7, "Failed to connect to kubernetes.default.svc port 443: No route to host"), Loss.UNREACHABLE, False),
        (printed(28, "Failed to connect to kubernetes.default.svc port 443 after 2001 ms: Timeout was reached"),
         Loss.TIMEOUT, False),
        (printed(28, "SSL connection timeout"), Loss.TIMEOUT, False),
        (printed(28, "Operation timed out after 5000 milliseconds with 0 bytes received", encrypted=0.01),
         Loss.TIMEOUT, True),
        (printed(35, "OpenSSL SSL_connect: Connection reset by peer in connection to kubernetes.default.svc:443"),
         Loss.RESET, False),
        (printed(35, "OpenSSL SSL_connect: SSL_ERROR_SYSCALL in connection to kubernetes.default.svc:443"),
         Loss.RESET, False),
        (printed(35, "error:0A00010B:SSL routines::wrong version number"), Loss.TLS, False),
        (printed(60, "SSL certificate problem: unable to get local issuer certificate"), Loss.TLS, False),
        (printed(52, "Empty reply from server", encrypted=0.01), Loss.RESET, True),
        (printed(56, "Recv failure: Connection reset by peer", encrypted=0.01), Loss.RESET, True),
        (printed(18, "transfer closed with 99 bytes remaining to read", 200, encrypted=0.01), Loss.RESET, True),
        (printed(1, "Received HTTP/0.9 when not allowed", encrypted=0.01), Loss.OTHER, True),
        (b"", Loss.OTHER, True),
        (b"bash: curl: command not found\n127", Loss.OTHER, True),
    ],
)  # fmt: skip
def test_each_end_of_curl_has_its_kind_and_says_whether_it_may_have_sent(output: bytes, loss: Loss, sent: bool) -> None:
    with pytest.raises(Lost) as raised:
        curl.answer(output)
    assert (raised.value.loss, raised.value.sent) == (loss, sent)
    assert raised.value.why.isprintable()


@given(some.binary(max_size=80))
def test_what_curl_does_not_print_leaves_open_what_was_sent(output: bytes) -> None:
    with pytest.raises(Lost) as raised:
        curl.answer(output)
    assert raised.value.sent


def loop(api: Api, folder: Path, limit: int) -> str:
    """The loop of the script as the pod's shell runs it, with its secrets in a folder, and its server on this host."""
    inner = curl.SCRIPT.partition("bash -c '\n")[2].partition('\' bash "$pid"')[0]
    _, _, serving = inner.partition('rm "$names"\n')
    script = folder / "serve"
    at = f"--connect-to {curl.HOST}:443:127.0.0.1:{api.port}"
    script.write_text(serving.replace("curl -sS", f"curl {at} -sS"))
    (folder / "token").write_text("a-token-of-a-pod")
    (folder / "ca.crt").write_bytes(api.authority.certificate)
    return f"bash {script} 1 {folder} {limit} {limit}"


def starting(shell: str) -> Start:
    """Starts this instead of a command on a machine."""

    def start(_: str) -> subprocess.Popen[bytes]:
        pipe = subprocess.PIPE
        return subprocess.Popen(["sh", "-c", shell], stdin=pipe, stdout=pipe, stderr=subprocess.DEVNULL)

    return start


@pytest.fixture
def api(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Api]:
    if not shutil.which("curl"):
        pytest.skip("this host has no curl")
    monkeypatch.setattr(misbehaving_api, "NAME", curl.HOST)
    with misbehaving_api.misbehaving(tmp_path) as made:
        yield made


@pytest.fixture
def limit() -> int:
    """Seconds for a request of `inside`: enough on a busy host, where a test is not about the limit."""
    return 30


@pytest.fixture
def inside(api: Api, tmp_path: Path, limit: int) -> Iterator[InPod]:
    served = loop(api, tmp_path, limit)

    def start(_: str) -> subprocess.Popen[bytes]:
        return subprocess.Popen(
            served.split(), stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
        )

    way = InPod(start, "uid", limit=limit)
    assert way.opened() == ""
    yield way
    way.close()


def test_the_script_sends_each_request_once_with_its_body_and_returns_the_answer(api: Api, inside: InPod) -> None:
    api.script = [answer(409, {"message": "a b\nc"}), answer(200, "")]
    assert inside.exchange(PUT) == Response(409, b'{"message": "a b\\nc"}')
    assert inside.exchange(Request("GET", "/api/v1/namespaces/n/configmaps")) == Response(200, b"")
    assert api.requested == [
        ("PUT", PUT.path, {"a": "b c"}), ("GET", "/api/v1/namespaces/n/configmaps", None),
    ]  # fmt: skip
    assert api.connections == 2


@pytest.mark.parametrize(
    ("behave", "loss", "limit"),
    [
        (misbehaving_api.hang, Loss.TIMEOUT, 5),
        (misbehaving_api.close, Loss.RESET, 30),
        (misbehaving_api.reset, Loss.RESET, 30),
        (misbehaving_api.half, Loss.RESET, 30),
    ],
)
def test_curl_loses_a_request_as_the_other_clients_do(
    api: Api, inside: InPod, behave: misbehaving_api.Behaviour, loss: Loss
) -> None:
    api.script = [behave, answer(200, {})]
    with pytest.raises(Lost) as raised:
        inside.exchange(PUT)
    assert (raised.value.loss, raised.value.sent, len(api.requested)) == (loss, True, 1)
    assert inside.exchange(PUT).status == 200


def test_curl_sends_nothing_to_a_stranger_or_where_nothing_listens(api: Api, inside: InPod) -> None:
    api.strange = True
    with pytest.raises(Lost) as strange:
        inside.exchange(PUT)
    api.close()
    with pytest.raises(Lost) as gone:
        inside.exchange(PUT)
    assert [(each.value.loss, each.value.sent) for each in (strange, gone)] == [
        (Loss.TLS, False), (Loss.REFUSED, False),
    ]  # fmt: skip


def test_a_token_is_on_no_command_line(api: Api, inside: InPod) -> None:
    seen: list[bytes] = []

    def behave(connection: misbehaving_api.Connection, request: bytes) -> bool | None:
        seen.append(request)
        for file in Path("/proc").glob("[0-9]*/cmdline"):
            try:
                assert b"a-token-of" + b"-a-pod" not in file.read_bytes()
            except OSError:
                continue
        return answer(200, {})(connection, request)

    api.script = [behave]
    assert inside.exchange(PUT).status == 200
    assert b"Authorization: Bearer a-token-of-a-pod" in seen[0]


def test_a_container_that_has_ended_ends_the_client_which_is_started_anew(
    api: Api, inside: InPod, tmp_path: Path
) -> None:
    (tmp_path / "token").write_text("")
    with pytest.raises(Lost) as raised:
        inside.exchange(PUT)
    assert raised.value.sent  # nothing is known but that it was written to the machine
    with pytest.raises(Lost) as raised:
        inside.exchange(PUT)
    assert not raised.value.sent
    (tmp_path / "token").write_text("another")
    assert inside.opened() == ""
    assert inside.exchange(PUT).status == 200


@pytest.mark.parametrize(
    ("shell", "why"),
    [("echo no process of the pod has its token", "no process of the pod"), ("true", "did not answer")],
)
def test_a_client_that_does_not_start_says_why(shell: str, why: str) -> None:
    way = InPod(starting(shell), "uid")
    assert why in way.opened()
    with pytest.raises(Lost) as raised:
        way.exchange(PUT)
    assert not raised.value.sent


def test_a_machine_that_stops_answering_makes_a_request_unknown_within_its_limit(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("resilience.traffic.in_pod._SPARE", 0.2)

    def start(_: str) -> subprocess.Popen[bytes]:
        return subprocess.Popen(
            ["sh", "-c", "echo ready; cat >/dev/null"], stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )

    way = InPod(start, "uid", limit=0.2)
    assert way.opened() == ""
    begin = time.monotonic()
    with pytest.raises(Lost) as raised:
        way.exchange(PUT)
    assert raised.value.sent
    assert time.monotonic() - begin < 30


def test_a_process_is_found_by_either_spelling_of_a_uid_in_a_cgroup(tmp_path: Path) -> None:
    uid = "0a1b2c3d-1111-2222-3333-444455556666"
    function = next(line for line in curl.SCRIPT.splitlines() if line.startswith("pods()"))
    for number, name in enumerate((uid, uid.replace("-", "_"), "0a1b2c3d-9999"), 1):
        (tmp_path / str(number)).mkdir()
        (tmp_path / str(number) / "cgroup").write_text(f"0::/kubepods.slice/kubepods-besteffort-pod{name}.slice/cri\n")
    here = function.replace("/proc/", f"{tmp_path}/").replace("cut -d/ -f3", "xargs dirname | xargs -n 1 basename")
    found = subprocess.run(["bash", "-c", f"{here}\npods {uid}"], capture_output=True, text=True, check=True)
    assert found.stdout.split() == ["1", "2"]


class Answering:
    """A way on which an answer comes after some others."""

    def __init__(self, *answers: Response | Lost) -> None:
        self.answers = list(answers)
        self.closed = False

    def opened(self) -> str:
        return ""

    def exchange(self, request: Request) -> Response:
        found = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if isinstance(found, Lost):
            raise found
        return found

    def interrupt(self) -> None: ...

    def close(self) -> None:
        self.closed = True


def test_a_new_account_is_waited_for_until_it_may_list() -> None:
    forbidden = Response(403, b"not yet")
    expect_allowed(Answering(forbidden, Lost(Loss.NAME, "not yet", sent=False), Response(200, b"")), "n", 5)
    never = Answering(forbidden)
    with pytest.raises(CommandFailed) as raised:
        expect_allowed(never, "n", 0.5)
    assert raised.value.answer == "403: not yet"
    assert never.closed


def test_the_pod_stays_on_its_node_and_may_do_what_clients_do_and_nothing_else() -> None:
    made = {each["kind"]: each for each in place.manifests("n", "w3", "agnhost:1")}
    assert list(made) == ["Namespace", "ServiceAccount", "Role", "RoleBinding", "Pod"]
    assert made["Pod"]["spec"]["nodeName"] == "w3"
    assert made["Pod"]["spec"]["tolerations"] == [{"operator": "Exists"}]
    assert made["Role"]["rules"][0]["resources"] == ["configmaps"]
    assert {each["metadata"].get("namespace", each["metadata"]["name"]) for each in made.values()} == {"n"}
    assert yaml.safe_dump_all(made.values())
    assert [each["kind"] for each in place.manifests("n", "", "")] == ["Namespace"]


def test_requests_are_lines_whose_body_is_one_word() -> None:
    written = curl.line(7, PUT)
    number, method, url, body = written.split()
    assert (number, method, url) == ("7", "PUT", f"https://{curl.HOST}{PUT.path}")
    assert base64.b64decode(body.removeprefix("-")) == b'{"a":"b c"}'
    assert curl.line(8, Request("GET", "/x")) == f"8 GET https://{curl.HOST}/x\n"
