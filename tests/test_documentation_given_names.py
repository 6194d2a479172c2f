"""Names that kubeadm gives: slips in the label of control planes, and the kubelet's ConfigMap by a former name."""

from __future__ import annotations

import pytest

from documentation.findings.edits import applied
from documentation.findings.rules import Finding, Weight
from documentation.pages import markdown
from documentation.reports import all_rules

PAGE = "# Pears\n\nFor `kubeadm init`.\n\n%s\n"
SHELL = "```sh\n%s\n```"


def _found(text: str, rule: str) -> list[Finding]:
    return [each for each in all_rules.check(markdown.parse(PAGE % text, "page.md", "en"), None) if each.check == rule]


ROLE = "node-role.kubernetes.io"
PLANE = f"{ROLE}/control-plane"


@pytest.mark.parametrize(
    ("text", "right"),
    [
        (f"kubectl taint nodes --all {PLANE}- {ROLE}/control-master-", f"nodes --all {PLANE}- {PLANE}-"),
        ("kubectl taint nodes a role.kubernetes.io/master:NoSchedule-", f"nodes a {ROLE}/master:NoSchedule-"),
        ("kubectl get nodes -l node-roles.kubernetes.io/control-plane", f"-l {PLANE}"),
        (f"kubectl label node a {ROLE}/control-plain=", f"node a {PLANE}="),
    ],
)
def test_a_slip_in_the_label_of_control_planes_is_found(text: str, right: str) -> None:
    for each in (SHELL % text, f"Type `{text}`."):
        [found] = _found(each, "label")
        assert (found.line, found.weight) == (6 if "```" in each else 5, Weight.MISLEADS)
        assert right in applied(PAGE % each, found.edits)


@pytest.mark.parametrize(
    "text",
    [
        f"kubectl taint nodes --all {PLANE}- {ROLE}/master-",
        f"kubectl taint nodes --all {PLANE}:NoSchedule-",
        f"kubectl label node a {ROLE}/worker= {ROLE}/gpu=true {ROLE}/control-worker= {ROLE}/infra=",
        f"kubectl get nodes -l '!{PLANE}'",
        f"kubectl label node a {ROLE}/<name>=",
        "kubectl label node a kubernetes.io/role=master",
        "kubectl label node a my-role.example.com/master=",
        "curl https://kubernetes.io/master",
    ],
)
def test_labels_that_are_right_or_ones_own_are_quiet(text: str) -> None:
    assert _found(f"{SHELL % text}\n\nType `{text}`.", "label") == []


def test_another_installers_pages_have_labels_of_their_own() -> None:
    page = markdown.parse(SHELL % f"kubectl get nodes -l {ROLE}/controlplane", "page.md", "en")
    assert [each for each in all_rules.check(page, None) if each.check == "label"] == []


@pytest.mark.parametrize("version", ["{{< skew currentVersion >}}", "1.22", "v1.22", "1.x", "X.Y", "1.X", "x.yy"])
def test_the_kubelets_configmap_with_a_version_is_found(version: str) -> None:
    text = f"Edit the ConfigMap\n`kubelet-config-{version}` with an editor."
    [found] = _found(text, "config-map")
    assert (found.line, found.weight, found.fix) == (6, Weight.MISLEADS, "write `kubelet-config`")
    assert "`kubelet-config` with" in applied(PAGE % text, found.edits)


def test_in_a_command_and_beside_a_release_it_is_found_too() -> None:
    [found] = _found(SHELL % "kubectl edit cm kubelet-config-1.22 -n kube-system", "config-map")
    assert (found.line, found.weight) == (6, Weight.MISLEADS)
    [former] = _found("Up to 1.23 it was `kubelet-config-1.23`, of that version.", "config-map")
    assert former.weight is Weight.REMARK


@pytest.mark.parametrize(
    "text",
    [
        "Edit `kubelet-config`, `kubeadm-config`, `my-kubelet-config-1.22` and `kubelet-config-pears`.",
        "See [fields](/docs/reference/config-api/kubelet-config.v1beta1/#kubelet-config-k8s-io-v1beta1-Kubelet).",
        "Copy `kubelet-config-1.22.yaml` and `kubelet-config-1.22/a`.",
        '```console\n[kubelet] Creating a ConfigMap "kubelet-config-1.22" in namespace kube-system\n```',
    ],
)
def test_other_names_and_samples_of_output_are_quiet(text: str) -> None:
    assert _found(text, "config-map") == []
