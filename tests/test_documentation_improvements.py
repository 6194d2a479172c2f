"""What a later edition may well do, what it corrects, and what it may not."""

from __future__ import annotations

from pathlib import Path

import pytest

from documentation.findings.rules import Finding, Weight
from documentation.pages import markdown, source
from documentation.reports import report
from documentation.reports.report import Report

CASES = Path(__file__).parent / "documentation_cases"
FENCE = "## Steps\n\n```%s\n%s\n```\n"


def _case(name: str) -> Report:
    old, new = (source.read(str(CASES / f"{name}.{edition}.md"), "en") for edition in ("old", "new"))
    return report.of_drift(old, new, None)


def _drift(old: str, new: str) -> Report:
    before, after = (markdown.parse(each, "page.md", "en") for each in (old, new))
    return report.of_drift(before, after, None)


def _code(old: str, new: str, info: str = "shell") -> Report:
    return _drift(FENCE % (info, old), FENCE % (info, new))


def _only(found: Report) -> Finding:
    [finding] = found.differences
    return finding


VERSIONS = "curl -LO https://a.test/v1.36.0/b.yaml", "curl -LO https://a.test/v1.37.0/b.yaml"
TWICE = "cp /var/a/x /opt/y\n%s\ncp /var/a/z /opt/w"
PLACES = TWICE % "ls", (TWICE % "ls").replace("/var/a", "/srv/a")


@pytest.mark.parametrize(
    ("old", "new"),
    [VERSIONS, PLACES, ("kubeadm init", "kubeadm init --upload-certs"), ("cat > /a", "cat | sudo tee /a")],
)
def test_what_is_newer_or_more_or_everywhere_is_a_remark(old: str, new: str) -> None:
    found = _code(old, new)
    assert found.differences, "not even a remark"
    assert [each for each in found.differences if each.weight > Weight.REMARK] == [], found.text()


@pytest.mark.parametrize(
    ("old", "new"),
    [
        VERSIONS[::-1],
        (PLACES[0], PLACES[0].replace("/var/a/x", "/srv/a/x")),
        ("kubeadm init --upload-certs", "kubeadm init"),
        ("kubeadm reset", "kubeadm reset --force"),
        ("kubeadm init", "kubeadm init --ignore-preflight-errors all"),
        ("rm -r /tmp/a", "rm -r /tmp/a /"),
    ],
)
def test_what_is_older_or_less_or_dangerous_misleads(old: str, new: str) -> None:
    found = _code(old, new)
    assert [each.weight for each in found.differences if each.weight > Weight.REMARK] != [], found.text()


DEPLOYED = "image: k8s.gcr.io/pause:3.9\nname: pears\n"


def test_what_cannot_be_read_any_more_was_not_corrected() -> None:
    broken = DEPLOYED.replace("image: k8s.gcr.io/pause:3.9\nname:", "image: - pause:3.9 name:")
    found = _code(DEPLOYED, broken, "yaml")
    assert [each.what for each in found.own if each.check == "yaml"] != [], found.text()
    assert [each.what for each in found.differences if each.improves] == [], found.text()
    corrected = _code(DEPLOYED, DEPLOYED.replace("k8s.gcr.io", "registry.k8s.io"), "yaml")
    assert [each.check for each in corrected.differences if each.improves] == ["improved"], corrected.text()


ANEW = "## Steps\n\n%s\n\n```shell\n%s\n```\n"


def test_code_that_was_written_anew_with_its_words_is_a_remark() -> None:
    old, new = ANEW % ("Write the units:", "systemctl edit a"), ANEW % ("Have them written:", "kubeadm init phase all")
    finding = next(each for each in _drift(old, new).differences if each.check == "missing")
    assert (finding.weight, "was replaced" in finding.what) == (Weight.REMARK, True)


def test_code_that_was_replaced_beside_the_same_words_misleads() -> None:
    old, new = ANEW % ("Write the units:", "systemctl edit a"), ANEW % ("Write the units:", "kubeadm init phase all")
    assert _drift(old, new).status == 1


def test_code_that_went_without_anything_in_its_place_misleads() -> None:
    assert _drift(ANEW % ("Write the units:", "systemctl edit a"), "## Steps\n\nThe units are written.\n").status == 1


GONE = "Add the repository:\n\n```shell\ncurl -fLO https://apt.kubernetes.io/%s\n```\n"
NOW = "Add the repository:\n\n```shell\ncurl -fLO https://pkgs.k8s.io/%s\n```\n"


def test_a_corrected_fault_is_an_improvement_and_what_differs_by_it_is_not_held_against_the_page() -> None:
    found = _drift(GONE % "a", NOW % "b")
    assert found.status == 0, found.text()
    assert [each.check for each in found.differences if each.improves] == ["improved"]
    assert {each.weight for each in found.differences} == {Weight.REMARK}


def test_the_same_edit_the_other_way_round_misleads() -> None:
    found = _drift(NOW % "b", GONE % "a")
    assert (found.status, [each for each in found.differences if each.improves]) == (1, [])
    assert [each.check for each in found.own] == ["gone"]


def test_a_fault_that_is_still_there_in_other_words_is_neither_new_nor_corrected() -> None:
    found = _drift(GONE % "a", GONE % "b")
    assert ([each.check for each in found.known], found.own) == (["gone"], ())
    assert [each for each in found.differences if each.improves] == []


def test_what_was_changed_far_from_a_corrected_fault_still_misleads() -> None:
    more = "\n".join(f"cp a{number} b" for number in range(9))
    old = GONE.replace("\n```\n", f"\n{more}\ncp x y\n```\n") % "a"
    new = NOW.replace("\n```\n", f"\n{more}\ncp x z\n```\n") % "b"
    assert _drift(old, new).status == 1


SENTENCES = "You %s copy the key. %s"


@pytest.mark.parametrize(
    ("old", "new", "status"),
    [
        (SENTENCES % ("must", ""), SENTENCES % ("should", ""), 1),
        (SENTENCES % ("must", ""), "You should copy this file to the other machines first.", 0),
        ("Set `--upload-certs` on the first machine.", "Set it on the first machine.", 1),
        ("Set `--experimental-upload-certs` there.", "Set `--upload-certs` there.", 0),
        ("Set `--csr-dire` there.", "Set `--csr-dir` there.", 0),
        ("Set `--csr-dir` there, and `--csr-dir` here.", "Set `--csr-dire` there, and `--csr-dir` here.", 0),
        ("Set `--csr-dir` there.\n\nUse `--csr-dir`.", "Set `--csr-dire` there.\n\nUse `--csr-dir`.", 1),
        ("Set `--address=10.0.0.1` there.", "Set `--address=10.0.0.2` there.", 0),
        ("Set `--upload-certs` there, and wait for pods.", "Nothing is to be set with later releases.", 0),
    ],
)
def test_a_sentence_weighs_only_where_it_is_the_same_one(old: str, new: str, status: int) -> None:
    found = _drift(old, new)
    assert found.status == status, found.text()
    assert found.differences


@pytest.mark.parametrize(("old", "new", "status"), [("caution", "note", 1), ("note", "caution", 0)])
def test_a_note_that_is_less_urgent_misleads(old: str, new: str, status: int) -> None:
    text = "{{< %s >}}\nKeep it.\n{{< /%s >}}\n"
    assert _drift(text % (old, old), text % (new, new)).status == status


VERSION = "Write:\n\n```yaml\nkind: ClusterConfiguration\nkubernetesVersion: %s\n```\n"


@pytest.mark.parametrize(("old", "new", "status"), [("v1.36.0", "v1.37.0", 0), ("v1.37.0", "v1.36.0", 1)])
def test_an_example_version_that_is_older_misleads(old: str, new: str, status: int) -> None:
    assert _drift(VERSION % old, VERSION % new).status == status


@pytest.mark.parametrize("old", ["docker run a", "kubectl apply -f https://a.test/net.yaml"])
def test_what_the_page_gave_up_and_what_another_site_has_is_a_remark(old: str) -> None:
    found = _drift(ANEW % ("Do it:", old), "## Steps\n\nIt is done.\n")
    assert (found.status, [each.check for each in found.differences if "`" + old in each.what]) == (0, ["missing"])


def test_what_the_page_gives_up_in_one_place_only_misleads() -> None:
    text = ANEW % ("Do it:", "docker run a")
    still = "\n" + FENCE % ("shell", "docker ps")
    assert _drift(text + still, "## Steps\n\nIt is done.\n" + still).status == 1


def test_one_more_of_what_both_pages_have_wrong_counts_in_a_block_of_its_own() -> None:
    more = "\nAdd it there, too:\n\n```shell\ncurl -fLO https://apt.kubernetes.io/c\n```\n"
    found, back = _drift(GONE % "a", GONE % "a" + more), _drift(GONE % "a" + more, GONE % "a")
    assert ([each.check for each in found.own], found.status) == (["gone"], 1)
    assert ([each.check for each in back.differences if each.improves], back.status) == (["improved"], 0)


LOOP = 'for host in a b; do\n  scp x "$host":\n  scp y "$host":\ndone'


def test_a_variable_of_a_loop_that_is_no_longer_used_in_it_misleads() -> None:
    assert _code(LOOP, LOOP.replace("$host", "MACHINE_IP")).status == 1


def test_what_vanished_and_was_a_remark_is_not_called_an_improvement() -> None:
    found = _code("echo <NAME_OF_IT> a", "echo  a")
    assert [each for each in found.differences if each.improves] == []


def test_a_here_document_that_another_program_writes_is_compared_line_by_line() -> None:
    text = "cat <<EOF %s /etc/a.conf\nx = 1\n%s\nEOF"
    assert _code(text % (">", "y = 1"), text % ("| sudo tee", "y = 1")).status == 0
    assert "`+ y = 2`" in _code(text % (">", "y = 1"), text % ("| sudo tee", "y = 2")).text()


@pytest.mark.parametrize(("command", "status"), [("kubectl taint nodes --all a/b-", 0), ("kubectl drain a", 1)])
def test_a_new_command_that_takes_something_away_misleads(command: str, status: int) -> None:
    assert _code("kubectl get nodes", f"kubectl get nodes\n{command}").status == status
