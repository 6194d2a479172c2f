"""Commands of kubeadm that are killed at a moment: the script that kills, its proof, and what the second run takes."""

from __future__ import annotations

import re
import stat
import subprocess
from pathlib import Path

import pytest

from provision.util.concurrency import NotYet
from provision.util.errors import CommandFailed
from provision.util.result import Result
from resilience.faults.kinds import killed, killed_upgrades
from resilience.faults.kinds.killed import join_again, reset_again
from resilience.faults.means.moments import KILLED, NEVER, Moment, killed_at, was_killed
from resilience.faults.means.moments import killed as killed_steps
from resilience.faults.means.printed import warnings, why
from resilience.faults.scene import Scene
from tests.fake_machine import Replies
from tests.made_up_faults import Board
from tests.stand_ins import commands, fake_cluster

MOVED = Moment("moved", ('manifests/kube-apiserver.yaml"', "Waiting for the kubelet"))
PROGRAM = """\
#!/bin/sh
for line in 'Moving to "manifests/etcd.yaml"' 'Waiting for the kubelet' 'Moving to "manifests/kube-apiserver.yaml"' \
  'Waiting for the kubelet' 'the end'; do echo "$line"; sleep 0.2; done
touch finished
"""
LISTED = "1, started, cp1, https://198.18.0.11:2380, https://198.18.0.11:2379, false\n"
STRAY = "4, unstarted, , https://198.18.0.14:2380, , true"
JOIN = f"kubeadm join k:6443 --token abcdef.0123456789abcdef --discovery-token-ca-cert-hash sha256:{'1' * 64}"


def run(folder: Path, moment: Moment) -> str:
    """What is printed where a program is killed at a moment."""
    program = folder / "kubeadm"
    program.write_text(PROGRAM)
    program.chmod(program.stat().st_mode | stat.S_IEXEC)
    command = killed_at(f"sudo {program} join", moment).removeprefix("sudo ")
    return subprocess.run(command, shell=True, cwd=folder, capture_output=True, text=True, check=True).stdout


def test_a_command_is_killed_at_its_moment_and_does_nothing_after_it(tmp_path: Path) -> None:
    printed = run(tmp_path, MOVED).splitlines()
    assert printed[-1] == f"{KILLED}Waiting for the kubelet"
    assert printed[:-1] == ['Moving to "manifests/etcd.yaml"', "Waiting for the kubelet",
                            'Moving to "manifests/kube-apiserver.yaml"', "Waiting for the kubelet"]  # fmt: skip
    assert not (tmp_path / "finished").exists()


def test_a_command_that_never_comes_to_its_moment_says_so(tmp_path: Path) -> None:
    printed = run(tmp_path, Moment("never", ("Waiting for the kubelet", "rolled back"))).splitlines()
    assert printed[-1] == f"{NEVER}rolled back"
    assert (tmp_path / "finished").exists()


@pytest.mark.parametrize(
    ("printed", "proved"),
    [
        (f"Waiting\n{KILLED}Waiting for the kubelet to restart\n", True),
        (f"Waiting for the kubelet\n{NEVER}Waiting for the kubelet\n", False),
        (f"{KILLED}[preflight] Running\n", False),
        ("Waiting for the kubelet\n", False),
        ("", False),
    ],
)
def test_a_kill_is_proved_by_the_line_that_it_came_after(printed: str, proved: bool) -> None:
    found = scene({})
    found.printed.append(printed)
    assert isinstance(was_killed(MOVED).seen(found, ""), NotYet) is not proved


TYPED = "sudo kubeadm join …"
KEY = "abcdef.0123456789abcdef"


def test_a_killed_command_runs_where_the_fault_hits_after_what_comes_before_it() -> None:
    done: list[str] = []

    def command(scene: Scene) -> str:
        done.append(f"before on {scene.machine.name}")
        return "sudo kubeadm join"

    def answer(machine: str, command: str) -> str:
        done.append(f"killed on {machine}")
        return f"{KILLED}it\n"

    found = scene({killed_at("sudo kubeadm join", MOVED): answer})
    (step,) = killed_steps(TYPED, command, MOVED, 5)(found)
    assert step.by_hand(found).endswith(f" cp4 {TYPED}  # killed")
    assert done == []
    assert step.do(found) == f"{KILLED}it\n"
    assert done == ["before on cp4", "killed on cp4"]


@pytest.mark.parametrize("secret", [True, False])
def test_what_a_killed_command_printed_is_without_secrets(secret: bool) -> None:
    found = scene({re.compile("kubeadm join"): f"token {KEY}\n"})
    (step,) = killed_steps(TYPED, lambda _: "sudo kubeadm join", MOVED, 5, secret=secret)(found)
    assert "token" in (printed := step.do(found))
    assert KEY not in printed


@pytest.mark.parametrize(("secret", "shown"), [(True, False), (False, True)])
def test_what_a_secret_command_printed_is_withheld_where_it_fails(secret: bool, shown: bool) -> None:
    found = scene({re.compile("kubeadm join"): Result(1, "", "no such file\n")})
    (step,) = killed_steps(TYPED, lambda _: "sudo kubeadm join", MOVED, 5, secret=secret)(found)
    with pytest.raises(CommandFailed) as caught:
        step.do(found)
    assert ("no such file" in str(caught.value)) is shown


@pytest.mark.parametrize(
    ("fault", "version", "words"),
    [("apply", "v1.37.2", "apply v1.37.2 --yes"), ("node", "v1.37.2-dirty", "node"),
     ("apply", "v1.37.2-dirty", "apply v1.37.2-dirty --yes --allow-experimental-upgrades")],
)  # fmt: skip
def test_the_other_kubeadm_is_installed_before_an_upgrade_is_killed(
    tmp_path: Path, fault: str, version: str, words: str
) -> None:
    (tmp_path / "kubeadm").touch()
    cluster = fake_cluster({re.compile("kubeadm"): ""}, name="stacked-uploaded-1.37-from-1.36-faults")
    cluster.state = cluster.state.but(beside={"1.37": {"version": version, "folder": str(tmp_path)}})
    found, moment = Scene(cluster, Board()), killed_upgrades.APPLY[0]
    upgrade = next(each for each in killed_upgrades.FAULTS if each.name == f"upgrade-{fault}-killed-{moment.name}")
    found.hit = upgrade.where(found)
    for step in upgrade.do(found):
        step.do(found)
    installed, ran = commands(cluster, found.machine.name)
    assert installed.endswith("/usr/bin/kubeadm")
    assert ran == killed_at(f"sudo kubeadm upgrade {words}", moment)


def test_each_command_has_five_moments() -> None:
    assert [len(each) for each in (killed.JOIN, killed.RESET, killed_upgrades.APPLY)] == [5, 5, 5]


def scene(replies: Replies) -> Scene:
    cluster = fake_cluster(replies, name="stacked-uploaded-1.37-faults")
    return Scene(cluster, Board(), [cluster.machines["cp4"]])


class Joins:
    """kubeadm on a machine whose first join is refused, or none; whether etcd lists a stray member."""

    def __init__(self, *, refused: int, stray: bool) -> None:
        self.refused, self.stray, self.reset = refused, stray, False

    def join(self, machine: str, command: str) -> Result:
        if self.refused:
            self.refused -= 1
            return Result(1, "", "[preflight] Some fatal errors occurred:\n\t[ERROR FileAvailable--x]: x exists\n")
        return Result(0, "This node has joined the cluster\n", "")

    def members(self, machine: str, command: str) -> str:
        return LISTED + (f"{STRAY}\n" if self.stray else "")

    def remove(self, machine: str, command: str) -> str:
        self.stray = False
        return "Member 4 removed from cluster\n"

    @property
    def replies(self) -> Replies:
        return {
            re.compile("upload-certs"): f"{'a' * 64}\n",
            re.compile("kubeadm token create"): f"{JOIN} --control-plane --certificate-key {'a' * 64}\n",
            re.compile("^sudo kubeadm join"): self.join,
            re.compile("^sudo kubeadm reset"): "W0101 1 reset.go:1] [reset] Failed to remove etcd member: gone\n",
            re.compile("member list$"): self.members,
            re.compile("member remove 4$"): self.remove,
            re.compile("kubectl get node cp4"): "node/cp4\n",
            re.compile("kubectl (wait|delete)"): "",
            re.compile("find /etc/kubernetes -type f"): "etcd.yaml kube-apiserver.yaml ",
            re.compile("rm -rf /etc/kubernetes/pki|haproxy"): "",
            "ss -Hltn 'sport = :6443'": "LISTEN\n",
        }


def test_a_join_that_succeeds_as_it_was_needs_nothing_else() -> None:
    found = scene(Joins(refused=0, stray=False).replies)
    join_again(found)
    assert found.notes == [
        "left behind: the API has node/cp4; /etc/kubernetes/manifests has etcd.yaml kube-apiserver.yaml",
        "run again as it was: it succeeded",
    ]


LEFT = (
    f"left behind: etcd still lists {STRAY}; the API has node/cp4; "
    "/etc/kubernetes/manifests has etcd.yaml kube-apiserver.yaml"
)
REFUSED = "[ERROR FileAvailable--x]: x exists"
RESET = (
    "`kubeadm reset --force`: [reset] Failed to remove etcd member: gone",
    f"after the reset etcd still lists {STRAY}",
)


def test_a_join_that_is_refused_is_tried_after_a_reset() -> None:
    found = scene(Joins(refused=1, stray=True).replies)
    join_again(found)
    assert found.notes == [LEFT, f"run again as it was: {REFUSED}", *RESET, "then `kubeadm join` succeeded"]


def test_a_stray_member_is_removed_where_a_join_fails_beside_it() -> None:
    found = scene(Joins(refused=2, stray=True).replies)
    join_again(found)
    assert found.notes == [
        LEFT,
        f"run again as it was: {REFUSED}",
        *RESET,
        f"then `kubeadm join`: {REFUSED}",
        *RESET,
        "`etcdctl member remove` by hand: Member 4 removed from cluster",
        "then `kubeadm join` succeeded",
    ]


def test_a_join_that_is_refused_without_a_stray_member_too_is_a_failure() -> None:
    with pytest.raises(CommandFailed, match="kubeadm join"):
        join_again(scene(Joins(refused=3, stray=False).replies))


def test_a_second_reset_that_leaves_a_member_says_so() -> None:
    found = scene(Joins(refused=0, stray=True).replies)
    reset_again(found)
    assert any(each.startswith("`etcdctl member remove` by hand: Member 4 removed") for each in found.notes)


def test_no_token_is_in_a_note() -> None:
    found = scene(Joins(refused=0, stray=False).replies)
    found.cluster.journal.redact.learn("abcdef.0123456789abcdef")
    found.note(f"it typed {JOIN}")
    assert "0123456789abcdef" not in found.notes[0]


@pytest.mark.parametrize(
    ("answer", "line"),
    [
        ("[preflight] x\n\t[ERROR A]: one\n\t[ERROR B]: two\nsee --help\n", "[ERROR A]: one; [ERROR B]: two"),
        ("working\nerror: it timed out\n", "error: it timed out"),
        ("the last line\n", "the last line"),
        ("", "it failed and printed nothing"),
    ],
)
def test_what_kubeadm_refused_is_one_line(answer: str, line: str) -> None:
    assert why(answer) == line


def test_warnings_are_one_line() -> None:
    printed = "[reset] Stopping\nW0101 00:00:00.0 1 cleanup.go:1] [reset] Unmount failed\n\t[WARNING Swap]: on\n"
    assert warnings(printed) == "[reset] Unmount failed; [WARNING Swap]: on"
    assert warnings("[reset] Stopping\n") == ""


NOT_READY = "[ERROR ControlPlaneNodesReady]: there are NotReady control-planes in the cluster: [cp1]"
OTHER = "[ERROR CreateJob]: Job did not complete in time"


@pytest.mark.parametrize(
    ("refusals", "noted"),
    [
        ([], ["run again as it was: it succeeded"]),
        ([NOT_READY], [f"run again as it was: {NOT_READY}", "once all control planes were ready, it succeeded"]),
        ([OTHER], [f"run again as it was: {OTHER}", "with --force it succeeded"]),
    ],
)
def test_an_upgrade_that_was_killed_is_run_again_as_its_refusal_suggests(
    refusals: list[str], noted: list[str]
) -> None:  # fmt: skip
    found = upgraded_scene("cp1", list(refusals))
    killed_upgrades.upgraded_again(found)
    assert found.notes == ["left behind: API servers {'cp1': 'v1.37.2', 'cp2': 'v1.37.2'}", *noted]


@pytest.mark.parametrize(("machine", "refusals"), [("cp2", [OTHER]), ("cp1", [OTHER, OTHER]), ("cp1", [NOT_READY] * 2)])
def test_an_upgrade_that_is_refused_again_fails(machine: str, refusals: list[str]) -> None:
    with pytest.raises(CommandFailed, match="ERROR"):
        killed_upgrades.upgraded_again(upgraded_scene(machine, refusals))


def upgraded_scene(machine: str, refusals: list[str]) -> Scene:
    """A cluster to be upgraded, whose kubeadm refuses as many times as there are reasons."""

    def upgrade(machine: str, command: str) -> Result:
        return Result(1, "", f"{refusals.pop(0)}\n") if refusals else Result(0, "SUCCESS\n", "")

    images = (f"{name}=registry.k8s.io/kube-apiserver:v1.37.2" for name in ("cp1", "cp2"))
    replies: Replies = {
        re.compile("kubeadm upgrade"): upgrade,
        re.compile("kubectl wait"): "node/cp1 condition met\n",
        re.compile("kubectl get pods"): " ".join(images),
    }
    cluster = fake_cluster(replies, name="stacked-uploaded-1.37-from-1.36-faults")
    cluster.state = cluster.state.but(beside={"1.37": {"version": "v1.37.2", "folder": "/nowhere"}})
    return Scene(cluster, Board(), [cluster.machines[machine]])
