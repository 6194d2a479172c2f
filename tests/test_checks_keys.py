"""Keys and tokens: each rule sees one broken thing, and healthy clusters of other kinds stay quiet."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from checks.facts.certificates import Key
from checks.facts.cluster import Facts, Token
from checks.facts.fact import unread
from checks.facts.machine import File
from tests.healthy import healthy, with_api, with_each, with_machine, without_login
from tests.healthy.certificates import certificate
from tests.healthy.judging import found, report, undecided
from tests.healthy.values import NOW, PKI


def all_of(facts: Facts) -> list[tuple[str, str, tuple[str, ...]]]:
    return found(facts, "KHA-KEY")


def with_key(facts: Facts, name: str, *places: str, key: str = "another") -> Facts:
    """Keys of a machine are others."""
    keys = facts.machine(name).keys.get()
    return with_machine(facts, name, keys=tuple(
        replace(each, public_key=key) if each.place in places else each for each in keys
    ))  # fmt: skip


def with_keys(facts: Facts, name: str, *more: Key) -> Facts:
    """A machine has more keys."""
    return with_machine(facts, name, keys=(*facts.machine(name).keys.get(), *more))


# -- the keys of tokens


def test_a_control_plane_that_signs_with_another_key_is_critical() -> None:
    facts = with_key(healthy(), "cp3", f"{PKI}/sa.key", f"{PKI}/sa.pub")
    assert all_of(facts) == [("KHA-KEY-001", "critical", ("cp3",))]
    assert "of another control plane" in report(facts, "KHA-KEY").findings[0].fix


def test_a_control_plane_that_accepts_another_key_is_critical() -> None:
    facts = with_key(healthy(), "cp2", f"{PKI}/sa.pub")
    assert all_of(facts) == [("KHA-KEY-001", "critical", ("cp2",))]
    what = "cp2: its API server accepts no token that the control planes sign."
    assert report(facts, "KHA-KEY").findings[0].what == what
    made_of_the_key = (
        f"sudo openssl pkey -pubout -in {PKI}/sa.key -out {PKI}/sa.pub.new && sudo mv {PKI}/sa.pub.new {PKI}/sa.pub && "
    )
    assert report(facts, "KHA-KEY").findings[0].fix.startswith(made_of_the_key)


def test_two_control_planes_with_different_keys_are_both_named() -> None:
    facts = with_key(healthy(control_planes=2), "cp2", f"{PKI}/sa.key", f"{PKI}/sa.pub")
    assert all_of(facts) == [("KHA-KEY-001", "critical", ("cp1", "cp2"))]


def test_the_odd_one_is_named_though_another_machine_does_not_answer() -> None:
    facts = with_key(healthy(control_planes=5), "cp3", f"{PKI}/sa.key", f"{PKI}/sa.pub")
    facts = with_machine(facts, "cp5", keys=unread("cp5 does not answer"))
    assert ("KHA-KEY-001", "critical", ("cp3",)) in all_of(facts)
    assert ("KHA-KEY-001", "cluster") in undecided(facts, "KHA-KEY")


def test_several_accepted_keys_while_keys_are_rotated_are_healthy() -> None:
    facts = healthy()
    for name in ("cp1", "cp2", "cp3"):
        machine = facts.machine(name)
        manifests = tuple(
            replace(each, containers=(replace(each.containers[0], command=(
                *each.containers[0].command, f"--service-account-key-file={PKI}/sa-new.pub",
            )),)) if each.name == "kube-apiserver" else each
            for each in machine.manifests.get()
        )  # fmt: skip
        facts = with_machine(with_keys(facts, name, Key(f"{PKI}/sa-new.pub", "new", False)), name, manifests=manifests)
    assert all_of(with_key(facts, "cp1", f"{PKI}/sa.key", key="new")) == []


def test_tokens_that_are_signed_elsewhere_are_healthy() -> None:
    facts = healthy()
    for name in ("cp1", "cp2", "cp3"):
        kept = tuple(each for each in facts.machine(name).keys.get() if "/sa." not in each.place)
        facts = with_machine(facts, name, keys=kept)
    assert all_of(facts) == []


# -- bootstrap tokens


def test_a_token_without_an_end_is_a_notice() -> None:
    facts = with_api(healthy(), tokens=(Token("abcdef", None, ("authentication", "signing")),))
    assert all_of(facts) == [("KHA-KEY-002", "notice", ())]
    assert report(facts, "KHA-KEY").findings[0].fix == "sudo kubeadm token delete abcdef  # on any control plane"


def test_tokens_that_end_that_have_ended_or_that_only_sign_are_healthy() -> None:
    facts = with_api(healthy(), tokens=(
        Token("aaaaaa", NOW + timedelta(days=1)), Token("bbbbbb", NOW - timedelta(days=9)),
        Token("cccccc", None, ("signing",)),
    ))  # fmt: skip
    assert all_of(facts) == []


def test_tokens_that_may_not_be_read_are_undecided() -> None:
    facts = with_api(healthy(), tokens=unread("secrets are forbidden", "list secrets in kube-system"))
    assert undecided(facts, "KHA-KEY") == [("KHA-KEY-002", "cluster")]


# -- authorities' keys


@pytest.mark.parametrize("file", ["ca.key", "front-proxy-ca.key", "etcd/ca.key", "sa.key"])
def test_a_worker_with_a_key_that_signs_is_a_warning(file: str) -> None:
    facts = with_keys(healthy(), "w1", Key(f"{PKI}/{file}", "another", True))
    assert all_of(facts) == [("KHA-KEY-003", "warning", ("w1",))]
    assert report(facts, "KHA-KEY").findings[0].fix == f"sudo rm {PKI}/{file}  # on w1"


@pytest.mark.parametrize("file", ["ca.key", "sa.key"])
def test_a_key_that_no_other_machine_has_is_not_removed(file: str) -> None:
    """As where the authority is kept outside: the worker may have the one copy."""
    key = f"key of {file.removesuffix('.key')}"
    facts = with_each(healthy(), lambda each: {"keys": ()} if each.name.startswith("cp") else {})
    facts = with_keys(facts, "w1", Key(f"{PKI}/{file}", key, True))
    (fix,) = (each.fix for each in report(facts, "KHA-KEY-003").findings)
    assert fix.startswith(f"No other machine that was read has {PKI}/{file}: bring it from w1 ")


@pytest.mark.parametrize("key", ["another", "key of etcd/ca"])
def test_a_second_etcd_machine_with_the_authoritys_key_is_a_warning(key: str) -> None:
    facts = with_keys(healthy("external"), "etcd2", Key(f"{PKI}/etcd/ca.key", key, True))
    assert all_of(facts) == [("KHA-KEY-003", "warning", ("etcd2",))]


def test_any_one_etcd_machine_may_have_the_authoritys_key_or_none() -> None:
    facts = with_machine(healthy("external"), "etcd1", keys=())
    assert all_of(facts) == []
    assert all_of(with_keys(facts, "etcd3", Key(f"{PKI}/etcd/ca.key", "key of etcd/ca", True))) == []


def test_an_etcd_machine_with_the_key_of_the_clusters_authority_is_a_warning() -> None:
    facts = with_keys(healthy("external"), "etcd1", Key(f"{PKI}/ca.key", "key of ca", True))
    assert all_of(facts) == [("KHA-KEY-003", "warning", ("etcd1",))]


@pytest.mark.parametrize("file", ["ca", "front-proxy-ca", "etcd/ca"])
def test_a_key_that_is_not_its_authoritys_is_critical(file: str) -> None:
    facts = with_key(healthy(), "cp2", f"{PKI}/{file}.key")
    assert all_of(facts) == [("KHA-KEY-004", "critical", ("cp2",))]


@pytest.mark.parametrize(("machine", "topology", "file"), [
    ("cp3", "stacked", "ca"), ("w2", "stacked", "ca"), ("cp1", "stacked", "etcd/ca"), ("cp1", "external", "etcd/ca"),
    ("etcd2", "external", "etcd/ca"),
])  # fmt: skip
def test_a_machine_with_another_authority_is_critical(machine: str, topology: str, file: str) -> None:
    facts = healthy(topology)
    certificates = tuple(
        replace(each, public_key="another") if each.place == f"{PKI}/{file}.crt" else each
        for each in facts.machine(machine).certificates.get()
    )
    facts = with_key(with_machine(facts, machine, certificates=certificates), machine, f"{PKI}/{file}.key")
    assert set(all_of(facts)) == {("KHA-KEY-005", "critical", (machine,))}


def test_an_authority_that_is_being_rotated_is_healthy() -> None:
    facts = healthy()
    new = certificate(f"{PKI}/ca.crt", "kubernetes", public_key="new", authority=True)
    for name in ("cp1", "w1"):
        facts = with_machine(facts, name, certificates=(*facts.machine(name).certificates.get(), new))
    assert all_of(facts) == []


def test_without_keys_of_authorities_a_cluster_is_healthy() -> None:
    facts = healthy()
    for name in ("cp1", "cp2", "cp3"):
        kept = tuple(each for each in facts.machine(name).keys.get() if not each.place.endswith("ca.key"))
        facts = with_machine(facts, name, keys=kept)
    assert all_of(facts) == []


# -- who may read them


@pytest.mark.parametrize(("path", "severity"), [
    (f"{PKI}/ca.key", "warning"), (f"{PKI}/sa.key", "warning"), ("/etc/kubernetes/admin.conf", "warning"),
    (f"{PKI}/apiserver.key", "notice"), ("/etc/kubernetes/scheduler.conf", "notice"),
])  # fmt: skip
def test_a_key_that_every_user_may_read_is_named(path: str, severity: str) -> None:
    facts = healthy()
    files = facts.machine("cp2").files.get()
    facts = with_machine(facts, "cp2", files=(*files, File(path, "0644", "root", NOW)))
    assert all_of(facts) == [("KHA-KEY-006", severity, ("cp2",))]
    closed = File(PKI.removesuffix("/pki"), "0700", "root", NOW, folder=True)
    assert all_of(with_machine(facts, "cp2", files=(*facts.machine("cp2").files.get(), closed))) == []


@pytest.mark.parametrize(
    ("mode", "owner"), [("0600", "root"), ("0640", "root"), ("0400", "etcd"), ("0600", "kubeadm-etcd")]
)
def test_modes_of_hardening_guides_and_other_owners_are_healthy(mode: str, owner: str) -> None:
    facts = healthy()
    files = tuple(File(each.place, mode, owner, NOW) for each in facts.machine("cp2").keys.get())
    assert all_of(with_machine(facts, "cp2", files=files)) == []


def test_without_a_login_keys_are_undecided_and_not_found_healthy() -> None:
    bare = without_login(healthy())
    assert all_of(bare) == []
    kinds = {id for id, _ in undecided(bare, "KHA-KEY")}
    assert kinds == {f"KHA-KEY-00{n}" for n in (1, 3, 4, 5, 6)}
