"""Traces: what counts as a change of a machine."""

from __future__ import annotations

import re
from dataclasses import replace

from fixtures.subjects.renewals import expirations
from fixtures.subjects.traces import SCRATCH, Trace, differences, trace
from tests.fake_machine import FakeMachine

LOOKED = """\
== files
/etc/\t755 root:root
/etc/kubernetes/\t755 root:root
/etc/kubernetes/admin.conf\t600 root:root 5000 1700000000.5
/etc/kubernetes/tmp/\t700 root:root
/etc/kubernetes/tmp/a b.yaml\t600 root:root 5 1700000001.5
== units
kubelet.service MainPID=1 NRestarts=0 ActiveState=active
containerd.service MainPID=0 NRestarts=0 ActiveState=inactive
== containers
one
two
ended
== tasks
TASK    PID    STATUS
one     314    RUNNING
two     315    RUNNING
ended   316    STOPPED
== listening
LISTEN 0      128          0.0.0.0:22        0.0.0.0:*
== rules
table ip nat {
}
"""
LISTED = """{"certificates": [
 {"name": "etcd-peer", "expirationDate": "2027-11-25T00:00:00Z", "caName": "etcd-ca", "externallyManaged": false,
  "residualTime": 5, "missing": false},
 {"name": "super-admin.conf", "expirationDate": null, "externallyManaged": false, "residualTime": 0, "missing": true}],
 "certificateAuthorities": [{"name": "etcd-ca", "expirationDate": "2036-11-25T00:00:00Z", "externallyManaged": false,
  "residualTime": 5, "missing": false}]}"""


def _machine(output: str, command: str = r"find .*echo \"== units\"") -> FakeMachine:
    return FakeMachine({re.compile(command, re.DOTALL): output})


def _seen() -> Trace:
    return trace(_machine(LOOKED))


def test_a_trace_of_a_machine_is_read() -> None:
    found = _seen()
    assert found.below("/etc/") == {"/etc/kubernetes/admin.conf", "/etc/kubernetes/tmp/a b.yaml"}
    assert (found.active, found.containers, found.running, found.listening) == (
        {"kubelet"},
        frozenset({"one", "two", "ended"}),
        frozenset({"one", "two"}),
        frozenset({"0.0.0.0:22"}),
    )


def test_equal_traces_have_no_differences() -> None:
    assert differences(_seen(), _seen()) == {}


def test_every_kind_of_change_is_listed() -> None:
    before = _seen()
    changed = {**before.files, "/etc/new": "644 root:root 1 1 "}
    assert set(differences(before, replace(before, files=changed))) == {"files"}
    assert set(differences(before, replace(before, units=()))) == {"units"}
    assert set(differences(before, replace(before, running=frozenset()))) == {"running"}
    assert set(differences(before, replace(before, listening=frozenset()))) == {"listening"}
    assert differences(before, replace(before, rules=())) == {"rules": (("table ip nat {", "}"), ())}


def test_a_container_that_had_ended_may_be_removed() -> None:
    """Kubelet does so in its own time; one that ran, and one that was started, are changes."""
    before = _seen()
    assert differences(before, replace(before, containers=before.running)) == {}
    started_anew = LOOKED.replace("one     314", "new     320")
    assert set(differences(before, trace(_machine(started_anew)))) == {"running"}


def test_a_machine_that_has_joined_shows_no_rules() -> None:
    """Nothing comes behind the heading then, and kube-proxy may write what it wants."""
    joined = trace(_machine(LOOKED.partition("table ip nat")[0]))
    assert (joined.rules, set(differences(joined, joined))) == ((), set())


def test_a_file_that_was_only_touched_has_changed() -> None:
    before = _seen()
    touched = trace(_machine(LOOKED.replace("1700000000.5", "1700000002.5")))
    assert set(differences(before, touched)["files"]) == {"/etc/kubernetes/admin.conf"}


def test_a_folder_can_be_left_out() -> None:
    found = _seen()
    assert found.without(SCRATCH).below("/etc/") == {"/etc/kubernetes/admin.conf"}
    assert set(differences(found, replace(found.without(SCRATCH), rules=()))) == {"files", "rules"}


def test_certificates_are_known_by_their_files() -> None:
    found = expirations(_machine(LISTED, "kubeadm certs check-expiration"))
    assert set(found) == {"pki/etcd/peer.crt", "super-admin.conf", "pki/etcd/ca.crt"}
    assert (found["super-admin.conf"].ends, found["super-admin.conf"].missing) == (None, True)
    assert found["pki/etcd/peer.crt"].authority == "etcd-ca"
