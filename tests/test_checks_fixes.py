"""Fixes can be typed as they are: as root where that is needed, with the machine's own port, folder and packages."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path, PurePosixPath
from typing import Any

import pytest
import yaml

from checks.facts.cluster import Facts
from checks.facts.machine import Interface, Unit
from checks.findings import Finding
from checks.judging import judged
from checks.rules.own_places import api_server_at, kubelet_at, manifest_of, manifests_of, restart
from checks.rules.packages import installing
from checks.rules.rule import Rule, rules
from tests.healthy import healthy, with_api, with_each, with_machine, without_login
from tests.healthy.changes import changed, in_kubeconfig
from tests.healthy.disturbed import cut_off, with_flags
from tests.healthy.values import NOW, PKI, known

OWN = "/opt/static-pods"
AS_ROOT = frozenset((
    "systemctl", "journalctl", "crictl", "kubeadm", "nsenter", "vi", "sed", "mv", "rm", "cp", "cat", "du", "chmod",
    "swapoff", "hostnamectl", "sysctl", "systemd-machine-id-setup", "apt-get", "dnf", "diff", "sha256sum", "tee",
))  # fmt: skip
"""Programs that change a machine, or read what is root's alone, in whatever way fixes use them."""
IN_THE_WORKING_FOLDER = frozenset(("sed", "diff", "tee"))
"""Programs that fixes also use on files of the folder that they are typed in."""
READING = frozenset(("grep", "openssl"))
"""The same where they are given a file, and do not read what another program prints."""
AS_ANYBODY = frozenset(("curl", "kubectl", "ping", "ip", "timedatectl", "kubelet", "fio", "sort", "tail", "sudoedit"))
"""Programs that anybody may run, as fixes use them: `ip` that shows, `timedatectl` and `kubelet --version`."""


def _commands(fix: str) -> Iterator[list[str]]:
    """The commands of a fix that are typed one behind the other; no comment, and no value that is a command itself."""
    for each in re.split(r"&&|;|\|", fix.partition("  # ")[0]):
        words = shlex.split(each.strip().removeprefix("! "))
        if words and not words[0].startswith("{"):
            yield words


def _needs_root(words: list[str]) -> bool:
    name = words[0]
    files = [each for each in words[1:] if "/" in each or "{" in each]
    if name == "sed" and "-i" not in words and words[2:3] in ([], [">"]):
        files = words[3:]  # it has an expression alone, and reads what another program prints
    if name in IN_THE_WORKING_FOLDER and not any("/" in each or each.startswith("{") for each in files):
        return False
    changes = (name == "ip" and "set" in words) or (name == "timedatectl" and len(words) > 1)
    return name in AS_ROOT or (name in READING and bool(files)) or changes


@pytest.mark.parametrize("rule", rules(), ids=lambda rule: rule.id)
def test_a_command_that_needs_root_says_sudo(rule: Rule) -> None:
    for words in _commands(rule.fix):
        assert words[0] in AS_ROOT | READING | AS_ANYBODY | {"sudo"}, f"{words[0]}: list whether it needs root"
        assert not _needs_root(words), f"{rule.id}: {' '.join(words)}"


@pytest.mark.parametrize("command", ["timedatectl set-ntp true", "grep x {manifest}", "openssl x509 -in {place}"])
def test_a_command_without_sudo_is_found(command: str) -> None:
    assert [_needs_root(each) for each in _commands(f"{command} | sort  # on {{machine}}")] == [True, False]


def test_a_command_that_reads_another_programs_output_is_none() -> None:
    assert [_needs_root(each) for each in _commands("kubectl get x -o yaml | sed 's#^a/b#{endpoint}#'")] == [
        False,
        False,
    ]


def _elsewhere(facts: Facts) -> Facts:
    """The same cluster with its API servers at port 8443, kubelets at 10260 and static pods in a folder of its own."""
    for each in facts.control_planes:
        facts = with_flags(facts, each.name, "kube-apiserver", secure_port="8443")
        manifests = tuple(
            replace(one, file=f"{OWN}/{PurePosixPath(one.file).name}")
            for one in facts.machine(each.name).manifests.get()
        )
        facts = with_machine(facts, each.name, manifests=manifests)
    for each in facts.nodes:
        kubelet = each.kubelet.get()
        configuration = {**kubelet.configuration, "staticPodPath": OWN, "port": 10260}
        facts = with_machine(facts, each.name, kubelet=replace(kubelet, configuration=configuration))
    return facts


def _finding(facts: Facts, id: str) -> Finding:
    return next(each for each in judged(facts).findings if each.id == id)


def _expired(facts: Facts) -> Facts:
    ended = {"begins": NOW - timedelta(days=3), "ends": NOW - timedelta(days=1)}
    return in_kubeconfig(facts, "cp2", "/etc/kubernetes/scheduler.conf", **ended)


def _renewed(facts: Facts) -> Facts:
    renewed = {"begins": NOW - timedelta(days=1), "ends": NOW + timedelta(days=900)}
    return in_kubeconfig(facts, "cp2", "/etc/kubernetes/scheduler.conf", **renewed)


def _names_another(facts: Facts) -> Facts:
    changed = tuple(
        replace(each, server="https://10.0.0.11:8443") if each.place.endswith("scheduler.conf") else each
        for each in facts.machine("cp2").kubeconfigs.get()
    )
    return with_machine(facts, "cp2", kubeconfigs=changed)


def _not_ready(facts: Facts) -> Facts:
    failing = known(("[-]poststarthook/x failed",))
    return replace(facts, servers=tuple(
        replace(each, ready=failing) if each.machine == "cp2" else each for each in facts.servers
    ))  # fmt: skip


BROKEN: dict[str, Callable[[Facts], Facts]] = {
    "KHA-CERT-001": _expired,
    "KHA-CERT-004": _renewed,
    "KHA-ONE-001": _names_another,
    "KHA-ONE-005": lambda facts: with_flags(facts, "cp2", "kube-apiserver", advertise_address="10.0.0.11"),
    "KHA-CP-002": _not_ready,
    "KHA-DRIFT-001": lambda facts: with_flags(facts, "cp2", "kube-scheduler", v="9"),
    "KHA-DRIFT-002": lambda facts: with_flags(facts, "cp2", "kube-apiserver", encryption_provider_config="/x.yaml"),
    "KHA-REACH-001": lambda facts: cut_off(facts, "cp2", "kubelet", "w1"),
}


@pytest.mark.parametrize("id", BROKEN)
def test_a_fix_has_the_machines_own_port_and_folder(id: str) -> None:
    fix = _finding(BROKEN[id](_elsewhere(healthy())), id).fix
    assert not any(each in fix for each in ("6443", "10250", "/etc/kubernetes/manifests")), fix
    assert any(each in fix for each in (OWN, ":8443", ":10260")), fix


@pytest.mark.parametrize("id", BROKEN)
def test_a_fix_has_kubeadms_port_and_folder_where_the_cluster_has_them(id: str) -> None:
    fix = _finding(BROKEN[id](healthy()), id).fix
    assert any(each in fix for each in ("/etc/kubernetes/manifests", ":6443", ":10250")), fix


def test_the_port_of_an_api_server_is_known_without_a_login() -> None:
    facts = without_login(healthy())
    servers = tuple(replace(each, address=each.address.replace("6443", "7443")) for each in facts.servers)
    facts = with_api(replace(facts, servers=servers), pods=())
    assert api_server_at(facts, facts.machine("cp1")) == "10.0.0.11:7443"
    assert (manifests_of(facts.machine("cp1")), kubelet_at(facts.machine("w1"))) == (
        "/etc/kubernetes/manifests", "10.0.0.21:10250",
    )  # fmt: skip
    assert manifest_of(facts.machine("cp1"), "etcd") == "/etc/kubernetes/manifests/etcd.yaml"


def test_a_member_that_systemd_starts_is_restarted_by_systemd() -> None:
    facts = with_each(healthy("external"), lambda machine: {"manifests": ()} if machine.name == "etcd1" else {})
    member = with_machine(facts, "etcd1", units={"etcd": Unit("etcd", "active", "enabled")}).machine("etcd1")
    assert restart(member, "etcd") == "sudo systemctl restart etcd"
    folder = "/etc/kubernetes/manifests"
    assert restart(facts.machine("etcd1"), "etcd") == (
        f"sudo mv {folder}/etcd.yaml {folder}/.etcd.yaml && sleep 20 && sudo mv {folder}/.etcd.yaml {folder}/etcd.yaml"
    )


@pytest.mark.parametrize("rule", rules(), ids=lambda rule: rule.id)
def test_what_is_moved_into_the_folder_of_static_pods_was_in_it_under_a_hidden_name(rule: Rule) -> None:
    """Between two disks a move is a copy, of which the kubelet may read half; and sed writes a file of any name."""
    for words in _commands(rule.fix):
        to = words[-1]
        assert not (words[:2] == ["sudo", "mv"] and "{manifest}" in to and words[-2] != "{hidden}"), rule.fix
        assert not ("sed" in words[:2] and "-i" in " ".join(words) and "{manifest}" in to), rule.fix


@pytest.mark.parametrize(("system", "command"), [
    ("Debian GNU/Linux 12 (bookworm)", "sudo apt-get install keepalived"),
    ("Ubuntu 24.04.1 LTS", "sudo apt-get install keepalived"),
    ("Rocky Linux 9.4 (Blue Onyx)", "sudo dnf install keepalived"),
    ("CentOS Linux 7 (Core)", "sudo yum install keepalived"),
    ("Amazon Linux 2", "sudo yum install keepalived"),
    ("Amazon Linux 2023.6", "sudo dnf install keepalived"),
    ("openSUSE Leap 15.6", "sudo zypper install keepalived"),
    ("SUSE Linux Enterprise Server 15 SP6", "sudo zypper install keepalived"),
    ("Flatcar Container Linux by Kinvolk", "Install keepalived"),
    ("", "Install keepalived"),
])  # fmt: skip
def test_a_package_is_installed_as_the_machines_system_does(system: str, command: str) -> None:
    identity = replace(healthy().machine("lb1").identity.get(), operating_system=system)
    facts = with_machine(healthy(), "lb1", identity=identity)
    assert installing(facts.machine("lb1"), "keepalived") == command
    assert _finding(facts, "KHA-LB-014").fix.startswith(f"{command}  # on lb1")


def _documents(fix: str) -> list[Any]:
    """The configuration that a fix writes for kubeadm, of what it prints itself."""
    printed = re.search(r"printf '([^']*)'", fix)
    assert printed, fix
    return [each for each in yaml.safe_load_all(printed[1].replace("\\n", "\n")) if each]


@pytest.mark.parametrize("advertised", ["10.0.0.12", "192.168.7.12", "10.0.0.11"])
def test_a_certificate_is_made_anew_for_the_address_that_the_api_server_has(advertised: str) -> None:
    facts = with_flags(healthy(), "cp2", "kube-apiserver", advertise_address=advertised)
    second = Interface("eth1", 1500, True, ("192.168.7.12",))
    facts = with_machine(facts, "cp2", interfaces=(*facts.machine("cp2").interfaces.get(), second))
    fix = _finding(changed(facts, "cp2", f"{PKI}/apiserver.crt", names=("cp2",)), "KHA-CERT-005").fix
    (own,) = _documents(fix)
    assert (own["kind"], own["nodeRegistration"]) == ("InitConfiguration", {"name": "cp2"})
    assert own["localAPIEndpoint"] == {"advertiseAddress": advertised if advertised != "10.0.0.11" else "10.0.0.12"}
    assert "sudo kubeadm init phase certs apiserver --config kubeadm.yaml" in fix
    assert fix.endswith("  # on cp2")


def test_a_certificate_that_lacks_an_address_is_made_anew_with_the_format_of_the_cluster() -> None:
    configuration = {**healthy().api.cluster_configuration.get(), "apiVersion": "kubeadm.k8s.io/v1beta3"}
    facts = with_api(healthy(), cluster_configuration=configuration)
    facts = changed(facts, "cp2", f"{PKI}/apiserver.crt", addresses=("10.0.0.12", "10.0.0.1"))
    (own,) = _documents(_finding(facts, "KHA-CERT-013").fix)
    assert (own["apiVersion"], own["localAPIEndpoint"]) == ("kubeadm.k8s.io/v1beta3", {"advertiseAddress": "10.0.0.12"})


@pytest.mark.parametrize(("topology", "name"), [("stacked", "cp2"), ("external", "etcd1")])
def test_a_members_certificate_is_made_anew_for_the_members_address(topology: str, name: str) -> None:
    facts = changed(healthy(topology), name, f"{PKI}/etcd/peer.crt", names=("x",), addresses=("127.0.0.1",))
    fix = _finding(facts, "KHA-CERT-006").fix
    *stored, own = _documents(fix)
    address = facts.machine(name).address
    assert own["localAPIEndpoint"] == {"advertiseAddress": address}
    assert [each["etcd"]["local"]["peerCertSANs"] for each in stored] == ([[address]] if topology == "external" else [])
    assert "sudo kubeadm init phase certs etcd-peer --config kubeadm.yaml" in fix


def test_a_certificate_is_made_elsewhere_where_the_key_that_signs_it_is_not() -> None:
    facts = changed(healthy("external"), "etcd2", f"{PKI}/etcd/peer.crt", names=("x",), addresses=("127.0.0.1",))
    fix = _finding(facts, "KHA-CERT-006").fix
    assert fix.startswith(f"etcd2 does not have {PKI}/etcd/ca.key, which signs etcd/peer.crt: make ")
    assert "on etcd1 by `kubeadm init phase certs etcd-peer`" in fix
    assert '"10.0.0.32" and the name etcd2' in fix
    assert "sudo" not in fix
    keys = tuple(each for each in healthy().machine("cp2").keys.get() if each.place != f"{PKI}/ca.key")
    outside = changed(with_machine(healthy(), "cp2", keys=keys), "cp2", f"{PKI}/apiserver.crt", names=("cp2",))
    assert _finding(outside, "KHA-CERT-005").fix.startswith(
        f"cp2 does not have {PKI}/ca.key, which signs apiserver.crt"
    )


KUBECTL, KUBEADM = "kubectl", "kubeadm"


@pytest.mark.parametrize(("fails", "missing", "pair"), [
    ("", "", ("new", "new")), (KUBECTL, "", ("old", "old")), (KUBEADM, "", ("old", "old")),
    ("", "key", ("old", "")),
])  # fmt: skip
def test_the_old_pair_is_there_where_a_command_fails(
    fails: str, missing: str, pair: tuple[str, str], tmp_path: Path
) -> None:
    """The line as a shell runs it, with programs that are written here."""
    facts = changed(healthy(), "cp2", f"{PKI}/apiserver.crt", names=("cp2",))
    fix = _finding(facts, "KHA-CERT-005").fix.replace(PKI, str(tmp_path))
    for each in {"crt", "key"} - {missing}:
        (tmp_path / f"apiserver.{each}").write_text("old")
    makes = (
        f"test ! -e {tmp_path}/apiserver.crt && printf new | tee {tmp_path}/apiserver.crt > {tmp_path}/apiserver.key"
    )
    for name, body in ((KUBECTL, "echo kind: ClusterConfiguration"), (KUBEADM, makes), ("sudo", '"$@"')):
        program = tmp_path / name
        program.write_text(f"#!/bin/sh\n{'exit 1' if name == fails else body}\n")
        program.chmod(0o755)
    ended = subprocess.run(
        ["sh", "-c", fix], cwd=tmp_path, env={"PATH": f"{tmp_path}:{os.environ['PATH']}"}, check=False
    )
    files = [tmp_path / f"apiserver.{each}" for each in ("crt", "key")]
    assert (ended.returncode == 0) == (not fails and not missing)
    assert tuple(each.read_text() if each.exists() else "" for each in files) == pair
