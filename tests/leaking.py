"""Scenarios that put made-up secrets wherever pytest can write them, over machines that only answer."""

from __future__ import annotations

from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from fixtures.plugin.searching import Search, secret_lines

TOKEN, KEY = "abcdef.9876543210fedcba", "c0ffee4200112233445566778899aabb" * 2
PECULIAR = "no pattern finds this secret"
JOIN = (
    f"sudo kubeadm join cluster-endpoint.kubeadm-ha.test:6443 --token {TOKEN} --discovery-token-ca-cert-hash"
    f" sha256:{'1234567890' * 6}1234 --control-plane --certificate-key {KEY}"
)

SCENARIOS = """
import base64, logging, os, sys, warnings
import pytest
from material import JOIN, PECULIAR, PEM

@pytest.fixture
def late(machines):
    machines.journal.redact.learn(PECULIAR)
    machines.workers[0].succeed(JOIN)

@pytest.fixture
def left(machines):
    yield
    machines.workers[0].succeed(JOIN)

@pytest.fixture(autouse=True)
def learned(machines):
    machines.journal.redact.learn(PECULIAR)

def test_setup(late): pass

def test_teardown(left): pass

def test_call(machines, record_property):
    join, pem, peculiar = JOIN, PEM, PECULIAR
    record_property("join", JOIN)
    print(JOIN, PECULIAR)
    print(PEM, file=sys.stderr)
    logging.getLogger("paramiko").warning("%s %s", JOIN, PEM)
    machines.journal.command("w1", JOIN, 1, PEM, PECULIAR, 0.0)
    try:
        machines.workers[0].succeed(JOIN)
    except Exception as problem:
        raise RuntimeError(PECULIAR) from problem

@pytest.mark.parametrize("written", [str, repr, str.splitlines, lambda pem: base64.b64encode(b"ab" + pem.encode())])
def test_assertion(machines, written):
    assert written(PEM) == written("")

def test_passes(machines):
    print(JOIN, PEM)

def test_skipped(machines):
    pytest.skip(f"{JOIN} {PECULIAR}")

def test_expected(machines):
    pytest.xfail(f"{JOIN} {PECULIAR}")

def test_warns(machines):
    warnings.warn(f"{JOIN} {PECULIAR}")

def test_dies(machines):
    if os.environ.get("PYTEST_XDIST_WORKER"):
        print(JOIN, file=sys.stderr)
        os._exit(3)
"""
UNREADABLE = """
from material import JOIN, PEM
pem = PEM
raise RuntimeError(f"{JOIN} {PEM}")
"""
DEFECT = """
import os
from material import JOIN, PEM

def pytest_runtest_logfinish(nodeid):
    if os.environ.get("FAKE_DEFECT") and "test_call" in nodeid:
        pem = PEM
        raise RuntimeError(f"{JOIN} {PEM}")
"""


def private_key() -> str:
    """A key in PEM."""
    key = rsa.generate_private_key(65537, 2048)
    return key.private_bytes(Encoding.PEM, PrivateFormat.TraditionalOpenSSL, NoEncryption()).decode()


def material(pem: str) -> str:
    """The module that scenarios take their secrets from, so that not every source line has them."""
    return f"JOIN, PECULIAR, PEM = {JOIN!r}, {PECULIAR!r}, {pem!r}\n"


def search(pem: str) -> Search:
    """What must be nowhere."""
    return Search(whole=[PECULIAR, *secret_lines(pem)], cut=[TOKEN.split(".")[1], KEY])
