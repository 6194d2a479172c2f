"""Configuration on pages: what kubeadm refuses, what is not YAML, and what excerpts and placeholders leave open."""

from __future__ import annotations

import pytest

from documentation.findings.rules import Finding, Weight
from documentation.pages import markdown
from documentation.programs.programs import Programs
from documentation.reports import all_rules
from tests import fake_programs
from tests.fake_programs import FakeKubeadm

API = "apiVersion: kubeadm.k8s.io/v1beta4"
KUBELET = "apiVersion: kubelet.config.k8s.io/v1beta1\nkind: KubeletConfiguration"


def _checked(text: str, kubeadm: FakeKubeadm, info: str = "yaml") -> list[Finding]:
    page = markdown.parse(f"```{info}\n{text}\n```\n")
    found = all_rules.check(page, Programs(kubeadm))
    return [each for each in found if each.check in ("configuration", "api", "yaml")]


@pytest.mark.parametrize(
    ("kind", "beside"),
    [
        ("InitConfiguration", "kind: ClusterConfiguration\nkubernetesVersion: v1.37.2"),
        ("JoinConfiguration", "unsafeSkipCAVerification: true"),
        ("ClusterConfiguration", "kind: InitConfiguration"),
        ("ResetConfiguration", ""),
        ("UpgradeConfiguration", ""),
    ],
)
def test_every_kind_of_kubeadm_is_validated_with_what_it_needs_beside_it(kind: str, beside: str) -> None:
    kubeadm = fake_programs.kubeadm({"roots:": 'strict decoding error: unknown field "roots"'})
    [found] = _checked(f"{API}\nkind: {kind}\nroots: deep", kubeadm)
    assert (found.line, found.weight, found.check) == (4, Weight.BREAKS, "configuration")
    assert 'unknown field "roots"' in found.what
    assert beside in kubeadm.validated[-1]


@pytest.mark.parametrize("kind", ["KubeletConfiguration", "KubeProxyConfiguration"])
def test_components_are_validated_beside_a_cluster_since_alone_everything_is_accepted(kind: str) -> None:
    kubeadm = fake_programs.kubeadm({"roots:": 'strict decoding error: unknown field "roots"'})
    assert len(_checked(f"apiVersion: some.config.k8s.io/v1\nkind: {kind}\nroots: deep", kubeadm)) == 1
    assert "kind: ClusterConfiguration" in kubeadm.validated[-1]


def test_no_version_is_looked_for_on_a_site() -> None:
    kubeadm = fake_programs.kubeadm()
    for version in ("", "\nkubernetesVersion: stable", '\nkubernetesVersion: "v1.20.0"'):
        _checked(f"{API}\nkind: ClusterConfiguration{version}", kubeadm)
    assert all("kubernetesVersion: v1.37.2" in each for each in kubeadm.validated)
    assert not any("stable" in each or "v1.20" in each for each in kubeadm.validated)


def test_the_line_is_that_of_the_field_or_of_the_value_of_another_type() -> None:
    why = "json: cannot unmarshal number into Go struct field Arg.etcd.local.extraArgs.value of type string"
    text = f"{API}\nkind: ClusterConfiguration\netcd:\n  local:\n    extraArgs:\n    - name: a\n      value: b\n"
    [found] = _checked(f"{text}    - name: c\n      value: 1000", fake_programs.kubeadm({"1000": why}))
    assert (found.line, found.fix) == (10, "put the value into quotes")


def test_an_answer_is_shown_without_the_name_of_its_type() -> None:
    kind = 'schema.GroupVersionKind{Group:"kubeadm.k8s.io", Version:"v1beta4", Kind:"InitConfiguration"}'
    why = f'error unmarshaling configuration {kind}: strict decoding error: unknown field "roots"'
    [found] = _checked(f"{API}\nkind: InitConfiguration\nroots: 1", fake_programs.kubeadm({"roots:": why}))
    assert found.what == 'v1.37.2 refuses this configuration: unknown field "roots"'


@pytest.mark.parametrize(
    ("lines", "refused"),
    [
        (
            "encryptionAlgorithm: <KIND OF KEY>",
            {"Algorithm: 198.18": 'encryptionAlgorithm: Invalid value: "198.18.0.10"'},
        ),
        ("networking:\n  podSubnet: $SUBNET", {"podSubnet: 198.18": "networking.podSubnet: Invalid value"}),
        ("clusterName: {{ name }}", {"{{": "error converting YAML to JSON"}),
        ("discovery:\n  file: {}", {"discovery": "discovery.file: Required value: must be set"}),
    ],
)
def test_what_placeholders_and_excerpts_leave_open_is_quiet(lines: str, refused: dict[str, str]) -> None:
    assert _checked(f"{API}\nkind: ClusterConfiguration\n{lines}", fake_programs.kubeadm(refused)) == []


def test_a_wrong_field_beside_a_placeholder_is_found() -> None:
    refused = {"roots": 'strict decoding error: unknown field "roots"', "198.18.0.10\n": "Invalid value"}
    found = _checked(
        f"{API}\nkind: ClusterConfiguration\nimageRepository: <where>\nroots: <deep>", fake_programs.kubeadm(refused)
    )
    assert ["unknown field" in each.what for each in found] == [True]


@pytest.mark.parametrize(
    ("text", "line"),
    [
        (f"{KUBELET}\n  address: 192.0.2.1", 4),
        (f"{KUBELET}\naddress: 192.0.2.1 port: 1", 4),
        (f"{KUBELET}\nclusterDNS:\n\t- 192.0.2.1", 5),
        (f'{KUBELET}\naddress: "192.0.2.1', 4),
        (f"{KUBELET}\naddress: [192.0.2.1", 4),
    ],
)
def test_what_is_not_yaml_is_found_at_its_line_without_any_program(text: str, line: int) -> None:
    found = [each for each in all_rules.check(markdown.parse(f"```yaml\n{text}\n```\n"), None) if each.check == "yaml"]
    assert [(each.line, each.weight, bool(each.fix)) for each in found] == [(line, Weight.BREAKS, True)]


@pytest.mark.parametrize(
    "text",
    [
        "kind: A\nmetadata:\n  ...\nspec:\n  a: b\n  …\n  c: d\n..",
        "  ...\n  rules:\n  - a\n  ...",
        "since: 2023-14-01",
        "a: {{ .Values.name }}\nb: ${NAME}\nc: <a name>\nd: <port>",
        "a: 1\n---\nb: 2\n---\n# nothing\n",
        "- a: !something {b: c}",
        "a: 1\n...\n    b: 2\n      c: 3",
        "cat <<EOF >a.yaml\napiVersion: v1\nEOF\nls a: b: c",
    ],
)
def test_yaml_with_what_excerpts_and_templates_have_is_quiet(text: str) -> None:
    assert _checked(text, fake_programs.kubeadm()) == []


def test_json_and_other_data_are_not_read_as_yaml() -> None:
    assert _checked('{"a":\t1}', fake_programs.kubeadm(), "json") == []
    assert _checked("[a]\nb = c: d: e", fake_programs.kubeadm(), "toml") == []


def test_a_date_that_no_calendar_has_is_text_in_a_configuration_of_kubeadm() -> None:
    kubeadm = fake_programs.kubeadm()
    assert _checked(f"{API}\nkind: ClusterConfiguration\nclusterName: 2023-02-31", kubeadm) == []
    assert "clusterName: 2023-02-31" in kubeadm.validated[-1]
