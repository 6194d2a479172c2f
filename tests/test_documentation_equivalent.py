"""Edits that change nothing for the reader are remarks; what only seems to be one is reported as what it is."""

from __future__ import annotations

import pytest

from documentation.pages import markdown
from documentation.reports import report
from tests.editions import Change, revised

INIT = "sudo kubeadm init --control-plane-endpoint"
ENDPOINT = '--control-plane-endpoint "PIER_DNS:6443"'
GET = "kubectl get pod -n kube-system -w"
SCRIPT = "```sh\n%s\n```\n"


HARMLESS: dict[str, Change] = {
    "address": ("10.9.0.20", "198.51.100.20"),
    "host for an address": ("10.9.0.20:6443", "pier.example.com:6443"),
    "token": ("abcdef.0123456789abcdef", "123456.0123456789abcdef"),
    "user": ("captain@", "skipper@"),
    "placeholder": ("PIER_DNS", "QUAY_NAME"),
    "version": ("kubernetesVersion: stable", "kubernetesVersion: v1.37.2"),
    "broken line": ("--token abc", "\\\n  --token abc"),
    "order of flags": (f'{ENDPOINT} --upload-certs', f"--upload-certs {ENDPOINT}"),
    "equals sign": ("--token abc", "--token=abc"),
    "alias": ("get pod ", "get pods "),
    "long names": (GET, "kubectl get po --namespace kube-system --watch"),
    "sudo": ("\nkubectl", "\nsudo kubectl"),
    "kubeconfig": (GET, f"export KUBECONFIG=/etc/kubernetes/admin.conf\n{GET}"),
    "owner": (GET, f"sudo chown -R $(id -u) ~/.kube\n{GET}"),
    "file": (GET, f"cat << EOF > ~/.ssh/config\nHost *\n  ForwardAgent yes\nEOF\n{GET}"),
    "section": ("## Boats {", "## Looking\n\nLook:\n\n```sh\nkubectl get nodes\n```\n\n## Boats {"),
    "key": ("kind: Cluster", "clusterName: a\nkind: Cluster"),
    "two blocks": (f"\n{GET}", f"\n```\n\nand watch:\n\n```sh\n{GET}"),
}  # fmt: skip

BROKEN: dict[str, tuple[Change, str]] = {
    "two for one": (("10.9.0.21", "10.9.0.20"), "became `ssh captain@10.9.0.20`"),
    "placeholder in one place": ((f'{INIT} "PIER_DNS', f'{INIT} "QUAY_DNS'), "QUAY_DNS:6443"),
    "namespace": (("-n kube-system", "--namespace default"), "became `kubectl get pod --namespace default -w`"),
    "other kind": (("get pod ", "get nodes "), "became `kubectl get nodes"),
    "no sudo": (("sudo kubeadm join", "kubeadm join"), "became `kubeadm join"),
    "value": (("--ttl 0", "--ttl 1"), "--ttl 1"),
    "port": (("10.9.0.20:6443", "10.9.0.20:6444"), "10.9.0.20:6444"),
    "added and takes away": ((GET, f"sudo kubeadm reset -f\n{GET}"), "`sudo kubeadm reset -f` is not"),
    "section that takes away": (("Write `ferry", "```sh\nrm -r /etc/kubernetes\n```\n\nWrite `ferry"), "rm -r /etc"),
    "added beside one that changed": ((GET, f"set -e\n{GET.replace('pod', 'nodes')}"), "became `kubectl get nodes"),
    "two blocks, and one lost": ((f"\n{GET}", "\n```\n\nand watch:\n\n```sh\nkubectl get nodes"), "is missing"),
}  # fmt: skip


@pytest.mark.parametrize("change", HARMLESS.values(), ids=HARMLESS)
def test_a_harmless_edit_is_a_remark(change: Change) -> None:
    found = revised(change)
    assert found.differences, "not even a remark"
    assert found.status == 0, found.text()


@pytest.mark.parametrize(("change", "message"), BROKEN.values(), ids=BROKEN)
def test_an_edit_that_only_seems_harmless_misleads(change: Change, message: str) -> None:
    found = revised(change)
    assert found.status == 1, found.text()
    assert message in found.text()


def test_an_example_that_stays_in_one_place_has_not_become_another_one() -> None:
    found = revised(("join 10.9.0.20", "join 10.9.0.30"), (" one of them:", " 10.9.0.20, one of them:"))
    assert "`sudo kubeadm join 10.9.0.30" in found.text()


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("get po > a", "get pods > b"),
        ("mv a b", "mv b a"),
        ("echo '$x'", 'echo "$x"'),
        ("a --x | b --y", "a --y | b --x"),
        ("export SSH_AGENT_PID=1", "export SSH_AGENT_ID=1"),
    ],
)
def test_a_change_is_not_taken_for_another_spelling(old: str, new: str) -> None:
    before, after = (markdown.parse(SCRIPT % each, language="en") for each in (old, new))
    assert report.of_drift(before, after, None).status == 1


def test_a_command_that_only_a_translation_has_misleads() -> None:
    old, new = markdown.parse(SCRIPT % "ls", language="en"), markdown.parse(SCRIPT % "ls\ncat a", language="de")
    assert report.of_drift(old, new, None).status == 1
