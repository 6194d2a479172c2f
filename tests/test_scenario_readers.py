"""What scenarios read of machines, by the questions and readers of the checks: real programs on real files."""

from __future__ import annotations

import base64
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from checks.facts.fact import Unknown
from fixtures.subjects.answers import answers_of
from fixtures.subjects.certificates import alternative_names, issued_by, key_algorithm, name, public_key
from fixtures.subjects.files import PKI, NodeFiles, wrong_modes
from provision.util.errors import CommandFailed
from provision.util.result import Result
from tests.fake_machine import FakeMachine
from tests.signing import signed

pytestmark = pytest.mark.skipif(not shutil.which("openssl"), reason="the questions need openssl")

ANY = re.compile(r".*", re.DOTALL)
CONF = """clusters:
- cluster:
    certificate-authority-data: {authority}
    server: https://10.0.0.100:6443
users:
- user:
    client-certificate-data: {client}
    client-key-data: U0VDUkVU
"""


class Local(FakeMachine):
    """Commands run here, on files below a folder that stands for `/`."""

    def __init__(self, folder: Path) -> None:
        super().__init__({ANY: lambda _, command: self._typed(command)})
        self._folder = folder

    def _typed(self, command: str) -> Result:
        typed = command.replace("sudo -n ", "")
        for each in ("/etc/kubernetes", "/var/lib/kubelet"):
            typed = typed.replace(each, f"{self._folder}{each}")
        ended = subprocess.run(["sh", "-c", typed], capture_output=True, text=True, check=False)
        return Result(ended.returncode, ended.stdout.replace(str(self._folder), ""), ended.stderr)


@pytest.fixture
def machine(tmp_path: Path) -> Local:
    authority, own = signed("kubernetes", authority=True), signed("cp1")
    pki, kubelet = tmp_path / PKI[1:], tmp_path / "var/lib/kubelet/pki"
    for each in (pki, kubelet):
        each.mkdir(parents=True)
    (pki / "ca.crt").write_bytes(authority.certificate)
    (pki / "apiserver.crt").write_bytes(own.certificate + authority.certificate)
    (pki / "apiserver.key").write_bytes(own.key)
    (pki / "apiserver.key").chmod(0o600)
    (kubelet / "kubelet-client-2026.pem").write_bytes(own.certificate + own.key)
    (kubelet / "kubelet-client-current.pem").symlink_to(kubelet / "kubelet-client-2026.pem")
    data = [base64.b64encode(each.certificate).decode() for each in (authority, own)]
    (tmp_path / "etc/kubernetes/admin.conf").write_text(CONF.format(authority=data[0], client=data[1]))
    return Local(tmp_path)


def test_modes_owners_and_digests_of_files_are_read(machine: Local) -> None:
    files = NodeFiles(machine)
    assert files.pki == {"ca.crt", "apiserver.crt", "apiserver.key"}
    key, certificate = files.facts[f"{PKI}apiserver.key"], files.facts[f"{PKI}apiserver.crt"]
    assert (key.mode, key.owner.count(":"), len(key.sha256)) == ("600", 1, 64)
    assert key.sha256 != certificate.sha256
    assert wrong_modes(files, ".key", "600") == []
    assert wrong_modes(files, ".key", "644") == [f"{PKI}apiserver.key has mode 600, must have 644"]


def test_the_first_certificate_of_a_file_and_its_key_are_read(machine: Local) -> None:
    files = NodeFiles(machine)
    own = files.certificates[f"{PKI}apiserver.crt"]
    assert (name(own), alternative_names(own)) == ("CN=cp1", {"cp1"})
    assert public_key(own) == files.public_keys[f"{PKI}apiserver.key"]
    assert key_algorithm(own) == key_algorithm(files.public_keys[f"{PKI}apiserver.key"])
    assert name(files.kubelet_client) == "CN=cp1"
    assert not issued_by(own, files.certificates[f"{PKI}ca.crt"]), "it was signed by another key of that name"


def test_what_is_public_in_a_kubeconfig_is_read_and_nothing_else(machine: Local) -> None:
    files = NodeFiles(machine)
    [(path, found)] = files.kubeconfigs.items()
    assert (path, found.server) == ("admin.conf", "https://10.0.0.100:6443")
    assert found.authority == files.certificates[f"{PKI}ca.crt"]
    assert found.client
    assert name(found.client) == "CN=cp1"
    assert "U0VDUkVU" not in answers_of(machine, "kubeconfigs").text("kubeconfigs")


def test_a_kubeconfig_that_embeds_nonsense_is_not_one_without_a_certificate(machine: Local, tmp_path: Path) -> None:
    authority = base64.b64encode(signed("kubernetes", authority=True).certificate).decode()
    (tmp_path / "etc/kubernetes/kubelet.conf").write_text(CONF.format(authority=authority, client="nonsense"))
    with pytest.raises(ValueError, match="pars"):
        _ = NodeFiles(machine).kubeconfigs


def test_a_file_that_should_hold_a_certificate_or_a_server_and_does_not_raises(machine: Local, tmp_path: Path) -> None:
    (tmp_path / "etc/kubernetes/another.conf").write_text("")
    with pytest.raises(KeyError, match=r"another\.conf"):
        _ = NodeFiles(machine).kubeconfigs
    (tmp_path / PKI[1:] / "front-proxy-ca.crt").write_text("no certificate")
    with pytest.raises(CommandFailed, match=r"no certificate was found in /etc/kubernetes/pki/front-proxy-ca\.crt"):
        _ = NodeFiles(machine).certificates


@pytest.mark.parametrize("answer", [Result(0, "", ""), Result(137, "", ""), Result(0, "Lorem ipsum\n", "")])
def test_a_machine_that_answers_nothing_or_nonsense_raises(answer: Result) -> None:
    files = NodeFiles(FakeMachine({ANY: answer}))
    for read in (lambda: files.facts, lambda: files.certificates, lambda: files.kubeconfigs):
        with pytest.raises((CommandFailed, Unknown)):
            read()
