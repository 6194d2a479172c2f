"""Rules that need a kubeadm, with a script in its place that answers like one."""

from __future__ import annotations

from pathlib import Path

import pytest

from documentation.findings.rules import Finding, Needs
from documentation.pages import markdown
from documentation.programs.kubeadm import Kubeadm
from documentation.programs.programs import Programs
from documentation.reports import all_rules
from provision.util.errors import HostLacks
from provision.util.home import Home

ANSWERS = r"""#!/bin/sh
PATH=/usr/bin:/bin
usage() { printf 'Usage:\n%b\n' "$1"; }
case "$*" in
  "version -o short") echo v1.37.2 ;;
  "--help") usage '  kubeadm [command]\n\nAvailable Commands:\n  certs  c\n  init   i\n  join   j' ;;
  "init --help")
    usage '  kubeadm init [flags]\n  kubeadm init [command]\n\nAvailable Commands:\n  phase  p'
    printf '\nFlags:\n      --config string   c\n  -h, --help  h\n' ;;
  "join --help") usage '  kubeadm join [api-server-endpoint] [flags]\n\nFlags:\n      --token string   t' ;;
  "token create --help")
    usage '  kubeadm token create [token] [flags]'
    printf '\nFlags:\n      --config string  c (default no)\n      --ttl duration   how\n  long (default 24h0m0s)\n'
    printf '      --usages strings  u (default [a,b])\n' ;;
  "certs --help") usage '  kubeadm certs [command]\n\nAvailable Commands:\n  certificate-key  k' ;;
  "certs certificate-key --help") usage '  kubeadm certs certificate-key [flags]' ;;
  *"--help --"*) echo "error: unknown flag: --x" >&2; exit 1 ;;
  "config validate --config "*)
    no() { grep -q "$1" "$2" && echo "error: $3" >&2 && exit 1; }
    no v1beta3 "$4" "old API spec. Use another"
    no 'kubernetesVersion: stable' "$4" "went to the internet"
    no '_' "$4" "a placeholder is left"
    no roots "$4" 'unknown field "roots"' ;;
esac
exit 0
Plant it with as many
"gardeners as there are" trees in the garden.
"""


@pytest.fixture(scope="module")
def kubeadm(tmp_path_factory: pytest.TempPathFactory) -> Kubeadm:
    path = tmp_path_factory.mktemp("home") / "artifacts" / "kubernetes-abc" / "kubeadm"
    path.parent.mkdir(parents=True)
    path.write_text(ANSWERS)
    path.chmod(0o755)
    found = Kubeadm.find(home=Home(path.parents[2]))
    assert found
    return found


def _found(text: str, kubeadm: Kubeadm) -> list[Finding]:
    found = all_rules.check(markdown.parse(text), Programs(kubeadm))
    return [each for each in found if each.check in all_rules.names(Needs.KUBEADM) - {"lifetime"} | {"yaml"}]


@pytest.mark.parametrize(
    ("command", "message", "fix"),
    [
        ("sudo kubeadm init --config a.yaml", "", ""),
        ("kubeadm join 10.9.8.7:6443 --token a", "", ""),
        ("kubeadm init --roots deep", "kubeadm init has no flag --roots in v1.37.2", "see `kubeadm init --help`"),
        (
            "kubeadm alpha certs certificate-key",
            "kubeadm has no `alpha` in v1.37.2",
            "it is `kubeadm certs certificate-key` now",
        ),
        ("kubeadm certs renew", "kubeadm certs has no `renew` in v1.37.2", "it has: certificate-key"),
    ],
)
def test_subcommands_and_flags_that_kubeadm_does_not_have_are_found(
    kubeadm: Kubeadm, command: str, message: str, fix: str
) -> None:
    found = _found(f"```sh\n{command}\n```\n", kubeadm)
    assert [(each.what, each.fix) for each in found] == ([(message, fix)] if message else [])


def test_mentions_of_subcommands_that_kubeadm_does_not_have_are_found(kubeadm: Kubeadm) -> None:
    assert len(_found("Use `kubeadm alpha certs` or `kubeadm init`.", kubeadm)) == 1


@pytest.mark.parametrize(
    ("lines", "message"),
    [
        ("apiVersion: kubeadm.k8s.io/v1beta4\nkubernetesVersion: stable\ncontrolPlaneEndpoint: A_DNS:A_PORT", ""),
        ("apiVersion: kubeadm.k8s.io/v1beta3", "does not read the configuration API v1beta3: old API spec"),
        ("apiVersion: kubeadm.k8s.io/v1beta4\nroots: 1", 'refuses this configuration: unknown field "roots"'),
        ("apiVersion: kubeadm.k8s.io/v1beta4\n a: b: c", "is not valid YAML"),
    ],
)
def test_configurations_that_kubeadm_refuses_are_found(kubeadm: Kubeadm, lines: str, message: str) -> None:
    found = _found(f"```yaml\n{lines}\nkind: ClusterConfiguration\n```\n", kubeadm)
    assert [message in each.what for each in found] == ([True] if message else [])


def test_configurations_inside_scripts_are_checked_too(kubeadm: Kubeadm) -> None:
    document = "apiVersion: kubeadm.k8s.io/v1beta4\nkind: ClusterConfiguration\nroots: ${HOST}"
    found = _found(f"```sh\ncat << EOF > a.yaml\n{document}\nEOF\n```\n", kubeadm)
    assert [each.check for each in found] == ["configuration"]


def test_an_api_behind_a_link_that_kubeadm_does_not_read_is_found(kubeadm: Kubeadm) -> None:
    assert (
        len(_found("See [it](https://a.test/kubeadm/v1beta3) and [that](/docs/kubeadm-config.v1beta4/).", kubeadm)) == 1
    )


@pytest.mark.parametrize(
    ("line", "messages"),
    [
        ("Plant it with as many gardeners as there are trees in the garden.", []),
        ("Plant it with as many gardeners as birds.", ['but: Plant it with as many "gardeners as there are" trees']),
        ("This is something else that it never prints.", ["does not print this line"]),
        ("admin.conf    Dec 30, 2030 23:36 UTC    364d    no", []),
    ],
)
def test_output_that_kubeadm_does_not_print_is_found(kubeadm: Kubeadm, line: str, messages: list[str]) -> None:
    found = _found(f"```sh\nkubeadm init\n```\n\n```\n{line}\n```\n", kubeadm)
    assert [text in each.what for each, text in zip(found, messages, strict=True)] == [True] * len(messages)


JOIN = "```sh\nkubeadm join 10.9.8.7:6443 --token a\n```\n"


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        (JOIN, [2]),
        (f"{JOIN}\n{JOIN}", [2]),
        (f"{JOIN}\nMake another with `kubeadm token create --print-join-command`.\n", []),
        ("```sh\nkubeadm join 10.9.8.7:6443 --config a.yaml\n```\n", []),
    ],
)
def test_a_token_that_expires_has_to_be_mentioned(kubeadm: Kubeadm, text: str, lines: list[int]) -> None:
    found = [each for each in all_rules.check(markdown.parse(text), Programs(kubeadm)) if each.check == "lifetime"]
    assert ([each.line for each in found], all("good for 24h0m0s" in each.what for each in found)) == (lines, True)


@pytest.mark.parametrize(("version", "kept"), [("v1.37.2", True), ("v1.36.3", False)])
def test_only_a_kubeadm_of_the_given_version_is_taken(kubeadm: Kubeadm, version: str, kept: bool) -> None:
    home = Home(kubeadm.binary.parents[2])
    assert (Kubeadm.find(home=home, version=version) is not None) is kept


def test_without_a_kept_binary_there_is_no_kubeadm(tmp_path: Path) -> None:
    assert Kubeadm.find(home=Home(tmp_path)) is None


def test_a_path_that_cannot_be_run_is_refused(tmp_path: Path) -> None:
    with pytest.raises(HostLacks):
        Kubeadm.find(str(tmp_path / "kubeadm"))
