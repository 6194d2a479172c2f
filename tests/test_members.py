"""The members of an external etcd cluster: what is made on which machine, and how long their health is waited for."""

from __future__ import annotations

import re

import pytest

from provision.config import limits
from provision.etcd import members
from provision.kubeadm import certificates
from provision.util.errors import TimedOut
from provision.util.result import Result
from tests.fake_machine import Replies
from tests.stand_ins import commands, fake_cluster

EXTERNAL = "external-uploaded-1.37"
HEALTH = re.compile(r"etcdctl .*endpoint health --cluster$")


def test_authorities_stay_on_the_first_machine_and_certificates_are_made_between_copies() -> None:
    lines = members.certificates_script(fake_cluster(name=EXTERNAL).etcd_machines).splitlines()
    copies = [line.split("/tmp/")[1] for line in lines if line.startswith("cp -R")]
    assert copies == ["198.18.0.33/", "198.18.0.32/"]
    assert lines.count("find /etc/kubernetes/pki -not -name ca.crt -not -name ca.key -type f -delete") == 2


def test_members_get_their_files_through_the_agent_and_put_them_in_place() -> None:
    copy, place = (
        re.compile(r"scp -r /tmp/\$\{HOST\}/\* \$\{USER\}@\$\{HOST\}:"),
        re.compile(r"\nmv pki /etc/kubernetes/\n"),
    )
    cluster = fake_cluster({copy: "", place: ""}, name=EXTERNAL)
    members.distribute(cluster)
    (copied,) = commands(cluster, "etcd1")
    assert re.findall("HOST=(.*)", copied) == ["198.18.0.32", "198.18.0.33"]
    assert re.findall("USER=(.*)", copied) == ["ubuntu", "ubuntu"]
    for name in ("etcd2", "etcd3"):
        (placed,) = commands(cluster, name)
        assert "chown -R root:root pki\nmv pki /etc/kubernetes/\n" in placed


def test_a_member_whose_login_is_another_user_gets_its_files_as_that_one() -> None:
    cluster = fake_cluster({re.compile("scp -r"): "", re.compile("mv pki"): ""}, name=EXTERNAL)
    cluster.machines["etcd3"].user = "root"
    members.distribute(cluster)
    (copied,) = commands(cluster, "etcd1")
    assert re.findall("USER=(.*)", copied) == ["ubuntu", "root"]


def test_control_planes_get_shared_certificates_each_as_its_own_user() -> None:
    """The page's script is for one user, so it is run once for each."""
    cluster = fake_cluster({re.compile("scp /etc/kubernetes/pki/"): ""}, name="stacked-manual-1.37")
    cluster.machines["cp3"].user = "root"
    certificates.copy(cluster)
    copied = commands(cluster, "cp1")
    found = [(re.findall("^USER=(.*)", each, re.M), re.findall('_IPS="(.*)"', each)) for each in copied]
    assert found == [(["ubuntu"], ["198.18.0.12"]), (["root"], ["198.18.0.13"])]


def test_each_member_starts_from_the_configuration_that_lies_on_its_machine() -> None:
    cluster = fake_cluster({re.compile("^sudo kubeadm init phase etcd local "): ""}, name=EXTERNAL)
    members.start(cluster)
    found = {name: commands(cluster, name)[0].rpartition("--config=")[2] for name in ("etcd1", "etcd2", "etcd3")}
    assert found == {
        "etcd1": "/tmp/198.18.0.31/kubeadmcfg.yaml",
        "etcd2": "$HOME/kubeadmcfg.yaml",
        "etcd3": "$HOME/kubeadmcfg.yaml",
    }


def test_etcds_health_is_checked_again_until_every_member_answers() -> None:
    answers = [Result(1, "", "unhealthy cluster"), Result(0, "is healthy", "")]
    replies: Replies = {HEALTH: lambda *_: answers.pop(0)}
    members.wait_until_healthy(fake_cluster(replies, name=EXTERNAL))
    assert answers == []


def test_members_that_stay_unhealthy_end_the_wait_with_the_last_reason(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "ETCD_HEALTHY", 0)
    with pytest.raises(TimedOut, match="every etcd member is healthy") as caught:
        members.wait_until_healthy(fake_cluster({HEALTH: Result(1, "", "unhealthy cluster")}, name=EXTERNAL))
    assert caught.value.answer == "unhealthy cluster"
