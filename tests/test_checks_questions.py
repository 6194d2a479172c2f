"""Every question only reads, and none prints a private key: by the gate, and run on files that have some."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from checks.collecting import following, questions
from checks.collecting.machine import Visit
from checks.collecting.questions import CLOCK, FIRST, TOKENS, EtcdAccess, Target
from checks.collecting.reading_certificates import certificates, keys, kubeconfigs
from checks.collecting.sections import Answers, answers, command
from checks.facts.machine import CONTROL_PLANE, ETCD
from provision.readonly.gate import why_not
from tests.healthy import machines
from tests.healthy.values import PKI
from tests.signing import signed
from tests.simulated import answered

_CHECK_MODE: list[str] = json.loads((Path(__file__).parent / "commands" / "check_mode.json").read_text())
_ADDRESSES = ("10.0.0.11", "fd00::11")


def visit(address: str, *extra: str) -> Visit:
    """A control plane on which everything runs."""
    members = {"cp1": address}
    lines = [f"{pid} 100 {' '.join((*machines.command(each, 'cp1', members, True), *extra))}"
             for pid, each in enumerate(("kube-apiserver", "kube-controller-manager", "etcd"), 100)]  # fmt: skip
    lines.append("900 100 /usr/bin/kubelet --config=/opt/kubelet/config.yaml")
    given = answered(now="1770000000", processes="\n".join(lines))
    return Visit("cp1", (CONTROL_PLANE, ETCD), address, given=given)


def _targets(address: str) -> list[Target]:
    host = f"[{address}]" if ":" in address else address
    return [
        Target(what, "", f"{scheme}://{host}:{port}/livez")
        for what, scheme, port in (
            ("endpoint", "https", 6443), ("kubelet", "https", 10250), ("etcd-peer", "https", 2380), ("pod", "http", 80),
        )
    ]  # fmt: skip


def second(address: str, *extra: str) -> dict[str, str]:
    """The second questions to a control plane."""
    groups = following.groups(visit(address, *extra), _targets(address), "k8s.example.org", "/opt/pki")
    found = {name: each for group in groups.values() for name, each in group.items()}
    return {**found, **questions.hash_question(visit(address).etcd[0], 12200)}


def each_question() -> Iterator[str]:
    yield from (CLOCK, TOKENS)
    yield from FIRST.values()
    for address in _ADDRESSES:
        yield from second(address).values()
        yield from second(address, "--data-dir=/data/etcd").values()
    yield from questions.elsewhere_questions(["/opt/pki"], "/opt/manifests", ["/d"]).values()
    yield from questions.configuration_questions({7: "/etc/etcd.yaml"}, "/opt/config.yaml", "/opt/kubelet.d").values()


@pytest.mark.parametrize("question", dict.fromkeys(each_question()))
def test_question_only_reads(question: str) -> None:
    assert why_not(question) == ""


@pytest.mark.parametrize("address", _ADDRESSES)
def test_all_questions_together_only_read(address: str) -> None:
    assert why_not(command(FIRST, 8)) == ""
    assert why_not(command({**FIRST, **second(address)}, 8)) == ""


def test_every_question_is_among_the_commands_that_are_mutated() -> None:
    """tests/test_reading_mutations.py puts what changes something into each of these; IPv6 is a matter of letters."""
    configured = questions.configuration_questions({7: "/etc/etcd.yaml"}, "/opt/config.yaml", "/opt/kubelet.d")
    wanted = [CLOCK, TOKENS, *FIRST.values(), *second(_ADDRESSES[0]).values(), *configured.values()]
    assert [each for each in wanted if each not in _CHECK_MODE] == []


def test_a_command_for_many_questions_is_parsed_once_for_all_machines() -> None:
    typed = command(FIRST, 8)
    why_not(typed)
    before = why_not.cache_info().hits
    why_not(typed)
    assert why_not.cache_info().hits == before + 1


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Files as on a machine, some with a private key where none belongs."""
    pki = tmp_path / "etc" / "kubernetes" / "pki"
    pki.mkdir(parents=True)
    own, authority = signed("cp1"), signed("kubernetes", authority=True)
    (pki / "apiserver.crt").write_bytes(own.certificate + authority.certificate)
    (pki / "apiserver.key").write_bytes(own.key)
    (pki / "front.pem").write_bytes(own.key + own.certificate)
    (pki / "both.crt").write_bytes(own.certificate + own.key)
    (pki / "sa.pub").write_bytes(own.public_key)
    (pki / "empty.crt").write_text("")
    (pki / "garbage.crt").write_bytes(b"\x00\xff no certificate")
    (tmp_path / "etc" / "kubernetes" / "admin.conf").write_text(
        "users:\n- user:\n    client-certificate-data: QUJD\n    client-key-data: U0VDUkVU\n"
        "    token: U0VDUkVU\n    server: {client-certificate-data: QUJD, client-key-data: U0VDUkVU}\n"
    )
    return tmp_path


def run_in(folder: Path, names: tuple[str, ...]) -> Answers:
    """Questions of the first command, about files below a folder."""
    wanted = {name: FIRST[name].replace("/etc/", f"{folder}/etc/") for name in names}
    typed = command(wanted, 20).removeprefix("sudo -n ")
    return answers(wanted, subprocess.run(["sh", "-c", typed], capture_output=True, text=True, check=False).stdout)


_OF_FILES = ("certificates", "keys", "public-keys", "kubeconfigs", "digests", "manifests", "files", "haproxy")


@pytest.mark.skipif(not shutil.which("openssl"), reason="the questions need openssl")
def test_no_question_prints_a_private_key(folder: Path) -> None:
    given = run_in(folder, _OF_FILES)
    output = "".join(each.text for each in given.all().values())
    key = signed("cp1").key.decode()
    assert list(given.all()) == list(_OF_FILES)
    assert "PRIVATE KEY" not in output
    assert key.splitlines()[1] not in output  # the lines behind it end with the public key
    assert "U0VDUkVU" not in output


@pytest.mark.skipif(not shutil.which("openssl"), reason="the questions need openssl")
def test_what_is_printed_of_files_is_read(folder: Path) -> None:
    given = run_in(folder, _OF_FILES)
    pki = f"{folder}{PKI}"
    found = certificates(given.listed("certificates"))
    assert sorted((each.place.removeprefix(pki), each.common_name) for each in found) == [
        ("/apiserver.crt", "cp1"), ("/apiserver.crt", "kubernetes"), ("/both.crt", "cp1"), ("/front.pem", "cp1"),
    ]  # fmt: skip
    private = keys(given.listed("keys"), private=True)
    public = keys(given.listed("public-keys"), private=False)
    assert [each.place for each in (*private, *public)] == [f"{pki}/apiserver.key", f"{pki}/sa.pub"]
    assert private[0].public_key == public[0].public_key == found[0].public_key
    assert [each.place for each in kubeconfigs(given.listed("kubeconfigs"))] == [f"{folder}/etc/kubernetes/admin.conf"]


@pytest.mark.parametrize(
    "text", ["/", "", "a/b", "/a b", "/a;b", "/a/../b", "/a$(b)", "/a\nb", "/-a", "/a/-b", "/ä", "/a/", "/a*", '/a"']
)
def test_what_is_not_a_plain_path_is_not_put_into_a_command(text: str) -> None:
    assert not questions.is_path(text)


@pytest.mark.parametrize("text", ["", "-x", "a b", "a;b", "$(a)", "a\n", "ä", "a%eth0"])
def test_what_is_not_a_plain_name_is_not_put_into_a_command(text: str) -> None:
    assert not questions.is_name(text)
    assert text in ("", "-x") or not questions.is_url(f"https://{text}:6443/livez")


def test_plain_paths_and_names_are_taken() -> None:
    assert questions.is_path("/etc/kubernetes/pki/etcd/ca.crt")
    assert questions.is_name("k8s.example.org")
    assert questions.is_url("https://[fd00::1]:6443/livez")


def test_etcd_of_a_container_is_entered_and_that_of_a_service_is_not() -> None:
    files = ("https://127.0.0.1:2379", "/a", "/b", "/c")
    assert (
        EtcdAccess(*files, process=7)
        .command("version")
        .startswith(f"PATH={questions.PROGRAMS} nsenter --mount --target 7 etcdctl ")
    )
    assert EtcdAccess(*files).command("version").startswith("etcdctl ")
