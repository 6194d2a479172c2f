"""Commands of kubeadm, kubectl, etcdctl and the kubelet on pages: broken ones are found, unusual ones are not."""

from __future__ import annotations

from pathlib import Path

import pytest

from documentation.checks import refusals
from documentation.findings.rules import Finding, Weight
from documentation.pages import markdown
from documentation.programs.programs import Programs
from documentation.reports import all_rules
from tests import fake_programs

RULES = ("kubeadm", "kubectl", "etcdctl", "kubelet", "config-and-flags", "flag")


def _programs() -> Programs:
    fake = fake_programs
    return Programs(fake.kubeadm(), fake.kubectl(), fake.etcdctl(), fake.kubelet())


def _found(text: str) -> list[Finding]:
    return [each for each in all_rules.check(markdown.parse(text), _programs()) if each.check in RULES]


def _typed(*lines: str) -> list[Finding]:
    return _found("\n".join(["```shell", *lines, "```", ""]))


@pytest.mark.parametrize(
    ("command", "what", "fix"),
    [
        ("kubectl certificates approve x", "kubectl has no `certificates`", "write `kubectl certificate approve`"),
        ("kubectl certificate allow x", "kubectl certificate has no `allow`", "it has: approve, deny"),
        ("kubectl get pods --all-namespace", "kubectl get has no flag --all-namespace", "write `--all-namespaces`"),
        ("kubectl -n water get pods -Z", "kubectl get has no flag -Z", "see `kubectl get --help`"),
        ("kubectl exec a -- etcdctl cluster-health", "etcdctl has no `cluster-health`", "it has: del, get, member"),
        ("docker run -v /a:/a etcd:3 etcdctl --ca-file a", "etcdctl has no flag --ca-file", "see `etcdctl --help`"),
        ("sudo crictl exec -it etcd etcdctl cluster-health", "etcdctl has no `cluster-health`", "it has: del"),
        ("kubectl holen pods", "kubectl has no `holen`", "it has: certificate, exec, get"),
        ("kubectl 取得 pods", "kubectl has no `取得`", "it has: certificate, exec, get"),
        ("etcdctl --endpoints a member show", "etcdctl member has no `show`", "it has: list"),
        ("etcdctl member list --cacerts a", "etcdctl member list has no flag --cacerts", "write `--cacert`"),
        ("kubelet --network-plugin=cni", "kubelet has no flag --network-plugin", "see `kubelet --help`"),
        ('KUBELET_EXTRA_ARGS="--node-op=1"', "kubelet has no flag --node-op", "write `--node-ip`"),
        (
            "kubeadm init stage kubeconfig all",
            "kubeadm init has no `stage`",
            "write `kubeadm init phase kubeconfig all`",
        ),
        (
            "kubeadm alpha certs certificate-key",
            "kubeadm alpha has no `certs`",
            "it is `kubeadm certs certificate-key` now",
        ),
        ("kubeadm alpha certs schluessel", "kubeadm alpha has no `certs`", "see `kubeadm certs --help`"),
        (
            "kubeadm alpha phase kubeconfig all",
            "kubeadm alpha has no `phase`",
            "write `kubeadm init phase kubeconfig all`",
        ),
        ("kubeadm certs certificate-key rose", "kubeadm certs certificate-key has no `rose`", "--help`"),
        ("kubeadm init --experimental-upload-certs x", "kubeadm init has no flag", "write `--upload-certs`"),
    ],
)
def test_what_a_program_does_not_have_is_found_with_what_it_has(command: str, what: str, fix: str) -> None:
    [found] = _typed(command)
    assert (what in found.what, fix in found.fix, found.weight) == (True, True, Weight.BREAKS), found


@pytest.mark.parametrize(
    "command",
    [
        "kubectl get pods -A -o wide -n water --kubeconfig=a",
        "kubectl --kubeconfig a -n water get pods",
        "kubectl certificate approve -f csr.yaml",
        "kubectl certificate <verb> x",
        "kubectl $VERB pods",
        "kubectl exec pod -- ls --color=never -Z",
        "kubectl ... --what-ever",
        "sudo etcdctl --cacert a -w table --endpoints b member list",
        "etcdctl del '' --prefix",
        "kubeadm ... --config my.yaml",
        "kubeadm init phase <which> --some-flag",
        "kubeadm init [flags]",
        "kubeadm join <host>:<port> --token a",
        "kubeadm join 192.0.2.1:6443 --token a --control-plane",
        "kubeadm alpha",
        'KUBELET_KUBEADM_ARGS="--flag1=value1 ..."',
        'KUBELET_EXTRA_ARGS="--node-ip=192.0.2.1"',
        "echo kubectl certificates",
        "docker run -it etcd:3 etcdctl --cacert a member list",
        "systemctl restart kubelet --what",
    ],
)
def test_healthy_commands_in_unusual_forms_are_quiet(command: str) -> None:
    assert _typed(command) == []


def test_a_flag_that_a_variable_of_the_page_enables_is_quiet() -> None:
    programs = Programs(kubectl=fake_programs.Fake(Path("kubectl"), texts=fake_programs.KUBECTL, inside="roots"))
    enabled, other = "KUBECTL_ROOTS=true kubectl get pods --roots", "kubectl get pods --roots"
    found = [all_rules.check(markdown.parse(f"```sh\n{line}\n```\n"), programs) for line in (enabled, other)]
    assert [[each.check for each in of_line if each.check == "kubectl"] for of_line in found] == [[], ["kubectl"]]


def test_flags_of_the_kubelet_in_a_configuration_of_kubeadm_are_checked() -> None:
    given = "  kubeletExtraArgs:\n  - name: node-ip\n    value: <address>\n  - name: 'node-op'\n    value: a"
    kind = "apiVersion: kubeadm.k8s.io/v1beta4\nkind: JoinConfiguration"
    [found] = _found(f"```yaml\n{kind}\nnodeRegistration:\n{given}\n  - name: <flag>\n```\n")
    assert (found.line, found.what) == (8, "kubelet has no flag --node-op in v1.37.2")


def test_a_subcommand_that_a_plugin_or_an_alias_brings_is_quiet() -> None:
    assert len(_typed("kubectl water -f a.yaml")) == 1
    assert _typed("sudo install kubectl-water /usr/local/bin", "kubectl water -f a.yaml") == []
    assert _typed("kubectl convert -f a.yaml") == []
    alias = "```yaml\naliases:\n- name: getn\n```\n\nUse `kubectl getn`, and not `kubectl getm`.\n"
    assert [each.what for each in _found(alias)] == ["kubectl has no `getm` in v1.37.2"]


def test_the_line_is_that_of_the_word_and_not_of_the_command() -> None:
    assert [each.line for each in _typed("kubectl get pods \\", "  -o wide \\", "  --colour")] == [4]


def test_flags_that_a_configuration_file_excludes_are_found_and_others_are_not() -> None:
    [found] = _typed("sudo kubeadm init --config a.yaml --upload-certs --certificate-key 00")
    assert (found.check, found.what) == (
        "config-and-flags",
        "kubeadm init takes no --certificate-key together with --config",
    )
    assert _typed("sudo kubeadm init --upload-certs --certificate-key 00") == []
    assert _typed("sudo kubeadm init --config a.yaml --upload-certs") == []


def test_a_join_in_a_sample_of_output_is_checked_and_sentences_that_begin_with_a_name_are_not() -> None:
    join = "  kubeadm join 192.0.2.9:6443 --token a.b \\\n    --experimental-control-plane"
    sample = f"```none\nIt is done.\nkubectl controls things --so-well\n{join}\n```\n"
    [found] = _found(f"```sh\nkubeadm init\n```\n\n{sample}")
    assert (found.line, found.weight, found.fix) == (9, Weight.MISLEADS, "write `--control-plane`")


@pytest.mark.parametrize(
    ("sentence", "weight"),
    [
        ("The flag `--experimental-upload-certs` uploads them.", Weight.MISLEADS),
        ("Until 1.14 it was `--experimental-upload-certs`.", Weight.REMARK),
        ("With `kubeadm join` there is `--water-all-roses`.", Weight.MISLEADS),
        ("With `kubeadm join` the kubelet has `--water-all-roses`.", None),
        ("The flag `--water-all-roses` waters.", None),
        ("The kubelet has `--nodes-ip` for that.", Weight.MISLEADS),
        ("The kubelet has `--node-ip` for that.", None),
        ("The controller manager has `--nodes-ip` for that.", None),
        ("The flag `--upload-certs` uploads them.", None),
        ("The flag `--certificate-key` of `kubeadm join` is there, too.", None),
    ],
)
def test_a_flag_in_a_sentence_is_found_where_it_can_only_be_meant_for_kubeadm(
    sentence: str, weight: Weight | None
) -> None:
    found = _found(f"{sentence}\n\n```sh\nkubeadm init --upload-certs\n```\n")
    assert [each.weight for each in found] == ([weight] if weight else [])


@pytest.mark.parametrize(
    ("sentence", "weight"),
    [
        ("Use `kubectl certificates` here.", Weight.MISLEADS),
        ("In v1.8 it was `kubectl certificates`.", Weight.REMARK),
        ("See [`kubectl certificates`](/docs/a/) for all of it.", Weight.REMARK),
        ("Both are under `kubectl [certificates|roots] approve`.", None),
        ("The `kubectl` program.", None),
        ("It is `kubectl certificate --all-of-them` then.", None),
    ],
)
def test_mentions_are_judged_by_what_stands_around_them(sentence: str, weight: Weight | None) -> None:
    assert [each.weight for each in _found(sentence)] == ([weight] if weight else [])


def test_a_program_is_only_run_for_its_help_or_with_a_file_that_does_not_exist() -> None:
    programs = _programs()
    page = markdown.parse(
        "```sh\nkubeadm init --config a.yaml --certificate-key 0 --new\nkubectl get pods --new\n```\n"
    )
    all_rules.check(page, programs)
    runs = [run for each in programs.all() for run in each.runs]  # type: ignore[attr-defined]
    harmless = ("--help", "options", "--config=/nonexistent/configuration")
    assert runs
    assert all(set(harmless) & set(run) for run in runs), runs


def test_a_program_that_does_not_answer_accuses_nothing() -> None:
    silent = Programs(kubectl=fake_programs.Silent(Path("kubectl")))
    page = markdown.parse("```sh\nkubectl certificates approve --what x\n```\n")
    assert [each for each in all_rules.check(page, silent) if each.check == "kubectl"] == []
    assert "Not everything was validated: kubectl did not answer in time." in silent.summary()


def test_an_edit_is_judged_by_what_is_refused_before_and_after_it() -> None:
    [before] = markdown.parse("```sh\nkubectl certificates approve x\n```\n").blocks
    [after] = markdown.parse("```sh\nkubectl certificate approve x\n```\n").blocks
    assert [each.check for each in refusals.refusals(before, _programs())] == ["kubectl"]
    assert refusals.refusals(after, _programs()) == ()
    assert refusals.refusals(before, None) == ()
